"""Where claim, undo, build, gate, lease, sweep and the question to the other side meet in one parcel."""

import threading
import zipfile

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone
from django_q.models import OrmQ

from distribution import channels, transports
from distribution.actions import connecting, handing_over, posting, preparing, printing, sending
from distribution.channels import print_batch
from distribution.channels.base import Channel, Receipt, Refused, Unreachable
from distribution.management.commands.deliver import Sender, SlowDomains
from distribution.models import Connection, Delivery, Enclosure, Parcel
from distribution.reasons import Reason
from distribution.states import State
from distribution.transports import folder as folder_transport
from recipients.methods import Method
from recipients.models.archived_file import path_of

from .test_posting import house, states

__all__ = ["house"]  # the fixture
PAST = timezone.now().replace(year=2020)
ORIGINAL_ITEM = print_batch.item


class Death(BaseException):
    """SIGKILL, as far as the code can tell: nothing is tidied away."""


@pytest.fixture
def due(house):
    """Three letters in one parcel, built and due."""
    batch = house.built(*(house.invoice() for _n in range(3)))
    house.close_window(batch)
    return batch


def claim():
    return posting.claim_parcel(Method.CENTRAL_PRINT)


def carry(parcel):
    return handing_over.hand_over(parcel, channels.open(Method.CENTRAL_PRINT))


def lease_over():
    Delivery.objects.update(lease_until=PAST)
    handing_over.sweep()


def ask():
    """Ask what became of it; what never came may be tried again, and the time until then has passed."""
    Parcel.objects.update(asked_at=None)
    assert posting.settle()
    Delivery.objects.filter(state=State.WAITING).update(leaves_at=PAST)


def undo_one(house):
    chosen = Delivery.objects.exclude(state=State.UNDONE).order_by("position").first()
    return sending.undo(Delivery.objects.filter(pk=chosen.pk), by=house.clerk)


def rung():
    """Jobs that lie in the queue."""
    return [task.func() for task in OrmQ.objects.all()]


def letters(house):
    """Ids of the letters in all files that arrived, each as often as it is in one."""
    names = [name for files in house.arrived().values() for name in files if name.startswith("documents/")]
    return sorted(name.removeprefix("documents/").removesuffix(".pdf") for name in names)


def in_state(state):
    return sorted(str(pk) for pk in Delivery.objects.filter(state=state).values_list("pk", flat=True))


def dies(monkeypatch, verb, *, before):
    """The sender dies at this verb of its transport, before or after the other side has done it."""
    real = getattr(transports.Folder, verb)

    def dying(session, *arguments):
        if not before:
            real(session, *arguments)
        session.forget = lambda path: False  # a dead process deletes nothing
        raise Death

    monkeypatch.setattr(transports.Folder, verb, dying)
    with pytest.raises(Death):
        carry(claim())
    monkeypatch.setattr(transports.Folder, verb, real)


# --- Undone on the way ------------------------------------------------------------------------------------------------


def test_what_is_left_of_a_stopped_parcel_is_built_at_once(house, due):
    """Nobody waits for a sweep: the undo's own job came while the sender held the rows, and had nothing to build."""
    parcel = claim()
    undo_one(house)
    printing.open_up(due)
    printing.build_parcels(due)
    OrmQ.objects.all().delete()
    assert carry(parcel) == handing_over.Outcome()
    assert rung() == ["distribution.jobs.build_parcels"]
    printing.build_parcels(due)
    call_command("deliver")
    assert letters(house) == in_state(State.SENT)
    assert states() == [State.SENT, State.SENT, State.UNDONE]


def test_a_parcel_whose_undone_letter_is_found_late_keeps_its_file(house):
    """The undo came before the first build; its job comes when the parcel has left. Nothing of it was undone."""
    batch = house.sent_and_ready(*(house.invoice() for _n in range(3)))
    with transaction.atomic():
        printing.share_out(batch, Method.CENTRAL_PRINT, batch.deliveries.all())
    undo_one(house)
    printing.build_parcels(batch)
    house.close_window(batch)
    parcel = claim()
    handing_over.Gate(parcel)()
    printing.open_up(batch)
    parcel.refresh_from_db()
    assert (parcel.file is not None, parcel.documents, parcel.deliveries.count()) == (True, 2, 2)


