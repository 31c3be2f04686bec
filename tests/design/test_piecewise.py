"""Continuous piecewise linear functions: known errors, brute force, and the formula typed back."""

import re
from itertools import pairwise
from math import inf

import mpmath
import numpy as np
import pytest
from by_mpmath import TRUTHS
from scipy.optimize import linprog

from actcli.design.piecewise import by_error, by_segments
from actcli.design.request import Conditions
from actcli.design.shortest_path import path
from actcli.evaluation.function_text import resolve


def sup(truth, design, low, high, count=20_001):
    """The largest error on a grid, of the parts as they are listed."""
    x = np.linspace(low, high, count)
    values = np.empty_like(x)
    for a, b, c in design.parts:
        inside = (x >= a) & (x <= b)
        values[inside] = c[0] + c[1] * x[inside]
    return np.max(np.abs(values - truth(x)))


@pytest.mark.parametrize(
    ("text", "limits", "segments", "error"),
    [
        ("tanh", None, 7, 0.0147407583),
        ("tanh", None, 8, 0.0147407583),  # of an odd function an even number gains nothing
        ("exp(x)", (-1.0, 1.0), 1, 0.278801604),
        ("x**2", (-1.0, 1.0), 4, 1 / 32),  # width^2/8, halved
        ("abs(x)", (-1.0, 1.0), 1, 0.5),
        ("tanh", None, 2, 1.0),  # parallels that meet are one line
    ],
)
def test_known_errors(text, limits, segments, error):
    design = by_segments(resolve(text), limits, segments)
    assert design.verdict == "proved"
    assert design.error_low <= design.error_high <= design.error_low * (1 + 1e-6)
    assert error * (1 - 1e-8) <= design.error_high <= error * (1 + 1e-4)
    assert design.optimum_low <= error * (1 + 1e-8)
    assert design.ratio <= 1 + 1e-4


def test_lines_meet_a_tail_that_dies_slowly():
    """A line that rises by 1e-17 would follow softsign as far as any gate, but not for ever."""
    design = by_segments(resolve("softsign"), None, 64)
    assert design.verdict == "proved"
    assert design.optimum_low <= design.error_high <= design.optimum_low * (1 + 1e-5)


def test_the_best_line_of_exp_is_known():
    slope = (np.e - 1 / np.e) / 2
    top = mpmath.findroot(lambda t: mpmath.exp(t) - slope, 0.1)
    chord = mpmath.exp(-1) + slope * (top + 1)
    design = by_segments(resolve("exp(x)"), (-1.0, 1.0), 1)
    assert design.error_high == pytest.approx(float(chord - mpmath.exp(top)) / 2, rel=1e-5)


def test_segments_meet_and_keep_to_their_error():
    truth = np.vectorize(lambda t: float(TRUTHS["gelu"](mpmath.mpf(t))))
    design = by_segments(resolve("gelu"), (-4.0, 4.0), 12)
    assert sup(truth, design, -4, 4, 2001) <= design.error_high
    for (_, a, left), (b, _, right) in pairwise(design.parts):
        assert a == b
        assert left[0] + left[1] * a == pytest.approx(right[0] + right[1] * a, abs=1e-12)


def test_the_formula_is_typed_back():
    design = by_segments(resolve("gelu"), None, 12)
    again = resolve(design.formula)
    x = np.linspace(-9, 9, 4001)
    values = np.select(
        [x < b for _, b, _ in design.parts], [c[0] + c[1] * x for _, _, c in design.parts]
    )
    np.testing.assert_allclose(again(x), values, atol=1e-14)


def test_fewest_segments_for_an_error():
    design = by_error(resolve("logistic"), (-8.0, 8.0), 0.01, 1024)
    assert design.segments_used == 7
    assert design.error_high <= 0.01
    six = by_segments(resolve("logistic"), (-8.0, 8.0), 6)
    assert six.optimum_low > 0.01


def test_a_piecewise_linear_function_is_itself():
    design = by_segments(resolve("hard_tanh"), None, 3)
    assert design.error_high < 1e-50
    assert design.breakpoints == [-1.0, 1.0]
    assert design.parts[1] == (-1.0, 1.0, [0.0, 1.0])
    assert by_segments(resolve("relu"), None, 2).error_high == 0


