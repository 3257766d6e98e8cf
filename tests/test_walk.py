"""The walk over every URL, with every method, as everybody, with the objects of other companies.

A new URL that is not named here fails the first test, so that nobody forgets it. Canaries: every text of a company
holds its own marker, every card of a workspace another one; a marker that shows up where it should not is a leak.
"""

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from recipients.models import Role
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
WORDS = {"mail_text"}  # addresses that name words of ours and no row: they are the same in every company
OTHER_METHODS = ["head", "put", "patch", "delete", "options"]


def methods(turn):
    """What is tried at one address: reading, writing, and one of the others by turns: they meet the same walls."""
    return "get", "post", OTHER_METHODS[turn % len(OTHER_METHODS)]


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


def url(name, slug, world):
    kind = COMPANY_URLS[name][0]
    return reverse(name, kwargs={"company": slug, **(world.address_of(kind) if kind else {})})


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


@pytest.mark.parametrize("role", [None, Role.VIEWER, Role.MANAGER])  # one's role at home is no key to another house
def test_nobody_gets_at_another_company(worlds, role):
    ours, sister, stranger = worlds
    user = MemberFactory(company=ours.company, role=role).user if role else None
    before = {victim.name: rows_of(victim, ours) for victim in (sister, stranger)}
    client = as_user(user)
    for victim in (sister, stranger):
        shared = victim.company.workspace_id == ours.company.workspace_id
        for turn, name in enumerate(COMPANY_URLS, role or 0):
            addresses = [(url(name, victim.company.slug, victim), False)]
            if COMPANY_URLS[name][0] and COMPANY_URLS[name][0] not in WORDS:
                addresses.append((url(name, ours.company.slug, victim), shared and name in SHARED))
            for address, may_see_card in addresses:
                for method in methods(turn):
                    response = getattr(client, method)(address, victim.form() if method == "post" else None)
                    if user is None:
                        assert response.status_code == 302, (name, method)
                        assert "/login/" in response["Location"]
                    elif not may_see_card:
                        assert response.status_code in (404, 405, 403), (name, method, response.status_code)
                    assert response.status_code < 500
                    assert_no_leak(response, victim, name, shared=may_see_card)
        assert rows_of(victim, ours) == before[victim.name]


@pytest.mark.parametrize("role", list(Role))
def test_foreign_ids_in_every_form_field_do_nothing(worlds, role):
    ours, sister, stranger = worlds
    client = as_user(MemberFactory(company=ours.company, role=role).user)
    for victim in (sister, stranger):
        before = rows_of(victim, ours)
        posted, is_sister = victim.form(), victim is sister
        if is_sister:
            del posted["recipient"]  # a card of the workspace is ours too: an invoice to it is no leak
        for name, (_kind, _read, write) in COMPANY_URLS.items():
            shared = is_sister and name in SHARED
            if write:
                response = client.post(url(name, ours.company.slug, ours), posted)
                assert response.status_code < 500, name
                assert_no_leak(response, victim, name, shared=shared)
            else:
                response = client.get(url(name, ours.company.slug, ours), victim.form())
                assert response.status_code < 500, name
                assert_no_leak(response, victim, name, shared=shared)
        assert rows_of(victim, ours) == before


def test_each_role_may_do_what_it_may_and_no_more(worlds):
    ours, _sister, _stranger = worlds
    for role in Role:
        client = as_user(MemberFactory(company=ours.company, role=role).user)
        for name, (_kind, read, write) in COMPANY_URLS.items():
            address = url(name, ours.company.slug, ours)
            if read:
                response = client.get(address)
                assert (response.status_code == 403) == (role < read), (name, role, response.status_code)
                if role < read:
                    assert str(read.label) in response.content.decode()
            if write and role < write:
                response = client.post(address, {})
                assert response.status_code == 403, (name, role)
                assert str(write.label) in response.content.decode()


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
