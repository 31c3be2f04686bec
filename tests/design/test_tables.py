"""Tables: entries against mpmath, scales and roundings, lines between entries against a dense grid."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from by_mpmath import TRUTHS

from actcli.cli.approximate_report import sentences
from actcli.design.forms import designed
from actcli.design.request import Entries, Pieces, Request
from actcli.design.tables import by_table
from actcli.evaluation.function_text import resolve


def entries(truth, inputs, outputs, codes, away=False):
    """round(f(s_in (q - z_in))/s_out) + z_out, clamped, with 60 digits."""
    found, worst = [], mpmath.mpf(0)
    with mpmath.workdps(60):
        for q in codes:
            x = mpmath.mpf(inputs[0].numerator) / inputs[0].denominator * (q - inputs[1])
            scale = mpmath.mpf(outputs[0].numerator) / outputs[0].denominator
            share = truth(x) / scale
            if away:
                rounded = mpmath.sign(share) * mpmath.floor(abs(share) + mpmath.mpf(1) / 2)
            else:
                rounded = mpmath.nint(share)
            code = min(max(int(rounded) + outputs[1], codes[0]), codes[-1])
            found.append(code)
            worst = max(worst, abs(truth(x) - scale * (code - outputs[1])))
    return found, float(worst)


@pytest.mark.parametrize("name", ["swish", "tanh", "logistic", "gelu"])
@pytest.mark.parametrize("rounding", ["even", "away"])
def test_entries_of_given_scales(name, rounding):
    asked = Entries(None, "int8", "0.05", -3, "1/40", 7, rounding)
    design = by_table(resolve(name), asked, None)
    expected, worst = entries(
        TRUTHS[name], (Fraction("0.05"), -3), (Fraction(1, 40), 7), range(-128, 128),
        rounding == "away",
    )  # fmt: skip
    assert design.coefficients == expected
    assert design.error_low <= worst <= design.error_high <= worst * (1 + 1e-12)
    assert design.verdict == "proved"


@pytest.mark.parametrize(
    ("dtype", "name", "scale", "zero"),
    [
        ("int8", "logistic", Fraction(1, 256), -128), ("uint8", "logistic", Fraction(1, 256), 0),
        ("int8", "tanh", Fraction(1, 128), 0), ("uint8", "tanh", Fraction(1, 128), 128),
    ],
)  # fmt: skip
def test_known_output_scales(dtype, name, scale, zero):
    codes = range(-128, 128) if dtype == "int8" else range(256)
    middle = codes[128]
    asked = Entries(None, dtype, "1/16", middle, None, None, None)
    expected, _ = entries(TRUTHS[name], (Fraction(1, 16), middle), (scale, zero), codes)
    assert by_table(resolve(name), asked, None).coefficients == expected


def test_halves_go_where_they_are_sent():
    even, away = (
        by_table(resolve("relu"), Entries(None, "int8", "1", 0, "2", 0, to), None).coefficients
        for to in ("even", "away")
    )
    assert even[128:136] == [0, 0, 1, 2, 2, 2, 3, 4]
    assert away[128:136] == [0, 1, 1, 2, 2, 3, 3, 4]


def test_bounds_hold_where_doubles_are_coarse():
    """x*x of the least codes is subnormal, as are its errors; in fractions."""
    scale = Fraction("2.0528e-161")
    asked = Entries(None, "uint8", "2.0528e-161", 0, "1/256", 221, None)
    design = by_table(resolve("x*x"), asked, None)
    worst = (255 * scale) ** 2
    assert design.coefficients == [221] * 256
    assert Fraction(design.error_low) <= worst <= Fraction(design.error_high)
    assert Fraction(design.optimum_low) <= worst


@pytest.mark.parametrize("scale", ["6e-158", "6e200"])
def test_ranges_that_no_float32_spreads_are_refused(scale):
    with pytest.raises(ValueError, match="no scale that is a float32"):
        by_table(resolve("x*x"), Entries(None, "int8", scale, -128), None)


def test_tightest_scales_use_all_codes():
    found = by_table(resolve("silu"), Entries(dtype="int8"), (-4.0, 4.0)).coefficients
    assert min(found) == -128
    assert max(found) == 127


@pytest.mark.parametrize("dtype", ["int8", "uint8"])
@pytest.mark.parametrize("limits", [None, (-4.0, 4.0), (-1.5, 6.0)])
def test_no_output_is_beyond_the_codes_of_scales_that_are_found(dtype, limits):
    design = by_table(resolve("silu"), Entries(dtype=dtype), limits)
    low, high = limits or (-8.0, 8.0)
    x = np.array([float(v) for v in design.codes.inputs()])
    step = (high - low) / 255
    assert step * (1 - 1e-7) <= x[1] - x[0] <= step * (1 + 1e-7)
    assert abs(x[0] - low) <= 0.51 * step
    assert abs(x[-1] - high) <= 0.51 * step
    f = np.array([float(TRUTHS["swish"](mpmath.mpf(v))) for v in x])
    tightest = (float(TRUTHS["swish"](mpmath.mpf(x[-1]))) + 0.2784645427610738) / 255
    assert tightest * (1 - 1e-7) <= float(design.codes.output_scale) <= tightest * (1 + 1e-7)
    errors = np.abs([float(v) for v in design.codes.outputs(design.coefficients)] - f)
    assert errors.max() <= tightest * (0.5 + 1e-5)
    assert {design.coefficients[np.argmin(f)], design.coefficients[-1]} == {
        min(design.coefficients), max(design.coefficients)
    }  # fmt: skip


def test_all_worst_codes_are_told():
    asked = Entries(dtype="int8", input_scale="1/16", output_scale="1/16")
    design = by_table(resolve("silu"), asked, None)
    assert design.attained_at == [
        -3.625,
        3.625,
    ]  # of which errors differ by sign, as silu(x) - x/2 is even


@pytest.mark.parametrize(("name", "points"), [("gelu", 33), ("tanh", 17)])
def test_lines_between_entries(name, points):
    design = by_table(resolve(name), Entries(points=points), (-4.0, 4.0))
    nodes = np.linspace(-4, 4, points)
    x = np.linspace(-4, 4, 64 * (points - 1) + 1)
    truth = np.array([float(TRUTHS[name](mpmath.mpf(v))) for v in x])
    lines = np.interp(x, nodes, truth[::64])
    worst = np.max(np.abs(lines - truth))
    assert design.error_high >= worst * (1 - 1e-12)
    assert design.error_high <= worst * (1 + 1e-3)
    assert design.error_high <= design.error_low * (1 + 1e-6)
    # by other entries no more than half is gained, and where the line bends most that much
    gap = np.max(np.abs(truth[32::64] - (truth[:-1:64] + truth[64::64]) / 2))
    assert gap / 2 * (1 - 1e-3) <= design.optimum_low <= worst / 2 * (1 + 1e-3)


@pytest.mark.parametrize(
    ("asked", "limits", "message"),
    [
        (Entries(), None, "give one of --points N and --dtype"),
        (Entries(points=3, dtype="int8"), None, "exclude one another"),
        (Entries(points=3), None, "needs a range"),
        (Entries(points=3, rounding="away"), (-1.0, 1.0), "--rounding goes with --dtype"),
        (Entries(dtype="int8", input_scale="-1"), None, "--input-scale is a number > 0"),
        (Entries(dtype="int8", output_scale="no"), None, "--output-scale is a number > 0"),
        (
            Entries(dtype="int8", input_scale="1e400"),
            (-4.0, 4.0),
            "number > 0, and 1e[+]300 at most",
        ),
        (Entries(dtype="int8", input_scale="1", input_zero_point=128), None, "a code of int8"),
        (Entries(dtype="uint8", output_zero_point=1), None, "add --output-scale S"),
    ],
)
def test_what_is_refused(asked, limits, message):
    with pytest.raises(ValueError, match=message):
        by_table(resolve("silu"), asked, limits)


def test_what_cannot_be_rounded_says_why():
    """log(exp(x)) is x, half-way between two codes at -12.7; log has no value left of 0."""
    entries = Entries(dtype="int8", input_scale="0.1", output_scale="0.2")
    for text, why in (("log(exp(x))", "may be half-way"), ("log(x)", "has no value there")):
        with pytest.raises(ValueError, match=why):
            designed(resolve(text), Request("table", entries=entries))


def test_where_better_entries_are_found_is_told():
    design = by_table(resolve("gelu"), Entries(9), (-4.0, 4.0))
    told = "Its entries are values of gelu; --by piecewise --uniform finds the best."
    assert told in [*sentences(design)]
    pieces = Pieces(segments=8, uniform=True)
    best = designed(resolve("gelu"), Request("piecewise", limits=(-4.0, 4.0), pieces=pieces))
    assert best.error_high == pytest.approx(design.error_high / 2, rel=1e-6)
    assert told not in [*sentences(best)]


@pytest.mark.parametrize(
    ("text", "truth", "scales"),
    [
        ("x/2", lambda x: x / 2, ("0.3", "0.1")),  # shares are halves as typed
        ("relu", lambda x: max(x, mpmath.mpf(0)), ("0.15", "0.1")),
        ("gelu", TRUTHS["gelu"], ("0.05", "0.03")),
    ],
)
def test_entries_that_scales_in_float32_change_are_told(text, truth, scales):
    design = by_table(resolve(text), Entries(None, "int8", scales[0], 0, scales[1], 0, None), None)
    other = [Fraction(float(np.float32(s))) for s in scales]
    wanted, _ = entries(truth, (other[0], 0), (other[1], 0), range(-128, 128))
    pairs = zip(range(-128, 128), design.coefficients, wanted, strict=True)
    assert [code for code, entry, rounded in pairs if entry != rounded] == [*design.otherwise]
    assert bool(design.otherwise) == (text != "gelu")


def test_parts_of_codes_are_inputs_and_outputs():
    design = by_table(resolve("tanh"), Entries(None, "int8", "1/32", 0, None, None, None), None)
    parts = design.part_records()
    assert len(parts) == 256
    for code, part in zip(range(-128, 128), parts, strict=True):
        assert part["low"] == part["high"] == code / 32
        assert abs(part["coefficients"][0] - np.tanh(code / 32)) <= design.error_high * (1 + 1e-9)


@pytest.mark.parametrize(("text", "degrees", "limits"), [
    ("tanh", (3, 2), None), ("exp", (3, 3), (0.0, 3.0)), ("logistic", (8, 8), (0.0, 8.0)),
])  # fmt: skip
def test_parts_of_quotients_have_denominators(text, degrees, limits):
    f = resolve(text)
    design = designed(f, Request("rational", limits, degrees[0], under=degrees[1]))
    inner = [part for part in design.part_records() if part["denominator"]]
    assert len(inner) == 1
    x = np.linspace(inner[0]["low"], inner[0]["high"], 2001)
    over, under = (np.polynomial.polynomial.polyval(x, inner[0][name]) for name in
                   ("coefficients", "denominator"))  # fmt: skip
    assert np.max(np.abs(over / under - f(x))) <= design.error_high * (1 + 1e-6) + 1e-14


def test_only_quotients_have_a_column_for_denominators():
    f = resolve("tanh")
    columns = "part", "low", "high", "coefficients"
    pieces = Request("piecewise", pieces=Pieces(segments=3))
    for request in (pieces, Request("polynomial", (-1.0, 1.0), 3)):
        design = designed(f, request)
        assert {tuple(row) for row in design.part_records()} == {design.part_columns} == {columns}
    quotient = designed(f, Request("rational", None, 3, under=2))
    assert quotient.part_columns == (*columns, "denominator")
    assert [row["denominator"] is None for row in quotient.part_records()] == [True, False, True]
