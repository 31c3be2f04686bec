"""Limits near infinity against hand-derived ones, and signs against values far out in mpmath."""

import math
import time
from fractions import Fraction

import mpmath
import pytest
from flint import arb
from mpmath import mp, mpf

import actcli
from actcli.expressions.node import Node, node
from actcli.expressions.program import Program, derivatives
from actcli.numbers.interval import Enclosure
from actcli.numbers.jet import Jet
from actcli.primitives import PRIMITIVES
from actcli.proofs.asymptotics import NONE, UNKNOWN, Answer, at_infinity, bounded, limit, read
from actcli.proofs.asymptotics.coefficients import bounds_of
from actcli.proofs.asymptotics.limits import plain
from actcli.proofs.asymptotics.rules import WAVES

LEFT, RIGHT, INF = -1, 1, math.inf
X = Node("x")


def outer(formula, side):
    """The formula without its branches, as it reads near side*infinity."""
    x = at_infinity(side)

    def sign(part):
        return read([part], x)[0].sign

    def go(part):
        if not isinstance(part, Node):
            return part
        if part.op == "where":
            holds = sign(Node("where", (part.args[0], node(1), node(0))))
            return go(part.args[1] if holds == 1 else part.args[2])
        if part.op in ("max", "min"):
            falling = sign(part.args[0] - part.args[1]) == 1
            return go(part.args[0 if falling == (part.op == "max") else 1])
        if part.op == "call" and part.args[0].name in ("abs", "softsign", "softsign_cdf"):
            u, side = go(part.args[1]), sign(part.args[1])
            if part.args[0].name == "abs":
                return u if side == 1 else -u
            if part.args[0].name == "softsign":
                return u / (1 + side * u)
            return 1 - 0.5 / (1 + u) if side == 1 else 0.5 / (1 - u)
        return Node(part.op, tuple(map(go, part.args)))

    return go(plain(formula))


def found(text, side, order=0):
    """The limit of the derivative of that order as a float, an infinity, NONE or UNKNOWN."""
    formula = outer(actcli.activation(text).tree, side)
    (answer,) = limit([derivatives(formula, order)[order]], side)
    if isinstance(answer, Enclosure):
        assert answer.width < 1e-30
        return float(((answer.low + answer.high) / 2).mid())
    return answer


@pytest.mark.parametrize("name", actcli.names())
def test_every_function_has_an_answer(name):
    for side in (LEFT, RIGHT):
        formulas = derivatives(outer(actcli.activation(name).tree, side), 2)
        assert all(answer is not UNKNOWN for answer in limit(formulas, side)), side
        assert all(bounded(formula, side) is not None for formula in formulas), side


@pytest.mark.parametrize("name", ["gelu_tanh", "mish", "serf", "phish", "smish", "coslu"])
def test_speed(name):
    program = Program(derivatives(actcli.activation(name).tree, 1))
    times = []
    for _ in range(7):
        start = time.process_time()
        limit(program, RIGHT)
        times.append(time.process_time() - start)
    assert min(times) < 0.02  # about 0.003 on an idle machine


