"""What a newcomer and an operator meet first must fit the code: ./dev, .env.example, deploy/."""

import re
import subprocess
from configparser import ConfigParser

import pytest
from django.conf import settings

from tests.demo.processes import ROOT

QUEUE_STOPS = (settings.Q_CLUSTER["queue_limit"] / settings.Q_CLUSTER["workers"] + 1) * settings.Q_CLUSTER["timeout"]
SENDER_STOPS = settings.SENDING["dot_timeout"]


def dev(*arguments):
    return subprocess.run([ROOT / "dev", *arguments], capture_output=True, text=True, check=False, cwd="/")


def test_dev_is_a_posix_shell_script():
    shebang = (ROOT / "dev").read_text().splitlines()[0]
    assert shebang == "#!/bin/sh"
    subprocess.run(["sh", "-n", ROOT / "dev"], check=True)


def test_help_names_every_command():
    script = (ROOT / "dev").read_text()
    commands = {
        name
        for line in re.findall(r"^([a-z |-]+)\)(?: help ;;)?$", script.partition("case $command in")[2], re.MULTILINE)
        for name in line.split(" | ")
        if not name.startswith("-")
    }
    shown = dev("help").stdout
    assert commands == {
        "demo", "test", "manage", "lint", "security", "chaos", "machine", "fuzz", "bench", "screenshots", "help",
    }  # fmt: skip
    assert [name for name in sorted(commands - {"help"}) if f"./dev {name}" not in shown] == []


def test_an_unknown_command_says_so_and_fails():
    done = dev("dmeo")
    assert done.returncode == 1
    assert "There is no command 'dmeo'." in done.stderr


def test_env_example_names_exactly_the_variables_of_the_settings():
    read = set(re.findall(r'env\.\w+\(\s*"(\w+)"', (ROOT / "config" / "settings.py").read_text()))
    named = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(read)


def unit(name):
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read_string((ROOT / "deploy" / "systemd" / f"utskick-{name}.service").read_text())
    return parser["Service"]


@pytest.mark.parametrize("name, longest_work", [("web", 30), ("qcluster", QUEUE_STOPS), ("deliver", SENDER_STOPS)])
def test_systemd_waits_longer_than_the_longest_work_and_tells_the_leader_alone(name, longest_work):
    assert int(unit(name)["TimeoutStopSec"]) > longest_work
    assert unit(name)["KillMode"] == "mixed"


@pytest.mark.parametrize("name, longest_work", [("qcluster", QUEUE_STOPS), ("deliver", SENDER_STOPS)])
def test_compose_waits_longer_than_the_longest_work(name, longest_work):
    compose = (ROOT / "deploy" / "compose.yaml").read_text()
    period = re.search(rf"^  {name}:.*?stop_grace_period: (\d+)s", compose, re.MULTILINE | re.DOTALL)
    assert int(period[1]) > longest_work


def test_the_proxy_lets_many_of_the_largest_files_through():
    """What is wrong with one file is said by the page, not by the proxy's 413."""
    allowed = re.search(r"client_max_body_size (\d+)m", (ROOT / "deploy" / "nginx.conf").read_text())
    assert int(allowed[1]) * 1024 * 1024 >= 10 * settings.UPLOAD_MAX_BYTES
