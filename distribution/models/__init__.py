from .answer import Answer
from .batch import Batch, PlanLine
from .connection import Connection
from .delivery import Delivery
from .enclosure import Enclosure
from .installation import Installation
from .mail import MailTest, MailText
from .measure import Measure
from .notification import Notification
from .parcel import Parcel
from .settings import Settings

__all__ = [
    "Answer",
    "Batch",
    "Connection",
    "Delivery",
    "Enclosure",
    "Installation",
    "MailTest",
    "MailText",
    "Measure",
    "Notification",
    "Parcel",
    "PlanLine",
    "Settings",
]
