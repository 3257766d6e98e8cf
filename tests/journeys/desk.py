"""A clerk's hands and eyes: what can be done and read in a window, in the words of the screen."""

import re

from django.urls import reverse
from playwright.sync_api import expect

from distribution.models import Batch

from .house import PATIENCE

expect.set_options(timeout=PATIENCE * 1000)
NAME = """() => {
    const element = document.activeElement, words = element.labels?.[0] ?? element;
    return (element.ariaLabel ?? words.innerText).trim();
}"""


class Desk:
    def __init__(self, page, house, company):
        self.page, self.house, self.company = page, house, company

    # --- Going somewhere ---------------------------------------------------------------------------------------------

    def go(self, name, *args, query=""):
        self.page.goto(f"{self.house.url}{reverse(name, args=[self.company.slug, *args])}{query}")

    def open_list(self, tab="to_send"):
        self.go("invoicing:invoices", query=f"?tab={tab}")

    def open_batch(self, batch):
        self.go("distribution:batch", batch.pk)

    # --- Doing something ---------------------------------------------------------------------------------------------

    def log_in(self, user, password):
        self.page.goto(self.house.url)
        self.page.get_by_label("E-mail address").fill(user.email)
        self.page.get_by_label("Password").fill(password)
        self.press("Log in")

    def press(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name):
        self.page.get_by_role("link", name=name, exact=True).click()

    def tick(self, *invoices):
        for invoice in invoices:
            self.page.get_by_label(f"Select {invoice.number}", exact=True).check()

    def tick_first(self, count):
        """A range: the first row, and with Shift the last one."""
        boxes = self.page.locator("[name=ids][type=checkbox]")
        boxes.first.click()
        boxes.nth(count - 1).click(modifiers=["Shift"])
        self.sees(f"{count} selected")

    def tick_all(self, count):
        """The page, then all that match."""
        self.page.get_by_label("Select this page").check()
        self.page.get_by_text(f"Select all {grouped(count)} matching").click()
        self.sees(f"All {grouped(count)} matching selected")

    def press_send(self):
        self.page.locator("[data-bar]").get_by_role("button", name="Send…").click()

    def open_sheet(self):
        self.press_send()
        dialog = self.page.get_by_role("dialog")
        dialog.wait_for()
        return dialog

    def send(self):
        """Confirm the open sheet; returns the batch that it became."""
        before = set(self.batches().values_list("pk", flat=True))
        self.page.get_by_role("dialog").get_by_role("button", name=re.compile(r"^Send (\d|the)")).click()
        self.page.locator("#toasts").get_by_text("will be sent at").wait_for()
        return self.batches().exclude(pk__in=before).get()

    def focus(self):
        """The name of what has the focus."""
        return self.page.evaluate(NAME)

    def tab_to(self, name):
        """Go by Tab to what has this name."""
        for _step in range(40):
            if self.focus() == name:
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not come to {name!r}")

    def batches(self):
        return Batch.objects.of(self.company).confirmed()

    # --- Looking at something ----------------------------------------------------------------------------------------

    def sees(self, text):
        expect(self.page.get_by_text(text, exact=True).first).to_be_visible()

    def hears(self, text):
        """A toast."""
        expect(self.page.locator("#toasts")).to_contain_text(text)

    def numbers(self):
        """What the batch page counts: {"Sent": 149, …}."""
        pairs = self.page.locator(".numbers > div")
        names, counts = pairs.locator("dt").all_inner_texts(), pairs.locator("dd").all_inner_texts()
        return {name.strip(): int(re.sub(r"\D", "", count)) for name, count in zip(names, counts, strict=True)}

    def statuses(self):
        """What the list shows: {number: the row's status}."""
        return {
            row.locator(".cell-number").inner_text(): row.locator(".cell-status .pill-text").inner_text()
            for row in self.page.locator("tbody tr").all()
        }


def grouped(count):
    """1 003, as the screen writes it."""
    return f"{count:,}".replace(",", "\u202f")