def test_an_undo_while_the_file_is_built_spoils_it(house, monkeypatch):
    batch = house.sent_and_ready(house.invoice(), house.invoice())

    def undone_meanwhile(*arguments):
        monkeypatch.undo()
        undo_one(house)
        return ORIGINAL_ITEM(*arguments)

    monkeypatch.setattr(print_batch, "item", undone_meanwhile)
    printing.build_parcels(batch)
    assert Parcel.objects.get().file is None
    printing.build_parcels(batch)
    assert Parcel.objects.get().documents == 1


def test_a_letter_that_failed_is_in_no_file(house, due):
    """One of three died with its renderers: the parcel goes without it, and says so of itself."""
    Delivery.objects.filter(position=1).update(crashes=3)
    handing_over.sweep()
    call_command("deliver")
    printing.build_parcels(due)
    call_command("deliver")
    assert states() == [State.FAILED, State.SENT, State.SENT]
    assert letters(house) == in_state(State.SENT)
    assert Parcel.objects.get().deliveries.count() == Parcel.objects.get().documents == 2


# --- Two senders ------------------------------------------------------------------------------------------------------


def test_a_sender_that_slept_past_its_lease_is_shut_out(house, due):
    first = claim()
    lease_over()
    second = claim()
    assert carry(first) == handing_over.Outcome()
    assert carry(second).answered
    assert letters(house) == in_state(State.SENT)
    assert Delivery.objects.filter(crashes=0).count() == 3


def test_a_sender_that_wakes_up_past_the_gate_takes_nothing_from_its_successor(house, due, monkeypatch):
    """It slept between the gate and the rename; its file was withdrawn, another sender has the parcel, and the
    provider has fetched what that one brought. What it says then is no news and no trouble of the connection."""
    rename = transports.Folder.rename

    def asleep(session, partial, final, path):
        monkeypatch.setattr(transports.Folder, "rename", rename)
        lease_over()
        ask()
        assert states() == [State.WAITING] * 3
        assert carry(claim()).answered
        for file in house.folder.glob("[!.]*"):
            file.rename(house.folder.parent / file.name)
        return rename(session, partial, final, path)

    monkeypatch.setattr(transports.Folder, "rename", asleep)
    carry(claim())
    assert states() == [State.SENT] * 3
    assert house.arrived() == {}
    assert Connection.objects.get(company=house.company).failures == 0


def test_a_late_word_about_an_old_claim_does_not_close_the_parcel(house, due):
    """The rows wait again: a parcel that counted as taken would never be carried."""
    old = claim()
    handing_over.Gate(old)()
    lease_over()
    Delivery.objects.move(State.WAITING)
    handing_over.taken(claim_again(), Receipt("old"))
    assert Parcel.objects.get().taken_at is None
    call_command("deliver")
    assert letters(house) == in_state(State.SENT)


def claim_again():
    """The old sender's parcel as it remembers it, after another one has claimed and lost it again."""
    parcel = Parcel.objects.get()
    claim()
    lease_over()
    return parcel


def test_a_sender_that_lost_its_parcel_does_not_pause_the_connection(house, due, monkeypatch):
    """Its temporary file was taken away by the next try: that is not the provider's trouble."""
    check_size = transports.Folder.check_size

    def overtaken(session, partial, size):
        monkeypatch.setattr(transports.Folder, "check_size", check_size)
        lease_over()
        assert carry(claim()).answered
        return check_size(session, partial, size)

    monkeypatch.setattr(transports.Folder, "check_size", overtaken)
    assert carry(claim()).trouble
    assert Connection.objects.get(company=house.company).failures == 0
    assert letters(house) == in_state(State.SENT)


def test_one_parcel_of_a_company_at_a_time(house, settings):
    """A slow provider takes one sender away from the others, not all of them."""
    settings.SENDING = {**settings.SENDING, "print_part": 1}
    house.close_window(house.built(house.invoice(), house.invoice()))
    assert claim()
    assert claim() is None
    lease_over()
    assert claim()


# --- Crashes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "verb, before, state",
    [
        ("_write", True, State.WAITING),  # before the gate: nothing happened
        ("_write", False, State.WAITING),
        ("_rename", True, State.WAITING),  # past it, and our file is there as it was: proof
        ("_rename", False, State.SENT),  # its final name is there
    ],
)
@pytest.mark.parametrize("fetched", [False, True])
def test_after_a_crash_the_names_decide_and_nothing_arrives_twice(
    house, due, monkeypatch, verb, before, state, fetched
):  # fmt: skip
    dies(monkeypatch, verb, before=before)
    first = letters(house)
    if fetched:
        for file in house.folder.glob("[!.]*"):
            file.rename(house.folder.parent / file.name)
    lease_over()
    if Delivery.objects.filter(state=State.IN_DOUBT).exists():
        ask()
    gone = fetched and state == State.SENT
    assert states() == [State.IN_DOUBT if gone else state] * 3
    call_command("deliver")
    assert states() == [State.IN_DOUBT if gone else State.SENT] * 3
    assert sorted(first * gone + letters(house)) == sorted(
        str(pk) for pk in Delivery.objects.values_list("pk", flat=True)
    )


