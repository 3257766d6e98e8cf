"""The named scenarios of `./dev chaos`: a table, read before Django starts. scenes.py plays them."""

from typing import NamedTuple


class Scenario(NamedTuple):
    """`rows` of the test programme (reliability 6.1); `defaults` of the options that differ from GENERAL."""

    rows: str
    does: str
    defaults: dict = {}


GENERAL = {"deliveries": 60, "kills": 0, "restarts": 0, "faults": 0.0, "channel": "email"}
SCENARIOS = {
    "mixed": Scenario(
        "1, 2, 4",
        "kills, holds, SIGTERM, undo, faults of the other side; with --restarts, PostgreSQL is restarted at once",
        {"kills": 6, "faults": 0.25},
    ),
    "two-houses": Scenario("5", "two queues and two senders, no faults: each row is claimed once, nothing is locked"),
    "queue-dead": Scenario("6", "the queue is killed for good: the sender does its work, and the health page is red"),
    "sender-down": Scenario("", "the sender is down until the health page says so: nothing left, then all leaves"),
    "bells": Scenario("7", "all wake-ups but the sweep's are lost: all leaves within two sweeps", {"deliveries": 40}),
    "undo": Scenario(
        "8", "undo before each statement, at the gate and at the dot; --deliveries is how often at each point",
        {"deliveries": 100},
    ),
    "outage": Scenario("10", "the mail server is down for long while all waits, then up", {"deliveries": 200}),
    "crowd": Scenario(
        "11", "one company sends all but two, another one: one while the first is prepared, one while it leaves",
        {"deliveries": 1500},
    ),
    "copy": Scenario("14", "a backup is restored beside the house and started: it sends nothing, and says why"),
    "deploy": Scenario("15", "all is told to stop (SIGTERM) in mid-batch, 20 times: no doubts", {"deliveries": 400}),
    "double-click": Scenario("18", "Send is pressed twice at once, in two browsers, and again afterwards: one batch"),
    "sleepers": Scenario(
        "", "a sender is held until its leases are over and another one has its rows: it must notice when it wakes",
        {"deliveries": 40},
    ),
}  # fmt: skip


def table():
    """The scenarios as text, a line each."""
    width = max(map(len, SCENARIOS))
    return "\n".join(f"  {name:{width}}  {each.does}" for name, each in SCENARIOS.items())
