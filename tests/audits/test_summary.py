"""What `summary` says of stored arrays, against numpy's own sums of them."""

import json
import struct
import subprocess
import sys

import numpy as np
import pytest

from actcli.audits import summary
from actcli.audits.stored import stored
from actcli.audits.summary import Sums, summaries, sums_of
from actcli.evaluation.function_text import resolve
from actcli.figures import function
from actcli.properties import check

CALLED = {
    "relu": lambda z: (np.maximum(z, 0), (z > 0) * 1.0),
    "tanh": lambda z: (np.tanh(z), 1 - np.tanh(z) ** 2),
    "leaky_relu:slope=0.2": lambda z: (np.where(z > 0, z, 0.2 * z), np.where(z > 0, 1, 0.2)),
}
Z = np.random.default_rng(3).normal(0.3, 2, (500, 7))
Z[:, 2] = -np.abs(Z[:, 2]) - 1  # a dead unit of relu


def expected(name, z, axis=-1):
    """The shares, means and variances as numpy has them, of the finite numbers."""
    units = np.moveaxis(np.asarray(z, float), axis, -1).reshape(-1, z.shape[axis])
    good = np.isfinite(units)
    with np.errstate(all="ignore"):
        value, slope = CALLED[name](units)
    dead = (units <= 0) & good if name == "relu" else np.zeros_like(good)
    x, y, g = units[good], value[good], slope[good]
    share = dead.sum() / good.sum()
    still = ((np.abs(slope) < 0.01) & good & ~dead).sum() / good.sum()
    return {
        "count": units.size, "units": units.shape[1], "nan": int(np.isnan(units).sum()),
        "infinite": int(np.isinf(units).sum()), "dead": share, "saturated": still,
        "alive": 1 - share - still,
        "dead_units": int((dead.sum(0) == good.sum(0))[good.any(0)].sum()),
        "linear_share": np.corrcoef(x, y)[0, 1] ** 2,
        "mean_before": x.mean(), "variance_before": x.var(),
        "mean_after": y.mean(), "variance_after": y.var(),
        "gradient_factor": np.sqrt(np.mean(g**2)),
    }  # fmt: skip


def records(text, *names, units=None, per_unit=False):
    (array,) = stored(str(text))
    return list(summaries([resolve(n) for n in names], array, units, per_unit))


def alike(record, wanted):
    for name, value in wanted.items():
        assert record[name] == pytest.approx(value, rel=1e-6, abs=1e-9), name


def saved(path, kind):
    """Z in one kind of file; the text that names it."""
    z = Z.astype(np.float32)
    if kind == "npy":
        np.save(path / "z.npy", z)
    elif kind == "float64":
        np.save(path / "z.npy", Z)
    elif kind == "big-endian":
        np.save(path / "z.npy", z.astype(">f4"))
    elif kind == "Fortran":
        np.save(path / "z.npy", np.asfortranarray(z))
    elif kind == "npz":
        np.savez(path / "z.npz", other=np.ones((2, 2)), z=z)
        return path / "z.npz:z"
    elif kind == "safetensors":
        pytest.importorskip("safetensors")
        from safetensors.numpy import save_file

        save_file({"other": np.ones((2, 2)), "z": z}, str(path / "z.safetensors"))
        return path / "z.safetensors:z"
    return path / "z.npy"


KINDS = ["npy", "float64", "big-endian", "Fortran", "npz", "safetensors"]


@pytest.mark.parametrize("name", CALLED)
@pytest.mark.parametrize("kind", KINDS)
def test_it_says_what_numpy_does(kind, name, tmp_path, monkeypatch):
    monkeypatch.setattr("actcli.audits.stored.BLOCK", 700)  # several blocks
    (record,) = records(saved(tmp_path, kind), name)
    alike(record, expected(name, Z if kind == "float64" else Z.astype(np.float32)))


def test_bfloat16_tensors_are_read_as_they_are(tmp_path):
    """In a process of its own: numpy knows bfloat16 only where something has told it."""
    pytest.importorskip("safetensors")
    words = np.array([0x3F80, 0xC000, 0x4040, 0xBF00], "<u2")  # 1, -2, 3, -0.5
    head = {"z": {"dtype": "BF16", "shape": [2, 2], "data_offsets": [0, 8]}}
    text = json.dumps(head).encode()
    path = tmp_path / "z.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + words.tobytes())
    command = [sys.executable, "-m", "actcli", "summary", "relu", "-i", path, "-f", "json"]
    (record,) = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert (record["array"], record["mean_before"], record["mean_after"]) == ("z", 0.375, 1)


