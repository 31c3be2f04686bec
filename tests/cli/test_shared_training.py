"""train-toy on several processes prints what it prints alone."""

from processes import finished

TYPED = ("train-toy", "relu", "tanh/relu", "--layers", "3,2", "--epochs", "4", "--seeds", "3",
         "--learning-rate", "0.03,0.1", "-f", "tsv")  # fmt: skip


def test_identical_bytes_with_any_number_of_processes(tmp_path):
    alone = finished(*TYPED, cwd=tmp_path)
    assert alone.returncode == 0, alone.stderr
    assert alone.stdout.count("\n") > 4 * 3 * 4
    two = finished(*TYPED, "--processes", "2", cwd=tmp_path)
    assert (two.returncode, two.stdout, two.stderr) == (0, alone.stdout, alone.stderr)


def test_both_kinds_of_workers_exclude_each_other(tmp_path):
    done = finished(*TYPED, "--processes", "2", "--dask", "tcp://127.0.0.1:9", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "actcli: --processes and --dask exclude each other; leave one out\n"
