from .invoice import Invoice, Line
from .payment import Payment
from .template import DocumentTemplate

__all__ = ["DocumentTemplate", "Invoice", "Line", "Payment"]
