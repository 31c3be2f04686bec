"""Command lines at random: combinations of all options, formulas, parameters and inputs, good and bad.

    python tests/fuzzing.py 5000 [SEED]    # in this process
    python tests/fuzzing.py 300 [SEED] --processes
    python tests/fuzzing.py 100 [SEED] --kills

Each is judged by what holds for any of them: an exit status of 0, 1 or 2, no traceback and nobody else's
message, one line for an error, files that appear whole or not at all, and no more than 20 seconds.
"""

import io
import json
import os
import random
import resource
import shlex
import signal
import stat
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
import xml.etree.ElementTree as xml
from collections import Counter
from pathlib import Path

import click
from command_lines import command_line, make_files
from processes import finished, started

from actcli import cli

LONGEST = 20  # seconds of one command
LARGEST = 900  # MB that one command may add to the process
OURS = os.path.dirname(cli.__file__).rpartition("/")[0]


# -- running and judging ------------------------------------------------------------------------------
class TooLong(BaseException):
    """The command takes longer than LONGEST."""


class Run:
    """What became of one command line."""

    def __init__(self, args: list[str], status: int, out: bytes, err: bytes) -> None:
        self.args, self.status, self.out, self.err = args, status, out, err
        self.faults: list[str] = []
        self.seconds = self.megabytes = 0.0


def in_process(args: list[str], given: bytes) -> Run:
    """Runs a command line here, with streams that are caught."""
    streams = sys.stdin, sys.stdout, sys.stderr
    out, err = io.BytesIO(), io.BytesIO()
    foreign: list[str] = []
    sentence = cli.sentence

    def traced(error: Exception) -> str:
        place = traceback.extract_tb(error.__traceback__)[-1]
        ours = place.filename.startswith(OURS) or isinstance(error, OSError | click.ClickException)
        if not ours:
            foreign.append(f"message of {place.filename}, line {place.lineno}: {error}")
        return sentence(error)

    def late(signum: int, frame: object) -> None:
        raise TooLong

    status: object = None
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        sys.stdin = io.TextIOWrapper(io.BytesIO(given), "utf-8")
        sys.stdout = io.TextIOWrapper(out, "utf-8", write_through=True)
        sys.stderr = io.TextIOWrapper(err, "utf-8", "backslashreplace", write_through=True)
        cli.sentence = traced
        before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
        signal.signal(signal.SIGPROF, late)
        signal.setitimer(signal.ITIMER_PROF, LONGEST)  # of the processor, which others use too
        try:
            cli.run(args)
        except SystemExit as stop:
            status = stop.code
        except TooLong:
            status = "too long"
        except BaseException as error:
            status = f"{type(error).__name__}: {error}"
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
                stream.detach()
            sys.stdin, sys.stdout, sys.stderr = streams
            cli.sentence = sentence
    found = Run(args, status if isinstance(status, int) else -1, out.getvalue(), err.getvalue())
    found.seconds = time.process_time() - begun
    found.megabytes = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    found.faults += [] if isinstance(status, int) else [str(status)]
    found.faults += foreign + [
        f"warning: {w.message} ({w.filename}, {w.lineno})" for w in warned[:1]
    ]
    return found


def as_process(args: list[str], given: bytes) -> Run:
    """Runs a command line as a process of its own."""
    begun = _spent_by_children()
    try:
        done = finished(*args, input=given, text=False, timeout=20 * LONGEST)
    except subprocess.TimeoutExpired:
        found = Run(args, -1, b"", b"")
        found.faults.append("too long")
        return found
    found = Run(args, done.returncode, done.stdout, done.stderr)
    found.seconds = _spent_by_children() - begun
    return found


