from django.apps import AppConfig

from config.triggers import keep

from .rules import RULES


class DistributionConfig(AppConfig):
    name = "distribution"

    def ready(self):
        keep(self, RULES)