def test_one_line_has_one_slope():
    with pytest.raises(ValueError, match="gelu approaches lines of two slopes; give --segments 2"):
        by_segments(resolve("gelu"), None, 1)
    assert by_segments(resolve("tanh"), None, 1).error_high == pytest.approx(1)


def test_no_line_to_approach():
    with pytest.raises(ValueError, match="approaches no line towards the right; give a range"):
        by_segments(resolve("exp(x)"), None, 3)


def test_fewest_lines_agree_with_trying_all():
    """Against linear programs."""
    rng = np.random.default_rng(5)
    for _ in range(20):
        x = np.arange(6.0)
        f = rng.normal(size=6)
        low, high = f - 0.4, f + 0.4
        found = path(x.tolist(), low.tolist(), high.tolist(), 9)
        assert found.complete
        assert len(found.lines) == _fewest(x, low, high)


def _fewest(x, low, high):
    """The fewest lines by linear programs over all ways to split the gates."""
    from itertools import combinations

    count = len(x)
    for lines in range(1, count + 1):
        for cuts in combinations(range(1, count), lines - 1):
            groups = np.split(np.arange(count), cuts)
            # breakpoints between gates: each turn up or down is a linear condition at both sides
            for turns in np.ndindex(*(2,) * (lines - 1)):
                rows, right = [], []
                for k, group in enumerate(groups):
                    for g in group:
                        row = np.zeros(2 * lines)
                        row[2 * k : 2 * k + 2] = 1, x[g]
                        rows += [row, -row]
                        right += [high[g], -low[g]]
                for k, turn in enumerate(turns):
                    sign = 1 if turn else -1
                    for g, side in ((groups[k][-1], 1), (groups[k + 1][0], -1)):
                        row = np.zeros(2 * lines)
                        row[2 * k : 2 * k + 4] = 1, x[g], -1, -x[g]
                        rows.append(-sign * side * row)
                        right.append(1e-12)
                found = linprog(
                    np.zeros(2 * lines), A_ub=rows, b_ub=right, bounds=(None, None), method="highs"
                )
                if found.status == 0:
                    return lines
    return inf


@pytest.mark.parametrize(
    ("function", "limits", "message"),
    [
        ("step(x)", (-1.0, 1.0), "jumps at 0, which lines that meet cannot"),
        ("where(x >= 1, 5, x)", (-1.0, 1.0), "jumps at 1, which lines that meet cannot"),
        ("where(x != 1, x*x, 0)", (1.0, 2.0), "jumps at 1, which lines that meet cannot"),
        ("log(x)", (-1.0, 1.0), "no finite value at -1; give a range where it has one"),
        ("sqrt(2)*softplus(x)", None, "towards the right is not known"),
    ],
)
def test_what_lines_cannot_follow(function, limits, message):
    with pytest.raises(ValueError, match=message):
        by_segments(resolve(function), limits, 3)


@pytest.mark.parametrize("function", ["gelu", "softsign", "arctan(x)", "softplus", "mish"])
@pytest.mark.parametrize("segments", [3, 9, 14])
def test_none_is_better_on_the_line(function, segments):
    design = by_segments(resolve(function), None, segments)
    assert design.verdict == "proved"
    assert design.ratio <= 1 + 1e-4


def test_tails_are_lines_as_they_are_written():
    assert by_segments(resolve("relu"), None, 2).tails == ["0", "x"]


@pytest.mark.parametrize(("function", "limits", "segments"), [
    ("tanh", None, 33), ("gelu", None, 17), ("mish", (-6.0, 5.0), 31), ("silu", (-8.0, 8.0), 47),
])  # fmt: skip
def test_that_many_segments_are_the_best_is_proved(function, limits, segments):
    """Lines that are laid as far as they go spread what gates miss, from each to the next."""
    design = by_segments(resolve(function), limits, segments)
    assert design.optimum_low <= design.error_high <= design.optimum_low * (1 + 2e-5)


