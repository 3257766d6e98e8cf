"""One file, read top to bottom. Every variable of the environment is named here once (see .env.example)."""

from pathlib import Path
from urllib.parse import quote

import environ

from config.logs import configuration

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

# --- Identity --------------------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])  # former ones, for a session's time
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Pages for developers: the component gallery and the demo mailbox. Absent (404) in production.
DEV_PAGES = env.bool("DEV_PAGES", default=False)

# --- What may leave the house (docs/operating.md) --------------------------------------------------------------------
# Real connections are used only when the switch is on AND the instance id below is the one in the database,
# so a restored copy refuses to send. In test mode mail goes to MAIL_SINK or nowhere.
DELIVERY_LIVE = env.bool("DELIVERY_LIVE", default=False)
INSTANCE_ID = env.str("INSTANCE_ID", default="")
MAIL_SINK = env.str("MAIL_SINK", default="")  # host:port of a local SMTP sink
MAIL_SINK_LOG = env.str("MAIL_SINK_LOG", default=str(BASE_DIR / "var" / "sink.jsonl"))  # what /dev/mailbox/ shows
SENDING_DOMAIN = env.str("SENDING_DOMAIN", default="utskick.example")
# Keys that encrypt connection secrets at rest, newest first. Never derived from SECRET_KEY.
SECRETS_KEYS = env.list("SECRETS_KEYS", default=[])
# Hosts of connections are typed by managers: addresses that are not public (loopback, private networks) are refused
# unless this is on. Tests and the demo need it. In test mode it opens this machine alone.
ALLOW_PRIVATE_CONNECTIONS = env.bool("ALLOW_PRIVATE_CONNECTIONS", default=False)
# Below it each company may have a folder of its short name for connections of the kind Folder. Empty: there are none.
CONNECTION_FOLDERS = env.str("CONNECTION_FOLDERS", default="")

# --- Parts -----------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "allauth.account",  # what allauth.mfa stands on; nothing else of it is used (docs/decisions/0013)
    "allauth.mfa",  # before ours, so that our admin can have the last word
    "config.apps.ConfigConfig",
    "recipients.apps.RecipientsConfig",
    "invoicing.apps.InvoicingConfig",
    "reminders.apps.RemindersConfig",
    "distribution.apps.DistributionConfig",
    "django_q",
    "django_htmx",
    "recipients.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",  # its widgets' templates; ours in templates/django/forms go before
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.RequestLog",
    "config.middleware.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "config.middleware.BodyLimit",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "recipients.person.Person",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "recipients.scope.CompanyScope",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "recipients.scope.company",
                "distribution.context.shell",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "config.template_tags"],
            "string_if_invalid": "",
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Database --------------------------------------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{quote(str(BASE_DIR / 'var' / 'utskick.sqlite3'))}")}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        # A read snapshot cannot be upgraded under WAL: without IMMEDIATE writers meet "database is locked".
        "transaction_mode": "IMMEDIATE",
        # FULL, not NORMAL: a power cut must not forget that a delivery passed the gate.
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON",
    }
    # Tests run against a real file, because processes and threads of the suite share it.
    DATABASES["default"]["TEST"] = {"NAME": env.str("TEST_SQLITE", default=str(BASE_DIR / "var" / "test.sqlite3"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People ----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "recipients.User"
LOGIN_URL = "recipients:login"
LOGIN_REDIRECT_URL = "recipients:home"
LOGOUT_REDIRECT_URL = "recipients:login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SECURE = env.bool("SECURE_COOKIES", default=not DEBUG)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
if SECURE:
    # Browsers take these names from us alone, over TLS: a neighbour on a subdomain cannot plant one.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SESSION_COOKIE_AGE = 8 * 3600  # also the most that a login lasts, however busy one is
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # of a link to choose a password; the pages say "three days"
SESSION_IDLE = 3600  # seconds without a person at the screen
SESSION_CONFIRMED = 15 * 60  # seconds from a login until credentials, members and mass sends ask again who one is
MFA_ADAPTER = "recipients.second_factor.Adapter"
MFA_TOTP_TOLERANCE = 1  # steps of 30 s before and after: phones' clocks differ, and typing takes its time
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "recipients.views.errors.forged"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=False)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=0)
# What `check --deploy` asks for in vain. X-Frame-Options: config.middleware.SecurityHeaders sends it. HSTS for all
# subdomains and in the browsers' lists: the domain is the operator's, and so are the other hosts below it.
SILENCED_SYSTEM_CHECKS = ["security.W002", "security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None

# --- Languages -------------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("sv", "Svenska"), ("nb", "Norsk bokmål"), ("fi", "Suomi")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Stockholm")
USE_TZ = True

# --- Files -----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = env.str("ARCHIVE_DIR", default=str(BASE_DIR / "var" / "archive"))  # served by views only, never by URL
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": env.str("STATIC_STORAGE", default="whitenoise.storage.CompressedManifestStaticFilesStorage")
    },
}
UPLOAD_MAX_BYTES = 25 * 1024 * 1024  # one e-invoice file; ten of them go through at a time
UPLOAD_MAX_FILES = 1000
REQUEST_MAX_BYTES = 256 * 1024 * 1024  # all of a request; client_max_body_size of deploy/nginx.conf is the same
DATA_UPLOAD_MAX_NUMBER_FILES = 2 * UPLOAD_MAX_FILES  # some too many get a sentence, a flood is cut off
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # a page of ticked rows and the form around it; 1,000 lines of a draft

