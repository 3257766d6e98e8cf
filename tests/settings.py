"""The project's settings, as the suite runs them."""

import os

from cryptography.fernet import Fernet

os.environ.setdefault("SECRET_KEY", "only-for-tests")
os.environ.setdefault("SECRETS_KEYS", Fernet.generate_key().decode())
os.environ.setdefault("STATIC_STORAGE", "django.contrib.staticfiles.storage.StaticFilesStorage")
os.environ.setdefault("SECURE_COOKIES", "false")
os.environ.setdefault("DEV_PAGES", "true")
os.environ.setdefault("LOG_FORMAT", "plain")
if "TEST_DATABASE_URL" in os.environ:
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]

from config.settings import *  # noqa: F403

WHITENOISE_AUTOREFRESH = True  # finds files when they are asked for: each Client would look at all of them first
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
