import io

from django.utils import timezone
from pypdf import PdfWriter

from distribution.models import Enclosure
from recipients.methods import Method

from .base import Address, Channel


class OwnPrinter(Channel):
    """Paper in the office: a person downloads the file and prints it, so no sender ever hands anything over."""

    method = Method.OWN_PRINTER
    together = True
    is_fetched = True
    media_type = "application/pdf"

    def address(self, recipient):
        return Address("", "")

    def parcel_name(self, parcel, digest):
        opened = timezone.localtime(parcel.batch.opened_at)
        return f"{parcel.company.slug}-{opened:%Y%m%d-%H%M%S}-{parcel.part}.pdf"

    def pack(self, parcel, deliveries, file):
        """The documents one after the other in one PDF."""
        merged = PdfWriter()
        for delivery in deliveries:
            (pdf,) = (each for each in delivery.enclosures.all() if each.role == Enclosure.Role.PDF)
            merged.append(io.BytesIO(pdf.file.read()), import_outline=False)
        merged.write(file)
