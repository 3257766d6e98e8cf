"""The walk over every URL, with every method, as everybody, with the objects of other companies.

A new URL that is not named here fails the first test, so that nobody forgets it. Canaries: every text of a company
holds its own marker, every card of a workspace another one; a marker that shows up where it should not is a leak.
"""

import re
import uuid
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.db.models import TextChoices
from django.http import QueryDict
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from recipients.models import Role
from tests import net
from tests.factories import (
    MemberFactory,
    UserFactory,
)
from tests.worlds import World, everything_of

VIEWER, CLERK, MANAGER = Role.VIEWER, Role.CLERK, Role.MANAGER

# Every URL of a company: the object in its address, and the roles for reading and for writing (None: not to be had).
COMPANY_URLS = {
    "invoicing:invoices": ("", VIEWER, None),
    "invoicing:invoice": ("invoice", VIEWER, None),
    "invoicing:invoice_delivery": ("invoice", VIEWER, None),
    "invoicing:invoice_payments": ("invoice", VIEWER, CLERK),
    "invoicing:payment_take_back": ("payment", None, CLERK),
    "invoicing:invoice_history": ("invoice", VIEWER, None),
    "invoicing:invoice_email": ("invoice", None, CLERK),
    "invoicing:invoice_pdf": ("invoice", VIEWER, None),
    "invoicing:invoice_preview": ("invoice", VIEWER, None),
    "invoicing:invoice_preview_file": ("preview_file", VIEWER, None),
    "invoicing:invoice_original": ("invoice", VIEWER, None),
    "invoicing:invoice_new": ("", CLERK, CLERK),
    "invoicing:invoice_edit": ("draft", CLERK, CLERK),
    "invoicing:invoice_issue": ("draft", None, CLERK),
    "invoicing:invoice_duplicate": ("invoice", None, CLERK),
    "invoicing:invoice_file": ("invoice_file", VIEWER, None),
    "invoicing:numbers": ("", VIEWER, MANAGER),
    "invoicing:invoice_delete": ("draft", CLERK, CLERK),
    "distribution:overview": ("", VIEWER, None),
    "distribution:put_away": ("", None, MANAGER),
    "distribution:search": ("", VIEWER, None),
    "distribution:notifications": ("", VIEWER, VIEWER),
    "distribution:notification": ("news", VIEWER, VIEWER),
    "invoicing:templates": ("", VIEWER, None),
    "invoicing:template_new": ("", MANAGER, MANAGER),
    "invoicing:template_preview": ("", VIEWER, MANAGER),
    "invoicing:template": ("template", VIEWER, MANAGER),
    "invoicing:template_copy": ("template", None, MANAGER),
    "invoicing:template_remove": ("template", None, MANAGER),
    "invoicing:template_take_back": ("template", None, MANAGER),
    "invoicing:looks": ("", VIEWER, MANAGER),
    "invoicing:logo": ("", None, MANAGER),
    "invoicing:logo_picture": ("logo", VIEWER, None),
    "distribution:plan": ("", None, CLERK),
    "distribution:sheet": ("batch", CLERK, None),
    "distribution:send": ("batch", None, CLERK),
    "distribution:batch": ("batch", VIEWER, None),
    "distribution:undo": ("batch", None, CLERK),
    "distribution:undo_deliveries": ("", None, CLERK),
    "distribution:outgoing": ("", VIEWER, None),
    "distribution:credit": ("invoice", CLERK, CLERK),
    "distribution:deliveries": ("", VIEWER, None),
    "distribution:decide": ("", None, CLERK),
    "distribution:handled": ("", None, CLERK),
    "distribution:send_again": ("", None, CLERK),
    "distribution:triage": ("", VIEWER, CLERK),
    "distribution:triage_export": ("", VIEWER, None),
    "distribution:outside": ("", None, CLERK),
    "distribution:take_back_outside": ("delivery", None, CLERK),
    "distribution:delivery": ("delivery", VIEWER, None),
    "distribution:envelope": ("delivery", VIEWER, None),
    "distribution:enclosure": ("enclosure", VIEWER, None),
    "distribution:parcel_download": ("parcel", None, CLERK),
    "distribution:parcel_file": ("letters", CLERK, None),
    "distribution:upload": ("", CLERK, CLERK),
    "distribution:upload_report": ("upload", VIEWER, None),
    "distribution:reachability": ("", VIEWER, None),
    "distribution:reachability_excel": ("", VIEWER, None),
    "distribution:settings": ("", VIEWER, MANAGER),
    "distribution:connections": ("", MANAGER, None),
    "distribution:connection_new": ("", MANAGER, MANAGER),
    "distribution:connection": ("connection", MANAGER, None),
    "distribution:connection_edit": ("connection", MANAGER, MANAGER),
    "distribution:connection_test": ("connection", None, MANAGER),
    "distribution:connection_accept": ("connection", None, MANAGER),
    "distribution:connection_pause": ("connection", None, MANAGER),
    "distribution:connection_resume": ("connection", None, MANAGER),
    "distribution:connection_remove": ("connection", MANAGER, MANAGER),
    "distribution:answers": ("connection", VIEWER, None),
    "distribution:mail_texts": ("", VIEWER, None),
    "distribution:mail_test": ("", VIEWER, CLERK),
    "distribution:mail_text": ("mail_text", VIEWER, MANAGER),
    "distribution:mail_preview": ("mail_text", VIEWER, MANAGER),
    "recipients:company": ("", VIEWER, MANAGER),
    "recipients:members": ("", MANAGER, None),
    "recipients:members_factor": ("", None, MANAGER),
    "recipients:invite": ("", MANAGER, MANAGER),
    "recipients:member": ("colleague", MANAGER, MANAGER),
    "recipients:member_link": ("colleague", None, MANAGER),
    "recipients:member_remove": ("colleague", None, MANAGER),
    "recipients:leave": ("", VIEWER, VIEWER),
    "recipients:views": ("", VIEWER, None),
    "recipients:view_new": ("", VIEWER, VIEWER),
    "recipients:view": ("saved_view", VIEWER, VIEWER),  # 404 unless one's own, or shared and one is a manager
    "recipients:view_delete": ("saved_view", None, VIEWER),
    **{
        f"recipients:{name}": (about, read, write)
        for kind in ("customer", "organisation")
        for name, about, read, write in (
            (f"{kind}s", "", VIEWER, None),
            (f"new_{kind}", "", CLERK, CLERK),
            (f"{kind}_methods", "", None, CLERK),
            (kind, kind, VIEWER, CLERK),
            (f"{kind}_details", kind, VIEWER, CLERK),
            (f"{kind}_history", kind, VIEWER, None),
            (f"{kind}_merge", kind, MANAGER, MANAGER),
            (f"{kind}_delete", kind, CLERK, CLERK),
        )
    },
    "recipients:organisation_references": ("organisation", VIEWER, CLERK),
    "recipients:organisation_people": ("organisation", VIEWER, CLERK),
}
# Every other URL, and what an anonymous visitor gets.
OPEN_URLS = {
    "recipients:login": 200,
    "recipients:second_step": 302,
    "recipients:passkey_login": 200,  # a question for the browser; it names nobody
    "recipients:confirm": 302,
    "recipients:logout": 302,
    "recipients:home": 302,
    "recipients:password": 200,
    "recipients:choose_password": 200,  # it says that the link does not work
    "recipients:profile": 302,
    "recipients:profile_password": 302,
    "recipients:profile_sessions": 302,
    "recipients:profile_app": 302,
    "recipients:profile_passkey": 302,
    "recipients:profile_codes": 302,
    "recipients:profile_factor_remove": 302,
    "recipients:help": 302,
    "distribution:healthz": 200,
    "distribution:readyz": None,  # 200 or 503: it says how the house is, and nothing else
    "distribution:metrics": 404,  # without the token of the environment
    "distribution:health": 302,  # for superusers
    "distribution:mailbox": 302,
    "distribution:mail": 302,
    "gallery": None,  # samples only; absent in production
    "gallery_screen": None,
}
SHARED = {
    name for name in COMPANY_URLS if name.startswith(("recipients:customer", "recipients:organisation"))
}  # cards belong to the workspace, not to one company
FRAMED = {
    "invoicing:invoice_preview", "invoicing:invoice_preview_file", "invoicing:template_preview",
    "distribution:mail_preview",
}  # fmt: skip
KEPT = {"distribution:envelope"}  # a picture of minutes' work, private to one browser
CARD_FIELDS = {"recipient", "reference", "customer", "organisation", "person", "other"}
WORDS = {"mail_text"}  # addresses that name words of ours and no row: they are the same in every company
OTHER_METHODS = ["head", "put", "patch", "delete", "options"]


