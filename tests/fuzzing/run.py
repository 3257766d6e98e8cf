"""./dev fuzz: one parser, many bad files, a process that may die of each.

The named monsters first, then good files spoilt by chance; input N of a seed is the same for ever. Nothing may be
raised, no process may die, each refusal is a sentence, each input takes less than 2 s of the processor and 300 MB.
Ctrl-C ends it with the report so far.
"""

import argparse
import hashlib
import json
import logging
import multiprocessing
import os
import resource
import secrets
import signal
import sys
import time
import traceback
import warnings
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()

from tests.reliability.chaos import commit

from .parsers import PARSERS

MOST_SECONDS = 2.0  # of the processor
MOST_MEMORY = 300 * 1024**2  # bytes over what the process has before
KILLED_AFTER = 10  # seconds of the processor, 6 times of the wall
SHIFT = 200  # inputs of one process, so that memory is told apart


class Inputs:
    """What a parser meets, by number."""

    def __init__(self, parser, seed):
        self.seed, self.name = seed, parser
        self.parser = PARSERS[parser]
        self.good = self.parser.good()
        self.monsters = list(self.parser.monsters(self.good).items())

    def __getitem__(self, number):
        """(what it is called, bytes)."""
        if number < len(self.monsters):
            return self.monsters[number]
        rng = Random(f"{self.name} {self.seed} {number}")
        data, other = rng.choice(self.good), rng.choice(self.good)
        return f"input {number}", rng.choice(self.parser.spoil)(rng, data, other)


def is_sentence(text):
    """Words for a person: not empty, no code, nothing of the program's insides."""
    return isinstance(text, str) and len(text.split()) >= 2 and len(text) <= 3000 and "Traceback" not in text


def judge(read, data):
    """(what is wrong or "", whether it was refused, seconds of the processor)."""
    began = time.process_time()
    try:
        said = read(data)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(where.filename).name}:{where.lineno}"
        return f"{type(error).__name__} at {place}: {str(error)[:200]}", False, time.process_time() - began
    seconds = time.process_time() - began
    dumb = [text for text in said if not is_sentence(text)]
    if dumb:
        return f"no sentence: {dumb[0]!r}", True, seconds
    return f"{seconds:.1f} s" if seconds > MOST_SECONDS else "", bool(said), seconds


def shift(inputs, numbers, pipe):
    """In a process of its own: read these inputs and report each before the next."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    for number in numbers:
        name, data = inputs[number]
        pipe.send((number, name, None))
        signal.setitimer(signal.ITIMER_PROF, KILLED_AFTER)  # SIGPROF ends a process that nobody taught otherwise
        signal.alarm(KILLED_AFTER * 6)
        wrong, refused, seconds = judge(inputs.parser.read, data)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
        if grown > MOST_MEMORY and not wrong:
            wrong = f"{grown // 1024**2} MB"
        pipe.send((number, name, (wrong, refused, seconds, grown)))
        if grown > MOST_MEMORY:
            return
    pipe.close()


def fuzz(parser, *, inputs, seed, keep=None):
    """A report of so many inputs; `findings` is empty when all is well."""
    source = Inputs(parser, seed)
    report = {
        "parser": parser, "inputs": 0, "monsters": len(source.monsters), "good_files": len(source.good), "refused": 0,
        "deaths": 0, "most_seconds": 0.0, "most_memory_mb": 0, "findings": [],
    }  # fmt: skip
    fork, todo = multiprocessing.get_context("fork"), 0
    inputs = max(inputs, len(source.monsters))
    process = None
    try:
        while todo < inputs:
            ours, theirs = fork.Pipe(duplex=False)
            process = fork.Process(target=shift, args=(source, range(todo, min(todo + SHIFT, inputs)), theirs))
            process.start()
            theirs.close()
            at, name, last = todo - 1, "", todo - 1
            while True:
                try:
                    at, name, told = ours.recv()
                except EOFError:
                    break
                if told is None:
                    continue
                todo, last = at + 1, at
                count(report, source, at, name, told, keep)
            process.join()
            if at < todo - 1 or (process.exitcode and last == at):
                raise RuntimeError(f"no input after {todo - 1}: exit code {process.exitcode}")
            if last != at:
                todo = at + 1
                report["deaths"] += 1
                count(report, source, at, name, (f"died of {process.exitcode}", False, 0, 0), keep)
    except KeyboardInterrupt:  # enough: the report says how far it came
        process.kill()
    return report


def count(report, source, number, name, told, keep):
    wrong, refused, seconds, grown = told
    report["inputs"] += 1
    report["refused"] += refused
    report["most_seconds"] = max(report["most_seconds"], round(seconds, 2))
    report["most_memory_mb"] = max(report["most_memory_mb"], grown // 1024**2)
    if wrong:
        report["findings"].append({"input": number, "name": name, "wrong": wrong})
        if keep:
            data = source[number][1]
            (keep / f"{report['parser']}-{hashlib.sha256(data).hexdigest()[:10]}").write_bytes(data)


def main():
    parser = argparse.ArgumentParser(prog="./dev fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("parser", choices=sorted(PARSERS))
    parser.add_argument("--inputs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="a new one each time without it")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="write what was found here")
    asked = parser.parse_args()
    print(f"seed {asked.seed}", file=sys.stderr, flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    if asked.keep:
        asked.keep.mkdir(parents=True, exist_ok=True)
    report = fuzz(asked.parser, inputs=asked.inputs, seed=asked.seed, keep=asked.keep)
    about = {"date": datetime.now(UTC).date().isoformat(), "commit": commit(), "seed": asked.seed}
    print(json.dumps(about | report | {"seconds": round(time.monotonic() - began)}, indent=1, ensure_ascii=False))
    return 1 if report["findings"] else 0


if __name__ == "__main__":
    sys.exit(main())
