"""What a picture must show is found where it is, and nothing is found where nothing is."""

import math
from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import actcli
from actcli.figures.data import Dot
from actcli.figures.panel import coordinate
from actcli.sampling import (
    Examined,
    asymptotes,
    breakpoints_of,
    difference,
    reading,
    spans,
    trace,
    xlimits,
    ylimits,
)


@cache
def f(text):
    return actcli.activation(text)


@cache
def value(text, low=-5.0, high=5.0, order=0):
    return trace(f(text), order, low, high)


def flat(text, low=-5.0, high=5.0):
    return spans(f(text), low, high, breakpoints_of(f(text), low, high))


# --- extrema -------------------------------------------------------------------------------

GELU_MINIMUM = (-0.7517915246935645, -0.16997120747990366)


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("gelu", 0, [(*GELU_MINIMUM, "minimum")]),
        ("gelu", 1, [(-math.sqrt(2), -0.1289041451851548, "minimum"),
                     (math.sqrt(2), 1.128904145185155, "maximum")]),
        ("gelu", 2, [(-2, -0.107981933026376, "minimum"), (0, math.sqrt(2 / math.pi), "maximum"),
                     (2, -0.107981933026376, "minimum")]),
        ("swish", 0, [(-1.278464542761074, -0.278464542761074, "minimum")]),
        ("hard_swish", 0, [(-1.5, -0.375, "minimum")]),
        ("sine", 0, [(-1.5 * math.pi, 1, "maximum"), (-math.pi / 2, -1, "minimum"),
                     (math.pi / 2, 1, "maximum"), (1.5 * math.pi, -1, "minimum")]),
        ("abs", 0, [(0, 0, "minimum")]),
        ("lisht", 0, [(0, 0, "minimum")]),
        ("tanh", 1, [(0, 1, "maximum")]),
    ],
    ids=lambda v: str(v) if isinstance(v, str | int) else "",
)  # fmt: skip
def test_extrema(text, order, expected):
    found = [(p.x, p.y, p.kind) for p in value(text, order=order).extrema]
    assert [p[2] for p in found] == [p[2] for p in expected]
    for (x, y, _), (true_x, true_y, _) in zip(found, expected, strict=True):
        assert x == pytest.approx(true_x, abs=2e-7)
        assert y == pytest.approx(true_y, abs=1e-8)


@pytest.mark.parametrize(
    "text", ["relu", "relu6", "hard_tanh", "step", "identity", "softplus", "sqnl"]
)
def test_plateaus_and_monotonic_functions_have_no_extrema(text):
    assert value(text, -5, 8).extrema == []


def test_the_ends_of_the_range_are_no_extrema():
    assert value("tanh").extrema == []
    assert value("square", 1, 5).extrema == []


def test_rounding_noise_far_out_is_no_landmark():
    found = value("tanh", -40, 40, order=1)
    assert [p.x for p in found.extrema] == [0]
    assert found.dots == found.poles == []


@pytest.mark.parametrize("half", [1.0, 30.0, 1000.0, 1e6])
def test_a_small_minimum_is_found_in_a_wide_range(half):
    (found,) = value("gelu", -half, half, order=0).extrema or [None]
    assert (found is None) == (half > 100)  # too flat to be seen there
    low, high = value("gelu", -half, half, order=1).extrema or (None, None)
    if half > 1.5:
        assert (low.x, high.x) == pytest.approx((-math.sqrt(2), math.sqrt(2)), abs=1e-6 * half)


def test_a_narrow_range_still_shows_its_minimum():
    (found,) = value("gelu", -0.752, -0.7515).extrema
    assert found.x == pytest.approx(GELU_MINIMUM[0], abs=3e-8)


# --- kinks, jumps, poles -------------------------------------------------------------------


def dots(text, order=0, low=-5.0, high=5.0):
    return [(d.x, d.y, d.filled) for d in value(text, low, high, order).dots]


