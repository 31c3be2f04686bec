"""Measures against exact fractions and a walk from number to number; joining does not know an order."""

import json
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actcli.audits import patterns
from actcli.audits.measures import Measures, compared, ulps_of
from actcli.audits.proved import Proved
from actcli.audits.reference import Reference
from actcli.audits.regions import Regions
from actcli.audits.tallies import joined, tally
from actcli.evaluation.dtypes import dtype_named
from actcli.evaluation.function_text import resolve

F16 = np.arange(1 << 16, dtype=np.uint16).view(np.float16)


@pytest.fixture(scope="module")
def square():
    """x**2, whose truth is rational, in float16."""
    return Reference(resolve("x**2"), "float16").at(F16)


def answers(seed):
    """Answers in float16 that are right, off, infinite, nan or 0."""
    random = np.random.default_rng(seed)
    with np.errstate(all="ignore"):
        y = F16 * F16
    bits = y.view(np.uint16) + random.integers(-3, 4, y.size).astype(np.uint16)
    y = np.where(random.random(y.size) < 0.3, bits.view(np.float16), y)
    for value in (np.nan, np.inf, -np.inf, 0.0, -0.0):
        y[random.integers(0, y.size, 200)] = value
    return y


def ladder():
    """All finite numbers of float16 as fractions, ascending, and 2**16 after the last."""
    found = sorted({Fraction(float(v)) for v in F16 if np.isfinite(v)})
    return [Fraction(-(2**16)), *found, Fraction(2**16)]


def test_ulps_counts_and_steps_are_those_of_exact_fractions(square):
    y = answers(0)
    rungs = ladder()
    place = {rung: k for k, rung in enumerate(rungs)}
    beyond = rungs[-1]
    ulps = ulps_of(square, y.astype(np.float64), "float16")
    found = compared(square, F16, y, "float16")
    wanted = dict.fromkeys(found.counts, 0)
    worst, steps = Fraction(-1), 0
    for x, got, mine in zip(F16.astype(float), y.astype(float), ulps, strict=True):
        if not np.isfinite(x):
            wanted["special"] += not (np.isnan(got) if np.isnan(x) else got == np.inf)
            continue
        wanted["inputs"] += 1
        t = Fraction(x) ** 2
        with np.errstate(over="ignore"):
            rounded = float(np.float16(x * x))  # the product is exact in float64
        right = beyond if np.isinf(rounded) else Fraction(rounded)
        below = min(right, rungs[-2])
        unit = rungs[place[below] + 1] - below
        if np.isnan(got):
            wanted["nan"] += 1
            continue
        value = Fraction(got) if np.isfinite(got) else beyond * (1 if got > 0 else -1)
        if t == 0 and got != 0:
            wanted["not_zero"] += 1
            continue
        own = abs(value - (beyond if right == beyond else t)) / unit
        assert abs(own - Fraction(float(mine))) <= own / 2**40, (x, got)
        wanted["correctly_rounded"] += value == right
        wanted["within_1"] += own <= 1
        wanted["infinite"] += bool(np.isinf(got)) and right != beyond
        wanted["zero"] += got == 0 and right != 0
        wanted["wrong_sign"] += got < 0 and right > 0
        wanted["flushed"] += got == 0 and 0 < right < Fraction(1, 2**14)
        wanted["zero_sign"] += bool(got == 0 and right == 0 and np.signbit(got))
        worst, steps = max(worst, own), max(steps, abs(place[value] - place[right]))
    assert found.counts == wanted
    assert found.max_ulps == pytest.approx(float(worst), rel=1e-12)
    assert found.max_steps == steps
    assert found.total == pytest.approx(found.mean_ulps * found.judged * 2**20)


def test_a_wrong_sign_counts_where_the_product_underflows():
    x = np.array([1e-200, -1e-310, 5e-324, 1e-200])
    truth = Reference(resolve("identity"), "float64", "value").at(x)
    found = compared(truth, x, np.array([-1e-200, 1e-310, -5e-324, 1e-200]), "float64")
    assert found.counts["wrong_sign"] == 3


