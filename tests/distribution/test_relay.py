"""Where mail may go at all: the relay, the sink of test mode, or nowhere."""

import dataclasses

import pytest

from distribution import channels
from distribution.models import Connection, Installation
from distribution.relay import Closed, relay
from recipients.methods import Method


@pytest.fixture
def installation(db):
    return Installation.objects.this()


@pytest.fixture
def row(db):
    """The relay's row as somebody has set it up."""
    connection = Connection.objects.get(company=None, method=Method.EMAIL)
    connection.host, connection.port, connection.username = "mx.example", 465, "us"
    connection.security = Connection.Security.TLS
    connection.set_password("secret")
    connection.save()
    return connection


def reason_closed():
    with pytest.raises(Closed) as caught:
        relay()
    return caught.value.reason


def test_test_mode_knows_the_sink_and_nothing_else(installation, row, settings):
    settings.DELIVERY_LIVE = False
    settings.MAIL_SINK = "127.0.0.1:2525"
    settings.INSTANCE_ID = str(installation.instance_id)
    way = relay()
    assert dataclasses.astuple(way) == ("127.0.0.1", 2525, "none", "", "")
    settings.MAIL_SINK = "[::1]:2525"
    assert relay().host == "::1"
    settings.MAIL_SINK = ""
    assert reason_closed() == "no_sink"


def test_the_live_database_uses_the_relay(installation, row, settings):
    settings.DELIVERY_LIVE, settings.MAIL_SINK = True, "127.0.0.1:2525"
    settings.INSTANCE_ID = str(installation.instance_id)
    assert dataclasses.astuple(relay()) == ("mx.example", 465, "tls", "us", "secret")


@pytest.mark.parametrize("named", ["", "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"])
def test_a_copy_of_the_database_sends_nothing(named, row, settings):
    settings.DELIVERY_LIVE, settings.MAIL_SINK, settings.INSTANCE_ID = True, "127.0.0.1:2525", named
    assert reason_closed() == "copy"
    with pytest.raises(Closed):
        channels.open(Method.EMAIL)


def test_a_relay_that_cannot_be_used_closes_the_way(installation, row, settings):
    settings.DELIVERY_LIVE, settings.INSTANCE_ID = True, str(installation.instance_id)
    settings.SECRETS_KEYS = []
    assert reason_closed() == "no_key"
    row.host = ""
    row.save()
    assert reason_closed() == "no_relay"
