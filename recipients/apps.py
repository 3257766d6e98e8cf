from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig

from config.triggers import keep

from .rules import RULES


class RecipientsConfig(AppConfig):
    name = "recipients"

    def ready(self):
        keep(self, RULES)


class AdminConfig(DjangoAdminConfig):
    default_site = "recipients.admin_site.Site"
