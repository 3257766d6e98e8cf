from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from config.ids import uuid7


class UserManager(BaseUserManager):
    def get_by_natural_key(self, username):
        return self.get(email__iexact=username)

    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class Theme(models.TextChoices):
    """How pages look; without a choice they follow the machine."""

    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")
    __empty__ = _("System")


class User(AbstractBaseUser, PermissionsMixin):
    """A person who logs in, by e-mail address."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="en")
    theme = models.CharField(_("theme"), max_length=5, choices=Theme.choices, blank=True)
    has_compact_lists = models.BooleanField(_("compact lists"), default=False)
    has_shortcuts = models.BooleanField(_("single-key shortcuts"), default=True)  # WCAG 2.1.4: they can be turned off
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)
    session_epoch = models.PositiveIntegerField(default=0, editable=False)  # one more ends every session

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_user_per_email_without_regard_to_case")]

    def __str__(self):
        return self.name or self.email

    @property
    def is_invited(self):
        """Asked in, but has not chosen a password yet."""
        return not self.has_usable_password()

    def _get_session_auth_hash(self, secret=None):
        """Django's, over the epoch too. It is asked for with each key, the old ones as well."""
        content = f"{self.password}:{self.session_epoch}"
        return salted_hmac("recipients.User.session", content, secret=secret, algorithm="sha256").hexdigest()

    def initials(self):
        return "".join(word[0] for word in (self.name or self.email).split()[:2]).upper()
