from .draft import Draft, InvoiceFile
from .invoice import Invoice, Line
from .payment import Payment
from .series import FIRST, FIRST_IN_FINLAND, Series
from .template import DocumentTemplate

__all__ = [
    "FIRST",
    "FIRST_IN_FINLAND",
    "DocumentTemplate",
    "Draft",
    "Invoice",
    "InvoiceFile",
    "Line",
    "Payment",
    "Series",
]
