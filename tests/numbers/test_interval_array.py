"""Arrays of intervals hold every value on their cells: against mpmath, and Arb at numbers of all sizes."""

import random

import mpmath
import numpy as np
import pytest
from attack.formulas import formula
from flint import arb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from primitive_values import TRUTH

from actcli.evaluation.function_text import resolve
from actcli.expressions.program import Program, derivatives
from actcli.numbers.interval import LARGEST, Enclosure, enclosure
from actcli.numbers.interval_array import IntervalArray
from actcli.numbers.jet import Jet, slope_of, value_of
from actcli.primitives import PRIMITIVES, sqrt, where
from actcli.proofs.asymptotics.limits import plain

inf = np.inf
SPECIAL = [
    0.0, 1, -1, 0.25, 0.5, -0.5, 2, -2, 4.4, -4.4, 4.39999, 26.5, -38.4, 709.78, -745.13, -708.39, 710.5,
    1e16, -1e22, LARGEST, -LARGEST, 5e-324, -5e-324, 2.0**-1022, -1e-310,
]  # fmt: skip


def _numbers(chance, count):
    """Numbers of all sizes: subnormal, huge, near 0, next to multiples of pi, simple ones."""
    n = count // 8
    signs = chance.choice([-1.0, 1.0], 2 * n)
    return np.concatenate([
        chance.uniform(-1, 1, n), chance.uniform(-10, 10, n), chance.uniform(-800, 800, n),
        np.exp(chance.uniform(-745, 709.7, 2 * n)) * signs, chance.integers(-60, 60, n) / 8,
        chance.integers(-2000, 2000, n) * (np.pi / 2),
        chance.integers(1, 1 << 52, n) * 5e-324 * signs[:n], SPECIAL,
    ])  # fmt: skip


def _holds(low, high, value):
    return arb(float(low)) <= value.high and arb(float(high)) >= value.low


@pytest.mark.parametrize("name", TRUTH)
def test_a_primitive_is_within_its_margin_of_mpmath(name):
    chance = random.Random(name)
    for _ in range(60):
        x = chance.choice([chance.uniform(-6, 6), chance.uniform(-300, 300),
                           chance.choice([-1, 1]) * 10 ** chance.uniform(-12, 2)])  # fmt: skip
        found = IntervalArray.points(x).apply(PRIMITIVES[name])
        with mp.workdps(120):
            value = TRUTH[name](mpf(x))
            if value is not None:
                assert mpf(found.low[0]) <= value <= mpf(found.high[0]), (x, mpmath.nstr(value, 30))
                if abs(value) > 1e-200 and name not in ("tan", "algebraic_gate_slope"):
                    near = 1e-10 if abs(x) < 40 else 1e-6  # of waves the absolute error counts
                    assert found.high[0] - found.low[0] < near * max(1, abs(value))


@pytest.mark.parametrize("name", PRIMITIVES)
def test_a_primitive_is_within_its_margin_of_arb_at_numbers_of_all_sizes(name):
    x = _numbers(np.random.default_rng(len(name)), 1500)
    found = IntervalArray.points(x).apply(PRIMITIVES[name])
    for low, high, number in zip(found.low, found.high, x, strict=True):
        assert _holds(low, high, enclosure(float(number)).apply(PRIMITIVES[name])), number


@pytest.mark.parametrize("name", PRIMITIVES)
def test_a_primitive_of_a_cell_holds_its_values(name):
    chance = np.random.default_rng(len(name) + 1)
    a, b = _numbers(chance, 400), _numbers(chance, 400)
    nearby = a / 2 + a / 2 * (1 - 10.0 ** -chance.uniform(0, 16, len(a)))
    b = np.where(chance.random(len(a)) < 0.5, nearby, b)
    low, high = np.minimum(a, b), np.minimum(np.maximum(a, b), LARGEST)
    found = IntervalArray.of(low, high).apply(PRIMITIVES[name])
    for i, share in enumerate(chance.random(len(a))):
        inside = min(max(low[i] + share * (high[i] / 2 - low[i] / 2) * 2, low[i]), high[i])
        for x in (low[i], inside, high[i]):
            value = enclosure(float(x)).apply(PRIMITIVES[name])
            assert _holds(found.low[i], found.high[i], value), (low[i], high[i], x)


@pytest.mark.parametrize("name", PRIMITIVES)
def test_infinite_ends_are_no_numbers_but_bounds(name):
    low = np.array([-inf, 0.0, -inf, 1.0, -inf, -2.0, 0.0, -1.0, 0.0])
    high = np.array([inf, inf, 0.0, inf, -3.0, 3.0, 1.0, 0.0, 0.0])
    found = IntervalArray.of(low, high).apply(PRIMITIVES[name])
    for i in range(len(low)):
        known = Enclosure(arb(low[i]), arb(high[i])).apply(PRIMITIVES[name])
        if name == "sign":  # that of an enclosure forgets its ends
            continue
        assert found.low[i] <= float(known.low)
        assert found.high[i] >= float(known.high)
        if known.finite:
            assert found.low[i] == pytest.approx(float(known.low), abs=1e-9)
            assert found.high[i] == pytest.approx(float(known.high), abs=1e-9)


