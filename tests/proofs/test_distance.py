"""Distances against PROPERTIES.md, closed forms, and dense samples."""

from math import exp, inf, log, pi, sin

import numpy as np
import pytest

import actcli
from actcli.design.compared import distances as compared
from actcli.expressions.node import Node, node
from actcli.numbers.interval import enclosure
from actcli.proofs.difference import FormulaDifference
from actcli.proofs.distance import distances, supremum
from actcli.proofs.far_form import split
from actcli.proofs.sweep import sweep


def between(a, b, limits=None):
    return distances(actcli.activation(a).tree, actcli.activation(b).tree, limits)


def near(value, rel=1e-10, least=1e-12):
    return pytest.approx(value, rel=rel, abs=least)


_SINE = (1 - 33**0.5) / 8
SNAKED = 1 + (1 - 2 * _SINE) * (1 - _SINE**2) ** 0.5
# a, b: the numbers of PROPERTIES.md or a closed form: values, gradients; None: anything
KNOWN = [
    ("gelu", "gelu(approx=tanh)", 4.7323552068729e-4, 2.69894138637727,
     8.6845183498591e-4, 2.01865575977184),
    ("relu", "softplus", log(2), 0, 0.5, 0),
    ("softsign", "arctan", pi / 2 - 1, inf, None, None),
    ("elu", "selu", inf, inf, None, None),
    ("swish", "relu", 0.2784645427610738, 1.2784645427610738, 0.5, 0),
    ("swish(beta=100)", "relu", 0.002784645427610738, 0.012784645427610738, 0.5, 0),
    ("gelu", "relu", 0.16997120747990366, 0.7517915246935645, 0.5, 0),
    ("elu", "relu", 1, inf, 1, 0),
    ("relu", "leaky_relu", inf, inf, 0.01, None),
    ("tanh", "erf", None, None, 2 / pi**0.5 - 1, 0),
    ("step", "logistic", 0.5, 0, 0.25, 0),
    ("elu", "celu", 0, None, 0, None),
    ("tanh", "2*sigmoid(2*x) - 1", 0, None, 0, None),
    ("swish", "x/(1 + exp(-x))", 0, None, 0, None),
    ("tanh", "hard_tanh", 1 - np.tanh(1), 1, 1 - 0.419974341614026, 1),
    ("relu", "gelu", 0.16997120747990366, 0.7517915246935645, 0.5, 0),
    ("mish", "relu", 0.3088434130172504, 1.1924312145154952, 0.6, 0),
    ("square", "relu", inf, inf, inf, inf),
    ("identity", "x + sin(x)", 1, None, 1, None),
    # periodic: cos(x) - 1 - sin(2x) has its turns where 4sin(x)^2 - sin(x) - 2 = 0
    ("sine", "snake", inf, None, SNAKED, None),
    ("snake", "where(x > 3, sin(x), x)", inf, None, SNAKED, None),
    # waves that come near to their envelope, sqrt(2)*logistic(x) and 1 - 1/(2x^2)
    ("logistic(x)*sin(x)", "logistic(x)*cos(x)", 2**0.5, inf, 2**0.5, inf),
    ("cosine", "sinc", None, None, 1, inf),
    ("sinlu", "coslu", 2**0.5, inf, 2**0.5, inf),
    # limits that are touched
    ("sqrt_softplus", "identity", inf, inf, 1, inf),
    ("sqrt_softplus", "tanh_shrink", inf, inf, 1, inf),
    ("elu", "max_logistic", 1, inf, None, None),
]  # fmt: skip


@pytest.mark.parametrize("case", KNOWN, ids=lambda case: f"{case[0]} {case[1]}")
def test_known_distances(case):
    a, b, *expected = case
    value, gradient = between(a, b)
    found = [value.value, value.where, gradient.value, gradient.where]
    for k, (number, known) in enumerate(zip(found, expected, strict=True)):
        if known is not None:
            number = abs(number) if k % 2 else number
            assert number == (near(known, 1e-6, 1e-6) if k % 2 else near(known)), found


def test_quick_gelu_is_off_by_2_percent():
    value, gradient = between("gelu", "quick_gelu")
    assert value.value == near(0.020334872209239, 1e-9)
    assert value.low <= value.value <= value.high
    assert value.high - value.low < 1e-14
    assert gradient.value is not None