def methods(person, turn):
    """All for the one whose rights reach furthest; for the others reading, writing, and one more by turns."""
    others = OTHER_METHODS if person == Person.MANAGER else [OTHER_METHODS[turn % len(OTHER_METHODS)]]
    return ["get", "post", *others]


def patterns(resolver=None, prefix=""):
    """(name, pattern) of every URL but the admin's, whose walls are Django's own."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            if entry.app_name != "admin":
                yield from patterns(entry, f"{entry.app_name}:" if entry.app_name else prefix)
        elif isinstance(entry, URLPattern):
            yield f"{prefix}{entry.name}", entry


def test_every_url_is_named_here():
    names = [name for name, _pattern in patterns()]
    assert sorted(names) == sorted([*COMPANY_URLS, *OPEN_URLS])


def test_every_url_of_a_company_is_under_its_slug_and_says_its_roles():
    for name, pattern in patterns():
        inside = "company" in pattern.pattern.converters
        assert inside == (name in COMPANY_URLS), name
        if inside:
            needed = pattern.callback.needed
            _kind, read, write = COMPANY_URLS[name]
            assert needed["read"] == (read or needed["read"]), name
            assert needed["write"] == (write or needed["write"]), name


@pytest.fixture
def worlds(db, settings):
    """Ours; a sister company of our workspace; a stranger of another one."""
    ours = World("ours")
    return ours, World("sister", workspace=ours.company.workspace), World("stranger")


@pytest.fixture
def second_net():
    """Each statement inside a request of a company is bound to that company.

    Not yet over forms that are filled in well: move() finds what it wrote by a stamp, a key that nobody read.
    """
    with net.spread() as spread:
        yield spread
    assert spread.leaks == []


@pytest.fixture
def one_line_errors(settings):
    settings.ROOT_URLCONF = "tests.walk_urls"


def url(name, slug, world, **swapped):
    kind = COMPANY_URLS[name][0]
    return reverse(name, kwargs={"company": slug, **(world.address_of(kind) if kind else {}), **swapped})


def as_user(user):
    client = Client(raise_request_exception=True)
    if user:
        client.force_login(user)
    return client


def body_of(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def assert_no_leak(response, world, name, *, shared):
    seen = body_of(response) + str(response.headers).encode()
    assert world.canary.encode() not in seen, f"{name} shows what is {world.name}'s"
    if not shared:
        assert world.directory_canary.encode() not in seen, f"{name} shows a card of {world.name}"


def rows_of(victim, ours):
    """What must not change: all of a stranger; of a sister all but the cards, which are ours too."""
    return everything_of(victim, cards=victim.company.workspace_id != ours.company.workspace_id)


def foreign_addresses(name, ours, victim):
    """Addresses in our company with what is the victim's in them: all of it, and each part of it beside ours."""
    kind = COMPANY_URLS[name][0]
    if kind and kind not in WORDS:
        theirs = victim.address_of(kind)
        yield url(name, ours.company.slug, victim)
        if len(theirs) > 1 and kind != "preview_file":
            for part, value in theirs.items():
                yield url(name, ours.company.slug, ours, **{part: value})


