"""What stands in deploy/ is taken by the programs that read it, and its figures are those of the settings."""

import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from django.conf import settings
from django.test import Client

from tests.demo.processes import ROOT, free_port, wait_for_port

DEPLOY = ROOT / "deploy"
UNITS = sorted(path.name for path in (DEPLOY / "systemd").glob("utskick-*.service"))
PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"
SYSTEMD, NGINX = shutil.which("systemd-analyze"), shutil.which("nginx", path=PATH)
EXPOSED_AT_MOST = 3.5  # of 10; systemd calls this OK. A unit without any of it has 9.2


@pytest.fixture
def units(tmp_path):
    """The folder of the units as they would be installed, with this repository in the place of /opt/utskick."""
    shutil.copytree(DEPLOY / "systemd", tmp_path, dirs_exist_ok=True)
    for path in tmp_path.rglob("*.*"):
        if path.is_file():
            path.write_text(path.read_text().replace("/opt/utskick", str(ROOT)))
    return tmp_path


def analyze(units, *arguments):
    environment = os.environ | {"SYSTEMD_UNIT_PATH": f"{units}:"}
    return subprocess.run(
        [SYSTEMD, *arguments], cwd=units, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(not SYSTEMD, reason="there is no systemd-analyze here")
@pytest.mark.parametrize("unit", [*UNITS, "utskick.target"])
def test_systemd_takes_each_unit(units, unit):
    done = analyze(units, "verify", "--man=no", f"./{unit}")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not SYSTEMD, reason="there is no systemd-analyze here")
@pytest.mark.parametrize("unit", UNITS)
def test_each_unit_is_hardened(units, unit):
    done = analyze(units, "security", "--offline=yes", "--threshold=35", f"./{unit}")
    exposure = float(re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)[1])
    assert exposure <= EXPOSED_AT_MOST, done.stdout


def test_gunicorn_takes_its_configuration():
    command = [sys.executable, "-m", "gunicorn", "--check-config", "--config", "python:config.serving", "config.wsgi"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def nginx(tmp_path):
    """nginx with the example's site on ports of its own; returns (base URL, the access log)."""
    port, plain = free_port(), free_port()
    pair = ["-keyout", tmp_path / "key.pem", "-out", tmp_path / "chain.pem", "-subj", "/CN=utskick.example.com"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *pair], check=True, capture_output=True)
    site = (DEPLOY / "nginx.conf").read_text()
    site = re.sub(r"/etc/letsencrypt\S+fullchain.pem", str(tmp_path / "chain.pem"), site)
    site = re.sub(r"/etc/letsencrypt\S+privkey.pem", str(tmp_path / "key.pem"), site)
    site = site.replace("/var/log/nginx", str(tmp_path))
    ours = {"80": plain, "443 ssl http2": port}
    site = re.sub(r"listen \[::\]:.*;", "", site)  # perhaps there is no IPv6 here
    site = re.sub(r"listen (80|443 ssl http2);", lambda found: f"listen 127.0.0.1:{ours[found[1]]};", site)
    site = site.replace("127.0.0.1:8000", f"127.0.0.1:{free_port()}")  # nobody is there: it answers 502
    names = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = " ".join(f"{name}_temp_path {tmp_path}/{name};" for name in names)
    (tmp_path / "site.conf").write_text(site)
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; pid {tmp_path}/pid; events {{}} http {{ {folders} include {tmp_path}/site.conf; }}"
    )
    command = [NGINX, "-c", tmp_path / "nginx.conf", "-e", tmp_path / "error.log"]
    tested = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert "syntax is ok" in tested.stderr, tested.stderr
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        wait_for_port(port)
        yield f"http://127.0.0.1:{port}", tmp_path / "utskick.log"
    finally:
        process.terminate()
        process.wait()


@pytest.mark.skipif(not NGINX, reason="there is no nginx here")
def test_the_proxy_writes_no_secret_and_no_search_and_refuses_what_is_too_large(nginx):
    url, log = nginx
    for path in ("/password/MQ/c0ffee-secret/?next=1", "/c/fjordgym/invoices/?q=Eva", "/metrics"):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{url}{path}")
        assert caught.value.code == 502
    headers = {"Content-Length": str(settings.REQUEST_MAX_BYTES + 1)}
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(urllib.request.Request(url, b"x", headers))
    assert caught.value.code == 413
    lines = log.read_text()
    assert '"GET /password/..."' in lines
    assert '"GET /c/fjordgym/invoices/"' in lines
    assert [word for word in ("c0ffee", "Eva", "next=") if word in lines] == []


def test_all_say_the_same_about_the_size_of_a_request():
    allowed = int(re.search(r"client_max_body_size (\d+)m;", (DEPLOY / "nginx.conf").read_text())[1])
    assert allowed * 1024**2 == settings.REQUEST_MAX_BYTES
    assert f"**{allowed} MB**" in (ROOT / "docs" / "operating.md").read_text()


def test_a_request_that_is_too_large_is_refused_before_it_is_read(db, settings):
    settings.REQUEST_MAX_BYTES = 1024**2
    client = Client()
    small = client.post("/login/", {"username": "x" * 1000})
    large = client.post("/login/", {"username": "x" * 1024**2})
    assert (small.status_code == 413, large.status_code) == (False, 413)
    assert large.content.decode() == "That is more than 1 MB at once. Send it in several parts."


def test_the_worker_of_the_site_may_think_as_long_as_the_proxy_waits():
    serving = (ROOT / "config" / "serving.py").read_text()
    proxy = (DEPLOY / "nginx.conf").read_text()
    seconds = int(re.search(r"proxy_read_timeout (\d+)s", proxy)[1])
    assert int(re.search(r"^timeout = (\d+)", serving, re.MULTILINE)[1]) == seconds