def assert_dots(found, expected):
    assert [dot[2] for dot in found] == [dot[2] for dot in expected]
    for dot, other in zip(found, expected, strict=True):
        assert dot[:2] == pytest.approx(other[:2], abs=1e-5)


def test_kinks():
    assert value("relu").kinks == [(0, 0)]
    assert value("hard_tanh").kinks == [(-1, -1), (1, 1)]
    assert value("gelu").kinks == value("squared_relu").kinks == value("step").kinks == []


def test_a_kink_of_the_gradient_is_marked_in_its_panel():
    assert value("elu", order=1).kinks == [(0, 1)]
    assert [x for x, _ in value("sqnl", order=1).kinks] == [-2, 0, 2]
    assert value("sqnl", order=1).dots == []


def test_jumps_have_an_open_and_a_filled_end():
    assert dots("step") == [(0, 0, True), (0, 1, False)]
    assert dots("hard_shrink") == [
        (-0.5, -0.5, False), (-0.5, 0, True), (0.5, 0, True), (0.5, 0.5, False),
    ]  # fmt: skip


def test_a_value_apart_from_both_sides_has_its_own_dot():
    assert dots("sign") == [(0, -1, False), (0, 1, False), (0, 0, True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("relu", [(0, 0, True), (0, 1, False)]),
        ("hard_swish", [(-3, 0, True), (-3, -0.5, False), (3, 1.5, False), (3, 1, True)]),
        ("abs", [(0, -1, False), (0, 1, False), (0, 0, True)]),
        ("step", []),
    ],
)
def test_the_gradient_at_a_kink_is_filled_by_convention(text, expected):
    assert_dots(dots(text, order=1), expected)


@pytest.mark.parametrize("name", actcli.names())
def test_no_curve_runs_through_a_jump(name):
    """Steps between neighbouring samples stay small, or the curve is broken there."""
    for order, low, high in product((0, 1), (-5.0,), (5.0, 8.0)):
        found = value(name, low, high, order)
        for x, y in found.pieces:
            assert np.isfinite(y).all()
            assert (np.diff(x) > 0).all()
            assert low <= x[0] <= x[-1] <= high
            inside = np.abs(y) < 20
            steps = np.abs(np.diff(y))[inside[1:] & inside[:-1]]
            assert steps.max(initial=0) < 0.05 * max(1, np.ptp(y[inside]))


@pytest.mark.parametrize(
    ("text", "pole"),
    [("1/x", 0), ("1/(x - 1.3)", 1.3), ("1/(x - 1.3)**2", 1.3), ("log(x)", 0), ("1/(x*x)", 0),
     ("soft_exponential:alpha=-0.5", -1.5)],
)  # fmt: skip
@pytest.mark.parametrize("order", [0, 1])
def test_poles(text, pole, order):
    found = value(text, order=order)
    assert found.poles == pytest.approx([pole], abs=1e-7)
    assert all(not x[0] < pole < x[-1] for x, _ in found.pieces)
    assert max(np.abs(y).max() for _, y in found.pieces) > 5


@pytest.mark.parametrize(
    ("text", "at", "value_there"),
    [("where(x > 0, log(x), -1)", 0, -1), ("where(x > 1, log(x - 1), 2)", 1, 2),
     ("where(x < 3, 1/(x - 3), x)", 3, 3), ("where(x > 0, exp(1/x), x)", 0, 0)],
)  # fmt: skip
def test_a_pole_on_one_side_of_a_breakpoint(text, at, value_there):
    found = value(text)
    assert found.poles == [at]
    assert [(dot.x, dot.y, dot.filled) for dot in found.dots] == [(at, value_there, True)]
    assert all(np.isfinite(y).all() for _, y in found.pieces)


def test_a_root_and_an_endless_wave_end_in_no_jump():
    for text in ("where(x > 0, sqrt(x), 0)", "where(x > 0, x**0.1, 0)"):
        assert (value(text).dots, value(text).poles) == ([], [])
    assert [dot.y for dot in value("where(x > 0, sin(1/x), 0)").dots] == [0]


