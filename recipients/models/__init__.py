from .archived_file import ArchivedFile
from .company import Company
from .customer import Customer
from .event import Event
from .former_card import FormerCard
from .login_attempt import LoginAttempt
from .member import Member, Role
from .organisation import InvoiceReference, Organisation
from .preference import Preference
from .saved_view import SavedView
from .upload import Upload, UploadedFile
from .user import Theme, User
from .workspace import Workspace

__all__ = [
    "ArchivedFile",
    "Company",
    "Customer",
    "Event",
    "FormerCard",
    "InvoiceReference",
    "LoginAttempt",
    "Member",
    "Organisation",
    "Preference",
    "Role",
    "SavedView",
    "Theme",
    "Upload",
    "UploadedFile",
    "User",
    "Workspace",
]
