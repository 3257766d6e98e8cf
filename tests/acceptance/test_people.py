"""People of the house through its pages alone, without JavaScript, with a real mail server outside."""

import re

import pytest

from recipients.models import Event, Role
from tests.acceptance.browser import Browser
from tests.demo.sink import Rule
from tests.factories import InvoiceFactory, MemberFactory

from .clerk import Person


def link_in(mail):
    """The address in a mail's text, below the house's own."""
    return re.search(r"https?://testserver(/\S+)", mail.text)[1]


def invite(manager, email="nina@fjordgym.example", language="Svenska"):
    manager.follow("Members", within="nav").follow("Invite")
    manager.type("E-mail address", email).type("Name", "Nina Sund").choose("Role", "Clerk")
    return manager.choose("Language", language).press("Invite")


def choose(browser, password="Vinterbad-2026"):
    return browser.type("New password", password).type("New password again", password).press("Save and log in")


@pytest.mark.parametrize(
    "language, words, label",
    [
        ("English", "Mia Holm invites you to work with the invoices of Fjordgym AB", "Choose a password"),
        ("Svenska", "Mia Holm bjuder in dig att arbeta med fakturorna för Fjordgym AB", "Välj ett lösenord"),
        ("Norsk bokmål", "Mia Holm inviterer deg til å arbeide med fakturaene til Fjordgym AB", "Velg et passord"),
        ("Suomi", "Mia Holm kutsuu sinut", "Valitse salasana"),
    ],
)
def test_who_is_invited_comes_in_by_the_mail(company, manager, mailserver, work, language, words, label):
    assert "Nina Sund is invited" in invite(manager, language=language).text
    work()
    (mail,) = mailserver.received()
    assert mail.to == "nina@fjordgym.example"
    assert words in " ".join(mail.text.split())
    assert label in mail.text
    assert manager.user.email in str(mail.message["Reply-To"])
    nina = Browser().open(link_in(mail))
    choose(nina)
    nina.open(company.get_absolute_url())
    assert company.name in nina.text
    manager.follow("Members", within="nav")
    assert "The link was mailed" in manager.text


def test_who_has_a_login_is_told_and_gets_no_password_link(company, manager, mailserver, work):
    nina = MemberFactory(user__email="nina@fjordgym.example", user__language="sv").user
    assert "is a member now" in invite(manager).text
    work()
    (mail,) = mailserver.received()
    assert "/password/" not in mail.text
    at_work = Person(nina).login()
    assert company.name in at_work.open(company.get_absolute_url()).text


def test_a_mail_that_was_refused_is_told_and_the_link_given_by_hand(company, manager, mailserver, work):
    mailserver.answer(Rule("nina", "rcpt", answer="550 5.1.1 No such mailbox"))
    page = invite(manager)
    link = page.value("Or give the link yourself")
    work()
    manager.follow("Members", within="nav")
    assert "The link could not be mailed" in manager.text
    assert "No such mailbox" in manager.text
    choose(Browser().open(link))
    assert Event.objects.filter(what="member.not_mailed").count() == 1


def test_who_forgot_the_password_chooses_a_new_one_by_mail(company, clerk, mailserver, work):
    stranger = Browser().open("/login/").follow("Forgot your password?")
    stranger.type("E-mail address", clerk.user.email.upper()).press("Send the link")
    assert "Look in your mailbox" in stranger.text
    work()
    (mail,) = mailserver.received()
    stranger.open(link_in(mail))
    stranger.type("New password", "kort").type("New password again", "kort").press("Save and log in")
    assert "too short" in stranger.text
    stranger.type("New password", "Vinterbad-2026").type("New password again", "Vinterbad-2026").press(
        "Save and log in"
    )
    assert company.name in stranger.text
    again = Browser().open(link_in(mail))
    assert "This link does not work any more" in again.text


def test_nobody_gets_mail_that_does_not_work_here(company, mailserver, work):
    MemberFactory(company=company, user__email="gone@fjordgym.example", user__is_active=False)
    for email in ("nobody@fjordgym.example", "gone@fjordgym.example"):
        Browser().open("/password/").type("E-mail address", email).press("Send the link")
    work()
    assert mailserver.received() == []


def test_a_filter_becomes_a_shared_tab(company, clerk, hire):
    InvoiceFactory(company=company, number="7001")
    clerk.list("All").type("Search invoices", "7001")
    clerk.open("?tab=all&q=7001").follow("Save this view…")
    clerk.type("Name", "Sevens").tick("Share with the company").tick("Show as a tab").press("Save view")
    assert clerk.current("Invoices by state") == ["Sevens"]
    viewer = hire(company, Role.VIEWER)
    viewer.list("Sevens")
    assert "7001" in viewer.text
    clerk.follow("Change views").follow("Change Sevens").type("Name", "Eights").press("Save view")
    assert "Eights" in clerk.links("Invoices by state")
    clerk.follow("Change views").follow("Change Eights").press("Delete")
    assert "Eights" not in viewer.list("All").text


def test_a_person_sets_language_and_theme_and_a_manager_the_company(company, manager):
    manager.open("/profile/").choose("Language", "Suomi").tick("Dark").press("Save profile")
    assert manager.page.get("lang") == "fi"
    manager.open("/profile/").choose("Kieli", "English").press("Tallenna profiili")
    manager.follow("Company", within="nav")
    manager.type("Organisation number", "556677-8899").type("VAT number", "SE556677889901")
    manager.type("Bankgiro", "5050-1056").type("Phone", "08-1").press("Save changes")
    assert "Bankgiro: The check digit does not fit" in manager.text
    assert manager.value("Phone") == "08-1"
    manager.type("Bankgiro", "5050-1055").press("Save changes")
    assert "Changed" in manager.text
    company.refresh_from_db()
    assert company.phone == "08-1"
