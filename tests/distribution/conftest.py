import pytest

from tests.servers.real import OpenSsh, Vsftpd

from .smtp_server import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority") / "authority.pem")


@pytest.fixture(scope="module")
def openssh(tmp_path_factory):
    with OpenSsh(tmp_path_factory.mktemp("openssh")) as server:
        yield server


@pytest.fixture(scope="module")
def vsftpd(tmp_path_factory, authority):
    with Vsftpd(tmp_path_factory.mktemp("vsftpd"), authority) as server:
        yield server


@pytest.fixture
def server_context(authority, tmp_path, monkeypatch):
    """Makes a server's SSLContext whose authority is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    return lambda *host, **words: authority.server_context(*host, folder=tmp_path, **words)


@pytest.fixture
def clocks(settings):
    """Shrinks the sender's clocks. Waiting is the point of few tests; the others get time enough on a busy machine."""

    def shrink(**seconds):
        settings.SENDING = {**settings.SENDING, "command_timeout": 10, "dot_timeout": 10, **seconds}

    shrink()
    return shrink
