"""The primitives as stable formulas in doubles, for languages that do not have them.

Each is written once, over the functions that every language has (BASIC), and printed as a function
of its own. They are forms of numbers/numpy_kernels.py that need no loop: series and continued
fractions are written out.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from ...numbers.exact import rational_of_double
from ...primitives import PRIMITIVES, where
from ..node import FLOAT_X, Node, compare, node

BASIC = ("exp", "expm1", "log", "log1p", "sqrt", "cbrt", "abs", "sin", "cos", "tan", "sinh", "cosh",
         "asinh", "atanh", "arctan", "tanh", "rint")  # fmt: skip
SPLITTER = (
    134217729  # 2**27 + 1: its products give the upper half of a double's digits (Dekker 1971)
)
PI = 3.141592653589793
# exp(x*x) erfc(x) times (1 + 2x) is a Chebyshev series in (x - 3.75)/(x + 3.75) for x >= 0
ERFCX = (
    1.1775789345674017, -0.004590054580646478, -0.08424913336651792, 0.05920993999819189,
    -0.026658668435305753, 0.009074997670705265, -0.002413163540417608, 0.0004907758365258086,
    -6.916973302501207e-05, 4.13902798607301e-06, 7.74038306619849e-07, -2.1886401049234397e-07,
    1.076499946567091e-08, 4.521959811218287e-09, -7.754400208831351e-10, -6.318088340886684e-11,
    2.86879501093067e-11, 1.9455868545777347e-13, -9.65469674843344e-13, 3.25254814814874e-14,
    3.3478119482868056e-14, -1.864562880419313e-15, -1.2507950530688648e-15,
    7.418235256624044e-17, 5.068148904796111e-17, -2.2370566594359995e-18, -2.187342944303018e-18,
)  # fmt: skip


def call(name: str, x: Any, *constants: Any) -> Any:
    """A primitive, or another form of this table, at x."""
    known = PRIMITIVES.get(name) or HELPERS[name]
    return Node("call", (known, node(x), *map(node, constants)))


class Helper:
    """A function of this table that is no primitive; rint rounds to a whole number."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.needs = self.plain = None  # as of primitives that have a value everywhere


HELPERS = {
    name: Helper(name)
    for name in (
        "erfcx", "bell", "hypot_1", "over_1_plus_square", "sqrt_softplus", "root_share",
        "x_sinc_1", "x_sinc_2", "xx_sinc_2", "cos_less_x_sin", "sin_sum", "cos_sum", "product",
        "bell_root", "bell_rest",
        "sech_square",
        "rint",
    )
}  # fmt: skip


def double(value: float) -> Node:
    """Exactly this double, not the decimal that prints it."""
    return Node("number", (rational_of_double(value),))


def _abs(x: Any) -> Any:
    return call("abs", x)


def _max(a: Any, b: Any) -> Any:
    return Node("max", (node(a), node(b)))


def _min(a: Any, b: Any) -> Any:
    return Node("min", (node(a), node(b)))


def _where(condition: Any, a: Any, b: Any) -> Any:
    return node(where(condition, node(a), node(b)))


def _square(x: Any) -> Any:
    return node(x * x)


def _upper_half(x: Node) -> Any:
    """The upper half of the digits of a double, whose square is exact."""
    scaled = SPLITTER * x
    return scaled - (scaled - x)


def _sign(x: Node) -> Any:
    return _where(x > 0, 1, _where(x < 0, -1, x))


def _expm1(x: Node) -> Any:
    """By Kahan's form, whose rounding errors cancel."""
    power = call("exp", x)
    near = _where(_abs(x) < 1, _where(power.equals(1), 0.5, power), 0.5)
    small = _where(power.equals(1), x, (power - 1) * x / call("log", near))
    return _where(_abs(x) < 1, small, power - 1)


def _log1p(x: Node) -> Any:
    """By Kahan's form, whose rounding errors cancel."""
    total = _where(_abs(x) < 1, 1 + x, 2)
    log = call("log", _where(total.equals(1), 2, total))
    near = _where(total.equals(1), x, log * x / _where(total.equals(1), 1, total - 1))
    return _where(_abs(x) < 1, near, call("log", 1 + x))