# --- Jobs ------------------------------------------------------------------------------------------------------------
# django-q2 is a wake-up bell, not a ledger: what must not be lost or doubled lives in Delivery rows.
# retry must exceed (queue_limit / workers + 1) * timeout, because its clock starts at the prefetch.
Q_WORKERS = env.int("Q_WORKERS", default=1 if "sqlite" in DATABASES["default"]["ENGINE"] else 2)
Q_CLUSTER = {
    "name": "utskick",
    "orm": "default",
    "workers": Q_WORKERS,
    "queue_limit": Q_WORKERS,
    "bulk": 1,
    "timeout": 300,
    "retry": 1800,
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    "recycle": 100,
    "save_limit": 250,
    "poll": 0.5,
    "label": "Jobs",
}

# --- The sender: every clock of the engine in one table, so that tests can shrink them -------------------------------
MINUTE = 60
SENDING = {
    "claim_size": 10,
    "threads": env.int("SENDER_THREADS", default=1 if "sqlite" in DATABASES["default"]["ENGINE"] else 4),
    "lease_claimed": 2 * MINUTE,
    "lease_handing_over": 15 * MINUTE,  # longer than the 600 s that SMTP asks for after the dot
    "lease_prepare": 10 * MINUTE,
    "dot_timeout": 600,  # RFC 5321 section 4.5.3.2.6
    "command_timeout": 60,
    "sweep_every": env.float("SWEEP_EVERY", default=30.0),
    "idle": env.float("SENDER_IDLE", default=0.5),
    "back_off": [1 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, 60 * MINUTE],  # then hourly
    "give_up_after": 48 * 60 * MINUTE,
    "attention_after": 60 * MINUTE,
    "breaker": [30, 1 * MINUTE, 5 * MINUTE],  # pauses of a relay that does not answer
    "mails_per_connection": 50,
    "max_crashes": 3,
    "queue_asked_again_after": 5 * MINUTE,  # the question itself may have been lost
    "queue_silent": 60,  # the sender routes and prepares by itself after this
    "sender_silent": 60,  # the banner
    "route_size": 500,
    "prepare_size": 50,
    "print_part": 500,  # documents in one file
    "print_part_bytes": 100 * 1024 * 1024,
    "ask_again_after": 10 * MINUTE,  # a provider, about a parcel in doubt
    "batch_max": 100_000,
    "typed_confirmation_over": 5000,
    "mail_max_bytes": 10 * 1024 * 1024,
    "test_timeout": 15,  # of a connection's test, for each answer; a job may take 300 s
}

# --- Operation (docs/operating.md) -----------------------------------------------------------------------------------
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")  # of /metrics, which is absent without it
# "json" holds nothing about people, "plain" is for developers: config/logs.py.
LOGGING = configuration(env.str("LOG_FORMAT", default="json"), env.str("LOG_LEVEL", default="INFO"))