@pytest.mark.parametrize("name", ["z.safetensors", "z.npz"])
def test_a_damaged_file_is_told_in_one_line(name, tmp_path):
    if name == "z.safetensors":
        pytest.importorskip("safetensors")
        (tmp_path / name).write_bytes(struct.pack("<Q", 10**12) + b"{}")
    else:
        np.savez(tmp_path / name, z=Z)
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:300])
    with pytest.raises(ValueError, match=f"cannot read .*{name}': .+"):
        stored(str(tmp_path / name))


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_units_lie_along_any_axis(axis, tmp_path, monkeypatch):
    monkeypatch.setattr("actcli.audits.stored.BLOCK", 64)
    z = Z[:480].reshape(8, 60, 7).astype(np.float32)
    np.save(tmp_path / "z.npy", z)
    (record,) = records(tmp_path / "z.npy", "relu", units=axis)
    alike(record, expected("relu", z, axis))
    rows = records(tmp_path / "z.npy", "tanh", units=axis, per_unit=True)
    assert [row["unit"] for row in rows] == list(range(z.shape[axis]))
    for row in rows:
        part = np.take(z, [row["unit"]], axis)
        wanted = expected("tanh", part, axis) | {"units": z.shape[axis]}
        alike(row, {k: v for k, v in wanted.items() if k != "dead_units"})


def test_nan_and_infinities_are_counted_and_left_out(tmp_path):
    z = Z.astype(np.float32)
    z[::9, 1], z[::11, 3], z[5, :] = np.nan, np.inf, -np.inf
    z[:, 6] = np.nan
    np.save(tmp_path / "z.npy", z)
    (record,) = records(tmp_path / "z.npy", "relu")
    alike(record, expected("relu", z))


def test_large_numbers_that_add_up_to_an_infinity_are_finite(tmp_path):
    np.save(tmp_path / "z.npy", np.full(100, 1.7e308))
    (record,) = records(tmp_path / "z.npy", "relu")
    assert (record["infinite"], record["nan"], record["dead"]) == (0, 0, 0)


def test_one_axis_is_one_unit_and_text_is_read(tmp_path):
    (tmp_path / "z.txt").write_text("\n".join(map(repr, Z[:, 2].tolist())))
    (record,) = records(tmp_path / "z.txt", "relu")
    assert (record["units"], record["dead_units"], record["dead"]) == (1, 1, 1)
    assert record["suggestion"]


def test_decimal_commas_are_read_where_they_are_told(call, refused, tmp_path):
    (tmp_path / "z.csv").write_text("1,5\n-2,5\n3,25\n")
    refused(call, ("summary", "relu", "-i", "z.csv"), "add --decimal ,")
    status, out, _ = call("summary", "relu", "-i", "z.csv", "--decimal", ",", "--json")
    (record,) = json.loads(out)
    assert (status, record["count"], record["mean_before"]) == (0, 3, 0.75)
    assert record["mean_after"] == pytest.approx(4.75 / 3)


def test_one_column_of_a_text_is_named_behind_the_file(call, refused, tmp_path):
    rows = "\n".join(f"{a!r},{b!r}" for a, b in Z[:, 1:3].tolist())
    (tmp_path / "z.csv").write_text(f"first,second\n{rows}\n")
    for column in ("second", "2"):
        (record,) = records(f"{tmp_path / 'z.csv'}:{column}", "relu")
        assert (record["count"], record["dead"]) == (len(Z), 1)
    refused(call, ("summary", "relu", "-i", "z.csv"), "as in -i z.csv:second")
    refused(call, ("summary", "relu", "-i", "z.csv:third"), "the columns first, second")


@pytest.mark.parametrize("order", [0, 1])
def test_parts_join_as_chan_says(order):
    parts = np.array_split(Z, [3, 3, 200])  # one of them empty
    total = Sums.nothing(7)
    for part in parts[:: -1 if order else 1]:
        total.add(sums_of(resolve("tanh"), part))
    whole = sums_of(resolve("tanh"), Z)
    for name in ("mean", "square", "gradient"):
        np.testing.assert_allclose(getattr(total, name), getattr(whole, name), rtol=1e-12)


