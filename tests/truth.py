"""True values and gradients of every function of data/functions.csv, independent of actcli.

The formula text of the CSV is evaluated with mpmath in ball arithmetic: a midpoint of many bits and
a bound of its error, carried through forward-mode derivatives. Precision doubles until the whole
ball rounds to one float64, so every answer is correctly rounded, subnormals and overflow included.

Rules (those of the outside values in data/values.csv): parameters and literals mean what is written;
the gradient at a kink is the CSV's convention; where a kink or jump lies between two float64 the nearer
one is the kink.

    >>> truth("gelu:approx=tanh", -8.3)
    (-2.804071904186675e-23, -4.548817899572829e-22)
"""

import ast
import csv
import math
import operator
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path

from mpmath import libmp

DATA = Path(__file__).parent / "data"
_HUGE = 2200  # exp(u) is not computed for |u| beyond 2**2200 (exp(-exp(1e308)))
_FAR = 500  # tanh, erf and erfc are at their limits beyond 2**500; mpmath overflows there
_FIRST_BITS, _MANY_BITS, _LAST_BITS = 96, 96 << 4, 96 << 6
_bits = _FIRST_BITS  # working precision, set by Truth
# 1.5*x/(1 + exp(-x)) at 1e23: exp(-1e23) breaks a tie, but no precision shows it. So does exp(-512).
_FAR_EXP, _FAR_TANH, _FAR_ERF = 1 << 9, 1 << 8, 1 << 5
_nearer = False  # whether arguments beyond these are replaced by them, set by Truth

Mpf = tuple[int, int, int, int]  # mpmath's raw number: sign, mantissa, exponent, bits


class Unresolved(ArithmeticError):
    """The balls are too wide to go on: try again with more bits."""


class Ball:
    """All reals within 2**err of `mid`; err None, for an exact mid, only while it is an operand."""

    __slots__ = ("err", "mid")

    def __init__(self, mid: Mpf, err: int | None = None) -> None:
        self.mid = mid
        self.err = err

    @property
    def size(self) -> int | None:
        """abs(mid) < 2**size; None for 0."""
        return self.mid[2] + self.mid[3] if self.mid[1] else None

    def nonzero_size(self) -> int:
        """Size of a ball that stays away from 0: 2**(size-2) <= abs(anything in it)."""
        size = self.size
        if size is None or (self.err is not None and self.err > size - 2):
            raise Unresolved
        return size

    def __neg__(self) -> "Ball":
        return Ball(libmp.mpf_neg(self.mid), self.err)

    def __add__(self, other: "Number") -> "Ball":
        b = as_ball(other)
        return _rounded(libmp.mpf_add(self.mid, b.mid, _bits, "n"), self.err, b.err)

    def __mul__(self, other: "Number") -> "Number":
        if other == 0:
            return ZERO
        b = as_ball(other)
        return _rounded(
            libmp.mpf_mul(self.mid, b.mid, _bits, "n"),
            _plus(self.size, b.err),
            _plus(b.size, self.err),
            _plus(self.err, b.err),
        )

    def __truediv__(self, other: "Number") -> "Ball":
        b = as_ball(other)
        low = b.nonzero_size() - 2
        quotient = libmp.mpf_div(self.mid, b.mid, _bits, "n")
        size = quotient[2] + quotient[3] if quotient[1] else None
        return _rounded(quotient, _plus(self.err, -low), _plus(_plus(size, b.err), -low))

    def __rtruediv__(self, other: Fraction) -> "Number":
        return as_ball(other) / self if other else ZERO

    def __sub__(self, other: "Number") -> "Ball":
        return self + -other

    def __rsub__(self, other: Fraction) -> "Ball":
        return -self + other

    __radd__ = __add__
    __rmul__ = __mul__


Number = Fraction | Ball  # exact, or known to within a bound
ZERO, ONE = Fraction(0), Fraction(1)


def _plus(a: int | None, b: int | None) -> int | None:
    """Exponent of a product; None is that of 0."""
    return None if a is None or b is None else a + b


