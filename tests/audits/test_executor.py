"""Workers: the same bytes with any number of them, with one that is killed, on a real Dask cluster."""

import json
import signal
import time

import pytest
from executor_tasks import dies_once, squared
from processes import done_here, finished, kept_after, started

from actcli.audits.executor import Lost, Pool, results
from actcli.audits.states import StateFile

AUDIT = ("audit", "tanh", "numpy:tanh", "--dtype", "float32", "--every", "4099", "-f", "tsv")
WAITS = """
import os, pathlib, time
import numpy as np

here = pathlib.Path(__file__).parent

def tanh(x):
    if len(x) > 1000 and np.signbit(x).all():
        (here / "waiting").write_text(f"{os.getppid()}\\n")
        while not (here / "go").exists():
            time.sleep(0.05)
    return np.tanh(x)
"""
TWO_BLOCKS = ("audit", "tanh", "waits:tanh", "--dtype", "float32", "--every", "65537", "-f", "tsv")


@pytest.fixture
def go(tmp_path):
    """A module beside the audit, whose negative block waits until this file is there."""
    (tmp_path / "waits.py").write_text(WAITS)
    return tmp_path / "go"


def test_tasks_of_workers_that_die_are_done_again(tmp_path):
    tasks = [(str(tmp_path), number) for number in range(12)]
    with Pool(2) as pool:
        done = dict(results(pool, dies_once, tasks))
    assert sorted(done.values()) == list(range(12))
    assert {path.name for path in tmp_path.iterdir()} == {"0", "5", "10"}  # all that died, did


def test_a_task_that_ends_three_workers_is_named(tmp_path):
    tasks = [(str(tmp_path), number) for number in (1, 2, 13, 3, 4)]
    with Pool(2) as pool, pytest.raises(Lost, match=r"13\): 3 workers have died on it"):
        list(results(pool, dies_once, tasks))


def test_what_a_task_raises_is_raised():
    with Pool(1) as pool, pytest.raises(TypeError, match="can't multiply"):
        list(results(pool, squared, [2, "two"]))


def test_identical_bytes_with_one_worker_two_and_after_an_end(tmp_path, go):
    go.touch()
    one = done_here(*TWO_BLOCKS, "--processes", "1", cwd=tmp_path)
    assert one.returncode == 0, one.stderr
    go.unlink()
    state = tmp_path / "state"
    typed = (*TWO_BLOCKS, "--processes", "2", "--resume", "state")
    first = started(*typed, cwd=tmp_path)
    kept_after(1, state, first)
    first.send_signal(signal.SIGINT)
    first.wait(timeout=60)
    go.touch()
    out, err = first.communicate(timeout=60)
    assert first.returncode == 130
    assert out == b""
    assert f"go on with actcli {' '.join(typed)}" in err.decode()
    state.write_text(
        state.read_text() + '["half a li'
    )  # as a machine that loses its power leaves it
    held = state.read_text().count("\n")
    assert held == 2  # what it is of, and one block of two
    again = finished(*typed, cwd=tmp_path)
    assert (again.returncode, again.stdout) == (0, one.stdout)
    lines = state.read_text().splitlines()
    assert len(lines) > held
    assert done_here(*typed, cwd=tmp_path).stdout == one.stdout  # nothing is left to do
    assert state.read_text().splitlines() == lines


def test_an_exhaustive_count_is_that_of_all_numbers(tmp_path):
    """Of every 4099th pattern: numpy counts the finite ones, and finds the largest step."""
    import numpy as np

    done = done_here(*AUDIT[:-2], "-f", "json", cwd=tmp_path)
    record = json.loads(done.stdout)[0]
    x = np.arange(0, 1 << 32, 4099, dtype=np.uint64).astype(np.uint32).view(np.float32)
    x = x[np.isfinite(x)]
    assert record["inputs"] == len(x)
    wide = np.tanh(x.astype(np.longdouble))  # 64 bits: its rounding is that of the truth here
    right = wide.astype(np.float32)
    assert record["correctly_rounded"] == pytest.approx((np.tanh(x) == right).sum(), abs=2)
    unit = np.spacing(np.abs(right)).astype(np.longdouble)
    ulps = np.abs(np.tanh(x).astype(np.longdouble) - wide) / unit
    assert record["max_ulps"] == pytest.approx(float(ulps.max()), rel=1e-6)
    assert record["mean_ulps"] == pytest.approx(float(ulps.mean()), rel=1e-5)