PUBLISHED = [
    # function, side, limit of f, limit of f'
    ("swish", LEFT, 0, 0), ("swish", RIGHT, INF, 1), ("atlu", LEFT, -1 / math.pi, 0),
    ("selu", LEFT, -1.7580993408473766, 0), ("selu", RIGHT, INF, 1.0507009873554805),
    ("celu(alpha=2.5)", LEFT, -2.5, 0), ("softsign", LEFT, -1, 0), ("snake", RIGHT, INF, NONE),
    ("snake", LEFT, -INF, NONE), ("sinc", LEFT, 0, 0), ("sinc", RIGHT, 0, 0),
    ("gcu", LEFT, NONE, NONE), ("gcu", RIGHT, NONE, NONE), ("nlrelu", RIGHT, INF, 0),
    ("tanhexp", RIGHT, INF, 1), ("tanhexp", LEFT, 0, 0), ("gish", RIGHT, INF, math.log(2)),
    ("logish", RIGHT, INF, math.log(2)), ("smish", RIGHT, INF, 0.6), ("dsilu", LEFT, 0, 0),
    ("dsilu", RIGHT, 1, 0), ("serf", LEFT, 0, 0), ("serf", RIGHT, INF, 1), ("phish", LEFT, 0, 0),
    ("phish", RIGHT, INF, 1), ("xielu", LEFT, INF, -0.3), ("xielu", RIGHT, INF, INF),
    ("smu", LEFT, -INF, 0.25), ("smu", RIGHT, INF, 1), ("sine", RIGHT, NONE, NONE),
    ("cos_minus_identity", RIGHT, -INF, NONE), ("sinlu", RIGHT, INF, NONE),
    ("sinlu", LEFT, 0, 0), ("softplus", LEFT, 0, 0), ("softplus", RIGHT, INF, 1),
    ("squareplus", LEFT, 0, 0), ("arctan", LEFT, -math.pi / 2, 0), ("isru(alpha=4)", RIGHT, 0.5, 0),
    ("bent_identity", LEFT, -INF, 0.5), ("bent_identity", RIGHT, INF, 1.5),
    ("soft_exponential", LEFT, -1.5, 0), ("gelu", LEFT, 0, 0), ("pflu", LEFT, 0, 0),
    ("sqrt_softplus", RIGHT, INF, 0), ("ft_swish", LEFT, -0.2, 0), ("lisht", LEFT, INF, -1),
]  # fmt: skip


@pytest.mark.parametrize(("name", "side", "value", "slope"), PUBLISHED)
def test_published_limits(name, side, value, slope):
    for order, expected in enumerate((value, slope)):
        answer = found(name, side, order)
        if isinstance(expected, Answer) or math.isinf(expected):
            assert answer == expected
        else:
            assert answer == pytest.approx(expected, rel=1e-15, abs=0)


TYPED = [
    ("x*exp(-x)", -INF, 0), ("exp(x)/(1 + exp(x))", 0, 1), ("1/(1 + exp(-x))", 0, 1),
    ("x/(1 + exp(-1.702*x))", 0, INF), ("log(1 + exp(x))", 0, INF),
    ("(x + sqrt(x**2 + 4))/2", 0, INF), ("tanh(x) + 1", 0, 2),
    ("0.5*x*(1 + erf(x/sqrt(2)))", 0, INF),
    ("0.5*x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))", 0, INF),
    ("sqrt(x**2 + x) + x", -0.5, INF), ("exp(x*log(1 + 1/x))", math.e, math.e),
    ("exp(sqrt(x**2 + x))/exp(x)", INF, math.exp(0.5)), ("exp(exp(x))*exp(-exp(x))", 1, 1),
    ("log(1 + exp(exp(x)))", math.log(2), INF), ("exp(-(x - 0.7)**2/2)", 0, 0),
    ("sin(x**2)", NONE, NONE), ("sin(x) + sin(3*x)", NONE, NONE), ("1/(2 + sin(x))", NONE, NONE),
    ("sin(sqrt(x**2 + 1))", NONE, NONE), ("exp(-x)*sin(exp(x))", 1, 0), ("x*sin(x)", NONE, NONE),
    ("x + 2*sin(x)", -INF, INF), ("x**2*sin(1/x)", -INF, INF), ("x - x*sin(x)", NONE, NONE),
    ("exp(-x**2*(2 + sin(x)))", 0, 0), ("exp(-x - sin(x))", INF, 0), ("atanh(tanh(x))", -INF, INF),
    ("x*logistic(x) - x", INF, 0), ("pi - pi*logistic(x)", math.pi, 0), ("x**100", INF, INF),
    ("exp(x*log(2))", 0, INF), ("(x**2)**0.3", INF, INF), ("exp(x) - exp(x)", 0, 0),
    ("smish(x) - 0.6*x", INF, 0), ("x*(logistic(log(3 + exp(-x**2))) - 0.75)", 0, 0),
    ("x*(sech(log(2 + 1/x)) - 0.8)", -0.24, -0.24), ("x*(exp(log(2 + 1/x)*2) - 4)", 4, 4),
    ("x*(tanh(log(2 + exp(-x**2))/3) - tanh(log(2)/3))", 0, 0),
]  # fmt: skip