def _rounded(mid: Mpf, *errors: int | None) -> Ball:
    """A result that was rounded to _bits (to within a few units), with up to three errors added."""
    own = mid[2] + mid[3] - _bits + 2 if mid[1] else None
    known = [e for e in (own, *errors) if e is not None]
    return Ball(mid, max(known) + (len(known) - 1).bit_length())


def as_ball(number: Number) -> Ball:
    if isinstance(number, Ball):
        return number
    over, under = number.numerator, number.denominator
    if under & (under - 1) == 0:
        return Ball(libmp.from_man_exp(over, 1 - under.bit_length()))
    return _rounded(libmp.from_rational(over, under, _bits, "n"))


def sign(number: Number) -> int:
    if isinstance(number, Fraction):
        return (number > 0) - (number < 0)
    number.nonzero_size()
    return -1 if number.mid[0] else 1


def exp(number: Number) -> Number:
    if number == 0:
        return ONE
    u = as_ball(number)
    if _nearer and u.mid[0] and u.size >= _FAR_EXP.bit_length():
        u = Ball(libmp.from_int(-_FAR_EXP))
    if u.size is not None and u.size > _HUGE:
        if sign(u) > 0:
            raise OverflowError
        return Ball(libmp.fzero, -(1 << (_HUGE - 2)))
    if u.err is not None and u.err > -1:
        raise Unresolved
    mid = libmp.mpf_exp(u.mid, _bits, "n")
    return _rounded(mid, _plus(mid[2] + mid[3] + 1, u.err))


def log(number: Number) -> Number:
    if sign(number) <= 0:
        raise ValueError("log of a number that is not positive")
    if number == 1:
        return ZERO
    u = as_ball(number)
    return _rounded(libmp.mpf_log(u.mid, _bits, "n"), _plus(u.err, 2 - u.nonzero_size()))


def log1p(number: Number) -> Number:
    """log(1+u); it keeps the digits of a small u, which sqrt(log(1+exp(x))) needs at -1e6."""
    if isinstance(number, Fraction):
        return log(1 + number)
    size = number.size
    if size is not None and size <= -_bits:
        return _rounded(number.mid, 2 * size, number.err)
    total = libmp.mpf_add(libmp.fone, number.mid, 4 * _bits, "n")
    return log(Ball(total, max(number.err, total[2] + total[3] - 4 * _bits) + 1))


def sqrt(number: Number) -> Number:
    if sign(number) < 0:
        raise ValueError("sqrt of a negative number")
    if isinstance(number, Fraction):
        roots = [math.isqrt(number.numerator), math.isqrt(number.denominator)]
        if Fraction(*roots) ** 2 == number:
            return Fraction(*roots)
    u = as_ball(number)
    root = libmp.mpf_sqrt(u.mid, _bits, "n")
    return _rounded(root, _plus(u.err, 2 - root[2] - root[3]))


def _of(
    function: Callable[..., Mpf], at_zero: Fraction, steepest: int = 0, far: int = 0
) -> Callable[[Number], Number]:
    """A primitive by mpmath whose slope is nowhere above 2**steepest; with `far` it nears +-1."""

    def primitive(number: Number) -> Number:
        if number == 0:
            return at_zero
        u = as_ball(number)
        if _nearer and far and (u.size or 0) >= far.bit_length():
            u = Ball(libmp.from_int((-1) ** u.mid[0] * far))
        if far and (u.size or 0) > _FAR:
            u.nonzero_size()
            return Ball(libmp.from_int(-1 if u.mid[0] else 1), -(1 << _FAR))
        return _rounded(function(u.mid, _bits, "n"), _plus(u.err, steepest))

    return primitive


sin = _of(libmp.mpf_sin, ZERO)
cos = _of(libmp.mpf_cos, ONE)
tanh = _of(libmp.mpf_tanh, ZERO, far=_FAR_TANH)
atan = _of(libmp.mpf_atan, ZERO)
erf = _of(libmp.mpf_erf, ZERO, 1, far=_FAR_ERF)
_erfc = _of(libmp.mpf_erfc, ONE, 1)


