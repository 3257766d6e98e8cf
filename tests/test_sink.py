"""The sink is the witness of every test that sends mail, so it is questioned here: smtplib over real sockets."""

import hashlib
import json
import smtplib
import time
from email.message import EmailMessage

import pytest

from tests.demo.processes import Processes, free_port, programs, wait_for_port
from tests.demo.sink import DEMO_PLAN, Rule, read_log, write_plan

CRLF_DOT = b"\r\n.\r\n"


class RunningSink:
    """A sink in a process of its own, and what it wrote down."""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.lines = []
        self.process = programs(
            folder,
            web_port=0,
            sink_port=self.port,
            environment={"PATH": "", "PYTHONUNBUFFERED": "1"},
            output=lambda name, line: self.lines.append(line),
        )[0]

    def plan(self, *rules):
        write_plan(self.folder / "sink-plan.json", rules)

    def accepted(self):
        return read_log(self.folder / "sink.jsonl")

    def connections(self):
        return json.loads((self.folder / "sink.jsonl.connections").read_text())

    def client(self, *, timeout=10):
        return smtplib.SMTP("127.0.0.1", self.port, local_hostname="test", timeout=timeout)


@pytest.fixture
def sink(tmp_path):
    running = RunningSink(tmp_path)
    with Processes([running.process]):
        running.process.start()
        wait_for_port(running.port)
        yield running


def eventually(condition, *, within=5):
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def letter(to="eva@borg.test", *, subject="Invoice 2026-118", text="Hello\n.dot first\nÅsa\n"):
    message = EmailMessage()
    message["Message-ID"] = "<118@utskick.test>"
    message["From"], message["To"], message["Subject"] = "office@utskick.test", to, subject
    message.set_content(text, cte="8bit")
    return message.as_bytes().replace(b"\n", b"\r\n")


def send(client, to="eva@borg.test", data=None):
    """One message, stage by stage. Returns the answers so far, the last one first."""
    answers = [client.ehlo_or_helo_if_needed() or client.mail("office@utskick.test"), client.rcpt(to)]
    if answers[-1][0] == 250:
        answers.append(client.docmd("DATA"))
    if answers[-1][0] == 354:
        client.send((data or letter(to))[:-2].replace(b"\r\n.", b"\r\n..") + CRLF_DOT)
        answers.append(client.getreply())
    return answers[::-1]


def test_what_is_accepted_is_on_the_disk_before_the_answer(sink):
    data = letter(subject="Faktura för Åsa Łukasz")
    with sink.client() as client:
        code, text = send(client, data=data)[0]
        (line,) = sink.accepted()
    assert (code, text) == (250, b"2.0.0 OK, queued as 1")
    assert line["message_id"] == "<118@utskick.test>"
    assert line["mail_from"] == "office@utskick.test"
    assert line["rcpt"] == ["eva@borg.test"]
    assert line["subject"] == "Faktura för Åsa Łukasz"
    assert line["size"] == len(data)
    assert line["sha256"] == hashlib.sha256(data).hexdigest()
    assert (sink.folder / line["path"]).read_bytes() == data


def test_the_greeting_offers_size_and_8bitmime(sink):
    with sink.client() as client:
        client.ehlo()
        assert client.esmtp_features["size"] == "20971520"
        assert client.has_extn("8bitmime")


def test_a_body_without_its_dot_is_not_a_message(sink):
    client = sink.client()
    client.ehlo()
    client.mail("office@utskick.test")
    client.rcpt("eva@borg.test")
    client.docmd("DATA")
    client.send(letter())
    client.close()
    with sink.client() as after:
        send(after, "otto@borg.test")
    assert [line["rcpt"] for line in sink.accepted()] == [["otto@borg.test"]]


@pytest.mark.parametrize("stage", ["rcpt", "data", "dot"])
def test_a_planned_answer_refuses_the_message_as_often_as_said(sink, stage):
    sink.plan(Rule(r"@slow\.test$", stage, answer="451 4.2.0 Try again later", times=2))
    with sink.client() as client:
        codes = []
        for _ in range(3):
            codes.append(send(client, "eva@slow.test")[0][0])
            client.rset()
        codes.append(send(client, "eva@borg.test")[0][0])
    assert codes == [451, 451, 250, 250]
    assert [line["rcpt"] for line in sink.accepted()] == [["eva@slow.test"], ["eva@borg.test"]]


def test_a_planned_2xx_takes_the_message_with_these_words(sink):
    sink.plan(Rule("eva", "dot", answer="250 2.0.0 Ok: queued as 4XyZ"))
    with sink.client() as client:
        assert send(client)[0] == (250, b"2.0.0 Ok: queued as 4XyZ")
    assert len(sink.accepted()) == 1


@pytest.mark.parametrize("stage", ["rcpt", "data", "dot"])
def test_reset_before_cuts_the_connection_and_takes_nothing(sink, stage):
    sink.plan(Rule("eva", stage, "reset_before", times=1))
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        send(sink.client())
    assert sink.accepted() == []
    with sink.client() as client:
        assert send(client)[0][0] == 250


def test_reset_after_takes_the_message_and_does_not_say_so(sink):
    sink.plan(Rule("eva", "dot", "reset_after"))
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        send(sink.client())
    assert len(sink.accepted()) == 1


