"""What the print provider answers: facts on what was sent, letters that come back, and lines that are about nothing.

The answers lie in a real folder, once on a real OpenSSH server; what they say is read as the queue reads it.
"""

import json
import uuid
from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from distribution import channels, jobs
from distribution.actions import answering, handing_over, noticing, posting, sending
from distribution.channels import answers
from distribution.models import Answer, Connection, Delivery, Notification, Parcel
from distribution.notices import tell
from distribution.reasons import Reason
from distribution.states import State
from distribution.transports.files import FileSession
from distribution.words import REASONS
from recipients import history
from recipients.methods import Method
from recipients.models import Event, Role
from tests.factories import CompanyFactory, ConnectionFactory, DeliveryFactory, InvoiceFactory, MemberFactory
from tests.servers.real import OpenSsh

from . import test_posting

PrintHouse, house = test_posting.PrintHouse, test_posting.house  # the second is a fixture

AT = "2026-11-21T14:02:00+01:00"
Trouble, Why = Answer.Trouble, Answer.Why


@pytest.fixture
def provider(house):
    return Provider(house)


class Provider:
    """Who answers: puts files beside the parcels, and lets them be read."""

    def __init__(self, house):
        self.house, self.folder = house, house.folder / "answers"
        self.connection = Connection.objects.get(company=house.company)

    def put(self, content, name="svar.json"):
        self.folder.mkdir(exist_ok=True)
        content = content if isinstance(content, bytes) else json.dumps(content).encode()
        (self.folder / name).write_bytes(content)

    def read(self):
        jobs.read_answers(self.connection.pk)
        return Answer.objects.order_by("read_at", "id").last()

    def says(self, *items, name="svar.json"):
        """An answer of (delivery, status, fields) or whole items comes and is read; returns its Answer."""
        self.put(letter_by_letter(*items), name)
        return self.read()

    def there(self):
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())


def letter_by_letter(*items):
    found = []
    for item in items:
        if isinstance(item, tuple):
            delivery, status, *more = item
            item = {"id": str(delivery.pk), "status": status, "at": AT} | (more[0] if more else {})
        found.append(item)
    return {"batch_id": "b", "received": AT, "items": found}


def fresh(delivery):
    return Delivery.objects.select_related("invoice").get(pk=delivery.pk)


def letters(house, n=1):
    """Deliveries that the provider has taken."""
    invoices = [house.invoice() for _n in range(n)]
    house.posted(*invoices)
    found = [house.delivery(invoice) for invoice in invoices]
    assert {each.state for each in found} == {State.SENT}
    return found


def told(delivery):
    """The lines of its history since it was sent, oldest first: (what, detail)."""
    events = Event.objects.filter(about=delivery.pk).order_by("id")
    days = history.story(list(events.reverse()), REASONS)
    lines = [(event["text"], event["detail"]) for day in days for event in day["events"]]
    return lines[: [text for text, _detail in lines].index("Handed over to the print provider")][::-1]


# --- What is said -----------------------------------------------------------------------------------------------------


def test_posted_is_a_fact_on_what_was_sent(house, provider):
    (letter,) = letters(house)
    assert timedelta(hours=47) < letter.receipt_due_at - timezone.now() < timedelta(hours=49)
    answer = provider.says((letter, "posted"))
    row = fresh(letter)
    assert (row.state, row.receipt, row.receipt_at.isoformat()) == (State.SENT, "posted", "2026-11-21T13:02:00+00:00")
    assert row.receipt_due_at is None
    assert (answer.matched_count, answer.unmatched, answer.trouble) == (1, [], "")
    assert answer.filed_at
    assert told(letter) == [("Posted by Tryckeriet Norden", "They say: 2026-11-21 14:02.")]
    assert provider.there() == ["processed/svar.json"]