def test_who_dies_between_the_link_and_the_deletion_proves_nothing(house, due, monkeypatch):
    """Both names were there, and the provider has fetched the final one: the other one must not say "never"."""

    def dying(*_arguments, **_words):
        raise Death

    monkeypatch.setattr(folder_transport.os, "unlink", dying)
    monkeypatch.setattr(transports.Folder, "forget", lambda *_: False)
    with pytest.raises(Death):
        carry(claim())
    monkeypatch.undo()
    (file,) = house.folder.glob("[!.]*")
    file.unlink()
    lease_over()
    ask()
    assert states() == [State.IN_DOUBT] * 3


def test_what_an_earlier_place_kept_is_no_proof(house, due, monkeypatch):
    """Two tries at two places: the first left a temporary file at the one, the second arrived at the other."""
    dies(monkeypatch, "_rename", before=True)  # past the gate at the first place, whose file then stays
    lease_over()
    other = house.folder.parent / "other"
    other.mkdir()
    ways = Connection.objects.filter(company=house.company)
    ways.update(folder="other")
    ask()
    assert states() == [State.IN_DOUBT] * 3  # nothing is there: no proof either
    ways.update(folder="print")
    ask()
    assert states() == [State.WAITING] * 3
    left = next(house.folder.parent.glob("print/.*"), None)
    assert left is None
    (house.folder / f".{Parcel.objects.get().name}.{'0' * 32}.part").write_bytes(b"of an earlier try")
    ways.update(folder="other")
    dies(monkeypatch, "_rename", before=False)
    ways.update(folder="print")
    lease_over()
    ask()
    assert states() == [State.IN_DOUBT] * 3


def test_a_partner_who_removes_doubles_is_not_another_one(house, due, monkeypatch):
    """Said again to the same partner it is one; to the one that took its place it would be a second."""
    way = Connection.objects.get(company=house.company)
    handing_over.Gate(claim())()
    lease_over()
    Connection.objects.update(kind="https", is_idempotent=True)
    way.refresh_from_db()
    way.host = "new.example"
    connecting.change_connection(way, ["host"], by=house.clerk)
    ask()
    assert states() == [State.IN_DOUBT] * 3
    Delivery.objects.move(State.WAITING)  # as if it were known
    monkeypatch.setattr(channels.central_print, "timedelta", lambda minutes: timezone.timedelta(0))
    handing_over.Gate(claim())()
    lease_over()
    ask()
    assert states() == [State.WAITING] * 3


def test_a_question_that_breaks_does_not_end_the_sender(house, due, monkeypatch):
    dies(monkeypatch, "_rename", before=True)
    lease_over()

    def broken(*_arguments):
        raise ZeroDivisionError

    monkeypatch.setattr(transports.Folder, "find", broken)
    ask()
    assert states() == [State.IN_DOUBT] * 3


def test_what_a_person_decided_meanwhile_stays(house, due, monkeypatch):
    """It never arrived: one was closed by a person, the others go again without it, under another name."""
    dies(monkeypatch, "_rename", before=True)
    lease_over()
    name = Parcel.objects.get().name
    sending.decide(Delivery.objects.filter(position=1), "cancel", why="rang", by=house.clerk)
    ask()
    call_command("deliver")
    printing.build_parcels(due)
    call_command("deliver")
    assert states() == [State.FAILED, State.SENT, State.SENT]
    assert letters(house) == in_state(State.SENT)
    assert Parcel.objects.get().name != name


def test_a_doubt_that_a_person_closed_is_not_opened_by_a_late_arrival(house, due, monkeypatch):
    dies(monkeypatch, "_rename", before=False)
    lease_over()
    sending.decide(Delivery.objects.filter(position=1), "cancel", why="rang", by=house.clerk)
    ask()
    assert states() == [State.FAILED, State.SENT, State.SENT]