def test_a_slope_that_is_no_double_is_kept_as_it_is_written():
    design = by_segments(resolve("selu"), None, 4)
    assert design.verdict == "proved"
    assert design.ratio <= 1 + 1e-5
    with mpmath.workdps(60):
        written = re.sub(r"[\d.]+(e-?\d+)?", r"mpf('\g<0>')", design.tails[1])
        far = mpmath.mpf(10) ** 25  # where one of a double would be far away
        line = eval(written, {"x": far, "mpf": mpmath.mpf})
        assert (
            abs(line - mpmath.mpf("1.0507009873554804934193349852946") * far) <= design.error_high
        )


TUBES = [
    ("gelu", (-3.0, 3.0), 16, {"relative": True}),
    ("mish", (-3.0, 3.0), 9, {"relative": True}),
    ("x + x*x/4 + abs(x)/8", (-1.0, 2.0), 7, {"relative": True}),  # a root that is a kink
    ("exp(x)", (-20.0, 20.0), 8, {"relative": True}),
    ("gelu", (0.0, 3.0), 5, {"relative": True, "pin": "1,3"}),
    ("softplus", (-4.0, 4.0), 64, {"relative": True}),
    ("arctan(x)", None, 8, {"relative": True}),
    ("gelu", (-3.0, 3.0), 8, {"pin": "0,0.5,0.6,2"}),
    ("tanh", None, 6, {"pin": "0"}),
    ("abs(x) + exp(x)", (-1.0, 2.0), 5, {"pin": "-1,0,0.1"}),
]


@pytest.mark.parametrize(("text", "limits", "segments", "asked"), TUBES)
def test_conditions_narrow_the_tube(text, limits, segments, asked):
    """Of the relative error, and exact at places, lines are proved to be the best as any are."""
    f = resolve(text)
    design = by_segments(f, limits, segments, Conditions(**asked))
    assert design.verdict == "proved"
    assert design.optimum_low <= design.error_high <= design.optimum_low * (1 + 1e-5)
    x = np.linspace(*(limits or (-30, 30)), 3001)
    pins = [float(v) for v in asked["pin"].split(",")] if "pin" in asked else []
    x = np.unique([*x, *pins, *design.attained_at])
    k = np.searchsorted([low for low, _, _ in design.parts], x, side="right") - 1
    height, slope = np.array([part[2] for part in design.parts])[np.maximum(k, 0)].T
    off, size = np.abs(height + slope * x - f(x)), np.abs(f(x)) if "relative" in asked else 1.0
    assert np.all(off <= design.error_high * (1 + 1e-9) * size)
    assert np.max(off - design.error_low * (1 - 1e-4) * size) >= 0
    assert np.all(off[np.isin(x, pins)] <= 1e-14)


def test_no_rival_is_below_a_bound():
    """Best lines at breakpoints of all kinds, by linear programs of their values there."""
    random, tried = np.random.default_rng(3), 0
    for case in range(24):
        a, b, c = np.round(random.uniform(-1.5, 1.5, 3), 2).tolist()
        text = f"exp(tanh({a}*x + {b}) + {c}*abs(x - {b})/4)"
        text = f"x*{text}" if case % 2 else text
        relative, low, high = bool(case % 3), -1.5, 2.0
        pins = [] if case % 4 else [-0.25, 1.0]
        asked = Conditions(relative=relative, pin=",".join(map(str, pins)) or None)
        f, segments = resolve(text), 2 + case % 4
        design = by_segments(f, (low, high), segments, asked)
        assert design.error_high <= design.optimum_low * (1 + 1e-4)
        for spread in (1e-4, 1e-2, 0.2):
            moved = np.array(design.breakpoints) + spread * random.normal(
                size=len(design.breakpoints)
            )
            ends = np.unique(np.clip([low, *moved, high], low, high))
            if len(ends) < 2 or np.min(np.diff(ends)) < 1e-6:
                continue
            error = _least_at(f, ends, relative, pins)
            assert error >= design.optimum_low * (1 - 1e-5)
            tried += error < np.inf
    assert tried > 40