@pytest.mark.parametrize("stage, accepted", [("rcpt", 0), ("data", 0), ("dot", 1)])
def test_a_hang_says_nothing_until_the_client_gives_up(sink, stage, accepted):
    sink.plan(Rule("eva", stage, "hang"))
    with pytest.raises((smtplib.SMTPServerDisconnected, TimeoutError)):
        send(sink.client(timeout=0.5))
    assert len(sink.accepted()) == accepted


def test_a_hang_with_seconds_ends_in_a_cut(sink):
    sink.plan(Rule("eva", "dot", "hang", seconds=0.3))
    began = time.monotonic()
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        send(sink.client())
    assert 0.3 <= time.monotonic() - began < 5


@pytest.mark.parametrize("stage", ["rcpt", "data", "dot"])
def test_slow_waits_and_then_goes_on_as_usual_while_others_are_served(sink, stage):
    sink.plan(Rule("eva", stage, "slow", seconds=1))
    slow = sink.client()
    slow.ehlo()
    slow.mail("office@utskick.test")
    began = time.monotonic()
    with sink.client() as other:
        slow.putcmd("rcpt", "TO:<eva@borg.test>")
        assert send(other, "otto@borg.test")[0][0] == 250
        others_time = time.monotonic() - began
    assert slow.getreply()[0] == 250
    slow.docmd("DATA")
    slow.send(letter()[:-2] + CRLF_DOT)
    assert slow.getreply()[0] == 250
    assert others_time < 1 <= time.monotonic() - began
    assert sorted(line["rcpt"] for line in sink.accepted()) == [["eva@borg.test"], ["otto@borg.test"]]


def test_slow_at_the_dot_has_taken_the_message_before_it_answers(sink):
    sink.plan(Rule("eva", "dot", "slow", seconds=30))
    with pytest.raises((smtplib.SMTPServerDisconnected, TimeoutError)):
        send(sink.client(timeout=0.5))
    assert len(sink.accepted()) == 1


def test_the_first_rule_that_fits_decides_and_a_changed_plan_is_read_again(sink):
    sink.plan(Rule("eva", "rcpt", answer="550 5.1.1 No such user"), Rule("borg", "rcpt", answer="451 4.2.0 Later"))
    with sink.client() as client:
        assert send(client, "eva@borg.test")[0][0] == 550
        assert send(client, "otto@borg.test")[0][0] == 451
        sink.plan()
        client.rset()
        assert send(client, "eva@borg.test")[0][0] == 250


def test_a_broken_plan_is_named_and_the_former_one_stays(sink):
    sink.plan(Rule("eva", "rcpt", answer="550 5.1.1 No such user"))
    with sink.client() as client:
        assert send(client)[0][0] == 550
        (sink.folder / "sink-plan.json").write_text('[{"match": "eva", "stage": "lunch"}]')
        assert send(client)[0][0] == 550
    eventually(lambda: any("stage is 'lunch'" in line for line in sink.lines))


@pytest.mark.parametrize(
    "rule",
    [
        {"stage": "lunch"},
        {"stage": "rcpt", "action": "smile"},
        {"stage": "rcpt"},
        {"stage": "rcpt", "answer": "later"},
        {"stage": "rcpt", "answer": "451 4.2.0 Later\r\n250 OK"},
        {"stage": "rcpt", "action": "reset_after"},
        {"stage": "dot", "action": "slow"},
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(rule):
    with pytest.raises(ValueError, match=r"stage|action|answer|reset_after|seconds"):
        Rule("eva", **rule)


def test_the_demo_plan_answers_by_a_plus_in_the_address(sink):
    sink.plan(*DEMO_PLAN)
    with sink.client() as client:
        assert send(client, "eva+451@borg.test")[0][0] == 451
        assert send(client, "eva+550@borg.test")[0][0] == 550
        assert send(client, "eva+5501@borg.test")[0][0] == 250
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        send(sink.client(), "eva+reset@borg.test")
    assert [line["rcpt"] for line in sink.accepted()] == [["eva+5501@borg.test"], ["eva+reset@borg.test"]]


def test_connections_are_counted(sink):
    eventually(lambda: sink.connections() == {"opened": 1, "open": 0, "most": 1})  # who waited for the port
    with sink.client() as first, sink.client() as second:
        send(first)
        send(first)
        send(second)
    eventually(lambda: sink.connections() == {"opened": 3, "open": 0, "most": 2})
    assert [line["connection"] for line in sink.accepted()] == [2, 2, 3]


def test_a_restarted_sink_goes_on_where_it_was(sink):
    with sink.client() as client:
        send(client)
    sink.process.kill()
    eventually(lambda: sink.process.restarts == 1)
    wait_for_port(sink.port)
    with sink.client() as client:
        assert send(client)[0] == (250, b"2.0.0 OK, queued as 2")
    assert [line["path"] for line in sink.accepted()] == ["mail/1.eml", "mail/2.eml"]


def test_a_message_that_is_too_large_is_refused(sink):
    with sink.client() as client:
        client.ehlo()
        assert client.mail("office@utskick.test", ["size=30000000"])[0] == 552


def test_a_torn_last_line_is_not_a_message(tmp_path):
    (tmp_path / "sink.jsonl").write_bytes(b'{"at": 1}\n{"at": 2')
    assert read_log(tmp_path / "sink.jsonl") == [{"at": 1}]