def erfc(number: Number) -> Number:
    u = as_ball(number)
    above1 = max(u.size or 0, 1)
    if above1 > _FAR:
        u.nonzero_size()
        return Ball(libmp.ftwo if u.mid[0] else libmp.fzero, -(1 << _FAR))
    if u.err is None or u.mid[0] or u.err + above1 > -4:
        return _erfc(number)
    # right of 0 the error is relative: -erfc'(u) < 2(u+1) erfc(u)
    mid = libmp.mpf_erfc(u.mid, _bits, "n")
    return _rounded(mid, mid[2] + mid[3] + above1 + 3 + u.err)


def pi() -> Ball:
    return _rounded(libmp.mpf_pi(_bits))


def tanh_slope(number: Number) -> Number:
    e = exp(2 * number if as_ball(number).mid[0] else -2 * number)
    return 4 * e / ((1 + e) * (1 + e))


def erf_slope(number: Number) -> Number:
    return 2 / sqrt(pi()) * exp(-(number * number))


class Jet:
    """Value and derivatives with respect to x: terms[k] is the k-th one, k up to 2."""

    __slots__ = ("terms",)

    def __init__(self, *terms: Number) -> None:
        self.terms = terms

    def __neg__(self) -> "Jet":
        return Jet(*(-t for t in self.terms))

    def __add__(self, other: "Jet") -> "Jet":
        return Jet(*map(operator.add, self.terms, other.terms))

    def __sub__(self, other: "Jet") -> "Jet":
        return Jet(*map(operator.sub, self.terms, other.terms))

    def __mul__(self, other: "Jet") -> "Jet":
        a, b = self.terms, other.terms
        out = [a[0] * b[0], a[1] * b[0] + a[0] * b[1]]
        if len(a) > 2:
            out.append(a[2] * b[0] + 2 * a[1] * b[1] + a[0] * b[2])
        return Jet(*out)

    def __truediv__(self, other: "Jet") -> "Jet":
        a, b = self.terms, other.terms
        out = [a[0] / b[0]]
        out.append((a[1] - out[0] * b[1]) / b[0])
        if len(a) > 2:
            out.append((a[2] - 2 * out[1] * b[1] - out[0] * b[2]) / b[0])
        return Jet(*out)

    def __pow__(self, exponent: int) -> "Jet":
        out = self
        for _ in range(exponent - 1):
            out = out * self
        return out

    def chain(
        self,
        f: Callable[[Number], Number],
        df: Callable[[Number], Number],
        d2f: Callable[[Number], Number],
    ) -> "Jet":
        """f of this jet, given f and its derivatives."""
        u = self.terms
        if all(t == 0 for t in u[1:]):
            return Jet(f(u[0]), *u[1:])
        value, slope = f(u[0]), df(u[0])
        out = [value, slope * u[1]]
        if len(u) > 2:
            out.append(d2f(u[0]) * u[1] * u[1] + slope * u[2])
        return Jet(*out)


# primitive: value, first and second derivative
PRIMITIVES: dict[str, tuple[Callable[[Number], Number], ...]] = {
    "exp": (exp, exp, exp),
    "log": (log, lambda u: 1 / u, lambda u: -1 / (u * u)),
    "sqrt": (sqrt, lambda u: 1 / (2 * sqrt(u)), lambda u: -1 / (4 * u * sqrt(u))),
    "sin": (sin, cos, lambda u: -sin(u)),
    "cos": (cos, lambda u: -sin(u), lambda u: -cos(u)),
    "tanh": (tanh, tanh_slope, lambda u: -2 * tanh(u) * tanh_slope(u)),
    "atan": (
        atan,
        lambda u: 1 / (1 + u * u),
        lambda u: -2 * u / ((1 + u * u) * (1 + u * u)),
    ),
    "erf": (erf, erf_slope, lambda u: -2 * u * erf_slope(u)),
    "erfc": (erfc, lambda u: -erf_slope(u), lambda u: 2 * u * erf_slope(u)),
}
LOG1P = (log1p, lambda u: 1 / (1 + u), lambda u: -1 / ((1 + u) * (1 + u)))