def test_overflow_is_no_pole():
    found = value("exp(x)", -1000, 1000)
    assert found.poles == []
    assert 705 < found.pieces[-1][0][-1] < 710


def test_a_steep_slope_is_neither_jump_nor_pole():
    found = value("tanh(1000*x)")
    assert (len(found.pieces), found.dots, found.poles) == (1, [], [])


@settings(max_examples=8)
@given(
    st.sampled_from(["gelu", "relu6", "hard_shrink", "sinc", "log(x)", "1/x", "sine:omega=30"]),
    st.floats(-1e4, 1e4), st.floats(1e-6, 1e4), st.integers(2, 200),
)  # fmt: skip
def test_any_range_gives_ascending_finite_pieces_inside_it(text, low, width, points):
    high = low + width / (300 if text.startswith("sin") else 1)  # up to 160 waves
    if not low < high:
        return
    for order in (0, 1, 2):
        found = trace(f(text), order, low, high, points)
        for x, y in found.pieces:
            assert x.size == y.size > 1
            assert np.isfinite(y).all()
            assert (np.diff(x) > 0).all()
            assert low <= x[0] <= x[-1] <= high
        bottom, top = ylimits([found], order, low, high)
        assert math.isfinite(bottom)
        assert bottom < top


# --- flat regions and asymptotes -----------------------------------------------------------


def test_saturated_regions_end_where_the_gradient_is_a_hundredth():
    left, right = flat("tanh")
    edge = math.atanh(math.sqrt(0.99))
    assert (left.low, right.high) == (-5, 5)
    assert (left.high, right.low) == pytest.approx((-edge, edge), abs=1e-3)
    assert left.kind == right.kind == "saturated"


def test_dead_zones_are_the_constant_pieces():
    assert [(s.low, s.high, s.kind) for s in flat("relu")] == [(-5, 0, "dead")]
    assert [(s.low, s.high, s.kind) for s in flat("hard_shrink")] == [(-0.5, 0.5, "dead")]
    assert [(s.low, s.high, s.kind) for s in flat("step")] == [(-5, 0, "dead"), (0, 5, "dead")]
    assert [s.kind for s in flat("logistic", -900, 900)] == ["saturated", "saturated"]
    assert flat("leaky_relu") == flat("swish") == flat("identity") == []


def test_dead_zones_are_known_by_breakpoints_out_of_sight_too():
    for text, low, high in (
        ("relu", -10, -5),
        ("step", 50, 60),
        ("hard_tanh", 2, 5),
        ("x*0", -5, 5),
    ):
        assert [(s.low, s.high, s.kind) for s in flat(text, low, high)] == [(low, high, "dead")]
    for text, low, high in (("tanh", 1000, 1001), ("gelu", -60, -50)):  # it underflows, no more
        assert [s.kind for s in flat(text, low, high)] == ["saturated"]


def test_a_gradient_that_passes_through_0_is_no_flat_region():
    assert all(s.high < -3 for s in flat("gelu"))
    assert flat("sine") == []


def lines(text, order=0, low=-5.0, high=5.0):
    return asymptotes(f(text), order, trace(f(text), order, low, high), low, high)


def test_asymptotes_are_drawn_on_their_side():
    assert lines("tanh") == [((-5, -1), (0, -1)), ((0, 1), (5, 1))]
    assert lines("softplus") == [((-5, 0), (0, 0)), ((0, 0), (5, 5))]
    assert lines("softplus", order=1) == [((-5, 0), (0, 0)), ((0, 1), (5, 1))]
    assert lines("exponential") == [((-5, 0), (0, 0))]


def test_no_asymptote_where_the_curve_lies_on_it_or_is_far():
    assert lines("relu") == lines("identity") == lines("sine") == []
    assert lines("tanh", low=0.0, high=0.1) == []


