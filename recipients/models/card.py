"""What one may ask of a list of cards, be they customers or organisations."""

from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from .workspace import DirectoryQuerySet

NO_EMAIL = Q(invoice_email="", email="")


class CardQuerySet(DirectoryQuerySet):
    """The office's words over Customer and Organisation."""

    @property
    def kind(self):
        """The name under which other rows point at such a card: customer or organisation."""
        return self.model._meta.model_name

    def stating(self, *, here=None, everywhere=True):
        """With `stated`: the method that the card itself chose, or "". One narrowed to the company `here` goes before
        a general one; without `everywhere` it alone counts."""
        where = Q(company=here) if here else Q(pk=None)
        where |= Q(company=None) if everywhere else Q(pk=None)
        preferences = self.model._meta.get_field("preferences").related_model.objects
        stated = preferences.filter(where, **{self.kind: OuterRef("pk")})
        first = stated.order_by(F("company").asc(nulls_last=True)).values("method")[:1]
        return self.annotate(stated=Coalesce(Subquery(first), Value("")))

    def without_email(self, *, linked=True):
        """Nobody to mail to: neither here nor, where people are `linked` to it, at the organisation."""
        without = self.filter(NO_EMAIL)
        if self.kind == "customer" and linked:
            without = without.exclude(
                ~Q(organisation__invoice_email="", organisation__email=""), organisation__isnull=False
            )
        return without

    def without_post(self):
        """Without the street or the town that a letter needs."""
        return self.filter(Q(street="") | Q(city=""))

    def owing(self, company):
        """With an invoice of the company that is not paid."""
        open_ones = {
            "company": company,
            "kind": "debit",
            "number__isnull": False,
            "balance__gt": 0,
            "is_credited": False,
        }
        owing = self.model._base_manager.filter(**{f"invoices__{name}": value for name, value in open_ones.items()})
        return self.filter(pk__in=owing.values("pk"))
