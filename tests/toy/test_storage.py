"""A saved run is data: it executes nothing, and what it holds is checked before it is unpacked."""

import json
import resource
import zipfile
from functools import partial

import numpy as np
import pytest
from processes import finished

from actcli.evaluation.function_text import resolve, stored
from actcli.toy.storage import load, save
from actcli.toy.training import Setup, train

DAMAGED = r"^'.*run.npz' is damaged or was not made by 'actcli train-toy --save'"


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "run.npz"
    runs = train(Setup(epochs=2, seeds=2, frames=2, learner="adam"), [resolve("tanh")])
    with open(found, "wb") as stream:
        save(runs, stream)
    return found


def parts_of(path):
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    return json.loads(str(arrays.pop("header"))), arrays


def rewritten(path, header, arrays):
    np.savez_compressed(path, header=np.array(json.dumps(header)), **arrays)
    return str(path)


def test_a_run_may_have_any_data_topology_and_learner(tmp_path):
    csv = tmp_path / "rows.csv"
    csv.write_text("a,b,c\n" + "".join(f"{k},{k % 3},{'uvw'[k % 3]}\n" for k in range(12)))
    for options in (
        {"data": "recall", "length": 3}, {"data": "wave", "length": 3, "topology": "feedforward"},
        {"data": "karate"}, {"data": "blocks", "topology": "composite", "length": 2},
        {"data": "patterns", "layers": (9,)}, {"data": "plane", "features": ("x", "xy", "siny")},
        {"data": str(csv), "features": ("b",)}, {"layers": (3, 2, 2), "learner": "evolution"},
        {"learner": "random-search"}, {"learner": "momentum", "stop_loss": 0.4},
        {"data": "digit-sum", "length": 2, "output": "softmax"}, {"learning_rate": 1e9},
    ):  # fmt: skip
        runs = train(Setup(epochs=3, seeds=2, **options), [resolve("tanh"), resolve("x*x*x")])
        with open(tmp_path / "run.npz", "wb") as stream:
            save(runs, stream)
        again = load(str(tmp_path / "run.npz"), stored)
        assert [vars(run).keys() for run in again] == [vars(run).keys() for run in runs]
        for run, other in zip(runs, again, strict=True):
            for name, value in vars(run).items():
                if isinstance(value, np.ndarray):
                    assert np.array_equal(value, getattr(other, name), equal_nan=True), name
                elif name not in ("activations", "state"):
                    assert getattr(other, name) == value, name


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"inputs": 3}, "its inputs cannot be 3"),
        ({"classes": 5}, "its classes cannot be 5"),
        ({"columns": ["x", "\x1b[31my"]}, "its columns cannot be"),
        ({"functions": []}, "its setup has 0 functions for 2 layers"),
        ({"functions": [1, 2]}, "its functions have no names"),
        ({"epochs": -1}, None),
        ({"epochs": 10**18}, None),
        ({"epochs": 1}, "its epochs are not its setup's"),
        ({"epochs": "300"}, "its epochs cannot be '300'"),
        ({"epochs": None}, "its setup has gaps"),
        ({"seed": -1}, None),
        ({"seed": 1}, "its seeds are not its setup's"),
        ({"seeds": 10**6}, None),
        ({"seeds": True}, "its seeds cannot be True"),
        ({"layers": [10**9, 2]}, None),
        ({"layers": [4, 2, 1]}, "its setup has 2 functions for 3 layers"),
        ({"layers": [4, 3]}, "shape"),
        ({"data": "xor\n"}, None),
        ({"data": "wave"}, None),
        ({"digest": "0" * 64}, "its digest fits no data set"),
        ({"learner": "sgd"}, "its arrays are not those of its setup"),
        ({"output": "softmax"}, "its outputs cannot be 1"),
        ({"noise": float("nan")}, "its noise cannot be nan"),
        ({"unknown": 1}, None),
    ],
    ids=str,
)  # fmt: skip
def test_headers_that_make_no_sense(path, changes, reason):
    header, arrays = parts_of(path)
    run = header["runs"][0]
    for name, value in changes.items():
        (run if name in run else run["setup"])[name] = value
    with pytest.raises(ValueError, match=DAMAGED) as refused:
        load(rewritten(path, header, arrays), stored)
    assert (reason or "damaged") in str(refused.value)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("runs", [[], None, {}, [3], [[]], [{}], "runs"], ids=str)
def test_headers_without_runs(path, runs):
    header, arrays = parts_of(path)
    with pytest.raises(ValueError, match=DAMAGED):
        load(rewritten(path, {**header, "runs": runs}, arrays), stored)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("weights", np.zeros((2, 3))),
        ("weights", np.zeros((2, 25), np.float32)),
        ("weights", np.zeros((2, 25), complex)),
        ("weights", np.array([[None] * 25] * 2, object)),
        ("seeds", np.array([-1, 0])),
        ("seeds", np.array([0.0, 1.0])),
        ("epochs", np.array([0, 1, 10**18])),
        ("epochs", np.array([0, 2, 1])),
        ("epochs", np.zeros(0, np.int64)),
        ("epochs", np.array(3)),
        ("train_loss", np.full((2, 3), np.inf)),
        ("dead", np.full((2, 3, 2), 1.5)),
        ("frames", np.zeros((3, 2, 25))),
        ("frame_epochs", np.array([0, 9])),
        ("diverged", np.array([-2, -1])),
        ("spread", np.ones((2, 2))),
        ("state/steps", np.zeros((2, 2))),
        ("state/more", np.zeros((2, 1))),
    ],
    ids=lambda v: v if isinstance(v, str) else f"{v.dtype}{v.shape}",
)
def test_arrays_that_make_no_sense(path, name, array):
    header, arrays = parts_of(path)
    with pytest.raises(ValueError, match=DAMAGED):
        load(rewritten(path, header, arrays | {f"0/{name}": array}), stored)


