from django.apps import AppConfig

from config.triggers import keep

from .rules import RULES


class RecipientsConfig(AppConfig):
    name = "recipients"

    def ready(self):
        keep(self, RULES)
