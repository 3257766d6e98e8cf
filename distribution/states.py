"""The whole state machine of a Delivery on one screen. `DeliveryQuerySet.move` is the only code that follows it."""

from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    WAITING = "waiting", _("Waiting to be sent")
    PARKED = "parked", _("Waiting for credits")
    CLAIMED = "claimed", _("Being sent")
    HANDING_OVER = "handing_over", _("Sending")
    IN_DOUBT = "in_doubt", _("In doubt")
    SENT = "sent", _("Sent")
    RETURNED = "returned", _("Returned")
    FAILED = "failed", _("Failed")
    UNDONE = "undone", _("Undone")


# Open: the document may not be sent again.
OPEN = (State.WAITING, State.PARKED, State.CLAIMED, State.HANDING_OVER, State.IN_DOUBT)
# What has not left can be stopped, whatever its method and whether or not the window has closed.
STOPPABLE = (State.WAITING, State.PARKED, State.CLAIMED)
# Nothing leaves these; a new try is a new row.
FINAL = (State.RETURNED, State.FAILED, State.UNDONE)


class Move(NamedTuple):
    """One permitted change of state and who may make it."""

    source: State
    target: State
    when: str
    machine: bool = True
    person: bool = False


MACHINE = {"machine": True, "person": False}
PERSON = {"machine": False, "person": True}
EITHER = {"machine": True, "person": True}

W, P, C, H, D = State.WAITING, State.PARKED, State.CLAIMED, State.HANDING_OVER, State.IN_DOUBT
S, R, F, U = State.SENT, State.RETURNED, State.FAILED, State.UNDONE

MOVES = (
    Move(W, F, "no route, or another than confirmed; method switched off; 48 h refused; killed its worker", **MACHINE),
    Move(W, P, "credits short", **MACHINE),
    Move(P, W, "credits filled", **MACHINE),
    Move(W, C, "routed, ready, due, connection not paused: a sender took it", **MACHINE),
    Move(W, S, "own printer: first download of the file", **PERSON),
    Move(W, U, "undo, full credit, paid", **EITHER),
    Move(P, U, "undo, full credit, paid", **EITHER),
    Move(C, U, "undo, full credit, paid", **EITHER),
    Move(C, W, "temporary refusal before the gate; lease over", **MACHINE),
    Move(C, F, "definite refusal before the gate", **MACHINE),
    Move(C, H, "the gate: one committed UPDATE on id, token, state and live lease", **MACHINE),
    Move(H, S, "taken by the other side", **MACHINE),
    Move(H, W, "the other side said: not now", **MACHINE),
    Move(H, F, "the other side said: no", **MACHINE),
    Move(H, D, "connection lost or lease over without an answer", **MACHINE),
    Move(D, S, "late answer with the same token, or a person: it arrived", **EITHER),
    Move(D, W, "proof that nothing arrived", **MACHINE),
    Move(D, R, "a bounce that names it", **MACHINE),
    Move(D, F, "a person: it did not arrive, cancel, or send again", **PERSON),
    Move(S, R, "bounce, refusal by the provider, letter returned", **EITHER),
)


def sources(target, *, by):
    """The states from which `target` may be reached, by a person (`by` given) or by the machine."""
    return [m.source for m in MOVES if m.target == target and (m.person if by else m.machine)]