def _cbrt(x: Node) -> Any:
    size = _where(x.equals(0), 1, _abs(x))
    root = call("exp", call("log", size) / 3)
    root = root - (root - size / root / root) / 3  # one step of Newton's method
    return _where(x.equals(0), x, _where(x < 0, -root, root))


def _tanh(x: Node) -> Any:
    e = call("expm1", -2 * _abs(x))
    size = -e / (2 + e)
    return _where(_abs(x) < 1e-9, x, _where(x < 0, -size, size))


def _sinh(x: Node) -> Any:
    half = call("exp", _abs(x) / 2)  # whose square overflows later than exp
    e = call("expm1", _min(_abs(x), 40))
    size = _where(_abs(x) < 22, (e + e / (1 + e)) / 2, half / 2 * half)
    return _where(x < 0, -size, size)


def _cosh(x: Node) -> Any:
    half = call("exp", _abs(x) / 2)
    return half / 2 * half + 0.5 / half / half


def _asinh(x: Node) -> Any:
    size = _min(_abs(x), 1e9)
    near = call("log1p", size + size * size / (1 + _hypot_1(size)))
    far = call("log", _max(_abs(x), 1)) + double(0.6931471805599453)
    found = _where(_abs(x) < 1e9, near, far)
    return _where(_abs(x) < 1e-9, x, _where(x < 0, -found, found))


def _atanh(x: Node) -> Any:
    size = call("log1p", 2 * _abs(x) / (1 - _abs(x))) / 2
    return _where(_abs(x) < 1e-9, x, _where(x < 0, -size, size))


def _arctan(x: Node) -> Any:
    """Halved twice, by tan(t/2) = tan(t)/(1 + sqrt(1 + tan(t)^2)), then by its series."""
    size = _abs(x)
    near = _where(size > 1, 1 / _max(size, 1), size)
    t: Any = near
    for _ in range(2):
        t = t / (1 + call("sqrt", 1 + t * t))
    square, total = t * t, node(0)
    for k in range(13, -1, -1):
        total = 1 / node(2 * k + 1) - square * total
    angle = 4 * (t * total)
    angle = _where(size > 1, double(PI / 2) - angle, angle)
    return _where(size < 1e-9, x, _where(x < 0, -angle, angle))


def _sech(x: Node) -> Any:
    e = call("exp", -_abs(x))
    return 2 * e / (1 + e * e)


def _sech_square(x: Node) -> Any:
    q, t = call("exp", -2 * _abs(x)), call("tanh", x)
    return _where(_abs(x) < 0.5, 1 - t * t, 4 * q / _square(1 + q))


def _logistic(x: Node) -> Any:
    e = call("exp", -_abs(x))
    return _where(x >= 0, 1 / (1 + e), e / (1 + e))


def _softplus(x: Node) -> Any:
    return _max(x, 0) + call("log1p", call("exp", -_abs(x)))


def _erfcx(x: Node) -> Any:
    t = _where(x < 1e300, (x - 3.75) / (x + 3.75), 1)
    before: Any = double(ERFCX[-1])
    here: Any = 2 * t * before + double(ERFCX[-2])
    for coefficient in ERFCX[-3:0:-1]:
        before, here = here, 2 * t * here - before + double(coefficient)
    return (t * here - before + double(ERFCX[0])) / (1 + 2 * x)


def _exp_near_0(x: Any) -> Any:
    """exp for |x| < 1e-4: compilers make one exp of a product of two, which rounds their sum."""
    return 1 + x * (1 + x / 2 * (1 + x / 3))


def _bell(x: Node) -> Any:
    """exp(-x*x/2); in one exp the rounding of x*x would be magnified."""
    size = _min(_abs(x), 60)
    near = _upper_half(size)
    return call("exp", -near * near / 2) * _exp_near_0((near - size) * (near + size) / 2)


def _bell_root(x: Node) -> Any:
    """normal_cdf(x) is bell_rest(x) times the square of this, for x < 0."""
    near = _upper_half(_min(_abs(x), 60))
    return call("exp", -near * near / 4)