@pytest.mark.parametrize(("text", "left", "right"), TYPED)
def test_typed_formulas(text, left, right):
    for side, expected in ((LEFT, left), (RIGHT, right)):
        answer = found(text, side)
        if isinstance(expected, Answer):
            assert answer is expected
        else:
            assert answer == pytest.approx(expected, rel=1e-15, abs=0)


def test_what_stays_unknown_is_said():
    assert found("log(x)", LEFT) is UNKNOWN  # not defined there
    assert found("sin(x)*sin(pi*x)", RIGHT) is UNKNOWN  # two frequencies that share no phase
    assert found("exp(pi*log(x))", RIGHT) is UNKNOWN  # an irrational power


def test_bounded():
    for text, expected in (("x*cos(x)", False), ("x*sin(x)**2", False), ("sin(x)", True),
                           ("x*exp(-x**2)*cos(x)", True), ("log(2 + x**2)", False)):  # fmt: skip
        for side in (LEFT, RIGHT):
            assert bounded(actcli.activation(text).tree, side) is expected


def test_signs():
    for text, side, sign in (
        ("tanh", RIGHT, 1), ("tanh", LEFT, -1), ("swish", LEFT, -1), ("phish", LEFT, 1),
        ("dsilu", RIGHT, 1), ("atlu", LEFT, -1), ("tanh(x) + 1", LEFT, 1), ("sinc", RIGHT, None),
        ("swish", RIGHT, 1),
    ):  # fmt: skip
        (g,) = read([actcli.activation(text).tree], at_infinity(side))
        assert g.sign == sign


def test_phase():
    x = at_infinity(RIGHT, (Fraction(3, 5), Fraction(4, 5)))
    sin, cos = PRIMITIVES["sin"], PRIMITIVES["cos"]
    assert sin(x).limit().contains(Fraction(4, 5))
    assert cos(2 * x).limit().contains(Fraction(9 - 16, 25))
    assert (x * cos(x)).limit() == INF
    assert (x * sin(-x)).limit() == -INF
    assert sin(x / 2).limit() is UNKNOWN


def test_jets_of_expansions():
    slope = actcli.activation("softsign").read(Jet(at_infinity(RIGHT), 1)).slope
    assert ((slope * at_infinity(RIGHT) ** 2).limit()).contains(1)


# -- primitives against mpmath --------------------------------------------------------------------
def bessel(n, x):
    return mp.sqrt(mp.pi / (2 * abs(x))) * mp.besselj(n + mpf(1) / 2, abs(x)) / abs(x) ** n


MP = {
    "exp": mp.exp, "expm1": mp.expm1, "log1p": lambda x: mp.log(1 + x), "sinh": mp.sinh,
    "cosh": mp.cosh, "tan": mp.tan, "asinh": mp.asinh, "atanh": mp.atanh, "arctan": mp.atan,
    "tanh": mp.tanh, "logistic": lambda x: 1 / (1 + mp.exp(-x)), "sin": mp.sin, "cos": mp.cos,
    "softplus": lambda x: mp.log(1 + mp.exp(x)), "erf": mp.erf, "erfc": mp.erfc,
    "normal_cdf": lambda x: mp.erfc(-x / mp.sqrt(2)) / 2, "softsign": lambda x: x / (1 + abs(x)),
    "softsign_cdf": lambda x: (1 + x / (1 + abs(x))) / 2,
    "algebraic": lambda x: x / mp.sqrt(1 + x * x),
    "algebraic_cdf": lambda x: (1 + x / mp.sqrt(1 + x * x)) / 2,
    "algebraic_gate": lambda x: x * (1 + x / mp.sqrt(1 + x * x)) / 2,
    "algebraic_gate_slope": lambda x: (
        (1 + x / mp.sqrt(1 + x * x) * (1 + 1 / (1 + x * x))) / 2
    ),
    "root_ramp": lambda x: (x + mp.sqrt(1 + x * x)) / 2,
    "root_gap": lambda x: mp.sqrt(1 + x * x) - 1,
    "tanh_gap": lambda x: x - mp.tanh(x), "exp_gap": lambda x: mp.expm1(x) - x,
    "arctan_gate": lambda x: x * (mp.atan(x) / mp.pi + mpf(1) / 2),
    "arctan_gate_slope": lambda x: mp.atan(x) / mp.pi + mpf(1) / 2 + x / (mp.pi * (1 + x * x)),
    "sinc": lambda x: mp.sin(x) / x, "sinc_1": lambda x: bessel(1, x),
    "sinc_2": lambda x: bessel(2, x), "sinc_3": lambda x: bessel(3, x),
    "sqrt": mp.sqrt, "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)), "sech": mp.sech,
    "log": mp.log, "abs": abs, "sign": mp.sign,
}  # fmt: skip
UNBOUNDED_BELOW = {"log1p", "atanh", "sqrt", "log"}