def test_a_new_claim_is_asked_about_anew(house, due, monkeypatch):
    """Not after the ten minutes that the last question's answer is good for."""
    dies(monkeypatch, "_rename", before=True)
    lease_over()
    ask()
    dies(monkeypatch, "_rename", before=False)
    lease_over()
    assert posting.settle()
    assert states() == [State.SENT] * 3


# --- What kills, and what is damaged ----------------------------------------------------------------------------------


def test_a_parcel_that_kills_its_sender_three_times_stops(house, due, monkeypatch):
    for _death in range(3):
        dies(monkeypatch, "_write", before=True)
        lease_over()
    assert states() == [State.FAILED] * 3
    assert Delivery.objects.filter(reason=Reason.STOPPED_WORKER).count() == 3
    assert claim() is None


def test_a_document_that_kills_its_builder_three_times_fails_alone(house, monkeypatch):
    batch = house.sent_and_ready(*(house.invoice() for _n in range(3)))
    poison = batch.deliveries.get(position=2).pk

    def deadly(delivery, *arguments):
        if delivery.pk == poison:
            raise Death
        return ORIGINAL_ITEM(delivery, *arguments)

    monkeypatch.setattr(print_batch, "item", deadly)
    for _death in range(3):
        with pytest.raises(Death):
            printing.build_parcels(batch)
        handing_over.sweep()
        assert states() == [State.WAITING] * 3  # while its lease lives, the last one may still be at work
        assert not list(preparing.unfinished())
        printing.build_parcels(batch)  # nobody else does it at the same time
        Delivery.objects.update(prepare_until=PAST)
    handing_over.sweep()
    assert states() == [State.FAILED, State.WAITING, State.WAITING]
    printing.build_parcels(batch)
    assert Parcel.objects.get().documents == 2
    assert Delivery.objects.filter(crashes=0, state=State.WAITING).count() == 2


def test_a_document_that_is_damaged_fails_alone(house):
    batch = house.sent_and_ready(*(house.invoice() for _n in range(3)))
    pdf = Enclosure.objects.get(delivery=batch.deliveries.get(position=2), role=Enclosure.Role.PDF)
    damage(pdf.file)
    printing.build_parcels(batch)
    house.close_window(batch)
    call_command("deliver")
    assert states() == [State.FAILED, State.SENT, State.SENT]
    assert Delivery.objects.get(state=State.FAILED).reason == Reason.UNPRINTABLE
    assert letters(house) == in_state(State.SENT)


def test_a_damaged_file_is_built_again_from_its_documents(house, due):
    damage(Parcel.objects.get().file)
    call_command("deliver")
    assert (states(), house.arrived()) == ([State.WAITING] * 3, {})
    printing.build_parcels(due)
    house.close_window(due)
    call_command("deliver")
    assert letters(house) == in_state(State.SENT)
    assert len(in_state(State.SENT)) == 3
    with zipfile.ZipFile(next(house.folder.glob("[!.]*"))) as archive:
        assert archive.testzip() is None


def damage(file):
    from django.core.files.storage import default_storage

    with open(default_storage.path(path_of(file.company_id, file.sha256)), "r+b") as content:
        content.write(b"other")


def test_a_long_build_rings_for_the_rest(house, settings, monkeypatch):
    """The queue ends a job after 300 s, in the middle of whatever it does."""
    settings.SENDING = {**settings.SENDING, "print_part": 1}
    batch = house.sent_and_ready(house.invoice(), house.invoice())
    OrmQ.objects.all().delete()
    monkeypatch.setattr(printing, "BUILD_FOR", -1)
    printing.build_parcels(batch)
    assert rung() == ["distribution.jobs.build_parcels"]


# --- The connection ---------------------------------------------------------------------------------------------------


def test_without_its_connection_a_parcel_waits(house, due):
    parcel = claim()
    connecting.remove_connection(Connection.objects.get(company=house.company), by=house.clerk)
    assert carry(parcel).trouble.reason == Reason.NO_CONNECTION
    assert states() == [State.WAITING] * 3
    assert claim() is None


def test_a_method_that_was_switched_off_fails_what_waits(house, due):
    distribution = house.company.distribution
    distribution.active_methods = []
    distribution.save()
    call_command("deliver")
    assert states() == [State.FAILED] * 3
    assert house.arrived() == {}


class Answering(Channel):
    """A provider of whom a test says what he answers past the gate."""

    method = Method.CENTRAL_PRINT

    def __init__(self, error):
        self.error = error

    def hand_over(self, parcel, gate):
        gate()
        if self.error:
            raise self.error
        return Receipt("ok", "1")


