"""The walls: every view works inside one company, and says which role it needs.

`/c/<company>/...` is opened here after the membership of this request's user was looked up; the session never decides.
Another company's page is a 404, as if it were not there; a missing role in one's own is a 403 that names it.
"""

from functools import wraps

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import Http404
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from . import second_factor
from .models import Company, Member, Role


class RoleMissing(PermissionDenied):
    """The user is a member, but may not do this. Its text names the role, and who can give it."""

    def __init__(self, company, needed):
        managers = company.members.filter(role=Role.MANAGER).select_related("user")
        said = {"company": company, "role": needed.label, "managers": ", ".join(str(m.user) for m in managers)}
        words = _("It takes the role %(role)s in %(company)s. A manager can give it to you: %(managers)s.")
        super().__init__((words if managers else _("It takes the role %(role)s in %(company)s.")) % said)


def role(needed, *, post=None):
    """The role that a view of a company needs; `post`: the one for anything but GET and HEAD. None is not for sale:
    a company view without this mark is refused, so that a new one cannot be forgotten."""

    def mark(view):
        @wraps(view)
        def marked(request, *args, **kwargs):
            return view(request, *args, **kwargs)

        marked.needed = {"read": needed, "write": post or needed}
        return marked

    return mark


class CompanyScope:
    """Turns the `company` of the address into `request.company` and `request.role`."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.company = request.role = None
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if "company" not in kwargs:
            return
        if not enter(request, kwargs.pop("company")):
            raise Http404
        if not hasattr(view, "needed"):
            raise ImproperlyConfigured(f"{view.__module__}.{view.__name__} does not say which role it needs")
        needed = view.needed["read" if request.method in ("GET", "HEAD", "OPTIONS") else "write"]
        if request.role < needed:
            raise RoleMissing(request.company, needed)


def last_company(request):
    """The company that one worked in last, else the first; None for who is a member of nothing."""
    companies = Company.objects.open_to(request.user).order_by("name")
    return companies.filter(slug=request.session.get("company")).first() or companies.first()


def enter_last(request):
    """For pages about the person: they stand in the shell of a company, and open nothing of it."""
    if company := last_company(request):
        enter(request, company.slug)


def enter(request, slug):
    """Open a company for this request, if its user is a member; returns whether."""
    member = (
        Member.objects.filter(user=request.user, company__slug=slug)
        .select_related("company__distribution", "company__workspace")
        .first()
    )
    if member:
        request.company, request.role = member.company, Role(member.role)
    return bool(member)


def lacks_factor(request):
    """Whether the company asks for a second factor before one sends, and this member has none."""
    member = request.company and request.company.requires_second_factor and request.role >= Role.CLERK
    return bool(member) and not second_factor.has_factor(request.user)


def remember(request):
    """This company is where one lands at the next login; it opens nothing."""
    if request.session.get("company") != request.company.slug:
        request.session["company"] = request.company.slug


def company(request):
    """Context processor: the company of the page, and the ones the user may switch to."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"company": None, "companies": []}
    return {
        "company": request.company,
        "role": request.role,
        "is_clerk": bool(request.role) and request.role >= Role.CLERK,
        "is_manager": bool(request.role) and request.role >= Role.MANAGER,
        "lacks_factor": SimpleLazyObject(lambda: lacks_factor(request)),
        "companies": Company.objects.open_to(user).order_by("name"),
        "dev_pages": settings.DEV_PAGES,
    }
