"""Invoices in: a file is read, its seller found, its buyer matched, and what was sent elsewhere is marked as such."""

import logging
from dataclasses import dataclass, field

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django_q.tasks import async_task

from config.identifiers import legal_ids, seller_ids
from invoicing.actions.importing import NumberTaken, import_invoice
from invoicing.formats import checks, ubl
from invoicing.formats.findings import Code, Finding, Unreadable
from invoicing.models import Invoice
from recipients.models import ArchivedFile, Company, Role, Upload, UploadedFile

from .crediting import stop_what_is_credited
from .outside import mark_sent_outside

log = logging.getLogger(__name__)
Outcome = UploadedFile.Outcome


@dataclass(frozen=True)
class Report:
    """What became of one file. `findings` are {"code", "params"}; pages and the command write the sentences."""

    outcome: str
    findings: list = field(default_factory=list)
    invoice: Invoice | None = None


def take_file(content, companies, *, already_sent, by):
    """One file, all or nothing: a Report. `companies` are the ones whose invoices may come in this way."""
    try:
        core, noticed = ubl.read(content)
        wrong = checks.findings(core)
        if wrong:
            return Report(Outcome.REFUSED, _as_data(wrong))
        company = seller_of(core.seller, companies)
        if company is None:
            # BT-32 is often a sentence ("Approved for F-tax"), and a number is often given twice
            named = dict.fromkeys(value for value in named_ids(core.seller) if any(c.isdigit() for c in value))
            unknown = {"seller": core.seller.name, "ids": ", ".join(named) or "-"}
            return Report(Outcome.REFUSED, [{"code": "unknown-seller", "params": unknown}])
        original = ArchivedFile.objects.keep(company, content, media_type="application/xml")
        with transaction.atomic():
            invoice, cut = import_invoice(core, original, company, by=by)
            if already_sent:
                mark_sent_outside(Invoice.objects.filter(pk=invoice.pk), by=by)
            if invoice.credits:
                stop_what_is_credited(invoice.credits, by=by)
    except Unreadable as error:
        return Report(Outcome.REFUSED, _as_data([error.finding]))
    except NumberTaken as taken:
        return _known(taken)
    except IntegrityError:
        # Another upload took the same number between our look and our INSERT: look again.
        known = Invoice.objects.of(company).filter(number=core.number).first()
        if known is None:
            raise
        return _known(NumberTaken(known, same=known.original_id == original.pk))
    return Report(Outcome.TAKEN, _as_data([*noticed, *cut]), invoice)


def _known(taken):
    params = {"number": taken.invoice.number, "since": taken.invoice.created_at.isoformat()}
    if taken.same:
        return Report(Outcome.KNOWN, [{"code": "already-here", "params": params}], taken.invoice)
    return Report(Outcome.REFUSED, [{"code": "number-taken", "params": params}], taken.invoice)


def _as_data(findings):
    return [{"code": str(f.code), "params": {k: _plain(v) for k, v in f.params.items()}} for f in findings]


def _plain(value):
    if isinstance(value, tuple | list):
        return [str(item) for item in value]
    return value if isinstance(value, int | str | None) else str(value)


def seller_of(seller, companies):
    """The one company that the document's seller is, or None: by legal id, VAT id, other ids, electronic address.

    A company that has another legal id than the document names is never its seller, whatever else agrees.
    """
    if seller.legal_id:
        (key, *_others) = legal_ids(seller)
        named = companies.filter(Q(legal_key=key) | Q(vat_key=key, legal_key="")).order_by("-legal_key")
        if named:
            return named[0]
        companies = companies.filter(legal_key="")
    keys = [Q(legal_key=key) | Q(vat_key=key) for key in seller_ids(seller)]
    as_typed = named_ids(seller)
    keys.append(Q(legal_id__in=as_typed) | Q(vat_id__in=as_typed))
    if seller.endpoint:
        plain = seller.endpoint.value
        keys.append(Q(endpoint__in=[plain, f"{seller.endpoint.scheme}:{plain}"]))
    for key in keys:
        found = list(companies.filter(key))
        if len(found) > 1:  # a VAT group: the one that has no other name than this number
            found = [company for company in found if not company.legal_key]
        if len(found) == 1:
            return found[0]
    return None


def named_ids(seller):
    """How a document names its seller, for a person to read."""
    ids = [seller.legal_id, *seller.ids, seller.endpoint]
    return [i.value for i in ids if i] + [text for text in (seller.vat_id, seller.tax_registration) if text]


@transaction.atomic
def receive(company, files, *, already_sent, by):
    """Keep what was handed in, byte for byte, and queue the reading; returns the Upload.

    `files` are (name, size, read): a file that is empty or too large is a line of the report, and is not even read.
    """
    upload = Upload.objects.create(company=company, by=by, already_sent=already_sent)
    UploadedFile.objects.bulk_create(
        UploadedFile(upload=upload, position=position, name=name[-200:], **at_the_door(company, size, read))
        for position, (name, size, read) in enumerate(files, 1)
    )
    async_task("distribution.jobs.take_invoices", str(upload.pk))
    return upload


def at_the_door(company, size, read):
    if not size:
        return {"outcome": Outcome.REFUSED, "findings": _as_data([Finding(Code.EMPTY)])}
    if size > settings.UPLOAD_MAX_BYTES:
        too_large = Finding(Code.TOO_LARGE, {"size": size, "limit": settings.UPLOAD_MAX_BYTES})
        return {"outcome": Outcome.REFUSED, "findings": _as_data([too_large])}
    return {"file": ArchivedFile.objects.keep(company, read(), media_type="application/octet-stream")}


def take_invoices(upload):
    """Read the files of an upload, each in its own transaction. Good ones go in whatever the others are."""
    companies = Company.objects.filter(
        workspace=upload.company.workspace_id, members__user=upload.by, members__role__gte=Role.CLERK
    )
    for line in upload.files.filter(outcome=Outcome.WAITING).select_related("file"):
        try:
            report = take_file(line.file.read(), companies, already_sent=upload.already_sent, by=upload.by)
        except DatabaseError:
            raise  # nobody's file: the whole upload is read again
        except Exception:  # a fault of ours; it must not keep the other files waiting
            log.exception("file %s of upload %s broke its reading", line.position, upload.pk)
            report = Report(Outcome.REFUSED, [{"code": "our-fault", "params": {}}])
        line.outcome, line.findings = report.outcome, report.findings
        line.document = report.invoice.pk if report.invoice else None
        line.save(update_fields=["outcome", "findings", "document"])
    Upload.objects.filter(pk=upload.pk, finished_at=None).update(finished_at=Now())