class Person(TextChoices):
    ANONYMOUS, VIEWER, MANAGER, OF_BOTH = "anonymous", "viewer", "manager", "of both"

    def client(self, ours, victim):
        """A role at home is no key to another house; and a key to both shows nothing of the one in the other."""
        if self == Person.ANONYMOUS:
            return as_user(None)
        member = MemberFactory(company=ours.company, role=Role.VIEWER if self == Person.VIEWER else Role.MANAGER)
        if self == Person.OF_BOTH:
            MemberFactory(company=victim.company, role=Role.MANAGER, user=member.user)
        return as_user(member.user)


@pytest.mark.parametrize("person", Person)
@pytest.mark.usefixtures("one_line_errors", "second_net")
def test_nobody_gets_at_another_company(worlds, person):
    ours, *victims = worlds
    for victim in victims:
        client = person.client(ours, victim)
        before, form = rows_of(victim, ours), victim.form()
        is_sister = victim.company.workspace_id == ours.company.workspace_id
        for turn, name in enumerate(COMPANY_URLS):
            may_see_card = is_sister and name in SHARED
            addresses = [(address, may_see_card) for address in foreign_addresses(name, ours, victim)]
            if person != Person.OF_BOTH:
                addresses.append((url(name, victim.company.slug, victim), False))
            for address, may_see_card in addresses:
                for method in methods(person, turn):
                    response = getattr(client, method)(address, form if method == "post" else None)
                    if person == Person.ANONYMOUS:
                        assert response.status_code == 302, (name, method)
                        assert "/login/" in response["Location"]
                    elif not may_see_card:
                        assert response.status_code in (404, 405, 403), (name, method, response.status_code)
                    assert response.status_code < 500
                    if person != Person.OF_BOTH:  # who may switch to it reads its name in the switcher
                        assert_no_leak(response, victim, name, shared=may_see_card)
        assert rows_of(victim, ours) == before