# --- ranges --------------------------------------------------------------------------------


def limits(*texts, order=0, low=-5.0, high=5.0):
    return ylimits([value(text, low, high, order) for text in texts], order, low, high)


def test_tails_that_shoot_up_are_cut():
    assert 8 < limits("exponential")[1] < 20
    assert limits("1/x")[1] < 15
    assert limits("tanh", "exponential")[1] < 20


@pytest.mark.parametrize("name", actcli.names())
def test_most_of_every_curve_is_in_sight(name):
    x = np.linspace(-5, 5, 1001)
    for order in (0, 1, 2):
        bottom, top = limits(name, order=order)
        y = reading(f(name), order)(x)
        seen = np.mean((y >= bottom) & (y <= top))
        assert seen > 0.6, order
        shown = np.clip(y, bottom, top)
        assert np.ptp(shown) > 0.3 * (top - bottom) or np.ptp(y) < 1e-9, order


def test_every_minimum_and_maximum_is_in_sight():
    for name in actcli.names():
        found = value(name)
        bottom, top = ylimits([found], 0, -5, 5)
        assert all(bottom < point.y < top for point in found.extrema)


def test_a_spike_does_not_press_the_other_curves_flat():
    _, high = limits("swish:beta=1", "swish:beta=0.5", "swish:beta=100", order=2)
    assert high < 4  # the spike reaches 50
    assert limits("swish:beta=100", order=2)[1] > 50


def test_tiny_and_huge_functions_have_a_range():
    assert limits("1e-300*x") == (-0.5, 0.5)
    assert limits("1e300*x")[1] == pytest.approx(5.7e300, rel=0.1)
    assert limits("exp(x)", low=100.0, high=200.0)[1] > 1e60


def test_default_range_takes_in_a_breakpoint_just_outside():
    assert xlimits(None, []) == (-5, 5)
    assert xlimits(None, [-1, 0]) == (-5, 5)
    assert xlimits(None, [k / 2 for k in range(-40, 40)]) == (-5, 5)
    low, high = xlimits(None, [0, 6])
    assert (low, high > 6.5) == (-5, True)


def test_range_of_inputs_is_that_of_nearly_all():
    inputs = np.concatenate([np.linspace(1, 4, 9999), [1e6, np.nan, np.inf]])
    low, high = xlimits(inputs, [])
    assert low <= 0
    assert 4 < high < 6


def test_the_largest_difference_is_found_between_the_samples():
    def miss(x):
        return f("gelu_tanh")(x) - f("gelu")(x)

    pieces, (x, y) = difference(miss, -5, 5)
    assert abs(x) == pytest.approx(2.69894138637727, abs=1e-6)
    assert y == pytest.approx(4.7323552068729e-4, rel=1e-9)
    assert len(pieces) == 1


# --- functions of which only values are known ----------------------------------------------


class Differences:
    """Values, and derivatives by central differences, as for a Python callable."""

    def __init__(self, values):
        self.values = values

    def __call__(self, x):
        return self.values(np.asarray(x, dtype=float))

    def gradient(self, x, step=5e-4):
        return (self(x + step) - self(x - step)) / (2 * step)

    def curvature(self, x, step=2e-3):
        return (self(x + step) - 2 * self(x) + self(x - step)) / step**2

    def cuts(self, low, high):
        return []

    def asymptote(self, side):
        return None


def leaky(x):
    return np.where(x > 1, x, 0.1 * x + 0.9)


