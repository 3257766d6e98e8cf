"""Own printer: the merged PDFs that a person takes."""

from django.shortcuts import get_object_or_404, redirect, render

from distribution.actions import printing
from distribution.models import Parcel
from distribution.states import State
from recipients.models import Role
from recipients.scope import role

from .files import download


@role(Role.VIEWER, post=Role.CLERK)
def parcel_download(request, pk):
    """POST takes the part: the first time it is then sent. GET is the page that waits while it is built again."""
    parcel = get_object_or_404(Parcel.objects.of(request.company).select_related("batch"), pk=pk)
    if request.method == "POST":
        try:
            return download(printing.take(parcel, by=request.user), parcel.name, "application/pdf")
        except printing.NotReady:
            return redirect("distribution:parcel_download", request.company.slug, pk)
    waiting = parcel.deliveries.filter(state=State.WAITING).count()
    context = {"parcel": parcel, "waiting": waiting, "may_take": request.role >= Role.CLERK}
    return render(request, "distribution/parcel.html", context)