COMPARISONS: dict[type, Callable[[int], bool]] = {
    ast.Gt: lambda sign: sign > 0,
    ast.GtE: lambda sign: sign >= 0,
    ast.Lt: lambda sign: sign < 0,
    ast.LtE: lambda sign: sign <= 0,
    ast.Eq: lambda sign: sign == 0,
    ast.NotEq: lambda sign: sign != 0,
}

ARITHMETIC: dict[type, Callable] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}

# "With approx the same formulas in (x-mu)/sigma", t here.
GELU_APPROXIMATIONS = {
    "tanh": "0.5*x*(1+tanh(sqrt(2/pi)*(t+0.044715*t**3)))",
    "sigmoid": "x/(1+exp(-1.702*t))",
}


def rows() -> dict[str, dict[str, str]]:
    """functions.csv by name."""
    with open(DATA / "functions.csv", newline="", encoding="utf-8") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def parse_label(label: str) -> tuple[str, dict[str, str]]:
    """'swish:beta=2' or 'swish(beta=2)' -> ('swish', {'beta': '2'})."""
    name, _, settings = label.replace("(", ":").rstrip(")").partition(":")
    return name, dict(item.strip().split("=") for item in settings.split(",") if item)


class Truth:
    """One function with its parameters.

    `Truth("gelu")(x)` is (value, gradient), correctly rounded to float64, or by `nearest` to
    another format; `order=2` appends the curvature.
    The value at -0.0 is that at 0.0, and a result that underflows has the sign 0.0.
    """

    def __init__(self, label: str) -> None:
        name, given = parse_label(label)
        row = rows()[name]
        settings = dict(item.split("=") for item in row["parameters"].split())
        if unknown := set(given) - set(settings):
            raise ValueError(f"{name} has no parameter {', '.join(sorted(unknown))}")
        settings = {**settings, **given}
        formula = row["formula"]
        approx = settings.pop("approx", "none").split("|")[0]
        if approx != "none":
            formula = GELU_APPROXIMATIONS[approx].replace("t+", "((x-mu)/sigma)+")
            formula = formula.replace("t**", "((x-mu)/sigma)**").replace("*t)", "*((x-mu)/sigma))")
        if name == "rrelu":  # the one row whose formula takes the other branch than its gradient
            formula = formula.replace("x >= 0", "x > 0")
        self.label = label
        self.parameters = {key: Fraction(text) for key, text in settings.items()}
        self.tree = ast.parse(formula, mode="eval").body
        self._bits = _FIRST_BITS
        self._snapped = {
            (id(node), nearest)
            for node, breakpoint in self._straight_breakpoints()
            if Fraction(nearest := float(breakpoint)) != breakpoint
        }

    def __call__(
        self, x: float, order: int = 1, nearest: Callable[[Fraction], float] | None = None
    ) -> tuple[float, ...]:
        x, nearest = float(x), nearest or _nearest
        self._bits = max(_FIRST_BITS, self._bits // 2)  # neighbours need about as many
        while self._bits <= _LAST_BITS:
            try:
                found = self._ends(x, order, nearest)
                if any(low != high for low, high in found) and self._bits >= _MANY_BITS:
                    found = self._beside(found, x, order, nearest)
            except Unresolved:
                found = []
            except ValueError:
                return (math.nan,) * (order + 1)
            if found and all(low == high for low, high in found):
                return tuple(low for low, _ in found)
            self._bits *= 2
        raise Unresolved(f"{self.label} at {x!r}")

    def _beside(
        self,
        found: list[tuple[float, float]],
        x: float,
        order: int,
        nearest: Callable[[Fraction], float],
    ) -> list[tuple[float, float]]:
        """What was found, or the nearer ends where they lie between those."""
        global _nearer
        try:
            _nearer = True
            narrower = self._ends(x, order, nearest)
        finally:
            _nearer = False
        return [
            new if old[0] <= new[0] == new[1] <= old[1] else old
            for old, new in zip(found, narrower, strict=True)
        ]

    def _ends(
        self, x: float, order: int, nearest: Callable[[Fraction], float]
    ) -> list[tuple[float, float]]:
        """What the ends of the balls of value, gradient, ... round to."""
        global _bits
        _bits = self._bits
        one = [ONE, ZERO][:order]
        jet = self._evaluate(self.tree, x, Jet(Fraction(x), *one))
        return [ends(term, nearest) for term in jet.terms]

    def breakpoints(self) -> list[float]:
        """The float64 at (or nearest to) every cut of a branch, min, max or abs, ascending."""
        found = {float(breakpoint) for _, breakpoint in self._straight_breakpoints()}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Compare):
                breakpoint = self._rational(node.comparators[0], 0)
                if breakpoint is not None and _uses_x(node.left):
                    found.add(float(breakpoint))
                    if isinstance(node.left, ast.Call):  # abs(x) > lambd
                        found.add(-float(breakpoint))
            if isinstance(node, ast.Call) and node.func.id == "abs":
                found.add(0.0)
        return sorted(found)

    def _straight_breakpoints(self) -> list[tuple[ast.Call, Fraction]]:
        """(node, x) for min and max nodes of a constant and a straight line in x."""
        found = []
        for node in ast.walk(self.tree):
            if not (isinstance(node, ast.Call) and node.func.id in ("min", "max")):
                continue
            inner = node.args[1]
            while isinstance(inner, ast.Call) and inner.func.id in ("min", "max"):
                inner = inner.args[1]
            level = self._rational(node.args[0], 0)
            at0, at1, at2 = (self._rational(inner, k) for k in range(3))
            if _uses_x(node.args[0]) or None in (level, at0, at1, at2):
                continue
            if at1 != at0 and at2 - at1 == at1 - at0:
                found.append((node, (level - at0) / (at1 - at0)))
        return found

    def _is_continuous(self, choice: ast.IfExp, level: Fraction) -> bool:
        """Whether both branches have the same value where x is that level."""
        value = self._rational(choice.body, level)
        return value is not None and value == self._rational(choice.orelse, level)

    def _rational(self, node: ast.expr, x: int | Fraction) -> Fraction | None:
        """The node at x if only +, -, *, / occur in it, else None."""
        match node:
            case ast.Constant(value=value):
                return Fraction(str(value))
            case ast.Name(id="x"):
                return Fraction(x)
            case ast.Name(id=name) if name in self.parameters:
                return self.parameters[name]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self._rational(operand, x)
                return None if inner is None else -inner
            case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
                a, b = self._rational(left, x), self._rational(right, x)
                return None if a is None or b is None else ARITHMETIC[type(op)](a, b)
            case ast.IfExp(test=ast.Compare(left=left, ops=[op], comparators=[right])):
                a, b = self._rational(left, x), self._rational(right, x)
                if a is None or b is None:
                    return None
                taken = COMPARISONS[type(op)](sign(a - b))
                return self._rational(node.body if taken else node.orelse, x)
        return None

    def _evaluate(self, node: ast.expr, x: float, jet: Jet) -> Jet:
        """The node at x, which `jet` is as a jet. A closed list of nodes, all else is an error."""
        zeros = (ZERO,) * (len(jet.terms) - 1)
        match node:
            case ast.Constant(value=value) if isinstance(value, int | float):
                return Jet(_written(str(value)), *zeros)
            case ast.Name(id="x"):
                return jet
            case ast.Name(id="pi"):
                return Jet(pi(), *zeros)
            case ast.Name(id=name):
                return Jet(self.parameters[name], *zeros)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self._evaluate(operand, x, jet)
            case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int(power))):
                return self._evaluate(left, x, jet) ** power
            case ast.BinOp(left=left, op=op, right=right):
                a, b = self._evaluate(left, x, jet), self._evaluate(right, x, jet)
                return ARITHMETIC[type(op)](a, b)
            case ast.IfExp(test=ast.Compare(left=left, ops=[op], comparators=[right])):
                a, b = self._evaluate(left, x, jet), self._evaluate(right, x, jet)
                level = b.terms[0]
                if isinstance(level, Fraction) and self._is_continuous(node, level):
                    level = Fraction(float(level))
                taken = COMPARISONS[type(op)](sign(a.terms[0] - level))
                return self._evaluate(node.body if taken else node.orelse, x, jet)
            case ast.Call(func=ast.Name(id="min" | "max" as which), args=[first, second]):
                a = self._evaluate(first, x, jet)
                if (id(node), x) in self._snapped:
                    return a
                b = self._evaluate(second, x, jet)
                side = sign(b.terms[0] - a.terms[0])
                # A tie takes the first, which is the constant wherever the slopes differ.
                return b if side == (1 if which == "max" else -1) else a
            case ast.Call(func=ast.Name(id="abs"), args=[argument]):
                a = self._evaluate(argument, x, jet)
                return Jet(*(sign(a.terms[0]) * term for term in a.terms))
            case ast.Call(
                func=ast.Name(id="log"),
                args=[ast.BinOp(left=ast.Constant(value=1), op=ast.Add(), right=right)],
            ):
                return self._evaluate(right, x, jet).chain(*LOG1P)
            case ast.Call(func=ast.Name(id=name), args=[argument]):
                return self._evaluate(argument, x, jet).chain(*PRIMITIVES[name])
        raise ValueError(f"a formula may not hold {ast.dump(node)}")