def _bell_rest(x: Node) -> Any:
    size = _min(_abs(x), 60)
    near = _upper_half(size)
    rest = _exp_near_0((near - size) * (near + size) / 2)
    return rest * call("erfcx", size * double(ROOT_HALF)) / 2


ROOT_2, ROOT_HALF = 1.4142135623730951, 0.7071067811865476


def _erfc(x: Node) -> Any:
    # exp(-x*x) as the bell of sqrt(2)*x would round the product: it is taken of x itself
    size = _min(_abs(x), 40)
    near = _upper_half(size)
    bell = call("exp", -near * near) * _exp_near_0((near - size) * (near + size))
    upper = bell * call("erfcx", size)
    return _where(x < 0, 2 - upper, upper)


def _erf(x: Node) -> Any:
    square = _min(x * x, 1)
    total: Any = node(0)
    factorial = [1]
    for n in range(1, 15):
        factorial.append(factorial[-1] * n)
    for n in range(14, -1, -1):
        total = 1 / node(factorial[n] * (2 * n + 1)) - square * total
    series = double(1.1283791670955126) * x * total
    far = _where(x < 0, call("erfc", -x) - 1, 1 - call("erfc", x))
    return _where(_abs(x) > 0.5, far, series)


def _normal_cdf(x: Node) -> Any:
    upper = call("bell", x) * call("erfcx", _abs(x) * double(ROOT_HALF)) / 2
    return _where(x < 0, upper, 1 - upper)


def _hypot_1(x: Node) -> Any:
    """sqrt(1 + x*x), without overflow."""
    size = _abs(x)
    return _where(size < 1e8, call("sqrt", 1 + _square(_min(size, 1e8))), size)


def _over_1_plus_square(x: Node, w: Any = 1) -> Any:
    """w/(1 + x*x), without overflow."""
    return _where(_abs(x) < 1e8, w / (1 + _square(_max(_min(x, 1e8), -1e8))), w / x / x)


def _sqrt_softplus(x: Node) -> Any:
    return _where(x < -50, call("exp", x / 2), call("sqrt", call("softplus", x)))


def _root_share(x: Node) -> Any:
    """logistic(x)/sqrt(softplus(x))."""
    share = call("logistic", x) / call("sqrt", call("softplus", _max(x, -50)))
    return _where(x < -50, call("exp", x / 2), share)


def _softsign(x: Node) -> Any:
    return _where(_abs(x) < 1e300, x / (1 + _abs(x)), _sign(x))


def _softsign_cdf(x: Node) -> Any:
    half = 0.5 / (1 + _abs(x))
    return _where(x < 0, half, 1 - half)


def _algebraic(x: Node) -> Any:
    return _where(_abs(x) < 1e300, x / _hypot_1(x), _sign(x))


def _algebraic_cdf(x: Node) -> Any:
    root = _hypot_1(x)
    share = 0.5 / root / (root + _abs(x))
    return _where(x < 0, share, 1 - share)


def _root_ramp(x: Node) -> Any:
    half = _hypot_1(x) / 2 + _abs(x) / 2
    return _where(x < 0, 0.25 / half, half)


def _algebraic_gate(x: Node) -> Any:
    far = _where(x < -1e8, x, -1)  # where the share would be 0 too soon
    return _where(x < -1e8, 0.25 / far, x * call("algebraic_cdf", _max(x, -1e8)))


def _root_gap(x: Node) -> Any:
    root = _hypot_1(x)
    return _where(_abs(x) < 1, x * x / (root + 1), root - 1)


def _algebraic_gate_slope(x: Node) -> Any:
    root = _hypot_1(x)
    return (1 / root + x) / root * (call("root_ramp", x) / root)


def _tanh_gap(x: Node) -> Any:
    square = _square(_min(_abs(x), 1))
    tail: Any = square / 29
    for odd in range(27, 1, -2):
        tail = square / (odd + tail)
    return _where(_abs(x) < 1, x * (tail / (1 + tail)), x - call("tanh", x))