class Read(set):
    """The names of the fields that views look for in forms and queries, seen by looking over QueryDict's shoulder."""

    def __init__(self, monkeypatch):
        for verb in ("__getitem__", "getlist", "__contains__"):
            monkeypatch.setattr(QueryDict, verb, self.noting(getattr(QueryDict, verb)))

    def noting(self, original):
        def look(data, name, *more):
            self.add(name)
            return original(data, name, *more)

        return look


@contextmanager
def taken_back():
    """Whatever is done inside is undone at the end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Writes:
    """Whether anything was written since the last look: hashing all rows after each request would take minutes."""

    def __init__(self):
        self.seen = False

    def __call__(self, execute, sql, params, many, context):
        self.seen |= sql.startswith(("INSERT", "UPDATE", "DELETE"))
        return execute(sql, params, many, context)


def with_foreign_ids(read, ours, victim, own, theirs):
    """Forms like ours, with what is the victim's under one name at a time; and its ids under all other names."""
    others = sorted(read - theirs.keys())
    is_sister = victim.company.workspace_id == ours.company.workspace_id
    for name in sorted(read & theirs.keys()):
        # A sister's cards are ours too, and a stranger's rows lie behind the same wall as a sister's.
        if theirs[name] != own[name] and (name in CARD_FIELDS) != is_sister:
            is_list = isinstance(own[name], list)
            yield name, own | {name: own[name] + theirs[name][:1] if is_list else theirs[name]}
    if others:
        pk = victim.invoice.pk if is_sister else victim.customer.pk
        yield "every other field", own | dict.fromkeys(others, str(pk))
    yield "all at once", theirs


def headers_of(victim):
    """What htmx sends along, with ids and the address of the victim's."""
    page = f"http://testserver{url('invoicing:invoice', victim.company.slug, victim)}"
    ids = dict.fromkeys(("HX-Target", "HX-Trigger", "HX-Trigger-Name", "HX-Prompt"), str(victim.invoice.pk))
    return {"HX-Request": "true", "HX-Current-URL": page, **ids}


@pytest.mark.usefixtures("one_line_errors")
@pytest.mark.parametrize("of", ["sister", "stranger"])
def test_foreign_ids_in_every_field_do_nothing(worlds, of, monkeypatch):
    """As a manager: who may less is refused before a field is read, see test_each_role_may_do_what_it_may."""
    ours, sister, stranger = worlds
    victim, is_sister = (sister, True) if of == "sister" else (stranger, False)
    client = as_user(MemberFactory(company=ours.company, role=Role.MANAGER).user)
    before, own, theirs = rows_of(victim, ours), ours.form(), victim.form()
    if is_sister:
        theirs["recipient"] = own["recipient"]  # a card of the workspace is ours too: an invoice to it is no leak
    read, writes, headers = Read(monkeypatch), Writes(), headers_of(victim)
    with connection.execute_wrapper(writes):
        for name, (_kind, reads, write) in COMPANY_URLS.items():
            for verb, is_used in ((client.get, reads), (client.post, write)):
                if not is_used:
                    continue
                address, shared = url(name, ours.company.slug, ours), is_sister and name in SHARED
                read.clear()
                with taken_back():
                    verb(address, own)
                for field, form in with_foreign_ids(set(read), ours, victim, own, theirs):
                    with taken_back():
                        writes.seen = False
                        response = verb(address, form, headers=headers if field == "all at once" else None)
                        assert response.status_code < 500, (name, field)
                        if field != "every other field":  # what one typed is shown again, the id of a card not
                            assert_no_leak(response, victim, f"{name}, {field},", shared=shared)
                        if writes.seen:
                            assert rows_of(victim, ours) == before, (name, field)


