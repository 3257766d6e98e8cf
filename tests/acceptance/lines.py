"""The acceptance lines that are proved in this folder: id and text, one function each with the text as docstring."""

LINES = {
    "BRP-01": (
        "Invoices can be sent by distribution, where each customer/organisation individually decides how it "
        'gets its invoice, in one mass send (as opposed to running one "report" over all invoices).'
    ),
    "BRP-02": ("Distribution is the door to the integrations (print service, e-invoice operator, direct debit)."),
    "BRP-03": ('Method "E-mail directly to customer" exists.'),
    "BRP-04": (
        'Method "Central print" exists: the invoice goes to a print service that prints it with the '
        "facility's logo, puts it in an envelope, franks it and posts it to the customer."
    ),
    "BRP-05": (
        "Central print behaves exactly like e-mail in the flow (select, Send, Waiting, Sent, history, undo); "
        "only the last hop differs."
    ),
    "BRP-06": (
        "Central print: the same invoice may not be sent more than three times; (implied) the fourth attempt "
        "is refused with a clear message and changes nothing."
    ),
    "BRP-07": (
        "(implied) The three-times limit counts sends of that invoice by central print, is visible on the "
        "invoice, and undone/failed sends do not use it up."
    ),
    "BRP-10": ('Method "Print to own printer" exists (named in the reminder section).'),
    "BRP-11": ("Each method can be active or not active per company (legal entity/facility)."),
    "BRP-11b": (
        "(information) Central print is priced by volume agreement; the product shows the cost per letter if "
        "one is set."
    ),
    "BRP-12": ("Each company has one standard (default) method and optionally one reserve method."),
    "BRP-13": ("Path: Back Office > Invoicing > Invoices."),
    "BRP-14": ('The user marks one or many invoices in the list and presses "Send".'),
    "BRP-15": ('The "Send" button is not shown when no distribution method is active.'),
    "BRP-16": ("After Send the user chooses the template that fits best."),
    "BRP-17": (
        "For a central-print supplier the chosen template is replaced by a standard template with the facility's logo."
    ),
    "BRP-18": ('The invoice then gets status "Waiting to be sent".'),
    "BRP-19": ("While waiting, the send can be undone."),
    "BRP-20": ('When the invoice has been sent its status becomes "Sent".'),
    "BRP-21": ("On sending, the invoice history records when it was sent."),
    "BRP-22": ("On sending, the invoice history records to whom it was sent."),
    "BRP-23": ('History is shown in the invoice dialog, tab "History".'),
    "BRP-24": ("If anything goes wrong, the invoice status is set back to exactly what it was before it was queued."),
    "BRP-25": ("On failure an error message is written on the invoice's History tab."),
    "BRP-26": ("(implied) One invoice failing does not stop or roll back the others in the same send."),
    "BRP-42": ('The person card, tab "Invoices", has the field "Invoice distribution" (method).'),
    "BRP-43": ('The organisation card, tab "Economy", has the field "Invoice distribution" (method).'),
    "BRP-44": (
        'There is a field "E-mail address (for invoice)" on the person card and on the organisation card; '
        "when filled, invoices go there instead of the ordinary e-mail address."
    ),
    "BRP-45": ('There is a setting "Link invoice to the person\'s organisation".'),
    "BRP-46": (
        "With that setting on, the general priority when sending is: 1 the organisation's invoice reference, "
        "2 the organisation, 3 the person."
    ),
    "BRP-47": ("(implied) With that setting off, the person is used."),
    "BRP-48": ("The invoice has its own e-mail field; free text there changes where this one invoice is sent."),
    "BRP-49": (
        "Emptying the invoice's e-mail field and pressing Save fetches the address again by the priority above."
    ),
    "BRP-50": (
        "If an invoice cannot be sent by the method chosen for a customer/organisation, the standard method is used."
    ),
    "BRP-50b": (
        "A chosen method that is active but whose criteria are unmet gives the standard method too, not the "
        "reserve (e-invoice chosen, no e-invoice address, standard e-mail with an address, reserve print: an "
        "e-mail goes)."
    ),
    "BRP-51": (
        "Example to test: organisation B is set to e-mail; e-mail is not active for company A; B's invoices "
        "at A are distributed by A's standard method."
    ),
    "BRP-52": (
        "(implied) The same organisation can be reached by different methods at different companies, because "
        "activation is per company."
    ),
    "BRP-53": (
        "A reserve method can be chosen; the system uses it automatically when the customer's invoice does "
        "not meet the criteria of the standard method."
    ),
    "BRP-54": (
        "Example: standard e-mail, reserve central print; the invoice has no e-mail address because the "
        "customer has none -> it goes by central print."
    ),
    "BRP-55": (
        "Example reversed: standard central print, reserve e-mail; the invoice lacks valid address data -> it "
        "goes by e-mail."
    ),
    "BRP-56": (
        "(implied) When neither standard nor reserve criteria are met, the invoice is not queued: status "
        "unchanged, reason in history."
    ),
    "BRP-57": ('Sends by "E-mail" and by "Central print supplier" can be undone.'),
    "BRP-58": (
        "(decided) Every method waits out the window and can be undone inside it; own printer is ready at "
        "once and can be undone until its first download; the screen says so."
    ),
    "BRP-59": ("A sent invoice is undone by crediting it within 5 minutes."),
    "BRP-60": ("The minimum undo time is a setting; 5 minutes is the default."),
    "BRP-61": (
        "(implied) Nothing leaves the system before the undo time has passed (own printer excepted, BRP-58), "
        "so an undo in time means nothing was delivered."
    ),
    "BRP-62": (
        "(implied) After the window has passed, crediting is an ordinary credit and does not claim to stop the "
        "delivery."
    ),
}
