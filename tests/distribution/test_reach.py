"""Which addresses a connection may reach: hosts are typed by managers."""

import socket

import pytest

from distribution.models import Installation
from distribution.transports import reach
from distribution.transports.base import Unreachable
from distribution.troubles import Trouble

PRIVATE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1",
    "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::",
    "fe80::1%eth0",
]  # fmt: skip


@pytest.fixture
def live(db, settings):
    settings.DELIVERY_LIVE, settings.INSTANCE_ID = True, str(Installation.objects.this().instance_id)
    settings.ALLOW_PRIVATE_CONNECTIONS = False


@pytest.fixture
def names(monkeypatch):
    """A name server of ours: {name: addresses}; it counts how often it is asked."""
    table, asked = {}, []

    def getaddrinfo(host, port, *, type):  # noqa: A002
        asked.append(host)
        if host not in table:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [
            (socket.AF_INET6 if ":" in ip else socket.AF_INET, type, 6, "", (ip, port)) for ip in table[host]
        ]  # fmt: skip

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return table, asked


@pytest.mark.parametrize("address", PRIVATE)
def test_what_only_we_can_reach_is_refused(live, names, address):
    table, _asked = names
    table["sftp.example"] = [address]
    with pytest.raises(Unreachable) as caught:
        reach.resolve("sftp.example", 22)
    assert caught.value.reason == Trouble.NOT_ALLOWED
    assert address in caught.value.text


@pytest.mark.parametrize("address", ["8.8.8.8", "193.10.11.12", "2a00:801::1", "::ffff:8.8.8.8"])
def test_the_world_is_allowed(live, names, address):
    table, _asked = names
    table["sftp.example"] = [address]
    ((_family, found),) = reach.resolve("sftp.example", 22)
    assert found == (address, 22)


def test_of_several_addresses_the_public_ones_are_used(live, names):
    table, _asked = names
    table["sftp.example"] = ["127.0.0.1", "8.8.8.8"]
    assert [address for _family, address in reach.resolve("sftp.example", 22)] == [("8.8.8.8", 22)]


def test_a_name_is_asked_for_once(live, names, monkeypatch):
    """A name that answers differently the second time (DNS rebinding) is not asked a second time."""
    table, asked = names
    table["sftp.example"] = ["8.8.8.8"]
    dialled = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: dialled.append(address))
    reach.dial(reach.resolve("sftp.example", 22), 1).close()
    assert (asked, dialled) == (["sftp.example"], [("8.8.8.8", 22)])


@pytest.mark.parametrize("spelling", ["127.1", "2130706433", "0x7f.0.0.1", "localhost", "127.0.0.1"])
def test_other_spellings_of_this_machine_are_seen_through(live, spelling):
    with pytest.raises(Unreachable):
        reach.resolve(spelling, 22)


def test_a_name_without_an_address(live, names):
    for host in ("nowhere.example", "å" * 80):
        with pytest.raises(Unreachable) as caught:
            reach.resolve(host, 22)
        assert caught.value.reason == Trouble.UNKNOWN_HOST


def test_the_operator_may_allow_private_addresses(live, names, settings):
    settings.ALLOW_PRIVATE_CONNECTIONS = True
    table, _asked = names
    table["print.internal"] = ["10.1.2.3"]
    assert reach.resolve("print.internal", 22)
    table["print.internal"] = ["224.0.0.1"]
    with pytest.raises(Unreachable):
        reach.resolve("print.internal", 22)


def test_in_test_mode_nothing_leaves_this_machine(db, names, settings):
    settings.DELIVERY_LIVE = False
    table, _asked = names
    table["sftp.example"], table["print.internal"], table["here"] = ["8.8.8.8"], ["10.1.2.3"], ["127.0.0.1"]
    for allowed in (True, False):
        settings.ALLOW_PRIVATE_CONNECTIONS = allowed
        for host in ("sftp.example", "print.internal"):
            with pytest.raises(Unreachable) as caught:
                reach.resolve(host, 22)
            assert caught.value.reason == Trouble.TEST_MODE
    settings.ALLOW_PRIVATE_CONNECTIONS = True
    assert reach.resolve("here", 22)


def test_a_copy_of_the_database_reaches_nobody(db, names, settings):
    settings.DELIVERY_LIVE, settings.INSTANCE_ID, settings.ALLOW_PRIVATE_CONNECTIONS = True, "another", True
    table, _asked = names
    table["here"] = ["127.0.0.1"]
    with pytest.raises(Unreachable) as caught:
        reach.resolve("here", 22)
    assert caught.value.reason == Trouble.COPY
