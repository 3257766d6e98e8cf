"""Help stands on every page, and no page was forgotten."""

from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from tests.factories import MemberFactory
from tests.test_walk import COMPANY_URLS

FOLDER = Path(settings.BASE_DIR, "templates", "help")
# Files and fragments of pages: nobody looks at them alone.
NO_PAGES = {
    "invoicing:invoice_pdf",
    "invoicing:invoice_preview",
    "invoicing:invoice_preview_file",
    "invoicing:invoice_original",
    "invoicing:invoice_file",
    "invoicing:logo_picture",
    "distribution:triage_export",
    "distribution:reachability_excel",
    "distribution:mail_preview",
    "distribution:outgoing",
    "distribution:enclosure",
    "distribution:parcel_file",
    "distribution:envelope",
}


def test_every_page_of_a_company_has_help():
    pages = [name for name, (_kind, read, _write) in COMPANY_URLS.items() if read and name not in NO_PAGES]
    files = {name: f"templates/help/{name.replace(':', '.')}.html" for name in pages}
    missing = [path for path in files.values() if not Path(settings.BASE_DIR, path).exists()]
    assert missing == [], (
        "Write these files: an <h2> with the page's name and a <ul> of at most five <li> for whoever sees the page for "
        "the first time; or one line that includes the help of a page that it belongs to. A file or a fragment goes "
        "into NO_PAGES of this test."
    )


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.*.html")), ids=lambda path: path.stem)
def test_help_is_short_and_about_a_page_that_exists(path):
    text = path.read_text(encoding="utf-8")
    name = path.stem.replace(".", ":", 1)
    assert name in COMPANY_URLS or name.startswith("recipients:profile")
    if "{% include" in text:
        assert text.count("\n") == 1
    else:
        assert text.count("<h2>") == 1
        assert 1 <= text.count("<li>") <= 5


@pytest.mark.django_db
def test_help_of_the_page_stands_in_its_top_bar_and_all_of_it_on_one_page(client):
    member = MemberFactory()
    client.force_login(member.user)
    words = "The tabs are states."
    assert words in client.get(reverse("invoicing:invoices", args=[member.company.slug])).content.decode()
    assert words not in client.get(reverse("distribution:deliveries", args=[member.company.slug])).content.decode()
    page = client.get(reverse("recipients:help")).content.decode()
    topics = [p for p in FOLDER.glob("*.*.html") if "<h2>" in p.read_text(encoding="utf-8")]
    assert page.count('class="help-topic"') == len(topics)