def test_one_result_beside_the_hard_sample_is_judged_too(tmp_path):
    """A dip at a pattern that only --every meets."""
    import numpy as np

    pattern = 4099 * ((1 << 20) // 4 + 100)
    x = float(np.array([pattern], np.uint32).view(np.float32)[0])
    (tmp_path / "dip.py").write_text(
        "import numpy as np\n"
        f"right = lambda x: np.where(x == {x!r}, 0, np.tanh(x.astype('f8'))).astype(x.dtype)\n"
    )
    typed = (
        "audit",
        "tanh",
        "dip:right",
        "--dtype",
        "float32",
        "--require",
        "monotonic",
        "-f",
        "json",
    )
    sampled = done_here(*typed, cwd=tmp_path)
    assert (sampled.returncode, json.loads(sampled.stdout)[0]["diagnosis"]) == (0, "")
    every = done_here(*typed, "--every", "4099", cwd=tmp_path)
    assert every.returncode == 1
    assert f"to 0 at {x:.9g}, against what is proved; 1 such pairs" in every.stderr
    assert json.loads(every.stdout)[0]["diagnosis"] == "not-monotonic"


IDENTITY = {"function": "gelu", "version": "2.13", "dtype": ["float32"]}


def test_a_state_of_something_else_is_refused(tmp_path):
    path = str(tmp_path / "state")
    with StateFile(path, IDENTITY) as state:
        state.add("float32 0", {"a": 1})
        with pytest.raises(ValueError, match="written to by another process"):
            StateFile(path, IDENTITY)
    with StateFile(path, IDENTITY) as state:
        assert state.results == {"float32 0": {"a": 1}}
    with pytest.raises(
        ValueError, match=r"its version is 2\.13, here it is 2\.14; give another FILE"
    ):
        StateFile(path, IDENTITY | {"version": "2.14"})
    other = tmp_path / "notes.txt"
    other.write_text("my notes\n")
    with pytest.raises(ValueError, match="is no state of an audit"):
        StateFile(str(other), IDENTITY)
    assert other.read_text() == "my notes\n"


def test_damaged_lines_are_not_believed(tmp_path):
    path = tmp_path / "state"
    with StateFile(str(path), IDENTITY) as state:
        for number in range(4):
            state.add(f"float32 {number}", {"total": 1000 + number})
    text = path.read_text()
    path.write_text(text.replace("1001", "1009") + '["float32 4",{"tot')
    with StateFile(str(path), IDENTITY) as state:
        assert sorted(state.results) == ["float32 0", "float32 2", "float32 3"]
        state.add("float32 1", {"total": 1001})
    with StateFile(str(path), IDENTITY) as state:
        assert state.results["float32 1"] == {"total": 1001}


def test_resume_belongs_to_what_takes_long(tmp_path):
    done = done_here(
        "audit", "tanh", "numpy:tanh", "--dtype", "float16", "--resume", "s", cwd=tmp_path
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "--exhaustive" in done.stderr
    assert not (tmp_path / "s").exists()


def test_no_scheduler_is_told_within_5_seconds(tmp_path):
    pytest.importorskip("distributed")
    begin = time.process_time(), time.monotonic()
    done = finished("audit", "tanh", "numpy:tanh", "--dask", "tcp://127.0.0.1:9", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("actcli: --dask tcp://127.0.0.1:9: no scheduler answers there")
    assert done.stderr.count("\n") == 1
    assert time.monotonic() - begin[1] < 60  # 5 where nothing else runs


@pytest.mark.filterwarnings("default")
def test_identical_bytes_on_a_cluster_one_of_whose_workers_is_killed(cluster, tmp_path, go):
    address, workers = cluster
    typed = (*TWO_BLOCKS, "--dask", address, "--resume", "state")
    process = started(*typed, cwd=tmp_path)
    kept_after(1, tmp_path / "state", process)
    kept_after(0, tmp_path / "waiting", process)
    at_work = int((tmp_path / "waiting").read_text())
    next(worker for worker in workers if worker.pid == at_work).kill()
    go.touch()
    here = done_here(*TWO_BLOCKS, "--processes", "2", cwd=tmp_path)
    out, err = process.communicate(timeout=240)
    assert (process.returncode, err.decode()) == (0, "")
    assert out.decode() == here.stdout
