from django.apps import AppConfig

from config.triggers import keep

from .rules import RULES


class InvoicingConfig(AppConfig):
    name = "invoicing"

    def ready(self):
        keep(self, RULES)
