"""train-toy on several processes or a Dask cluster prints what it prints alone."""

import time

import pytest
from processes import done_here, finished, started

from actcli.audits.executor import Mismatch
from actcli.cli.shared_training import SEEDS, SeedBlock, identity, trained
from actcli.toy.training import Setup

TYPED = ("train-toy", "relu", "tanh/relu", "--layers", "3,2", "--epochs", "4", "--seeds", "3",
         "--learning-rate", "0.03,0.1", "-f", "tsv")  # fmt: skip
MANY = ("train-toy", "relu", "--layers", "3", "--seeds", str(2 * SEEDS + 7), "--stop-loss", "0.08",
        "--learning-rate", "0.5", "-f", "tsv")  # fmt: skip


def test_identical_bytes_with_any_number_of_processes(tmp_path):
    alone = done_here(*TYPED, cwd=tmp_path)
    assert alone.returncode == 0, alone.stderr
    assert alone.stdout.count("\n") > 4 * 3 * 4
    two = finished(*TYPED, "--processes", "2", cwd=tmp_path)
    assert (two.returncode, two.stdout, two.stderr) == (0, alone.stdout, alone.stderr)


def test_seeds_of_one_function_are_shared(tmp_path):
    blocks = SeedBlock(0, Setup(seeds=10 * SEEDS, seed=5), (), {}).blocks()
    seeds = [block.setup.seed + k for block in blocks for k in range(block.setup.seeds)]
    assert seeds == list(range(5, 5 + 10 * SEEDS))
    assert len(blocks) == 10
    assert str(blocks[1]) == f"training number 1, seeds {5 + SEEDS} to {4 + 2 * SEEDS}"
    typed = (*MANY, "--epochs", "6", "--every", "2")
    load = ("train-toy", "-f", "tsv", "--summary", "--load")
    alone = done_here(*typed, "--save", "alone.npz", cwd=tmp_path)
    assert alone.returncode == 0, alone.stderr
    kept = done_here(*load, "alone.npz", cwd=tmp_path).stdout
    assert kept
    for number in ("1", "3"):
        shared = finished(*typed, "--processes", number, "--save", "shared.npz", cwd=tmp_path)
        assert (shared.returncode, shared.stdout) == (0, alone.stdout), shared.stderr
        assert done_here(*load, "shared.npz", cwd=tmp_path).stdout == kept


def test_both_kinds_of_workers_exclude_each_other(tmp_path):
    done = done_here(*TYPED, "--processes", "2", "--dask", "tcp://127.0.0.1:9", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "actcli: --processes and --dask exclude each other; leave one out\n"


def test_a_worker_that_computes_otherwise_is_named():
    task = SeedBlock(0, Setup(), (), identity() | {"numpy": "1.0"})
    with pytest.raises(
        Mismatch, match=r"^worker .*: its numpy is 2.*, where the training was .* 1\.0"
    ):
        trained(task)


@pytest.mark.filterwarnings("default")
def test_identical_bytes_on_a_cluster_one_of_whose_workers_is_killed(cluster, tmp_path):
    from distributed import Client

    address, workers = cluster
    typed = (*MANY, "--epochs", "150", "--every", "50", "-q")
    alone = done_here(*typed, cwd=tmp_path)
    assert alone.returncode == 0, alone.stderr
    with Client(address, set_as_default=False) as client:
        process = started(*typed, "--dask", address, cwd=tmp_path)
        until = time.monotonic() + 120
        while not all(client.processing().values()):  # both have a block
            assert time.monotonic() < until
            assert process.poll() is None
            time.sleep(0.02)
        workers[0].kill()
        out, err = process.communicate(timeout=240)
        assert len(client.nthreads()) == 1
    assert (process.returncode, err.decode()) == (0, "")
    assert out.decode() == alone.stdout