def _checked(text, seed, cells=12):
    """Value, slope and curvature of a formula on random cells, against Arb at numbers in them."""
    chance = np.random.default_rng(seed)
    tree = plain(resolve(text, {}).tree)
    a = _numbers(chance, 8 * cells)[: -len(SPECIAL)]
    chance.shuffle(a)
    a = np.concatenate([a[:cells], SPECIAL])
    reach = np.minimum(np.abs(a), 1e300) * 10.0 ** chance.uniform(-16, 1, len(a))
    reach += chance.choice([0, 1e-9, 1], len(a))
    with np.errstate(over="ignore"):
        low, high = np.maximum(a - reach, -LARGEST), np.minimum(a + reach, LARGEST)
    edge = chance.random(len(a)) < 0.5  # a breakpoint, often, is an end
    low, high = np.where(edge, a, low), np.where(edge, np.maximum(high, a), high)
    x = IntervalArray.of(low, high)
    gradient = plain(resolve(f"grad({text})", {}).tree)
    if any(
        isinstance(arg, bool) for each in (tree, gradient) for p in each.walk() for arg in p.args
    ):
        return  # a choice between parameters, which is not read
    smooth = not any(
        part.op in ("where", "max", "min") or (part.op == "call" and part.args[0].broken_at_0)
        for part in tree.walk()
    )
    program = Program(derivatives(tree, 2) if smooth else [])

    def read(at):
        return [
            at * 0 + level for level in (tree.read(at), gradient.read(at), *program.run(at)[1:])
        ]

    found = read(x)
    if smooth:
        jet = tree.read(Jet(x, 1))
        for order, level in enumerate((value_of(jet), slope_of(jet))):
            found[order] = found[order].intersected(x * 0 + level)
    for i in range(len(a)):
        for share in (0, 1, *chance.random(2)):
            inside = float(min(max((1 - share) * low[i] + share * high[i], low[i]), high[i]))
            try:
                values = read(enclosure(inside))
            except (TypeError, ZeroDivisionError, ValueError):
                continue  # at a breakpoint
            if all(value.finite for value in values):  # it has a value there
                for order, (cell, value) in enumerate(zip(found, values, strict=True)):
                    bounds = cell.low[i], cell.high[i]
                    assert _holds(*bounds, value), (
                        text,
                        order,
                        low[i],
                        high[i],
                        inside,
                        bounds,
                        value,
                    )


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_formulas_hold_their_values_and_derivatives_on_cells(seed):
    text = formula(random.Random(seed))
    try:
        resolve(f"grad({text})", {})
    except ValueError:
        return  # it is refused, with a reason
    _checked(text, seed)


def test_derivatives_as_formulas_run_on_cells_as_jets_do():
    tree = resolve("x*tanh(x)/(1 + x**2)", {}).tree
    x = IntervalArray.between(np.linspace(-3, 3, 50))
    value, slope = Program(derivatives(tree, 1)).run(x)
    jet = tree.read(Jet(x, 1))
    for i, middle in enumerate(x.middle):
        exact = Program(derivatives(tree, 1)).run(enclosure(float(middle)))
        for reading, known in zip((value, slope, jet.value, jet.slope), exact * 2, strict=True):
            assert _holds(reading.low[i], reading.high[i], known)


def test_0_times_an_infinite_end_is_0_and_ends_at_0_are_sharp():
    zero, one = IntervalArray.of([0.0, 0.0], [0.0, 1.0]), IntervalArray.of([1.0, -inf], [inf, inf])
    product = zero * one
    assert product.low.tolist() == [0, -inf]
    assert product.high.tolist() == [0, inf]
    x = IntervalArray.of(0.0, 1.0)
    assert (x * x * 3 - 0).low[0] == 0
    assert (x**2).low[0] == (x**3).low[0] == sqrt(x).low[0] == 0
    assert (1 / x).high[0] == inf
    assert (1 / x).low[0] == pytest.approx(1, abs=1e-15)
    assert (1 / IntervalArray.of(-1.0, 1.0)).low[0] == -inf


def test_what_underflows_is_not_taken_for_0():
    tiny = IntervalArray.points(1e-200)
    assert (tiny * tiny).high[0] > 0
    assert (tiny * -tiny).low[0] < 0
    assert (tiny * 1e-300).high[0] > 0
    assert (tiny**2).high[0] > 0


def test_what_overflows_keeps_a_finite_lower_end():
    far = IntervalArray.points(LARGEST)
    for found in (far + far, far * far, far**3, far / 1e-300, far.apply(PRIMITIVES["exp"])):
        assert 1.79e308 < found.low[0] <= LARGEST
        assert found.high[0] == inf


def test_an_open_condition_takes_both_sides():
    x = IntervalArray.of([-1.0, 1.0, -3.0], [1.0, 2.0, -2.0])
    found = where(x > 0, x, 5)
    assert found.low.tolist() == [-1, 1, 5]
    assert found.high.tolist() == [5, 2, 5]
    with pytest.raises(TypeError, match="where"):
        bool(x > 0)


def test_cells_are_halved_at_places_within():
    x = IntervalArray.of([0.0, 1.0, -LARGEST, 1e-300], [1.0, 1e100, LARGEST, 1e300])
    parts = x.halved()
    assert parts.high[:4].tolist() == parts.low[4:].tolist() == x.middle.tolist()
    assert x.middle.tolist() == pytest.approx([0.5, 1e50, 0, 1])