def test_facts_only_go_forward(house, provider):
    (letter,) = letters(house)
    for status, expected in [
        ("accepted", "accepted"), ("posted", "posted"), ("printed", "posted"), ("accepted", "posted"),
    ]:  # fmt: skip
        provider.says((letter, status), name=f"{status}-{expected}.json")
        assert fresh(letter).receipt == expected
    assert [text for text, _detail in told(letter)] == ["Accepted by Tryckeriet Norden", "Posted by Tryckeriet Norden"]


def test_what_is_refused_comes_back_and_does_not_count_as_a_letter(house, provider):
    (letter,) = letters(house)
    provider.says((letter, "rejected", {"code": "E17", "message": "Orten finns inte"}))
    row = fresh(letter)
    assert (row.state, row.reason, row.reply_text) == (State.RETURNED, Reason.NOT_PRINTED, "E17 Orten finns inte")
    assert (row.invoice.sent_at, row.invoice.attention) == (None, Reason.NOT_PRINTED)
    assert Delivery.objects.letters().count() == 0
    ((text, detail),) = told(letter)
    assert text == "Refused by the print provider"
    assert "“E17 Orten finns inte”" in detail


def test_a_letter_that_comes_back_asks_for_another_address(house, provider):
    (letter,) = letters(house)
    provider.says((letter, "posted"), name="1.json")
    provider.says((letter, "returned", {"message": "Flyttat"}), name="2.json")
    row = fresh(letter)
    assert (row.state, row.reason, row.invoice.attention) == (State.RETURNED, Reason.RETURNED, Reason.RETURNED)
    assert Delivery.objects.letters().count() == 1  # it was printed
    assert Delivery.objects.needing_attention().get() == row


def test_all_that_one_file_says_of_a_letter_counts(house, provider):
    letter, other = letters(house, 2)
    answer = provider.says((letter, "posted"), (other, "rejected"), (letter, "accepted"), (letter, "returned"))
    assert (answer.matched_count, answer.unmatched_count) == (4, 0)
    assert [text for text, _detail in told(letter)] == [
        "Accepted by Tryckeriet Norden", "Posted by Tryckeriet Norden", "It came back",
    ]  # fmt: skip
    assert fresh(other).reason == Reason.NOT_PRINTED


def test_an_answer_about_a_doubt_proves_that_all_of_its_file_arrived(house, provider):
    batch = house.built(house.invoice(), house.invoice())
    house.close_window(batch)
    parcel = posting.claim_parcel(Method.CENTRAL_PRINT)
    handing_over.Gate(parcel)()
    handing_over.held(parcel).move(State.IN_DOUBT, reason=Reason.NO_ANSWER)
    first, second = Delivery.objects.order_by("position")
    provider.says((first, "rejected"))
    assert [(row.state, row.reason) for row in (fresh(first), fresh(second))] == [
        (State.RETURNED, Reason.NOT_PRINTED), (State.SENT, ""),
    ]  # fmt: skip
    assert fresh(second).receipt_due_at
    assert Parcel.objects.get().taken_at


def test_an_answer_that_comes_before_the_record_waits(house, provider):
    """The provider is quicker than our own commit."""
    batch = house.built(house.invoice())
    house.close_window(batch)
    parcel = posting.claim_parcel(Method.CENTRAL_PRINT)
    letter = Delivery.objects.get()

    class Quick:
        def hand_over(self, parcel, gate):
            receipt = channels.open(Method.CENTRAL_PRINT).hand_over(parcel, gate)
            assert provider.says((letter, "posted")) is None
            return receipt

    assert handing_over.hand_over(parcel, Quick()).answered
    assert provider.there() == ["svar.json"]
    assert provider.read().matched_count == 1
    assert fresh(letter).receipt == "posted"


def test_a_time_that_cannot_be_is_not_believed(house, provider):
    for at in ("2199-01-01T00:00:00Z", "yesterday", 17, None, "2026-11-21T14:02:00"):
        (letter,) = letters(house)
        provider.says((letter, "posted", {"at": at, "x": str(at)}))
        assert abs(fresh(letter).receipt_at - timezone.now()) < timedelta(minutes=5)
        assert told(letter) == [("Posted by Tryckeriet Norden", "")]