def _exp_gap(x: Node) -> Any:
    near = _max(_min(x, 1), -1)
    tail: Any = node(1)
    for n in range(23, 2, -1):
        tail = 1 + tail * near / n
    return _where(_abs(x) < 1, near * near / 2 * tail, call("expm1", x) - x)


def _arctan_gate(x: Node) -> Any:
    near = _max(x, -1e100)  # whose inverse is no subnormal number
    share = _where(x < -1, call("arctan", -1 / near), call("arctan", x) + double(PI / 2))
    return near * (share / double(PI))


def _arctan_gate_slope(x: Node) -> Any:
    t = -1 / _min(x, -1)
    # arctan(t) - t/(1 + t*t) by Euler's series, whose terms are positive
    near = _min(t, 0.6)
    share = near * near / (1 + near * near)
    series: Any = node(0)
    for k in range(30, 0, -1):
        series = share * (1 + series) * (2 * k) / (2 * k + 1)
    series = series * near / (1 + near * near)
    tail = _where(t < 0.6, series, call("arctan", t) - t / (1 + t * t))
    size = _min(_abs(x), 1e100)
    rest = _where(x < 0, -size, size) / (1 + size * size)
    return _where(x < -1, tail / double(PI), 0.5 + (call("arctan", x) + rest) / double(PI))


PI_PARTS = (
    3.1415926534682512,
    1.215420100718692e-10,
    5.825464112186712e-20,
)  # of 31, 31 and 53 digits


def _beside_roots(x: Node, wave: str, near: Node) -> Any:
    """cos(x) - x*sin(x), of the wave cos, or sin(x) - x*cos(x), of sin; `near` where it has no root.

    With t from a multiple of pi, or from pi/2 on, it is cos(t) - x*sin(t), or + x*sin(t), and its
    roots are where x*t is about 1, or -1.
    """
    high, middle, low = map(double, PI_PARTS)
    rate, start = (x, 0) if wave == "cos" else (-x, 0.5)
    turns = call("rint", x / double(PI) - start) + start
    a, b = x - turns * high, turns * middle
    t = a - b
    back = t - a
    rest = (a - (t - back)) - (b + back) - turns * low
    square = t * t
    cube: Any = node(1)
    for k in (110, 72, 42, 20):
        cube = 1 - square / k * cube
    product = rate * t
    gap = 1 - product - call("product", rate, t) - rate * rest
    gap = gap - 2 * _square(call("sin", t / 2)) + product * (square / 6 * cube)
    there = Node("and", (_abs(t) < 0.3, Node("and", (_abs(x) > 2, _abs(x) < 1e6))))
    return _where(there, _where(call(wave, x) < 0, -gap, gap), near)


def _cos_less_x_sin(x: Node) -> Any:
    return _beside_roots(x, "cos", call("cos", x) - x * call("sin", x))


def _bessel_quotient(n: int, power: int = 0) -> Callable[[Node], Any]:
    """j_n(x)/x^(n - power); near 0 from its series, further out by recurrence in n."""

    def form(x: Node) -> Any:
        square = x * x
        near = _min(square, n + 1)
        term = 1 / node(1)
        for k in range(1, n + 1):
            term = term / (2 * k + 1)
        # the series in Horner's form
        total: Any = node(1)
        for k in range(23, 0, -1):
            total = 1 - near * total / (2 * k * (2 * n + 2 * k + 1))
        series = total * term
        far = _where(square > n + 1, x, 1)
        before, here = call("cos", far), call("sin", far) / far
        for k in range(n):
            before, here = here, (2 * k + 1) * here - before
            for _ in range(2 if k < n - 1 else 2 - power):
                here = here / far
        for _ in range(power):
            series = series * x
        if n == power == 1:
            here = _beside_roots(far, "sin", here * far * far) / far / far
        return _where(square > n + 1, here, series)

    return form


def _product_rest(x: Node, w: Node) -> Any:
    """What the product of two doubles loses when it is rounded."""
    share_x, share_w = (_where(_abs(v) > 1e150, double(2.0**-400), 1) for v in (x, w))
    x, w = x * share_x, w * share_w  # whose splitting overflows no more
    w_1, x_1 = _upper_half(w), _upper_half(x)
    w_2, x_2 = w - w_1, x - x_1
    rest = ((w_1 * x_1 - w * x) + w_1 * x_2 + w_2 * x_1) + w_2 * x_2
    return rest / share_x / share_w


