"""A real SMTP server that delivers to nobody: it writes down what it took, and misbehaves as planned.

    python -m tests.demo.sink --port 2525 --log var/sink.jsonl [--plan plan.json]

**The log** proves what was accepted. For each message one JSON line is on the disk before the 250 is answered:

    at          when it was accepted, ISO 8601 in UTC
    message_id, subject     from the header
    mail_from   envelope sender
    rcpt        list of envelope recipients
    sha256, size            of the message as received: dots unstuffed, CRLF line ends
    path        the stored message, relative to the log's folder (mail/17.eml)
    connection  how-manieth connection of this server brought it

Beside it `<log>.connections` holds {"opened", "open", "most"}: in all, now, and the most at one time.

**The plan** is a JSON list of rules (see Rule), read again whenever the file changes; all counts then start anew.
The first rule that fits decides. What an action means:

    action        at "rcpt" and "data"                 at "dot" (the final dot has come)
    answer        `answer` in place of the usual one   the same; a 2xx takes the message, others refuse it
    reset_before  cuts the connection (TCP reset)      cuts it, the message is not taken
    reset_after   -                                    takes the message, then cuts without a word
    hang          silent for `seconds`, then cuts      takes the message first; the same
    slow          waits `seconds`, then as usual       takes the message, waits, then 250
"""

import argparse
import asyncio
import hashlib
import json
import os
import re
import signal
import socket
import struct
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from pathlib import Path

from aiosmtpd.smtp import SMTP

STAGES = {"rcpt", "data", "dot"}
ACTIONS = {"answer", "reset_before", "reset_after", "hang", "slow"}
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 seconds: the peer sees a reset, not an orderly end
MAIL_MAX_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True)
class Rule:
    """One planned misbehaviour.

    `match` is a regular expression, searched in each envelope recipient without regard to case. `times` is how often
    the rule applies (None: always). `seconds` of None in a hang means for as long as the client waits.
    """

    match: str
    stage: str
    action: str = "answer"
    answer: str = ""
    times: int | None = None
    seconds: float | None = None

    def __post_init__(self):
        re.compile(self.match)
        if self.stage not in STAGES:
            raise ValueError(f"stage is {self.stage!r}, not one of {sorted(STAGES)}")
        if self.action not in ACTIONS:
            raise ValueError(f"action is {self.action!r}, not one of {sorted(ACTIONS)}")
        if self.action == "answer" and not re.fullmatch(r"[2-5]\d\d [ -~]+", self.answer):
            raise ValueError(f"answer is {self.answer!r}, not like '451 4.2.0 Try again later'")
        if self.action == "reset_after" and self.stage != "dot":
            raise ValueError("reset_after needs stage 'dot': nothing is taken before it")
        if self.action == "slow" and self.seconds is None:
            raise ValueError("slow needs seconds")

    @property
    def takes(self):
        """At the dot: is the message accepted, whatever is said about it?"""
        return self.answer.startswith("2") if self.action == "answer" else self.action != "reset_before"


DEMO_PLAN = [
    Rule(r"\+451\b", "rcpt", answer="451 4.2.0 The mailbox is busy, try again later"),
    Rule(r"\+550\b", "rcpt", answer="550 5.1.1 There is no such mailbox here"),
    Rule(r"\+reset\b", "dot", "reset_after"),
]


def write_plan(path, rules):
    """Put a plan in place in one step, so that the server never reads half of it."""
    draft = Path(f"{path}.draft")
    draft.write_text(json.dumps([asdict(rule) for rule in rules], indent=1))
    draft.replace(path)


def read_log(path):
    """The accepted messages, oldest first. A line without its end was never acknowledged, so it is left out."""
    path = Path(path)
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]


class Plan:
    """The rules of a file, with what is left of their counts."""

    def __init__(self, path):
        self.path = path
        self.version = None
        self.rules = []  # [rule, times left]

    def read(self):
        if not self.path.exists():
            self.version, self.rules = None, []
            return
        status = self.path.stat()
        if self.version != (status.st_mtime_ns, status.st_ino):
            self.rules = [[rule, rule.times] for rule in (Rule(**row) for row in json.loads(self.path.read_text()))]
            self.version = (status.st_mtime_ns, status.st_ino)

    def rule(self, stage, recipients):
        """The rule for this moment, counted as used; None when all is to go as usual."""
        if self.path is None:
            return None
        try:
            self.read()
        except (OSError, ValueError, TypeError, re.error) as error:
            print(f"The plan {self.path} cannot be used, the former one stays: {error}", file=sys.stderr, flush=True)
        for entry in self.rules:
            rule, left = entry
            fits = rule.stage == stage and any(re.search(rule.match, r, re.IGNORECASE) for r in recipients)
            if fits and left != 0:
                entry[1] = left and left - 1
                return rule
        return None