@pytest.mark.parametrize("beta", [0.5, 1, 2, 7.25])
def test_swish_tends_to_relu_as_one_over_beta(beta):
    """sup |swish - relu| is W(1/e)/beta: the root of w*exp(w) = 1/e."""
    value, _ = between(f"swish(beta={beta})", "relu")
    w = value.value * beta
    assert w * exp(w) == near(exp(-1))


PAIRS = [
    ("gelu", "swish"), ("mish", "swish"), ("softplus", "squareplus"), ("tanh", "softsign"),
    ("logistic", "hard_sigmoid"), ("swish", "hard_swish"), ("relu", "elu"), ("gelu", "elu"),
    ("tanhexp", "mish"), ("sine", "tanh"), ("hard_shrink", "soft_shrink"), ("atlu", "gelu"),
    ("elish", "ft_swish"), ("sqrt_softplus", "gelu"), ("serf", "mish"), ("srelu", "gelu"),
    ("x*exp(-x**2)", "sin(x)/(1 + x**2)"), ("max(x, 0.1*x)", "where(x > 1, x, tanh(x))"),
]  # fmt: skip


@pytest.mark.parametrize("pair", PAIRS, ids=" ".join)
def test_no_sample_is_above_and_one_comes_near(pair):
    f, g = (actcli.activation(text) for text in pair)
    far = np.geomspace(1e-9, 1e6, 2000)
    x = np.concatenate([np.linspace(-40, 40, 80_001), far, -far])
    kinks = [cut.x for h in (f, g) for cut in h.cuts(-40, 40)]
    x = np.setdiff1d(x, kinks)
    for distance, read in zip(distances(f.tree, g.tree), ("__call__", "gradient"), strict=True):
        sampled = np.max(np.abs(getattr(f, read)(x) - getattr(g, read)(x)))
        if distance.value == inf:
            assert sampled > 1e3
        else:
            assert sampled <= distance.value * (1 + 1e-9) + 1e-12
            assert sampled >= distance.value * (1 - 1e-2) - 1e-9


def test_an_interval_takes_its_ends():
    value, gradient = between("relu", "swish", (-1.0, 0.5))
    assert value.value == near(1 / (1 + exp(1)))
    assert (value.where, value.attained) == (-1.0, True)
    assert gradient.value == near(0.5)
    value, gradient = between("exp(x)", "x**2", (-1.0, 3.0))
    assert (value.value, value.where) == (near(exp(3) - 9), 3.0)
    assert (gradient.value, gradient.where) == (near(exp(3) - 6), 3.0)


def test_an_interval_without_the_difference_has_none():
    value, gradient = between("relu", "elu", (0.0, 5.0))
    assert (value.value, gradient.value) == (0, 0)


def test_a_jump_counts_with_both_sides_and_its_value():
    value, _ = between("step", "identity", (-0.25, 0.5))
    assert (value.value, value.where) == (1, 0)
    value, _ = between("step", "identity", (-0.25, 0.0))  # step(0) = 0, and 1 is right of the end
    assert (value.value, value.where) == (0.25, -0.25)


def test_too_few_cells_leave_it_open():
    tanh, erf = actcli.activation("tanh"), actcli.activation("erf")
    distance = supremum(FormulaDifference(tanh.tree, erf.tree), 0, 3)
    assert (distance.value, distance.where) == (None, None)
    assert "undecided" in distance.detail


def test_a_pole_is_endless():
    value, _ = between("1/x", "identity", (-1.0, 1.0))
    assert value.value == inf or value.value is None
    assert value.low == inf or value.value is None


SPLIT = [
    "x*logistic(x)", "x*normal_cdf(x)", "tanh(x)", "erf(x)", "softplus(x)", "expm1(x)",
    "x*tanh(softplus(x))", "algebraic(x)", "algebraic_cdf(x)", "root_ramp(x)", "root_gap(x)",
    "algebraic_gate(x)", "arctan_gate(x)", "tanh_gap(x)", "exp_gap(x)", "erfc(x)",
    "(x**3 + tanh(2*x))*(1 - softplus(-3*x))", "(x - 1)/(1 + exp(-x))", "(2*x + expm1(x))/3",
]  # fmt: skip