# --- Twice, and by two ------------------------------------------------------------------------------------------------


def test_the_same_bytes_again_change_nothing(house, provider):
    (letter,) = letters(house)
    first = provider.says((letter, "posted"))
    events = Event.objects.count()
    provider.put(letter_by_letter((letter, "posted")), "igen.json")
    assert provider.read() == first
    assert (Answer.objects.count(), Event.objects.count()) == (1, events)
    assert provider.there() == ["processed/igen.json", "processed/svar.json"]


def test_the_same_words_in_another_file_tell_nothing_new(house, provider):
    posted, refused = letters(house, 2)
    for number in range(3):
        provider.says((posted, "posted"), (refused, "rejected"), {"n": number}, name=f"{number}.json")
    assert [len(told(letter)) for letter in (posted, refused)] == [1, 1]
    assert list(Answer.objects.values_list("matched_count", "unmatched_count")) == [(2, 1)] * 3


def test_a_reader_that_died_before_it_filed_the_answer_away(house, provider, monkeypatch):
    (letter,) = letters(house)
    with monkeypatch.context() as patch:
        patch.setattr(answering, "file_away", lambda *_words: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            provider.says((letter, "posted"))
    assert Answer.objects.get().filed_at is None
    assert provider.read().filed_at
    assert provider.there() == ["processed/svar.json"]
    assert len(told(letter)) == 1


# --- What is about nothing --------------------------------------------------------------------------------------------


def test_lines_about_nothing_of_ours_are_listed_with_the_reason(house, provider):
    (letter,) = letters(house)
    mailed = DeliveryFactory(invoice=InvoiceFactory(company=house.company))
    waiting = house.built(house.invoice()).deliveries.get()
    undone = house.built(house.invoice()).deliveries.get()
    sending.undo(Delivery.objects.filter(pk=undone.pk), by=house.clerk)
    theirs = letters(another_house(house))[0]
    states = dict(Delivery.objects.values_list("pk", "state"))
    nobody = uuid.uuid4()
    answer = provider.says(
        (letter, "posted"),
        {"id": str(nobody), "status": "posted", "message": "?\x00\nx"},
        (theirs, "rejected"),
        (mailed, "rejected"),
        (waiting, "posted"),
        (undone, "posted"),
        (letter, "lost"),
        {"id": 17, "status": "posted"},
        {"id": [str(letter.pk)], "status": {"a": 1}},
        "posted",
        None,
        (letter, "rejected"),
    )
    assert answer.matched_count == 1
    assert [(line["id"], line["why"]) for line in answer.unmatched] == [
        (str(nobody), Why.UNKNOWN), (str(theirs.pk), Why.UNKNOWN), (str(mailed.pk), Why.UNKNOWN),
        (str(waiting.pk), Why.NOT_SENT), (str(undone.pk), Why.NOT_SENT), (str(letter.pk), Why.BAD_STATUS),
        ("17", Why.UNKNOWN), ("", Why.BAD_STATUS), ("", Why.NOT_A_LINE), ("", Why.NOT_A_LINE),
        (str(letter.pk), Why.CONTRADICTS),
    ]  # fmt: skip
    assert answer.unmatched[0]["message"] == "? x"
    assert dict(Delivery.objects.values_list("pk", "state")) == states
    assert fresh(letter).receipt == "posted"


def another_house(house):
    """Another company with letters, and a folder of its own below the same root."""
    company = CompanyFactory(
        distribution__active_methods=[Method.CENTRAL_PRINT], distribution__default_method=Method.CENTRAL_PRINT
    )
    folder = house.folder.parent.parent / company.slug / "print"
    folder.mkdir(parents=True)
    ConnectionFactory(company=company, kind=Connection.Kind.FOLDER, folder="print")
    return PrintHouse(company, MemberFactory(company=company).user, folder)


def test_what_was_refused_cannot_be_posted_afterwards(house, provider):
    (letter,) = letters(house)
    provider.says((letter, "rejected"), name="1.json")
    answer = provider.says((letter, "posted"), name="2.json")
    assert answer.unmatched[0]["why"] == Why.CONTRADICTS
    assert fresh(letter).state == State.RETURNED


def test_a_thousand_foreign_lines_are_kept_and_the_others_counted(provider):
    answer = provider.says(*({"id": str(uuid.uuid4()), "status": "posted"} for _n in range(1200)))
    assert (answer.unmatched_count, len(answer.unmatched)) == (1200, 1000)


# --- Files that are none ----------------------------------------------------------------------------------------------

WHOLE = json.dumps(
    {"items": [{"id": str(uuid.UUID(int=7)), "status": "posted", "message": "å" * 50}]}, ensure_ascii=False
)


@pytest.mark.parametrize(
    "content, trouble",
    [
        (WHOLE[:-1], Trouble.NOT_WHOLE),
        (WHOLE[:40], Trouble.NOT_WHOLE),
        (WHOLE.encode()[:-20], Trouble.NOT_WHOLE),  # in the middle of a letter of two bytes
        (WHOLE.encode("utf-16"), Trouble.NOT_JSON),
        (WHOLE.encode("latin-1"), Trouble.NOT_JSON),
        ("posted", Trouble.NOT_JSON),
        ("%PDF-1.7", Trouble.NOT_JSON),
        (WHOLE + "}", Trouble.NOT_JSON),
        ('{"items": [], "items": []}', Trouble.NOT_JSON),
        ('{"items": [NaN]}', Trouble.NOT_JSON),
        ('{"items": [' + "9" * 10_000 + "]}", Trouble.NOT_JSON),
        ("[" * 200_000, Trouble.TOO_DEEP),
        ('{"a":' * 200_000, Trouble.TOO_DEEP),
        ("[]", Trouble.NO_LETTERS),
        ("17", Trouble.NO_LETTERS),
        ("{}", Trouble.NO_LETTERS),
        ('{"items": {"id": "x"}}', Trouble.NO_LETTERS),
        ('{"items": null}', Trouble.NO_LETTERS),
        ('{"items": [' + "1," * 10_000 + "1]}", Trouble.TOO_MANY),
        (" " * (answers.MAX_BYTES + 1), Trouble.TOO_LARGE),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_file_that_is_no_answer_changes_nothing_and_says_why(house, provider, content, trouble):
    (letter,) = letters(house)
    provider.put(content if isinstance(content, bytes) else content.encode(), "bad.json")
    provider.says((letter, "posted"), name="good.json")  # what is wrong with one does not stop the others
    provider.read()
    bad = Answer.objects.get(name="bad.json")
    assert (bad.trouble, bad.matched_count, bad.unmatched) == (trouble, 0, [])
    assert bad.filed_at
    assert fresh(letter).receipt == "posted"
    assert provider.there() == ["failed/bad.json", "processed/good.json"]


def test_a_file_that_is_still_being_written_is_left_alone(house, provider):
    (letter,) = letters(house)
    whole = json.dumps(letter_by_letter((letter, "posted"))).encode()
    for name in (".svar.json", "svar.json.part", "svar.json.tmp"):
        provider.put(whole, name)
    provider.put(b"", "tom.json")
    assert provider.read() is None
    provider.put(whole[:30], "svar.json")
    assert provider.read().filed_at is None
    assert "svar.json" in provider.there()
    provider.put(whole, "svar.json")
    assert provider.read().matched_count == 1
    assert list(Answer.objects.values_list("name", "trouble")) == [("svar.json", "")]


def test_a_file_that_grows_while_it_is_fetched_is_left_alone(house, provider, monkeypatch):
    (letter,) = letters(house)
    fetch = FileSession.fetch

    def slowly(self, name, path, most=None):
        (provider.folder / "svar.json").open("ab").write(b" ")
        fetch(self, name, path, most)

    monkeypatch.setattr(FileSession, "fetch", slowly)
    assert provider.says((letter, "posted")) is None
    assert fresh(letter).receipt == ""


def test_what_cannot_be_filed_away_does_not_stop_what_is_behind_it(house, provider, monkeypatch):
    """The provider gives no right to rename: each answer counts once all the same."""
    monkeypatch.setattr(answering, "MOST_FILES", 1)
    monkeypatch.setattr(answering, "file_away", lambda *_words: None)
    first, second = letters(house, 2)
    provider.says((first, "posted"), name="a.json")
    provider.says((second, "posted"), name="b.json")
    assert [fresh(letter).receipt for letter in (first, second)] == ["posted", "posted"]
    assert Answer.objects.count() == 2


def test_without_a_folder_of_answers_or_a_server_nothing_happens(house, provider):
    letters(house)
    assert provider.read() is None
    provider.connection.folder = "away"
    provider.connection.save()
    assert provider.read() is None


def test_a_copy_of_the_database_takes_no_answers_away(house, provider, settings):
    (letter,) = letters(house)
    settings.DELIVERY_LIVE, settings.INSTANCE_ID = True, str(uuid.uuid4())
    assert provider.says((letter, "posted")) is None
    assert provider.there() == ["svar.json"]


# --- When it is asked, and what one hears of -------------------------------------------------------------------------


def test_the_queue_asks_where_letters_have_left(house, provider):
    jobs.look_for_answers()
    assert not OrmQ.objects.exists()
    letters(house)
    OrmQ.objects.all().delete()
    jobs.look_for_answers()
    assert [(q.task["func"], q.task["args"]) for q in OrmQ.objects.all()] == [
        ("distribution.jobs.read_answers", (str(provider.connection.pk),))
    ]
    provider.connection.delete()
    jobs.read_answers(uuid.uuid4())  # it was removed meanwhile


def let_it_be_late(house):
    Delivery.objects.of(house.company).update(receipt_due_at=F("receipt_due_at") - timedelta(hours=49))


def test_no_answer_in_time_is_told_once(house, provider):
    posted, _silent, _accepted = found = letters(house, 3)
    provider.says((posted, "posted"), (found[2], "accepted"))
    let_it_be_late(house)
    assert Delivery.objects.answer_overdue().count() == 2
    for _again in range(2):
        noticing.look()
    news = Notification.objects.get(kind=Notification.Kind.ANSWERS_OVERDUE)
    assert tell(news)["title"] == "2 letters have not been reported as posted"
    provider.says(*((letter, "posted") for letter in found), name="2.json")
    assert not Delivery.objects.answer_overdue().exists()


def test_lines_that_match_nothing_and_files_that_are_none_are_told_to_managers(house, provider):
    provider.says({"id": str(uuid.uuid4()), "status": "posted"}, name="foreign.json")
    provider.put(b"posted", "none.json")
    provider.read()
    for _again in range(2):
        noticing.look()
    news = Notification.objects.filter(kind=Notification.Kind.ANSWER_PUZZLES).order_by("created_at", "id")
    assert sorted(tell(each)["title"] for each in news) == [
        "1 line of an answer file matches no letter", "An answer file could not be read",
    ]  # fmt: skip


# --- The pages --------------------------------------------------------------------------------------------------------


def desk(client, house, role=Role.CLERK):
    client.force_login(MemberFactory(company=house.company, role=role).user)
    return lambda name, *args, query="": client.get(
        reverse(f"distribution:{name}", args=[house.company.slug, *args]) + query
    )


def test_the_answers_of_a_connection_stand_newest_first_with_what_they_say(client, house, provider):
    (letter,) = letters(house)
    look = desk(client, house, Role.VIEWER)
    assert "No answers yet" in look("answers", provider.connection.pk).content.decode()
    provider.says((letter, "posted"), {"id": str(uuid.uuid4()), "status": "posted", "message": "<b>Hej"}, name="1.json")
    provider.put(b"posted", "2.json")
    provider.read()
    provider.says((letter, "printed"), name="3.json")
    response = look("answers", provider.connection.pk)
    assert [row.name for row in response.context["listing"].rows] == ["3.json", "2.json", "1.json"]
    content = response.content.decode()
    for words in (
        "It is not JSON in UTF-8",
        "1 line about a letter of yours",
        "1 line changed nothing",
        "No letter of this company",
        "&lt;b&gt;Hej",
    ):
        assert words in content
    puzzling = look("answers", provider.connection.pk, query="?tab=puzzling")
    assert [row.name for row in puzzling.context["listing"].rows] == ["2.json", "1.json"]
    sister = another_house(house)
    foreign = Connection.objects.get(company=sister.company)
    assert look("answers", foreign.pk).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_answers_takes_the_same_queries(client, house, provider, rows, django_assert_num_queries):
    for n in range(rows):
        provider.says({"id": str(uuid.uuid4()), "status": "posted"}, name=f"{n}.json")
    look = desk(client, house)
    look("answers", provider.connection.pk)
    # session, user, member; connection, two counts, the rows; companies, health, glance, outgoing
    with django_assert_num_queries(11):
        assert look("answers", provider.connection.pk).status_code == 200


def test_what_is_overdue_stands_on_the_overview_among_the_causes_and_in_a_list(client, house, provider):
    late, posted = letters(house, 2)
    provider.says((posted, "posted"))
    look = desk(client, house)
    assert "Answer overdue" not in look("overview").content.decode() + look("deliveries").content.decode()
    let_it_be_late(house)
    assert "Answer overdue" in look("overview").content.decode()
    assert "1 letter has not been reported as posted." in look("triage").content.decode()
    found = look("deliveries", query="?tab=overdue").context["listing"]
    assert [(row.pk, row.note) for row in found.rows] == [(late.pk, "Answer overdue")]
    client.post(reverse("distribution:handled", args=[house.company.slug]), {"ids": [str(late.pk)]})
    assert not Delivery.objects.answer_overdue().exists()
    assert told(late) == [("stopped waiting for the print provider's answer", "")]
    provider.says((late, "returned"), name="2.json")  # that is news all the same
    assert Delivery.objects.needing_attention().get() == late


# --- Over a real server -----------------------------------------------------------------------------------------------


def test_answers_over_openssh(outbox, settings, tmp_path):
    settings.ALLOW_PRIVATE_CONNECTIONS = True
    distribution = outbox.company.distribution
    distribution.active_methods, distribution.default_method = [Method.CENTRAL_PRINT], Method.CENTRAL_PRINT
    distribution.save()
    with OpenSsh(tmp_path / "sshd") as server:
        row = ConnectionFactory(
            company=outbox.company, host="127.0.0.1", port=server.port, username=server.username, folder="files",
            host_key=server.host_key(),
        )  # fmt: skip
        row.set_private_key(server.private_key)
        row.save()
        house = PrintHouse(outbox.company, outbox.clerk, server.root)
        (letter,) = letters(house)
        provider = Provider(house)
        provider.put(WHOLE.encode()[:50], "half.json")
        provider.put(b"[" * 200_000, "deep.json")
        provider.says((letter, "posted"))
        provider.read()
    assert Answer.objects.get(name="svar.json").matched_count == 1
    assert fresh(letter).receipt == "posted"
    assert provider.there() == ["failed/deep.json", "failed/half.json", "processed/svar.json"]


def test_the_bytes_of_each_answer_are_archived(house, provider):
    provider.put(b"posted")
    assert provider.read().file.read() == b"posted"
