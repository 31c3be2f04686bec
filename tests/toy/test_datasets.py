import gzip
from pathlib import Path

import numpy as np
import pytest

from actcli.toy.datasets import NAMES, gather, kind_of, patterns, sample, with_features
from actcli.toy.karate import KARATE

SIZES = {
    "circle": (500, 2), "xor": (500, 2), "gauss": (500, 2), "spiral": (500, 2), "moons": (1000, 2),
    "plane": (1200, 2), "gaussians": (1200, 2), "recall": (1000, 10, 1), "parity": (1000, 10, 1),
    "digit-sum": (500, 10, 10), "wave": (1000, 10, 1), "karate": (34, 34), "blocks": (200, 200),
}  # fmt: skip


def test_fourteen_sets():
    assert {*SIZES, "patterns"} == set(NAMES)
    assert len(NAMES) == 14


@pytest.mark.parametrize("name", SIZES)
def test_size_and_seed(name):
    first, again, other = (sample(name, seed) for seed in (3, 3, 4))
    assert first.inputs.shape == SIZES[name]
    assert (first.inputs == again.inputs).all()
    assert (first.targets == again.targets).all()
    if name == "blocks":
        assert (first.adjacency != other.adjacency).any()
    elif name != "karate":
        assert (first.targets != other.targets).any()


def test_circle():
    drawn = sample("circle", 0)
    r = np.hypot(*drawn.inputs.T)
    assert ((r < 2.5) == (drawn.targets == 1)).all()
    assert (r <= 5).all()
    assert not ((r > 2.5) & (r < 3.5)).any()
    noisy = sample("circle", 0, noise=0.5)
    assert ((np.hypot(*noisy.inputs.T) < 2.5) != (noisy.targets == 1)).any()


def test_xor():
    drawn = sample("xor", 0)
    assert (np.sign(drawn.inputs.prod(axis=1)) == drawn.targets).all()
    assert 0.3 <= np.abs(drawn.inputs).min() < 0.35
    assert np.abs(drawn.inputs).max() <= 5.3


@pytest.mark.parametrize(("noise", "variance"), [(0, 0.5), (0.5, 4)])
def test_gauss(noise, variance):
    drawn = gather([sample("gauss", seed, noise) for seed in range(20)])
    for sign in (-1, 1):
        points = drawn.inputs[drawn.targets == sign]
        np.testing.assert_allclose(points.mean(axis=0), 2 * sign, atol=0.15)
        np.testing.assert_allclose(points.var(axis=0), variance, rtol=0.1)


def test_spiral():
    drawn = sample("spiral", 0)
    r = np.hypot(*drawn.inputs.T)
    np.testing.assert_allclose(np.sort(r[drawn.targets == 1]), 5 * np.arange(250) / 250, atol=1e-12)
    t = 1.75 * 2 * np.pi * r / 5 + np.where(drawn.targets == 1, 0, np.pi)
    np.testing.assert_allclose(drawn.inputs, np.stack([r * np.sin(t), r * np.cos(t)], 1), atol=1e-9)


def test_moons():
    plain = sample("moons", 0, noise=0.0)
    outer = plain.inputs[plain.targets == 1]
    np.testing.assert_allclose(np.hypot(*outer.T), 1)
    assert (outer[:, 1] >= 0).all()
    inner = plain.inputs[plain.targets == -1]
    np.testing.assert_allclose(np.hypot(*(inner - [1, 0.5]).T), 1)
    spread = sample("moons", 0).inputs
    assert np.ptp(spread) > 4  # noise 0.5 by default


def test_regression_targets():
    plane = sample("plane", 0)
    np.testing.assert_allclose(plane.targets, plane.inputs.sum(axis=1) / 10)
    bumps = sample("gaussians", 0)
    at = np.hypot(*(bumps.inputs - [0, 2.5]).T)
    near = at < 1.5
    np.testing.assert_allclose(bumps.targets[near], at[near] / 2 - 1)
    assert plane.classes == bumps.classes == 0


def test_sequences():
    recall, parity, digits = (sample(n, 0, length=7) for n in ("recall", "parity", "digit-sum"))
    assert ((recall.inputs[:, 0, 0] == 1) == (recall.targets == 1)).all()
    assert ((parity.inputs.sum(axis=(1, 2)) % 2 == 1) == (parity.targets == 1)).all()
    shown = digits.inputs.argmax(axis=-1)
    assert (shown[:, :2].sum(axis=1) == digits.targets).all()
    assert not shown[:, 2:].any()
    assert digits.classes == 19
    wave = sample("wave", 0, noise=0.0, length=3)
    before, last = wave.inputs[:, -2:, 0].T
    np.testing.assert_allclose(wave.targets, 2 * np.cos(0.3) * last - before, atol=1e-9)