def _spent_by_children() -> float:
    """Seconds of the processor, which others use too."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


DEMANDS = {
    "--require", "--max-difference", "--max-ulps", "--max-steps", "--max-error", "--check"
}  # fmt: skip
FOREIGN = (b"Traceback", b"Warning", b"matplotlib", b"plotext", b"numpy/", b"unexpected ", b"Errno")


def judge(run: Run, before: dict[str, bytes | None], after: dict[str, bytes | None]) -> list[str]:
    """What is wrong with a run; `before` and `after` are the files of the directory."""
    faults = run.faults
    lines = run.err.decode(errors="replace").splitlines()
    if run.status not in (0, 1, 2) and not faults:
        faults.append(f"status {run.status}")
    faults += [f"foreign message: {run.err[:300]!r}" for word in FOREIGN if word in run.err][:1]
    if run.status == 2 and (len(lines) != 1 or not lines[0].startswith("actcli: ")):
        faults.append(f"{len(lines)} lines for an error: {run.err[:300]!r}")
    if not all(line.isprintable() for line in lines):
        faults.append(f"what cannot be printed: {run.err[:300]!r}")
    if run.status == 1 and not DEMANDS & set(run.args):
        faults.append("status 1 without a demand")
    if run.seconds > LONGEST:
        faults.append(f"{run.seconds:.0f} s")
    if run.megabytes > LARGEST:
        faults.append(f"{run.megabytes:.0f} MB")
    named = {
        a
        for o, a in zip(run.args, run.args[1:], strict=False)
        if o in ("--output", "--save", "--gif")
    }
    for name, content in after.items():
        if content == before.get(name):
            continue
        own = {"plot": ".png", "page": ".html"}.get(run.args[0])
        made = name in named or (own is not None and name.endswith(own))
        if not made or name.endswith(".part"):
            faults.append(f"a file {name!r} that nobody asked for")
        elif run.status == 2 and "--save" not in run.args and "--gif" not in run.args:
            faults.append(f"{name!r} is written in spite of the error")
        elif not is_whole(name, content):
            faults.append(f"{name!r} is not whole")
    faults += [f"{name!r} is gone" for name in before if name not in after]
    if run.status == 0 and run.args[0] != "plot" and {"--json"} & set(run.args) and run.out:
        try:
            json.loads(run.out, parse_constant=float)
        except ValueError as error:
            if not {"--output", "--terminal"} & set(run.args):
                faults.append(f"no JSON: {error}")
    return faults


def whole_picture(content: bytes, kind: str) -> bool:
    if kind == ".png":
        return content.startswith(b"\x89PNG") and content.endswith(b"IEND\xaeB`\x82")
    if kind == ".gif":
        return content.startswith(b"GIF8") and content.endswith(b";")
    if kind == ".pdf":
        return content.startswith(b"%PDF") and content.rstrip().endswith(b"%%EOF")
    if kind == ".npz":
        return content.startswith(b"PK\3\4") and content[-22:].startswith(b"PK\5\6")
    return xml.fromstring(content).tag.endswith("svg")


def is_whole(name: str, content: bytes | None) -> bool:
    """Whether a file is complete: a picture to its end, text to the end of its last line."""
    if content is None:
        return False
    kind = ".npz" if content.startswith(b"PK") else os.path.splitext(name)[1]
    try:
        if kind in (".png", ".gif", ".pdf", ".npz", ".svg"):
            return whole_picture(content, kind)
        if kind == ".json":
            json.loads(content)
    except (ValueError, xml.ParseError):
        return False
    return content.endswith(b"\n")


def files_of(folder: Path) -> dict[str, bytes | None]:
    found: dict[str, bytes | None] = {}
    for path in folder.iterdir():
        regular = stat.S_ISREG(path.lstat().st_mode)
        found[path.name] = path.read_bytes() if regular else None
    return found


def tidy(folder: Path, before: dict[str, bytes | None], after: dict[str, bytes | None]) -> None:
    """Makes the directory what it was."""
    for name in after:
        if name not in before:
            (folder / name).unlink()
    for name, content in before.items():
        if content is not None and after.get(name) != content:
            (folder / name).write_bytes(content)


def fuzz(count: int, seed: int, run=in_process, tell=print) -> int:
    """How many of so many command lines have faults; tells of each."""
    bad = 0
    statuses: Counter[int] = Counter()
    home = os.getcwd()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        make_files(folder)
        os.chdir(folder)
        try:
            os.environ["COLUMNS"] = "80"
            for args in (
                ["plot", "gelu", "--terminal"],
                ["plot", "gelu", "-o", "a.pdf"],
                ["compare", "relu", "tanh", "-f", "table"],
                ["check-properties", "relu"],
                ["neuron", "tanh", "-i", "classes.csv", "--fit", "-o", "a.svg"],
                ["train-toy", "relu", "--epochs", "1", "--gif", "a.gif", "-o", "a.png"],
            ):
                assert in_process(args, b"").status == 0, args  # what is half imported stays so
            made = in_process(
                ["train-toy", "tanh", "--epochs", "2", "--seeds", "1", "--save", "run.npz"], b""
            )
            assert made.status == 0, made.err
            before = files_of(folder)
            for k in range(count):
                r = random.Random(seed * 1_000_000 + k)
                args = command_line(r)
                given = r.choice(
                    (b"", b"1 2 3\n", b"a,b\n1,2\n3,4\n", b"x", b"\xff\xfe", b"1\n" * 5000)
                )
                found = run(args, given)
                after = files_of(folder)
                faults = judge(found, before, after)
                tidy(folder, before, after)
                statuses[found.status] += 1
                if k % 250 == 249:
                    print(f"{k + 1} command lines, {bad} with faults", file=sys.stderr)
                if faults:
                    bad += 1
                    tell(f"{k}: actcli {shlex.join(args)}\n    " + "\n    ".join(faults))
        finally:
            os.chdir(home)
    tell(f"statuses: {dict(statuses)}")
    return bad


KILLED = (
    ["table", "gelu", "-n", "150000", "-o", "old.csv"],
    ["plot", "gelu", "mish", "-o", "old.png"],
    ["train-toy", "tanh", "--epochs", "5", "--seeds", "2", "--save", "old.npz", "--gif", "old.gif",
     "-o", "n.png"],
    ["list", "-o", "old.json"],
    ["table", "relu", "-n", "150000", "-o", "new.json"],
    ["plot", "silu", "-o", "new.svg"],
    ["compare", "relu", "elu", "selu", "-o", "new.pdf"],
    ["check-properties", "gelu", "--only", "range", "-o", "new.tsv"],
)  # fmt: skip


def kill(count: int, seed: int, tell=print) -> int:
    """How many of so many killed commands left something that is not whole; tells of each."""
    bad = 0
    r = random.Random(seed)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        make_files(folder)
        before = files_of(folder)
        lengths: dict[int, float] = {}
        for k in range(count):
            which = k // 2 % len(KILLED)  # once to its end, then with a kill
            begun = time.monotonic()
            nothing = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
            child = started(*KILLED[which], cwd=folder, **nothing)
            how = None
            if which in lengths:
                time.sleep(lengths[which] * r.uniform(0.3, 1.05))
                how = r.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGINT, signal.SIGTERM))
                child.send_signal(how)
            _, err = child.communicate()
            lengths.setdefault(which, time.monotonic() - begun)
            after = files_of(folder)
            faults = [
                f"{name!r} is not whole"
                for name, content in after.items()
                if content != before.get(name) and not is_whole(name, content)
            ]
            if b"Traceback" in err:
                faults.append(err.decode(errors="replace")[-400:])
            if how == signal.SIGINT and child.returncode not in (0, 130, -signal.SIGINT):
                faults.append(f"status {child.returncode} after an interrupt")
            tidy(folder, before, after)
            if faults:
                bad += 1
                tell(f"{k}: {how} actcli {shlex.join(KILLED[which])}\n    " + "\n    ".join(faults))
    return bad


def main() -> None:
    numbers = [int(a) for a in sys.argv[1:] if a.isdigit()]
    count, seed = (*numbers, 0)[:2] if numbers else (5000, 0)
    if "--kills" in sys.argv:
        bad = kill(count, seed)
    else:
        bad = fuzz(count, seed, as_process if "--processes" in sys.argv else in_process)
    print(f"{bad} of {count} have faults")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