ANSWERS = [
    (None, 0, True),
    (Refused(Reason.REFUSED_THERE, "422", "no"), 0, True),
    (ConnectionResetError(), 2, False),
    (Unreachable(Reason.TRY_LATER, "", "reset", slows=Unreachable.CONNECTION), 2, False),
    (Unreachable(Reason.TRY_LATER, "4", "not now", slows=Unreachable.CONNECTION), 3, False),
]


@pytest.mark.parametrize("error, failures, answered", ANSWERS)
def test_only_an_answer_closes_the_breaker(house, due, monkeypatch, error, failures, answered):
    Connection.objects.filter(company=house.company).update(failures=2)
    monkeypatch.setattr(channels, "open", lambda method: Answering(error))
    Sender(threading.Event(), SlowDomains()).carry()
    assert Connection.objects.get(company=house.company).failures == failures


def test_mail_leaves_while_a_parcel_is_on_its_way(db, monkeypatch, settings):
    """An upload takes minutes, a mail does not wait for it."""
    settings.SENDING = {**settings.SENDING, "threads": 1, "idle": 0.01, "sweep_every": 0.1}
    mailed, waited = threading.Event(), []
    turns = []

    def turn(sender):
        turns.append(1)
        if len(turns) == 3:
            mailed.set()
        return False

    def carry(sender):
        waited.append(mailed.wait(5))
        sender.stop.set()
        return False

    monkeypatch.setattr(Sender, "turn", turn)
    monkeypatch.setattr(Sender, "carry", carry)
    call_command("deliver", loop=True)
    assert waited == [True]


# --- Two transactions at once -----------------------------------------------------------------------------------------

needs_row_locks = pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer: nothing to race")


def waiting():
    """How many transactions wait for another one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0]


@needs_row_locks
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("verb", ["gate", "beat", "put back", "sweep"])
def test_an_undo_of_several_and_a_sender_do_not_wait_for_each_other_in_turn(house, due, verb):
    """Each wants several of the same rows, and finds them by another way: both must take them in one order."""
    parcel = claim()
    gate = handing_over.Gate(parcel)
    if verb == "sweep":
        Delivery.objects.update(lease_until=PAST)
    first, middle, last = Delivery.objects.order_by("pk").values_list("pk", flat=True)
    for pk in (last, middle, first):  # in the table they now lie the other way round
        Delivery.objects.filter(pk=pk).update(position=9)
    work = {
        "gate": gate, "beat": gate.beat, "put back": lambda: handing_over.put_back(parcel), "sweep": handing_over.sweep,
    }[verb]  # fmt: skip
    told = {}

    def at_work(name, act, by_index):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET enable_seqscan = off" if by_index else "SET enable_indexscan = off")
                cursor.execute("SET enable_bitmapscan = off")
            told[name] = act()
        except handing_over.Stopped:
            told[name] = "stopped"
        except Exception as error:
            told[name] = repr(error)
        finally:
            connections.close_all()

    def undo():
        return sending.undo(Delivery.objects.filter(pk__in=[first, middle, last]), by=house.clerk)

    threads = [
        threading.Thread(target=at_work, args=["sender", work, False]),
        threading.Thread(target=at_work, args=["undo", undo, True]),
    ]
    with transaction.atomic():
        Delivery.objects.select_for_update().get(pk=middle)
        for number, thread in enumerate(threads, 1):
            thread.start()
            while thread.is_alive() and waiting() < number:
                pass
    for thread in threads:
        thread.join(10)
    stopped = 0 if verb == "gate" else 3
    assert told == {"sender": None, "undo": (stopped, 3 - stopped)}


@needs_row_locks
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_senders_never_take_one_parcel(house, settings):
    settings.SENDING = {**settings.SENDING, "print_part": 1}
    house.close_window(house.built(*(house.invoice() for _n in range(8))))
    seen = []

    def work():
        try:
            for _try in range(30):
                if parcel := claim():
                    seen.append(parcel.pk)
                    handing_over.Gate(parcel)()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == len(set(seen)) == 8


@needs_row_locks
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_builders_share_out_once(outbox, house, settings):
    settings.SENDING = {**settings.SENDING, "print_part": 2}
    batch = house.sent_and_ready(*(house.invoice() for _n in range(5)))

    def work():
        try:
            printing.build_parcels(batch)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(Parcel.objects.values_list("documents", flat=True)) == [1, 2, 2]
    assert not Delivery.objects.filter(parcel=None).exists()