def _uses_x(node: ast.expr) -> bool:
    return any(isinstance(n, ast.Name) and n.id == "x" for n in ast.walk(node))


def ends(number: Number, nearest: Callable[[Fraction], float]) -> tuple[float, float]:
    """What an exact number, or the two ends of a ball, round to."""
    if isinstance(number, Fraction):
        return nearest(number), nearest(number)
    if max(number.err, number.err if number.size is None else number.size) < -1080:
        return 0.0, 0.0
    radius = (0, 1, number.err, 1)
    low, high = (
        nearest(_fraction(bound(number.mid, radius, _bits + 20, side)))
        for bound, side in [(libmp.mpf_sub, "f"), (libmp.mpf_add, "c")]
    )
    return low, high


def _nearest(number: Fraction) -> float:
    """Python's quotient of integers is correctly rounded, subnormals included."""
    try:
        return number.numerator / number.denominator
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _fraction(number: Mpf) -> Fraction:
    """The same number, or one that rounds like it if it is far out of float64's range."""
    negative, mantissa, exponent, bits = number
    exponent = min(max(exponent, -1200 - bits), 1200)
    whole = -mantissa if negative else mantissa
    return Fraction(whole << exponent) if exponent >= 0 else Fraction(whole, 1 << -exponent)


@cache
def _written(text: str) -> Fraction:
    return Fraction(text)


@cache
def function(label: str) -> Truth:
    return Truth(label)


def truth(label: str, x: float, order: int = 1) -> tuple[float, ...]:
    """(value, gradient) of a labelled function at x, correctly rounded to float64."""
    return function(label)(x, order)


def ulps(got: float, true: float) -> float:
    """Distance in ulps of the true number; inf counts as 2**1024, and nan amiss is inf off."""
    if got == true or (math.isnan(got) and math.isnan(true)):
        return 0.0
    if math.isnan(got) or math.isnan(true):
        return math.inf
    beyond = Fraction(2) ** 1024
    a, b = (
        Fraction(number) if math.isfinite(number) else beyond * int(math.copysign(1, number))
        for number in (got, true)
    )
    unit = math.ulp(true if math.isfinite(true) else math.ldexp(1.0, 1023))
    return float(abs(a - b) / Fraction(unit))
