"""What the other side of a connection has answered, file by file."""

from django.shortcuts import get_object_or_404, render

from config.listing import Listing
from distribution.channels.print_profiles import PROFILES
from distribution.forms.answers import AnswerFilter
from distribution.models import Answer, Connection
from recipients.models import Role
from recipients.scope import role

SHOWN = 20  # lines of a file; the file itself has them all


@role(Role.VIEWER)
def answers(request, pk):
    """Newest first: how many lines of each file were about letters of ours, and what the others say."""
    connection = get_object_or_404(Connection.objects.of(request.company), pk=pk)
    rows = Answer.objects.of(request.company).filter(connection=connection)
    form = AnswerFilter(request.GET)
    tab = form.tab_asked()
    counts = {"puzzling": rows.puzzling().count(), "all": rows.count()}
    listing = Listing(request, rows, form, order=("read_at", "id"), matching=counts[tab])
    for row in listing.rows:
        row.lines = [line | {"because": Answer.Why(line["why"]).label} for line in row.unmatched[:SHOWN]]
        row.left_out = row.unmatched_count - len(row.lines)
    tabs = [
        {"label": label, "url": listing.url(tab=name), "count": counts[name], "current": name == tab}
        for name, label in AnswerFilter.TABS
    ]
    return render(
        request,
        "distribution/answers.html",
        {
            "connection": connection,
            "listing": listing,
            "tab": tab,
            "tabs": tabs,
            "folder": PROFILES[connection.profile].answers_folder,
            "may_set_up": request.role >= Role.MANAGER,
        },
    )