def test_the_mean_and_99_of_100_are_those_of_all_ulps(square):
    y = answers(1)
    found = compared(square, F16, y, "float16")
    ulps = ulps_of(square, y.astype(np.float64), "float16")
    judged = square.counted & ~np.isnan(y) & ~((F16 == 0) & (y != 0))
    assert found.judged == judged.sum()
    assert found.mean_ulps == pytest.approx(ulps[judged].mean(), rel=1e-6)
    exact = float(np.quantile(ulps[judged], 0.99, method="inverted_cdf"))
    assert exact <= found.p99_ulps <= max(exact * 2 ** (1 / 8), exact + 1 / 64)


def test_the_worst_input_is_the_one_with_the_smallest_pattern(square):
    y = np.zeros_like(F16)
    found = compared(square, F16, y, "float16")
    with np.errstate(all="ignore"):
        overflows = np.flatnonzero(np.isfinite(F16) & np.isinf(F16 * F16))
    assert found.pattern == overflows.min()  # all of them are 2**16 off
    assert found.x == float(F16[overflows.min()])


def text(measures):
    """Measures as text, in which nan is like nan."""
    return json.dumps(measures.as_json(), sort_keys=True)


CUTS = st.lists(st.integers(1, (1 << 16) - 1), max_size=6, unique=True)


@settings(max_examples=8)
@given(CUTS, st.randoms(use_true_random=False))
def test_blocks_add_up_in_any_order(square, cuts, random):
    y = answers(2)
    whole = compared(square, F16, y, "float16")
    parts = [
        compared(square.where(slice(a, b)), F16[a:b], y[a:b], "float16")
        for a, b in pairwise([0, *sorted(cuts), 1 << 16])
    ]
    random.shuffle(parts)
    total = Measures()
    for part in parts:
        total = total.add(Measures.from_json(json.loads(json.dumps(part.as_json()))))
    assert text(total) == text(whole)


@settings(max_examples=8)
@given(CUTS)
def test_tallies_of_neighbouring_blocks_join_to_that_of_all(square, cuts):
    order = np.argsort(F16[np.isfinite(F16)], kind="stable")
    chosen = np.flatnonzero(np.isfinite(F16))[order]
    x, y, truth = F16[chosen], answers(3)[chosen], square.where(chosen)
    regions = Regions(resolve("x**2"), 0)

    def tallied(a, b):
        here = slice(a, b)
        ulps = ulps_of(truth.where(here), y[here].astype(np.float64), "float16")
        return tally(regions, truth.where(here), x[here], y[here], ulps, "float16")

    ends = sorted({0, *(min(c, len(x)) for c in cuts), len(x)})
    found = joined((tallied(a, b) for a, b in pairwise(ends)), Proved(resolve("x**2")))
    assert text(found.whole) == text(tallied(0, len(x)).whole)
    assert [*map(text, found.intervals)] == [*map(text, _longest_runs(truth, x, y))]


def _longest_runs(truth, x, y):
    """The six longest runs of neighbours beyond 2 ulps, counted by hand."""
    ulps = ulps_of(truth, y.astype(np.float64), "float16")
    runs, start = [], None
    for k in range(len(x) + 1):
        far = k < len(x) and not ulps[k] <= 2
        if far and start is None:
            start = k
        elif not far and start is not None:
            runs.append((start, k))
            start = None
    longest = sorted(sorted(runs, key=lambda run: run[0] - run[1])[:6])
    return [compared(truth, x, y, "float16", np.arange(a, b)) for a, b in longest if b - a > 1]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_numbers_in_order_are_one_step_apart(dtype):
    kind = dtype_named(dtype)
    x = np.array([0, 1, -1, 3.5, -1000]).astype(kind)
    for side in (np.inf, -np.inf):
        beside = np.nextafter(x, kind.type(side))
        apart = patterns.ordered(beside) - patterns.ordered(x)
        assert (apart == np.sign(side)).all()
    assert patterns.ordered(np.array([-0.0, 0.0]).astype(kind)).tolist() == [0, 0]


def test_the_ends_of_all_inputs_are_finite_and_those_of_special_ones_are_not(square):
    y = answers(1)
    found = tally(
        Regions(resolve("x**2"), 0), square, F16, y, ulps_of(square, y, "float16"), "float16"
    )
    assert (found.whole.low, found.whole.high) == (-65504, 65504)
    special = found.regions["special"]
    assert (special.low, special.high) == (-np.inf, np.inf)
    assert found.whole.counts["special"] == special.counts["special"] > 0
