"""What people of the house do, through its pages alone."""

from .browser import Browser, name_of, with_class, words

STATUS = f".//*[{with_class('cell-status')}]//*[{with_class('pill-text')}]"


class Person(Browser):
    def __init__(self, user):
        super().__init__()
        self.user = user

    def login(self):
        return self.open("/login/").type("E-mail address", self.user.email).type("Password", "demo").press("Log in")


class Clerk(Person):
    """At work in one company."""

    def __init__(self, user, company):
        super().__init__(user)
        self.company = company

    def login(self):
        super().login()
        return self.open(self.company.get_absolute_url())  # the switcher leads here, where one is in several

    def list(self, tab="All"):
        """The list of invoices, on one of its tabs."""
        if not self.page.xpath("//nav[@aria-label='Invoices by state']"):
            self.follow("Invoices", within="nav")
        return self.follow(tab, within="Invoices by state")

    def show(self, invoice, part=None):
        """The page of an invoice, or its part Delivery or History."""
        self.list().follow(invoice.number)
        return self.follow(part) if part else self

    def card(self, card):
        """The card of a customer or an organisation: no list leads there yet."""
        kind = {"Customer": "customers", "Organisation": "organisations"}[type(card).__name__]
        return self.open(f"/c/{self.company.slug}/{kind}/{card.pk}/")

    def upload(self, *files, choice="are to be sent from here"):
        """Hand in files, pairs of name and content; what became of them stands on the page that follows."""
        self.follow("Invoices", within="nav").follow("Import")
        return self.attach("Files", *files).tick(choice).press("Import")

    def distribution(self):
        """The company's distribution settings."""
        return self.follow("Distribution", within="nav")

    # --- Sending ------------------------------------------------------------------------------------------------------

    def mark(self, *invoices):
        """Tick invoices in the list."""
        self.list()
        for invoice in invoices:
            self.tick(f"Select {invoice.number}")
        return self

    def press_send(self):
        """From the list to the sheet."""
        return self.press("Send…")

    def confirm(self):
        """The sheet's one button that sends."""
        (send,) = [button for button in self.buttons("_sheet") if button.startswith("Send ") and button != "Send again"]
        return self.press(send, within="_sheet")

    def send(self, *invoices):
        return self.mark(*invoices).press_send().confirm()

    def undo(self):
        """The button in the top bar, on whatever page one is."""
        (undo,) = self.buttons("outgoing")
        return self.press(undo, within="outgoing")

    def batch(self):
        """The page of what was sent last, while it can be undone."""
        return self.open(self.part("outgoing").xpath(".//a/@href")[0])

    # --- Looking ------------------------------------------------------------------------------------------------------

    def status_of(self, invoice):
        """What the list shows of an invoice."""
        self.list()
        (row,) = [tr for tr in self.page.xpath(".//tr") if invoice.number in map(name_of, tr.iter("a"))]
        (pill,) = row.xpath(STATUS)
        return pill.text.strip()

    def history_of(self, invoice):
        """The lines of an invoice's tab History, newest first."""
        self.show(invoice, "History")
        return [words(line) for line in self.page.xpath(f".//li[{with_class('event')}]")]