def _least_at(f, ends, relative, pins):
    """The error at many places of the best lines that meet at ends; infinite where pins are too many."""
    x = np.unique(
        [*np.linspace(ends[0], ends[-1], 241), *pins, *ends, *f.breakpoints.within(-9, 9)]
    )
    x = x[(x >= ends[0]) & (x <= ends[-1])]
    basis = np.stack([np.interp(x, ends, row) for row in np.eye(len(ends))], axis=1)
    values = np.asarray(f(x))
    size = np.abs(values) if relative else np.ones(len(x))
    kept = np.isin(x, pins) | (size < 1e-12)
    near, ones = basis[~kept] / size[~kept, None], np.ones((np.sum(~kept), 1))
    equal = np.column_stack([basis[kept], np.zeros(np.sum(kept))]) if kept.any() else None
    solved = linprog(
        [0.0] * len(ends) + [1.0], A_ub=np.block([[near, -ones], [-near, -ones]]),
        b_ub=np.append(values[~kept] / size[~kept], -values[~kept] / size[~kept]),
        A_eq=equal, b_eq=values[kept] if kept.any() else None,
        bounds=[(None, None)] * len(ends) + [(0, None)],
    )  # fmt: skip
    if solved.x is None:
        return inf
    dense = np.setdiff1d(np.linspace(ends[0], ends[-1], 2001), [0.0])
    size = np.abs(f(dense)) if relative else 1.0
    return np.max(np.abs(np.interp(dense, ends, solved.x[:-1]) - f(dense)) / size)


@pytest.mark.parametrize(
    ("text", "limits", "asked", "message"),
    [
        ("logistic", None, {"relative": True}, "takes asymptotes that are constants other than 0"),
        ("softplus", None, {"relative": True}, "that of softplus on the left is 0"),
        (
            "exp(x)",
            (-1.0, 1.0),
            {"pin": "-1,-0.5,0,0.5,1"},
            "2 segments cannot be exact at all of --pin",
        ),
        ("where(x < 1, exp(x), 3)", (-1.0, 2.0), {"relative": True}, "jumps at 1"),
    ],
)
def test_tubes_that_hold_no_lines(text, limits, asked, message):
    with pytest.raises(ValueError, match=message):
        by_segments(resolve(text), limits, 2, Conditions(**asked))


@pytest.mark.parametrize("segments", [2, 5, 6, 9])
@pytest.mark.parametrize(
    ("text", "limits", "asked"),
    [
        ("tanh", (-3.0, 3.0), {}),
        ("arctan(x)", None, {}),
        ("logistic", (-8.0, 8.0), {}),
        ("softplus", (-4.0, 4.0), {}),
        ("gelu", None, {}),
        ("exp(-x*x)", (-2.0, 2.0), {}),
        ("sin(x)", (-7.0, 7.0), {}),
        ("tanh", (-3.0, 3.0), {"relative": True}),
        ("cosh(x)", (-2.0, 2.0), {"relative": True}),
        ("cos(x)", (-4.0, 4.0), {"pin": "-1,1"}),
    ],
)
def test_mirror_images_are_kept(text, limits, asked, segments):
    """Breakpoints and lines on both sides of 0 are those of f, or of f less a constant or half of x."""
    design = by_segments(resolve(text), limits, segments, Conditions(**asked))
    assert design.error_high <= design.optimum_low * (1 + 1e-5)
    assert [-b for b in reversed(design.breakpoints)] == list(design.breakpoints)
    odd, twice = text in ("tanh", "arctan(x)", "logistic", "sin(x)"), 2 * resolve(text)(0.0)
    half = 1.0 if text in ("softplus", "gelu") else 0.0
    for (low, high, (height, slope)), (a, b, (own, rise)) in zip(
        design.parts, reversed(design.parts), strict=True
    ):
        assert (a, b) == (-high, -low)
        assert rise == pytest.approx(slope if odd else half - slope, rel=1e-14, abs=1e-14)
        assert own == pytest.approx(twice - height if odd else height, rel=1e-14, abs=1e-14)
