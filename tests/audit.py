"""Ask PyPI for known faults in the packages that run the product: part of `./dev security`, which needs the network.

    python -m tests.audit

pip-audit passes over a package that it gets no answer about, and ends well. Here each package is answered for or the
whole ends badly, since "nobody could be asked" is not "no fault is known".
"""

import json
import subprocess
import sys

from tests.demo.processes import ROOT

COMMAND = [sys.executable, "-m", "pip_audit", "--format=json", "--progress-spinner=off", "--no-deps", "--disable-pip"]


def ask():
    """(returncode, what it prints as JSON, its complaints) about each line of constraints.txt."""
    done = subprocess.run(
        [*COMMAND, "--requirement", ROOT / "constraints.txt"], capture_output=True, text=True, check=False, timeout=300
    )
    return done.stdout, done.stderr


def verdict(printed, complaints):
    """(exit status, sentences) for what pip-audit said: 0 all asked and none faulty, 1 faulty, 2 not asked."""
    try:
        packages = json.loads(printed)["dependencies"]
    except (ValueError, KeyError):
        last = complaints.strip().splitlines()[-1:] or ["it said nothing"]
        return 2, [f"No answer about known faults: this needs the network (https://pypi.org). {last[0]}"]
    faulty = [f"{p['name']} {p['version']}: {fault['id']}" for p in packages for fault in p.get("vulns", [])]
    silent = [p["name"] for p in packages if "skip_reason" in p]
    if faulty:
        return 1, faulty
    if silent or not packages:
        asked = f"{len(silent)} of {len(packages)} packages got no answer"
        return 2, [f"{asked}: this needs the network (https://pypi.org). The first is {silent[:1] or 'none'}."]
    return 0, [f"{len(packages)} packages, no known fault."]


if __name__ == "__main__":
    status, sentences = verdict(*ask())
    print(*sentences, sep="\n")
    sys.exit(status)