class Sink:
    """What the server does with commands, and what it remembers. One for all connections."""

    def __init__(self, log, plan):
        self.log = log
        self.mail = log.parent / "mail"
        self.mail.mkdir(parents=True, exist_ok=True)
        self.plan = plan
        self.taken = len(read_log(log))
        self.opened = self.open = self.most = 0
        self.count_connections(0)

    def count_connections(self, change):
        self.open += change
        self.opened += change > 0
        self.most = max(self.most, self.open)
        counts = {"opened": self.opened, "open": self.open, "most": self.most}
        draft = Path(f"{self.log}.connections.draft")
        draft.write_text(json.dumps(counts))
        draft.replace(f"{self.log}.connections")
        return self.opened

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = await self.misbehave(server, self.plan.rule("rcpt", [address]))
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        rule = self.plan.rule("dot", envelope.rcpt_tos)
        if rule is None or rule.takes:
            self.take(envelope, server.connection)
        return await self.misbehave(server, rule) or f"250 2.0.0 OK, queued as {self.taken}"

    async def handle_exception(self, error):
        print(f"The sink failed: {error!r}", file=sys.stderr, flush=True)
        return "451 4.3.0 The sink failed"

    def take(self, envelope, connection):
        """Accept a message. It is on the disk when this returns."""
        self.taken += 1
        stored = self.mail / f"{self.taken}.eml"
        stored.write_bytes(envelope.content)
        header = BytesHeaderParser().parsebytes(envelope.content)
        line = {
            "at": datetime.now(UTC).isoformat(),
            "message_id": header["Message-ID"],
            "mail_from": envelope.mail_from,
            "rcpt": envelope.rcpt_tos,
            "subject": str(make_header(decode_header(header["Subject"] or ""))),
            "sha256": hashlib.sha256(envelope.content).hexdigest(),
            "size": len(envelope.content),
            "path": str(stored.relative_to(self.log.parent)),
            "connection": connection,
        }
        with self.log.open("ab") as log:
            log.write(json.dumps(line).encode() + b"\n")
            log.flush()
            os.fsync(log.fileno())

    async def misbehave(self, server, rule):
        """Carry out a rule. Returns what to answer, "" for the usual; does not return when the connection is cut."""
        if rule is None:
            return ""
        if rule.action == "answer":
            return rule.answer
        if rule.action == "slow":
            await asyncio.sleep(rule.seconds)
            return ""
        if rule.action == "hang":
            await (asyncio.sleep(rule.seconds) if rule.seconds else asyncio.Event().wait())
        server.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        server.transport.abort()
        return await asyncio.Event().wait()  # aiosmtpd cancels this when the connection is lost


class Conversation(SMTP):
    """One connection. aiosmtpd has no hook for the DATA command itself nor for the life of a connection."""

    def __init__(self, sink):
        super().__init__(
            sink,
            hostname="sink.demo.test",  # never looked up: a machine without DNS would wait for it
            ident="Utskick demo sink",
            data_size_limit=MAIL_MAX_BYTES,
            timeout=24 * 3600,  # a planned hang must be ended by the client's patience, not by ours
        )
        self.sink = sink

    def connection_made(self, transport):
        self.connection = self.sink.count_connections(+1)
        super().connection_made(transport)

    def connection_lost(self, error):
        self.sink.count_connections(-1)
        super().connection_lost(error)

    async def smtp_DATA(self, arg):
        recipients = self.envelope.rcpt_tos if self.envelope else []
        answer = await self.sink.misbehave(self, self.sink.plan.rule("data", recipients))
        await (self.push(answer) if answer else super().smtp_DATA(arg))


async def serve(port, log, plan):
    """Serve until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    sink = Sink(log, plan)
    server = await loop.create_server(lambda: Conversation(sink), "127.0.0.1", port)
    print(f"Listening on 127.0.0.1:{port}", flush=True)
    await stop.wait()
    server.close()


def main():
    parser = argparse.ArgumentParser(description="A local SMTP server that keeps what it gets.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True, help="JSON lines, one a message; mail/ is made beside it")
    parser.add_argument("--plan", type=Path, help="JSON list of rules; the file may come later")
    options = parser.parse_args()
    plan = Plan(options.plan)
    if options.plan:
        plan.read()  # an unreadable plan stops the start
    asyncio.run(serve(options.port, options.log.absolute(), plan))


if __name__ == "__main__":
    main()