@pytest.mark.usefixtures("one_line_errors", "second_net")
def test_each_role_may_do_what_it_may_and_no_more(worlds):
    ours, _sister, _stranger = worlds
    for role in Role:
        client = as_user(MemberFactory(company=ours.company, role=role).user)
        before = everything_of(ours)
        for name, (_kind, read, write) in COMPANY_URLS.items():
            address = url(name, ours.company.slug, ours)
            if read and (role < read or role != Role.APPROVER):  # which has no page of its own yet
                response = client.get(address)
                assert (response.status_code == 403) == (role < read), (name, role, response.status_code)
                assert_headers(response, name)
                if role < read:
                    assert str(read.label) in response.content.decode()
            if write and role < write:
                response = client.post(address, {})
                assert response.status_code == 403, (name, role)
                assert str(write.label) in response.content.decode()
        assert everything_of(ours) == before  # reading changes nothing, and neither does what is refused


def assert_headers(response, name):
    """What every answer says; previews stand in frames of ours, and one picture is kept."""
    headers = response.headers
    policy = headers["Content-Security-Policy"]
    assert "object-src 'none'" in policy or "default-src 'none'" in policy or "sandbox" in policy, (name, policy)
    assert "unsafe-eval" not in policy, name
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0], name
    framed = "'self'" if name in FRAMED else "'none'"
    assert f"frame-ancestors {framed}" in policy, (name, policy)
    assert headers["X-Frame-Options"] == ("SAMEORIGIN" if name in FRAMED else "DENY"), name
    assert headers["X-Content-Type-Options"] == "nosniff", name
    assert headers["Referrer-Policy"] == "same-origin", name
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin", name
    kept = headers["Cache-Control"]
    assert "private" in kept, (name, kept)
    assert "no-store" in kept or (name in KEPT and response.status_code == 200), (name, kept)


@pytest.mark.usefixtures("second_net")
def test_what_is_anothers_looks_like_what_never_was(worlds):
    """The same page to the byte, so that nobody can find out which ids there are."""
    ours, _sister, stranger = worlds
    client = as_user(MemberFactory(company=ours.company, role=Role.MANAGER).user)
    one_of_each = {kind: name for name, (kind, read, _write) in COMPANY_URLS.items() if read and kind}
    assert len(one_of_each) > 15
    for kind, name in one_of_each.items():
        if kind in WORDS:
            continue
        theirs = url(name, ours.company.slug, stranger)
        never = stranger.address_of(kind) | {"pk": uuid.uuid4()}
        never = reverse(name, kwargs={"company": ours.company.slug, **never})
        pages = [client.get(address) for address in (theirs, never)]
        assert [page.status_code for page in pages] == [404, 404], name
        assert said(pages[0], theirs) == said(pages[1], never), name


def said(response, address):
    """The page without its own address and the token of its forms."""
    text = response.content.decode().replace(address, "")
    return re.sub(r"[A-Za-z0-9]{64}", "", text)


def test_an_inactive_user_and_one_without_a_company_get_nothing(worlds):
    ours, _sister, _stranger = worlds
    inactive = MemberFactory(company=ours.company, role=Role.MANAGER, user__is_active=False).user
    for user, expected in ((inactive, 302), (UserFactory(), 404)):
        client = as_user(user)
        for name in COMPANY_URLS:
            response = client.get(url(name, ours.company.slug, ours))
            assert response.status_code == expected, name
            assert_no_leak(response, ours, name, shared=False)


def test_the_open_urls_show_a_visitor_nothing(worlds):
    client = as_user(None)
    for name, expected in OPEN_URLS.items():
        kwargs = {
            "mail": {"n": 1},
            "gallery_screen": {"screen": "components"},
            "choose_password": {"uidb64": "x", "token": "x"},
            "profile_factor_remove": {"pk": 1},
        }.get(name.rpartition(":")[2], {})
        response = client.get(reverse(name, kwargs=kwargs))
        assert expected in (None, response.status_code), name
        for world in worlds:
            assert_no_leak(response, world, name, shared=False)


def test_the_admin_is_for_superusers(worlds):
    ours, _sister, _stranger = worlds
    client = as_user(MemberFactory(company=ours.company, role=Role.MANAGER).user)
    for model in ("distribution/delivery", "recipients/event", "invoicing/invoice", "recipients/user"):
        assert client.get(f"/admin/{model}/").status_code == 302
