"""docs/states.md: the state machine of a delivery as a picture and as a table, drawn from distribution/states.py."""

import re

from django.core.management.base import BaseCommand

from distribution.states import FINAL, MOVES, OPEN, STOPPABLE, State

HEAD = """\
# States of a delivery

Drawn from `distribution/states.py` by `./dev manage draw_states > docs/states.md`; a test compares the two.

```mermaid
stateDiagram-v2
"""


class Command(BaseCommand):
    help = "Print the state machine of a delivery as Markdown."

    def handle(self, **options):
        self.stdout.write(drawing(), ending="")


def drawing():
    """The whole of docs/states.md."""
    arrows = [f"    [*] --> {State.WAITING.name}: Send", f"    [*] --> {State.SENT.name}: sent outside the system"]
    # a colon or a semicolon would end a label of Mermaid's
    arrows += [f"    {m.source.name} --> {m.target.name}: {re.sub('[:;]', ',', m.when)}" for m in MOVES]
    arrows += [f"    {state.name} --> [*]" for state in FINAL]
    states = [
        f"| `{s.name}` | {s.label} | {_yes(s in OPEN)} | {_yes(s in STOPPABLE)} | {_yes(s in FINAL)} |" for s in State
    ]
    moves = [f"| `{move.source.name}` | `{move.target.name}` | {move.when} | {_who(move)} |" for move in MOVES]
    return "\n".join([
        HEAD + "\n".join(arrows), "```", "",
        "| State | Shown as | Open: not sent again | Can be undone | Final |",
        "| --- | --- | --- | --- | --- |", *states, "",
        "| From | To | When | By |", "| --- | --- | --- | --- |", *moves, "",
    ])  # fmt: skip


def _yes(value):
    return "yes" if value else ""


def _who(move):
    return " or ".join(name for name, may in (("machine", move.machine), ("person", move.person)) if may)