def _corrected(name: str) -> Callable[[Node, Node], Any]:
    """A primitive at x + w, of which w is what the rounding of x lost."""

    def form(x: Node, w: Node) -> Any:
        here = call(name, x)
        near = _where(_abs(x) < 1e9, w, 0)
        if name == "exp":
            return here * (1 + near)
        if name in SHARES:
            return here + here * (near * SHARES[name](x))
        return here + near * PRIMITIVES[name].derivative(x)

    return form


def _wave(first: str, second: str, sign: int) -> Callable[[Node, Node], Any]:
    """sin or cos of x + w, of which w is what the rounding of x lost, far out more than a period."""

    def form(x: Node, w: Node) -> Any:
        a, b = call(first, x) * call("cos", w), call(second, x) * call("sin", w)
        return a + b if sign > 0 else a - b

    return form


SHARES: dict[str, Callable[[Node], Any]] = {  # derivatives over the function
    "logistic": lambda x: call("logistic", -x),
    "sech": lambda x: -call("tanh", x), "sech_square": lambda x: -2 * call("tanh", x),
}  # fmt: skip
FORMS: dict[str, Callable[..., Any]] = {
    "expm1": _expm1, "log1p": _log1p, "cbrt": _cbrt, "tanh": _tanh, "sinh": _sinh, "cosh": _cosh,
    "asinh": _asinh, "atanh": _atanh, "arctan": _arctan,
    "sign": _sign, "sech": _sech, "logistic": _logistic, "softplus": _softplus, "erfcx": _erfcx,
    "bell": _bell, "erfc": _erfc, "erf": _erf, "normal_cdf": _normal_cdf, "softsign": _softsign,
    "softsign_cdf": _softsign_cdf, "algebraic": _algebraic, "algebraic_cdf": _algebraic_cdf,
    "root_ramp": _root_ramp, "root_gap": _root_gap,
    "algebraic_gate": _algebraic_gate,
    "algebraic_gate_slope": _algebraic_gate_slope, "tanh_gap": _tanh_gap, "exp_gap": _exp_gap,
    "arctan_gate": _arctan_gate, "arctan_gate_slope": _arctan_gate_slope,
    "sinc": _bessel_quotient(0), "sinc_1": _bessel_quotient(1), "sinc_2": _bessel_quotient(2),
    "sinc_3": _bessel_quotient(3), "x_sinc_1": _bessel_quotient(1, 1),
    "x_sinc_2": _bessel_quotient(2, 1), "xx_sinc_2": _bessel_quotient(2, 2), "hypot_1": _hypot_1,
    "cos_less_x_sin": _cos_less_x_sin,
    "over_1_plus_square": _over_1_plus_square, "sqrt_softplus": _sqrt_softplus,
    "root_share": _root_share, "sech_square": _sech_square,
    "bell_root": _bell_root, "bell_rest": _bell_rest,
}  # fmt: skip
PAIRS: dict[str, Callable[[Node, Node], Any]] = {
    "sin": lambda x, w: call("sin_sum", w * x, call("product", x, w)),
    "cos": lambda x, w: call("cos_sum", w * x, call("product", x, w)),
    "sin_sum": _wave("sin", "cos", 1), "cos_sum": _wave("cos", "sin", -1),
         "product": _product_rest, "over_1_plus_square": _over_1_plus_square}  # fmt: skip
W = Node("name", ("w",))


@cache
def form(name: str) -> Node:
    """The stable formula of a primitive, its plain one where this table has none; those called
    sin_of, exp_of ... have a w too."""
    if name.endswith("_of"):
        of = name.removesuffix("_of")
        return node((PAIRS.get(of) or _corrected(of))(FLOAT_X, W))
    plain = None if name in FORMS else PRIMITIVES[name].plain
    return node((plain or FORMS[name])(FLOAT_X))


__all__ = ["BASIC", "FORMS", "HELPERS", "PAIRS", "compare", "form"]