def at(g, t):
    """The terms of an expansion at t, in mpmath."""

    def number(c):
        middle = (bounds_of(c).low + bounds_of(c).high) / 2
        return mpmath.mpf(arb(middle).str(40, radius=False))

    def monomial(m):
        p, q, r = (mpf(int(a.p)) / int(a.q) for a in m.powers)
        size = t**p * mp.log(t) ** q * mp.log(mp.log(t)) ** r
        return size * mp.exp(mp.fsum(number(c) * monomial(n) for c, n in m.exponent))

    return mp.fsum(number(c) * monomial(m) for c, m in g.terms), (
        0 if g.rest is None else monomial(g.rest)
    )


def check(name, g, value, t):
    """Value and expansion agree to a moderate multiple of the rest, which is not large itself."""
    assert g.known, name
    assert g.terms, name
    estimate, rest = at(g, mpf(t))
    assert abs(estimate - value) <= 300 * rest + abs(value) * mpf(10) ** -35, (name, t)
    assert rest <= 1e-3 * abs(value), (name, t)


@pytest.fixture
def digits():
    with mp.workdps(400):
        yield


@pytest.mark.parametrize("name", sorted(PRIMITIVES))
def test_primitive_near_infinity(name, digits):
    if name in WAVES:
        point = (Fraction(3, 5), Fraction(4, 5))
        t = mp.acos(mpf(3) / 5) + 100 * mp.pi
        g = PRIMITIVES[name](at_infinity(RIGHT, point))
        assert abs(at(g, t)[0] - MP[name](t)) < mpf(10) ** -30
        return
    for side in (LEFT, RIGHT):
        if name in UNBOUNDED_BELOW and (side < 0 or name == "atanh"):
            assert not PRIMITIVES[name](at_infinity(side)).known
            continue
        check(name, PRIMITIVES[name](at_infinity(side)), MP[name](mpf(side * 200)), 200)


@pytest.mark.parametrize("name", sorted(PRIMITIVES))
def test_primitive_near_zero(name, digits):
    for side in (LEFT, RIGHT):
        small = 1 / at_infinity(side)
        if name in ("log", "sqrt") and side < 0:
            assert not PRIMITIVES[name](small).known
            continue
        check(name, PRIMITIVES[name](small), MP[name](1 / mpf(side * 5000)), 5000)


@pytest.mark.parametrize("name", sorted(PRIMITIVES))
def test_primitive_near_a_number(name, digits):
    for start in (0.625, -0.625):
        near = at_infinity(RIGHT) ** -1 + start
        if name in ("log", "sqrt") and start < 0:
            assert not PRIMITIVES[name](near).known
            continue
        check(name, PRIMITIVES[name](near), MP[name](mpf(start) + 1 / mpf(10**6)), 10**6)


def test_nested_exponentials(digits):
    x = at_infinity(RIGHT)
    exp, tanh = PRIMITIVES["exp"], PRIMITIVES["tanh"]
    grown = exp(exp(x))
    assert (grown / x**1000 / exp(1000 * x)).limit() == INF
    assert ((1 - tanh(exp(x))) * grown).limit().contains(0)
    assert ((1 - tanh(exp(x))) * grown**2).limit().contains(2)
    assert (exp(exp(x) + 1 / x) - grown).limit() == INF
