"""The one place where the host of a connection becomes a line to it.

Hosts are typed by managers, so a host could name a machine that only we can reach: the database, the router, the
cloud's own 169.254.169.254. The name is looked up once, judged, and the address that was judged is the one in use.
"""

import ipaddress
import socket
import ssl

from django.conf import settings

from distribution.models import Installation
from distribution.troubles import Trouble

from .base import Unreachable, in_words

# They look public, and are ways into IPv4: NAT64, 6to4, Teredo.
DISGUISES = [ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")]


def is_public(address):
    """Whether everybody in the world would reach the same machine there."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if ip.is_multicast or ip.is_reserved or ip.is_unspecified or not ip.is_global:
        return False
    return ip.version == 4 or not any(ip in net for net in DISGUISES)


def resolve(host, port):
    """The addresses of a host that may be used: [(family, socket address)]. Raises Unreachable."""
    mode = Installation.objects.this().mode()
    if mode == "copy":
        raise Unreachable(Trouble.COPY, slows=Unreachable.CONNECTION)
    try:
        # the name as DNS writes it: Python's own IDNA is of 2003, but an ASCII name passes it unchanged
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        words = f"{host}: {in_words(error, 0)}"
        raise Unreachable(Trouble.UNKNOWN_HOST, text=words, slows=Unreachable.CONNECTION) from error
    addresses = [(family, address) for family, _type, _protocol, _name, address in found]
    allowed = [each for each in addresses if may_be_used(each[1][0], mode)]
    if not allowed:
        trouble = Trouble.TEST_MODE if mode == "test" else Trouble.NOT_ALLOWED
        words = f"{host} is {', '.join(sorted({address[0] for _family, address in addresses}))}"
        raise Unreachable(trouble, text=words, slows=Unreachable.CONNECTION)
    return allowed


def may_be_used(address, mode):
    """In test mode nothing leaves this machine, so only its own addresses can be used, where they are allowed."""
    if mode == "live" and is_public(address):
        return True
    ip = ipaddress.ip_address(address.partition("%")[0])
    return settings.ALLOW_PRIVATE_CONNECTIONS and (ip.is_loopback or (mode == "live" and not ip.is_multicast))


def dial(addresses, timeout):
    """A connected socket to the first address that answers. Raises OSError."""
    for number, (family, address) in enumerate(addresses, start=1):
        line = socket.socket(family, socket.SOCK_STREAM)
        try:
            line.settimeout(timeout)
            line.connect(address)
        except OSError:
            line.close()
            if number == len(addresses):
                raise
        else:
            return line
    raise OSError("no address")


def tls_context(connection):
    """Certificates are always verified: against the system's authorities, or the connection's own one alone."""
    context = ssl.create_default_context(cadata=connection.authority or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if connection.is_tls12_only:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context
