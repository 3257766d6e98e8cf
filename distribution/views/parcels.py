"""Own printer: the merged PDFs that a person takes. Central print: the file as the provider got it."""

import logging

from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from distribution.actions import printing
from distribution.models import Parcel
from distribution.states import State
from recipients.methods import Method
from recipients.models import Role
from recipients.models.archived_file import Damaged
from recipients.scope import role

from .files import download

log = logging.getLogger(__name__)


@role(Role.VIEWER, post=Role.CLERK)
def parcel_download(request, pk):
    """POST takes the part: the first time it is then sent. GET is the page that waits while it is built again."""
    parcel = get_object_or_404(
        Parcel.objects.of(request.company).select_related("batch"), pk=pk, method=Method.OWN_PRINTER
    )
    if request.method == "POST":
        try:
            return download(printing.take(parcel, by=request.user), parcel.name, "application/pdf")
        except printing.NotReady:
            return redirect("distribution:parcel_download", request.company.slug, pk)
    waiting = parcel.deliveries.filter(state=State.WAITING).count()
    context = {"parcel": parcel, "waiting": waiting, "may_take": request.role >= Role.CLERK}
    return render(request, "distribution/parcel.html", context)


@role(Role.CLERK)
def parcel_file(request, pk):
    """What a print provider got, byte for byte; before the hand-over there is nothing to be had."""
    ours = Parcel.objects.of(request.company).filter(method=Method.CENTRAL_PRINT, taken_at__isnull=False)
    parcel = get_object_or_404(ours.select_related("file"), pk=pk, file__isnull=False)
    try:
        path = parcel.file.on_disk()
    except (Damaged, OSError):
        log.exception("parcel %s cannot be read", parcel.pk)
        messages.error(
            request, _("%s cannot be read back from the archive as it was kept. Tell the operator.") % parcel
        )
        return redirect("distribution:batch", request.company.slug, parcel.batch_id)
    media_type = parcel.file.media_type
    return FileResponse(path.open("rb"), as_attachment=True, filename=parcel.name, content_type=media_type)
