"""What the queue runs: one to five lines each, primary keys in, an action called, safe to run twice."""

from recipients.models import Member, Upload, User

from .actions import (
    answering,
    checking,
    connecting,
    importing,
    noticing,
    planning,
    preparing,
    printing,
    staff_mail,
    testing,
    watching,
)
from .models import Batch, Connection, MailTest


def plan(batch):
    watching.queue_seen()
    planning.make_plan(Batch.objects.get(pk=batch))


def route(batch):
    watching.queue_seen()
    preparing.route(Batch.objects.get(pk=batch))


def prepare(batch):
    watching.queue_seen()
    preparing.prepare_in_turn(batch)
    watching.queue_seen()


def build_parcels(batch):
    watching.queue_seen()
    printing.build_parcels(Batch.objects.get(pk=batch))


def tidy(batch):
    watching.queue_seen()
    printing.open_up(Batch.objects.get(pk=batch))


def take_invoices(upload):
    watching.queue_seen()
    importing.take_invoices(Upload.objects.get(pk=upload))


def test_connection(connection):
    watching.queue_seen()
    connecting.test_connection(Connection.objects.get(pk=connection))


def look_for_answers():
    watching.queue_seen()
    answering.look_for_answers()


def read_answers(connection):
    watching.queue_seen()
    # gone when somebody removed it meanwhile
    for row in Connection.objects.filter(pk=connection).select_related("company"):
        answering.read_answers(row)


def sweep_connections():
    watching.queue_seen()
    connecting.sweep_connections()


def sweep_connection(connection):
    watching.queue_seen()
    for row in Connection.objects.filter(pk=connection):  # removed meanwhile
        connecting.sweep_connection(row)


def mail_invitation(member, by, origin):
    watching.queue_seen()
    staff_mail.mail_invitation(Member.objects.get(pk=member), by=User.objects.get(pk=by), origin=origin)


def mail_password_link(email, origin):
    watching.queue_seen()
    staff_mail.mail_password_link(email, origin=origin)


def send_test(test):
    watching.queue_seen()
    testing.send_test(MailTest.objects.get(pk=test))


def heartbeat():
    watching.queue_seen()


def check():
    watching.queue_seen()
    checking.check()


def look():
    watching.queue_seen()
    noticing.look()
