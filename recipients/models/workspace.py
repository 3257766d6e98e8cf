"""Workspace, and the two ways in which a row belongs to somebody."""

from django.db import models

from config.ids import uuid7


class CompanyQuerySet(models.QuerySet):
    """Rows that belong to one company. Every queryset of a view or job starts with `of`."""

    def of(self, company):
        return self.filter(company=company)


class DirectoryQuerySet(models.QuerySet):
    """Rows of the directory, shared by the companies of one workspace."""

    def of(self, company):
        return self.filter(workspace=company.workspace_id)


class Workspace(models.Model):
    """One customer of ours: a group or an accounting office's client. Nothing is shared between workspaces."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=100)

    def __str__(self):
        return self.name