@pytest.mark.parametrize("text", SPLIT)
@pytest.mark.parametrize("side", [-1, 1])
def test_terms_apart_are_the_same_formula(text, side):
    tree = actcli.activation(text).tree
    apart = split(tree, side)
    for x in (-37.5, -3.25, -0.5, 0.0, 0.125, 2.75, 19.0):
        gap = enclosure(tree.read(enclosure(x))) - enclosure(apart.read(enclosure(x)))
        assert gap.contains(0)
        assert gap.width < 1e-15 * (1 + float(enclosure(tree.read(enclosure(x))).magnitude))


def test_far_out_a_gate_keeps_its_digits():
    gate = actcli.activation("x*logistic(x) - x").tree
    (naive,) = [enclosure(gate.read(enclosure(1e60)))]
    apart = enclosure(split(gate, 1).read(enclosure(1e60)))
    assert naive.width > 1
    assert apart.width < 1e-300
    assert str(split(node(Node("x") * 2), 1)) in ("2*x", "x*2")


@pytest.mark.parametrize(("f", "g"), [("gelu", "swish"), ("tanh", "erf"), ("hard_swish", "mish")])
@pytest.mark.parametrize("order", [0, 1])
def test_what_a_sweep_is_done_with_is_not_above_what_is_reached(f, g, order):
    gap = FormulaDifference(actcli.activation(f).tree, actcli.activation(g).tree)
    pairs = list(gap.pairs.values())
    least, swept = sweep(pairs, order, 0.0)
    for pair, left in zip(pairs, swept, strict=True):
        kept = [ends for _, *ends in (*left.turns, *left.cells)]
        ends = [place.number for place in pair.ends if place.finite]
        at_ends = [abs(float(pair.at(0, order, enclosure(x))[0].low)) for x in ends]
        most = max([least, *at_ends, *(top for top, _ in left.points)])
        low, high = max(pair.low, -60.0), min(pair.high, 60.0)
        for k in range(1, 300):
            x = low + (high - low) * k / 300
            size = abs(float(pair.at(0, order, enclosure(x))[0].low))
            assert size <= most * (1 + 1e-12) or any(a <= x <= b for a, b in kept), x


@pytest.mark.parametrize(
    ("pair", "order"),
    [("sqrt_softplus tanh_shrink", 1), ("softsign arctan", 0), ("celu max_logistic", 0),
     ("sine snake", 1), ("sinlu cosine", 1), ("sqrt_softplus sinlu", 1)],
)  # fmt: skip
def test_limits_that_are_touched_take_no_cutting(pair, order):
    """Of the 4,000 cells, with which some of these stayed open."""
    f, g = (actcli.activation(name).tree for name in pair.split())
    assert supremum(FormulaDifference(f, g), order, 400).value is not None


TINY = {  # f, and what is added to it, times a power of ten: in units of that the suprema on [-1, 2]
    "exp(x)": ("x", 2, 1), "tanh(x)": ("exp(-x)", exp(1), exp(1)), "sin(3*x)": ("1/(2 + x)", 1, 1),
    "gelu(x)": ("x*x - x", 2, 3), "x*x": ("x**3", 8, 12), "x**3 - x": ("sin(x)*x", 2 * sin(2), None),
    "sqrt(x + 3)": ("softplus(x)", log(1 + exp(2)), 1 / (1 + exp(-2))),
}  # fmt: skip


@pytest.mark.parametrize("power", [28, 37, 50, 60, 120, 300])
@pytest.mark.parametrize("text", TINY)
def test_differences_keep_their_digits_however_much_cancels(text, power):
    """Enclosures of 128 bits lose them from 1e-28 on, and the middle of one was printed."""
    more, *sizes = TINY[text]
    f, g = (actcli.activation(t) for t in (text, f"{text} + 1e-{power}*({more})"))
    for ask in (distances(f.tree, g.tree, (-1.0, 2.0)), compared(f, g, (-1.0, 2.0))):
        for found, size in zip(ask, sizes, strict=True):
            if size is not None:
                truth = float(f"{size!r}e-{power}")
                assert found.value == pytest.approx(truth, rel=1e-10)
                assert found.low <= truth * (1 + 1e-15)
                assert truth * (1 - 1e-15) <= found.high