def test_the_suggestion_is_the_function_with_the_factor_nearest_1(tmp_path):
    """Recomputed for all functions; those that are left out are named with the reason."""
    np.save(tmp_path / "z.npy", Z)
    (array,) = stored(str(tmp_path / "z.npy"))
    (record,) = summaries([resolve("relu")], array, None, False, 5)
    named = record["suggestion"].split()
    assert len(named) == 5
    factors = {}
    for f in summary._registered():
        with np.errstate(all="ignore"):
            factors[f.label] = np.sqrt(np.mean(f.gradient(Z) ** 2))
    assert record["suggestion_factor"] == pytest.approx(factors[named[0]], rel=1e-9)
    distance = {n: abs(np.log(v)) for n, v in factors.items() if 0 < v < np.inf}
    assert [distance[n] for n in named] == sorted(distance[n] for n in named)
    nearer = {n for n, d in distance.items() if d < distance[named[-1]]} - set(named)
    for name in nearer:  # affine, abs, an unbounded gradient, or a dead unit
        f = resolve(name)
        plain = any(v.verdict != "proved" for v in check(f, ["nonlinear", "gradient_range"]))
        dead = (f.gradient(Z) == 0).all(axis=0).any()
        assert plain or dead or name == "abs", name


def test_the_command_has_a_row_for_each_array_and_function(call, tmp_path):
    np.savez(tmp_path / "z.npz", first=Z, second=Z[:, 2:3])
    status, out, _ = call("summary", "relu", "tanh", "-i", "z.npz", "--json")
    assert status == 0
    rows = json.loads(out)
    assert [(r["array"], r["function"]) for r in rows] == [
        ("first", "relu"), ("first", "tanh"), ("second", "relu"), ("second", "tanh")
    ]  # fmt: skip
    assert rows[2]["dead_units"] == 1
    status, _, err = call("summary", "relu", "-i", "z.npz:third")
    assert (status, err.count("\n")) == (2, 1)
    status, _, err = call("summary", "relu", "-i", "z.npz", "--units", "5")
    assert (status, err.count("\n")) == (2, 1)


def test_the_picture_of_one_array_shows_its_shares(call, tmp_path, monkeypatch):
    """All of the array's, though the histogram is of a part."""
    monkeypatch.setattr("actcli.audits.summary.KEPT", 700)
    drawn = []

    def kept(picture, kind):
        drawn.append(picture)
        return render(picture, kind)

    render = function.render
    monkeypatch.setattr(function, "render", kept)
    np.savez(tmp_path / "z.npz", first=Z, second=Z[:, 2:3])
    status, _, _ = call("summary", "relu", "tanh", "-i", "z.npz:first", "-o", "z.png")
    assert status == 0
    assert (tmp_path / "z.png").read_bytes().startswith(b"\x89PNG")
    histogram = drawn[0].histogram
    for share, name in zip(histogram.shares, ("relu", "tanh"), strict=True):
        wanted = expected(name, Z)
        assert share.dead == pytest.approx(wanted["dead"])
        assert share.saturated == pytest.approx(wanted["saturated"])
    assert 350 <= histogram.counts.sum() <= 700
    assert " from 3 500 in first" in histogram.note
    status, _, err = call("summary", "relu", "-i", "z.npz", "-o", "two.png", "--per-unit")
    assert (status, err.count("\n")) == (2, 1)
    assert "leave out --per-unit" in err
    assert not (tmp_path / "two.png").exists()
    status, _, _ = call("summary", "relu", "-i", "z.npz", "-o", "two.png")
    assert status == 0
    assert (tmp_path / "two.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("power", [-300, -160, -100, 100, 150, 160, 300, 308])
def test_functions_of_any_size_have_the_same_linear_share(tmp_path, power):
    np.save(tmp_path / "z.npy", Z)
    plain, scaled = records(tmp_path / "z.npy", "tanh", f"1e{power}*tanh(x)")
    if scaled["linear_share"] is not None or abs(power) <= 150:  # else squares are no doubles
        assert scaled["linear_share"] == pytest.approx(plain["linear_share"], rel=1e-9)