@pytest.mark.parametrize(
    ("values", "kinks", "jumps"),
    [
        (lambda x: np.maximum(x, 0), [0], []),
        (leaky, [1], []),
        (lambda x: (x > 0.3) * 1.0, [], [0.3]),
        (np.tanh, [], []),
        (lambda x: np.exp(-(x**2) / 0.02), [], []),
        (lambda x: np.where(x < -2, 1.0, np.abs(x - 0.7)), [0.7], [-2]),
    ],
)
def test_kinks_and_jumps_of_an_unknown_function(values, kinks, jumps):
    breakpoints = Examined(Differences(values), -5, 5).cuts(-5, 5)
    assert [s.x for s in breakpoints if s.kind == "kink"] == pytest.approx(kinks, abs=1e-5)
    assert [s.x for s in breakpoints if s.kind == "jump"] == pytest.approx(jumps, abs=1e-5)


def test_the_gradient_of_an_unknown_function_jumps_at_its_kink():
    found = trace(Examined(Differences(leaky), -5, 5), 1, -5, 5)
    assert_dots([(d.x, d.y, d.filled) for d in found.dots], [(1, 0.1, False), (1, 1, False)])
    assert found.extrema == found.poles == []


# --- marks agree with the proofs -----------------------------------------------------------


def test_a_maximum_is_where_the_gradient_changes_its_sign():
    (found,) = value("tanh", -1e-3, 1e-3, order=1).extrema
    assert (found.x, found.y) == (0, 1)
    assert value("tanh", -1e-3, 1e-3).extrema == []
    assert [p.x for p in value("exp(x) - 1 - x", -1e-6, 1e-6).extrema] == [0]


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize(
    ("text", "reach"),
    [("(x**3+x)/(x**2+1)", 5.0), ("(1-cos(x))/x**2", 1e-7), ("sin(x)**2 + cos(x)**2", 5.0),
     ("log(exp(x))", 5.0)],
)  # fmt: skip
def test_rounding_makes_no_landmarks(text, reach, order):
    found = value(text, -reach, reach, order)
    hole = [Dot(0.0, (1 / 2, 0.0, -1 / 12)[order], False)]  # x^2/2 - x^4/24 over x^2
    assert found.dots == (hole if "/x**2" in text else [])
    assert found.extrema == found.poles == []
    assert reach < 1 or lines(text, order) == []


def test_a_hole_with_a_limit_is_no_pole():
    assert value("sin(x)/x").poles == value("(1-cos(x))/x**2").poles == []


@pytest.mark.parametrize(
    ("text", "order", "poles", "dots"),
    [
        ("tanh(1/x)", 0, [], [(0, -1), (0, 1)]),
        ("tanh(1/x)", 1, [], [(0, 0)]),
        ("x/abs(x)", 0, [], [(0, -1), (0, 1)]),
        ("x**2/x", 0, [], [(0, 0)]),
        ("x**2/x", 1, [], [(0, 1)]),
        ("exp(-1/x**2)", 0, [], [(0, 0)]),
        ("tanh(atanh(x))", 0, [], [(-1, -1), (1, 1)]),
        ("exp(1/x)", 0, [0], [(0, 0)]),
        ("log(x)", 0, [0], []),
        ("1/x", 1, [0], []),
        ("1/sin(x)", 0, [-np.pi, 0, np.pi], []),
        ("sqrt(x)", 0, [], []),
        ("sin(1/x)", 0, [], []),
    ],
)
def test_holes_are_open_dots_or_poles(text, order, poles, dots):
    found = value(text, -5.0, 5.0, order)
    assert found.poles == pytest.approx(poles, abs=1e-8)
    assert [(dot.x, dot.y) for dot in found.dots] == dots
    assert not any(dot.filled for dot in found.dots)


def test_extrema_beside_a_hole_are_marked():
    # f' of exp(1/x) is -exp(1/x)/x**2, its slope 0 where 2x + 1 = 0
    assert [(p.x, p.y) for p in value("exp(1/x)", order=1).extrema] == [
        (-0.5, pytest.approx(-4 * math.exp(-2)))
    ]


def test_no_curve_crosses_a_pole():
    pieces = value("1/sin(x)").pieces
    assert not any(x[0] < pole < x[-1] for x, _ in pieces for pole in (-np.pi, 0, np.pi))