def zeros_of(path, name, said, size):
    """Replaces an array of the archive by `size` zero bytes behind a header that says `said`."""
    with zipfile.ZipFile(path) as file:
        kept = {n: file.read(n) for n in file.namelist() if n != name}
    start = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {said}, }}"
    start = start.encode().ljust(117) + b"\n"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for each, content in kept.items():
            file.writestr(each, content)
        with file.open(name, "w", force_zip64=True) as stream:
            stream.write(b"\x93NUMPY\x01\x00" + len(start).to_bytes(2, "little") + start)
            for _ in range(size >> 20):
                stream.write(bytes(1 << 20))


@pytest.mark.parametrize("said", ["(2, 125)", "(2, 25)", f"({2**40},)"])
def test_an_archive_that_unpacks_to_much_is_not_unpacked(path, said):
    zeros_of(path, "0/weights.npy", said, 1 << 28)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ValueError, match=DAMAGED + r" \(its arrays unpack to more than a run"):
        load(str(path), stored)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_an_array_that_is_longer_than_the_directory_says(path):
    zeros_of(path, "0/weights.npy", "(2, 25)", 64 << 20)
    data = bytearray(path.read_bytes())
    (said,) = (
        info.file_size for info in zipfile.ZipFile(path).infolist() if "weights" in info.filename
    )
    at = data.rindex(said.to_bytes(4, "little"))
    data[at : at + 4] = (128 + 400).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(ValueError, match=DAMAGED):
        load(str(path), stored)


def test_large_runs_are_stored_as_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr("actcli.toy.storage.MOST_INFLATED", 2000)
    path = tmp_path / "run.npz"
    with open(path, "wb") as stream:
        save(train(Setup(epochs=40, seeds=2), [resolve("tanh")]), stream)
    with zipfile.ZipFile(path) as file:
        assert {info.compress_type for info in file.infolist()} == {zipfile.ZIP_STORED}
    assert len(load(str(path), stored)) == 1


def test_what_is_no_regular_file(tmp_path):
    with pytest.raises(ValueError, match="'/dev/zero' is no regular file"):
        load("/dev/zero", stored)
    with pytest.raises(ValueError, match=r"cannot read .*Is a directory"):
        load(str(tmp_path), stored)


EVIL = "open('executed', 'w').close()\ndef f(x):\n    return x\n"


def test_a_python_callable_is_imported_only_if_it_is_named_again(path, tmp_path):
    (tmp_path / "evilmod.py").write_text(EVIL)
    header, arrays = parts_of(path)
    header["runs"][0]["functions"] = ["evilmod:f"] * 2
    rewritten(path, header, arrays)

    run = partial(finished, "train-toy", cwd=tmp_path)
    for args in (["--load", "run.npz"], ["tanh", "--load", "run.npz"]):
        done = run(*args)
        assert done.returncode == 2
        assert done.stderr == (
            "actcli: 'run.npz': the Python callable 'evilmod:f' is imported only if you name it "
            "too; type evilmod:f before --load if you trust it\n"
        )
        assert not (tmp_path / "executed").exists()
    done = run("evilmod:f", "--load", "run.npz", "-f", "tsv")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1].startswith("evilmod:f\t")
    assert (tmp_path / "executed").exists()


def test_labels_are_kept(tmp_path):
    path = tmp_path / "run.npz"
    tanh, relu = resolve("tanh"), resolve("relu")
    mixed = tuple(f.relabelled("our mix, Größe 2") for f in (tanh, relu))
    with open(path, "wb") as stream:
        save(train(Setup(epochs=1, seeds=1), [mixed, tanh.relabelled("T"), relu]), stream)
    runs = load(str(path), stored)
    assert [run.label for run in runs] == ["our mix, Größe 2", "T", "relu"]
    assert [f.written for f in runs[0].activations] == ["tanh", "relu"]
    assert "labels" not in parts_of(path)[0]["runs"][2]


@pytest.mark.parametrize(
    "labels",
    [["\x1b[31mtanh"] * 2, ["a\nb"] * 2, ["x\u202e"] * 2, ["", ""], ["a" * 300] * 2, ["a"], "ab",
     [1, 2], None, [["a"], ["b"]]],
)  # fmt: skip
def test_labels_that_may_not_be_shown_are_refused(path, labels):
    header, arrays = parts_of(path)
    header["runs"][0]["labels"] = labels
    with pytest.raises(ValueError, match=DAMAGED) as refused:
        load(rewritten(path, header, arrays), stored)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    "label",
    ["\x1b[31mtanh", "tan\nh", "x*x # \x1b]0;title\x07", "x*\u202ex", "__import__('os')", "", "os"],
)
def test_labels_are_names_and_formulas(path, label):
    header, arrays = parts_of(path)
    header["runs"][0]["functions"] = [label] * 2
    with pytest.raises(ValueError, match=r"run\.npz': ") as refused:
        load(rewritten(path, header, arrays), stored)
    assert str(refused.value).isprintable()
