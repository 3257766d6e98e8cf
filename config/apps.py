from django.apps import AppConfig

from . import lookups  # noqa: F401 - registers them


class ConfigConfig(AppConfig):
    name = "config"