def test_the_turns_of_a_wave_are_marked_where_they_can_be_told_apart():
    found = value("sin(1/x)").extrema
    assert found
    assert {round(abs(point.y), 9) for point in found} == {1.0}
    assert all(point.x == pytest.approx(1 / (np.pi * (round(1 / point.x / np.pi - 0.5) + 0.5)))
               for point in found)  # fmt: skip


def test_a_constant_beside_a_hole_is_flat_on_either_side():
    assert [(s.low, s.high, s.kind) for s in flat("x/abs(x)")] == [(-5, 0, "dead"), (0, 5, "dead")]


@pytest.mark.parametrize(
    ("text", "order", "kinks"),
    [
        ("sign(x)*(sqrt(abs(x)+1)-1)+0.001*x", 1, [(0, 0.501)]),
        ("x/(1+abs(x)**1.5)", 2, []),
        ("where(x > 0, 1e4*x**2, 0)", 0, []),
        ("relu(x) - relu(-x)", 1, []),
        ("relu(x) + log1p(exp(-abs(x)))", 1, []),
    ],
)
def test_what_is_continuous_has_no_jump(text, order, kinks):
    found = value(text, order=order)
    assert (found.dots, found.poles, found.kinks) == ([], [], kinks)


@pytest.mark.parametrize("reach", [1e-3, 1.0, 100.0])
@pytest.mark.parametrize("text", ["log(cosh(x))", "sqrt(1+x*x)-1", "log(1+exp(x))", "gelu"])
def test_a_maximum_of_the_curvature_is_where_symmetry_says(text, reach):
    found = value(text, -reach, reach, order=2).extrema
    (top,) = [p for p in found if abs(p.x) < 0.1 * reach and p.kind == "maximum"]
    assert coordinate(top.x, 2 * reach) == "0"


def test_small_turns_between_steep_sides_are_all_found():
    found = value("x**4 - 2*x**2").extrema
    assert [p.x for p in found] == pytest.approx([-1, 0, 1], abs=1e-6)


def test_a_wave_faster_than_its_samples_has_no_marks_by_chance():
    found = value("sin(x)/x", -1e4, 1e4).extrema
    assert all(abs(p.x) < 100 for p in found)


def test_all_asymptotes_are_drawn():
    level = -math.log(2)
    assert lines("log(1+exp(x))-log(2)") == [
        ((-5, level), (0, level)),
        ((0, level), (5, 5 + level)),
    ]
    slow = lines("x/(1+abs(x)**1.5)")  # still at 0.41 at the end, of 0.53
    assert slow == [((-5, 0), (0, 0)), ((0, 0), (5, 0))]


def test_the_largest_difference_may_be_at_a_single_point():
    one, other = actcli.activation("where(x != 2, gelu(x), 7)"), actcli.activation("gelu")
    _, (x, y) = difference(lambda x: one(x) - other(x), -5, 5, breakpoints=[2.0])
    assert (x, y) == (2.0, pytest.approx(7 - 2 * 0.9772498680518208))  # 2 * Phi(2)


def test_places_that_rounding_tells_apart_are_as_near_to_0():
    def gap(x):
        x = np.where(x < 0, x - 1e-7, x)  # the top left of 0 is nearer by so little
        return f("gelu")(x) - f("silu")(x)

    assert difference(gap, -5, 5)[1][0] == pytest.approx(1.96546896, abs=1e-6)


def test_of_equal_largest_differences_that_right_of_0_is_marked():
    def gap(x):
        return f("gelu")(x) - f("silu")(x)

    for low, high in ((-5, 5), (-7, 5), (-5, 9)):
        assert difference(gap, low, high)[1][0] == pytest.approx(1.96546896, abs=1e-6)
    (_, (x, y)) = difference(gap, -5, 0)
    assert (x, y) == (pytest.approx(-1.96546896, abs=1e-6), pytest.approx(0.193001988, abs=1e-8))