def test_karate():
    club = sample("karate", 0)
    assert sum(map(len, KARATE.values())) == 78
    assert club.adjacency.sum() == 2 * 78
    assert (club.adjacency == club.adjacency.T).all()
    degrees = club.adjacency.sum(axis=1)
    assert [degrees[0], degrees[33], degrees[32], degrees.min()] == [16, 17, 12, 1]
    assert (club.targets == -1).sum() == 17
    assert list(np.flatnonzero(club.train)) == [0, 33]
    assert list(club.targets[[0, 33]]) == [-1, 1]


def test_blocks():
    drawn = sample("blocks", 0, train_share=0.1)
    same = drawn.targets[:, None] == drawn.targets
    assert drawn.train.sum() == 20
    assert drawn.adjacency[same].mean() > 4 * drawn.adjacency[~same].mean()
    assert not drawn.adjacency.diagonal().any()


def test_patterns():
    stored = patterns(0, 50, 7)
    assert stored.shape == (7, 50)
    assert set(np.unique(stored)) == {-1, 1}


def test_features():
    points = np.array([[2.0, 3.0]])
    wanted = ("x", "y", "x2", "y2", "xy", "sinx", "siny")
    found = with_features(points, ("x", "y"), wanted)
    np.testing.assert_allclose(found, [[2, 3, 4, 9, 6, np.sin(2), np.sin(3)]])
    with pytest.raises(ValueError, match="there is no feature 'z'; there are x, y, x2"):
        with_features(points, ("x", "y"), ("z",))


# -- files -----------------------------------------------------------------------------------------
@pytest.fixture
def file(tmp_path):
    def write(text, name="data.csv"):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


ROWS = "\n".join(f"{i},{i * i % 7},{'ab'[i % 2]}" for i in range(20))


def test_classes_from_a_file(file):
    drawn = sample(file(f"size,shape,kind\n{ROWS}\n"), 0)
    assert (drawn.classes, drawn.columns, drawn.target_name) == (2, ("size", "shape"), "kind")
    np.testing.assert_allclose(drawn.inputs[drawn.train].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(drawn.inputs[drawn.train].std(axis=0), 1)
    original = drawn.inputs * drawn.spread + drawn.centre
    assert ((np.round(original[:, 0]) % 2 == 1) == (drawn.targets == 1)).all()


@pytest.mark.parametrize("mark", [";", "\t"])
def test_other_separators(file, mark):
    drawn = sample(file("a,b,c\n1,2,0\n2,3,1\n3,1,2\n4,4,0\n5,1,1\n6,6,2\n".replace(",", mark)), 0)
    assert (drawn.inputs.shape, drawn.classes) == ((6, 2), 3)


def test_a_file_needs_no_header(file):
    drawn = sample(file(f"# no names\n{ROWS}\n".replace(",", " ")), 0)
    assert (drawn.classes, drawn.columns, drawn.target_name) == (2, ("x1", "x2"), "target")
    named = sample(file(f"size,shape,kind\n{ROWS}\n"), 0)
    np.testing.assert_array_equal(drawn.inputs, named.inputs)
    np.testing.assert_array_equal(drawn.targets, named.targets)


def test_a_compressed_file_holds_the_same(tmp_path, file):
    plain = file(f"size,shape,kind\n{ROWS}\n")
    packed = tmp_path / "data.csv.gz"
    packed.write_bytes(gzip.compress(Path(plain).read_bytes()))
    np.testing.assert_array_equal(sample(str(packed), 0).inputs, sample(plain, 0).inputs)


def test_regression_from_a_file(file):
    rows = "\n".join(f"{i},{i / 3}" for i in range(30))
    assert sample(file(f"x,y\n{rows}"), 0).classes == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has 0 rows"),
        ("1,2\n3,4\n5,6\n", "has 3 rows; give 4 or more"),
        ("x\n1\n2\n3\n4\n5\n", "has one column"),
        ("x,y\n1,2\n3\n5,6\n7,8\n", "line 3: 1 column, but 2 in the line above"),
        ("x,y\n1,2\n3,1\nq,6\n7,8\n", "line 4: 'q' is not a number"),
        ("x,y\n1,2\n3,2\nnan,2\n7,8\n", "line 4: 'nan' under 'x' is not finite"),
        ("1,class\n3,1\n5,1\n7,2\n9,1\n2,1", "line 1: 'class' is not a number"),
        ("x,y\n1,2\n3,2\n4,2\n7,2\n", "the last column has one value only"),
    ],
)
def test_unusable_files(file, text, message):
    with pytest.raises(ValueError, match=message):
        sample(file(text), 0)


def test_binary_file(tmp_path):
    path = tmp_path / "data.csv"
    path.write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(ValueError, match="is no text file"):
        sample(str(path), 0)


def test_unknown_names():
    with pytest.raises(ValueError, match="called 'circel'; did you mean circle"):
        kind_of("circel")
    with pytest.raises(ValueError, match="--noise has no meaning for karate"):
        sample("karate", 0, noise=0.1)
