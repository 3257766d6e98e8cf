"""Known secrets are planted, everything that may name them is done, and then all that was said is searched."""

import io
import logging

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse

from distribution import channels, jobs
from distribution.actions import handing_over
from distribution.channels.base import Unreachable
from distribution.models import Connection, Delivery, Installation
from recipients.methods import Method
from recipients.models import Role
from tests.factories import MemberFactory

from .smtp_server import Server

KEY = "canary-private-key"
SECRETS = ["canary-sftp-pw", "canary-relay-pw", "canary-person-pw", "canary-wrong-pw", "canary-new-pw"]


@pytest.fixture
def house(outbox, settings):
    """A live one: what is handed over goes to a real server."""
    settings.DELIVERY_LIVE, settings.INSTANCE_ID = True, str(Installation.objects.this().instance_id)
    settings.ALLOW_PRIVATE_CONNECTIONS = True
    settings.SENDING = {**settings.SENDING, "command_timeout": 5, "dot_timeout": 5, "test_timeout": 2}
    return outbox


def relay_to(server):
    relay = Connection.objects.get(company=None, method=Method.EMAIL)
    relay.host, relay.port, relay.security, relay.username = "127.0.0.1", server.port, "tls", "us"
    relay.set_password("canary-relay-pw")
    relay.save()


def connection_form(**changes):
    return {
        "name": "Tryckeriet", "method": "central_print", "host": "127.0.0.1", "port": "1", "username": "us",
        "password": "canary-sftp-pw", "private_key": "", "profile": "neutral", "folder": "in",
        "temporary_folder": "", "authority": "",
    } | changes  # fmt: skip


def test_no_secret_shows_anywhere(house, client, caplog, server_context):
    """Log in with a wrong and the right password, keep and test a connection, fail to send; then look everywhere."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="paramiko")
    user = MemberFactory(company=house.company, role=Role.MANAGER).user
    user.set_password("canary-person-pw")
    user.save()
    pages = []

    def go(verb, name, data=None, *args):
        response = verb(reverse(name, args=args) if not name.startswith("/") else name, data)
        pages.append(response.content.decode() + str(response.headers))
        return response

    for password in ("canary-wrong-pw", "canary-person-pw"):
        go(client.post, "recipients:login", {"username": user.email, "password": password})
    assert "_auth_user_id" in client.session
    new = reverse("distribution:connection_new", args=[house.company.slug]) + "?kind=sftp"
    go(client.post, new, connection_form(port="no number", private_key=KEY))
    assert go(client.post, new, connection_form()).status_code == 302
    row = Connection.objects.get(company=house.company)
    assert row.password() == "canary-sftp-pw"
    address = [house.company.slug, row.pk]
    go(client.post, "distribution:connection_test", {}, *address)
    jobs.test_connection(str(row.pk))
    row.refresh_from_db()
    assert row.tested_at
    for name in ("connection", "connection_edit", "connection_remove"):
        go(client.get, f"distribution:{name}", None, *address)
    go(
        client.post,
        "recipients:profile_password",
        {"old_password": "canary-person-pw", "new_password1": "canary-new-pw"},
    )

    batch = house.sent_and_ready(house.invoice(email="eva@kund.example"))
    house.close_window(batch)
    (delivery,) = handing_over.claim()
    script, context = {"auth": "535 5.7.8 no"}, server_context("127.0.0.1", days=1)
    with Server(script, tls="tls", context=context, features=("AUTH PLAIN",)) as server:
        relay_to(server)
        channel = channels.open(Method.EMAIL)
        try:
            handing_over.hand_over(delivery, channel)
        except Unreachable:
            logging.getLogger("test").exception("unreachable")
        assert any(command.startswith("AUTH") for command in server.commands)
    assert not Delivery.objects.filter(pk=delivery.pk, state="sent").exists()
    go(client.get, "distribution:delivery", None, house.company.slug, delivery.pk)
    go(client.get, "distribution:overview", None, house.company.slug)

    dump = io.StringIO()
    call_command("dumpdata", stdout=dump)
    assert "Tryckeriet" in dump.getvalue()
    shown = {"log": caplog.text, "pages": "".join(pages), "database": dump.getvalue(), "repr": repr(vars(row))}
    keys = [settings.SECRET_KEY, *settings.SECRETS_KEYS]
    for place, text in shown.items():
        assert len(text) > 100, place
        assert [secret for secret in [*SECRETS, KEY, *keys] if secret in text] == [], place
