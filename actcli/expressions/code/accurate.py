"""Formulas for floating point made accurate: what their arguments lose to rounding is given back.

exp(u) magnifies the rounding of u by u, and so do its kin. Where u is a polynomial of doubles, what
its rounding lost is known (Dekker 1971, Knuth), and one term of Taylor's series corrects for it.
"""

from fractions import Fraction
from typing import Any, NamedTuple

from flint import ctx

from ...numbers.approximate_periods import near_period
from ...numbers.exact import plain, quotient, rational_of_double
from ...numbers.near_rational import known_at
from ...numbers.where import where
from ...primitives import TWO_OVER_ROOT_PI
from ..node import Interpreter, Node, node, rebuilt
from .stable import call, double

STEEP = ("exp", "expm1", "logistic", "softplus", "sech", "normal_cdf", "erfc", "sinh", "cosh")
FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
LIKE_X = ("expm1", "log1p", "tanh", "sinh", "asinh", "atanh", "arctan", "softsign")  # near 0
TIMES_X = {"sinc_1": "x_sinc_1", "sinc_2": "x_sinc_2", "x_sinc_2": "xx_sinc_2"}
LEAST = 1e-290  # the square of what is smaller is nothing beside it
LARGEST_POWER = 4
LARGEST = 2.0**1023
SQUARED = 1e9  # beside its square 1 is nothing
LARGEST_RATE = 2**17  # of waves
BITS = 256  # of numbers that are worked out
TINY = -690  # exp of it is small, and a normal number
TINY_NORMAL = -37  # the same of the normal distribution
Parts = tuple[Any, Any]  # a formula as it is rounded, and what that lost


def accurate(formula: Node) -> Node:
    """The same formula, in forms that do not overflow early nor magnify the rounding of arguments."""
    return Interpreter[Node](
        {
            "call": _call,
            "*": _product,
            "/": _quotient,
            "**": _power,
            "+": _sum_of,
            "-": _sum_of,
            **dict.fromkeys(FLIPPED, _comparison),
            "!=": _difference,
        },
        rebuilt,
    )(Interpreter[Node]({}, _folded)(formula))


def _folded(at: Interpreter[Node], part: Node, x: None) -> Node:
    """sqrt(2/pi) and the like as numbers, of which more digits are known than a double has."""
    if part.has_x or part.op in ("number", "constant", "name", "x") or _has_names(part):
        return rebuilt(at, part, x)
    with ctx.workprec(BITS):
        try:
            ball = known_at(part.read_once, 0.0).ball
        except (TypeError, AttributeError, ValueError, NotImplementedError):
            return part
        if not ball.is_finite() or not ball.rel_accuracy_bits() > BITS // 2:
            return part
        digits, power = ball.mid().man_exp()
    return Node("number", (plain(Fraction(int(digits)) * Fraction(2) ** int(power)),))


def _has_names(part: Node) -> bool:
    return any(inner.op == "name" for inner in part.walk())


def _comparison(at: Interpreter[Node], part: Node, x: None) -> Node:
    """x < c, with doubles on the right side of a number c that is none."""
    a, b = (at(arg) for arg in part.args)
    op = part.op if a.op == "x" else FLIPPED[part.op]
    variable, (number, rest) = (a, _factor(b)) if a.op == "x" else (b, _factor(a))
    if variable.op != "x" or rest is not None or not _normal(number):
        return Node(part.op, (a, b))
    near = rational_of_double(float(number))
    if near != number:
        op = op[0] + ("=" if (near < number) == (op[0] == "<") else "")
    return Node(op, (variable, node(near)))


def _difference(at: Interpreter[Node], part: Node, x: None) -> Node:
    """u*u != 0 as u != 0, as squares underflow."""
    a, b = (at(arg) for arg in part.args)
    inner = _square_root(a) if _is(b, 0) else None
    return Node("!=", (a if inner is None else inner, b))


def _call(at: Interpreter[Node], part: Node, x: None) -> Node:
    primitive, *given = part.args
    args = [at(a) for a in given]
    if primitive.name == "sqrt" and (inner := _one_plus_square(args[0])) is not None:
        return node(call("hypot_1", inner))
    if primitive.name == "sqrt" and args[0].op == "call" and args[0].args[0].name == "softplus":
        return node(call("sqrt_softplus", args[0].args[1]))
    if primitive.name in ("sin", "cos"):
        return _wave(primitive, node(args[0] * args[1]) if len(args) == 2 else args[0])
    if primitive.name == "log1p" and (inner := _square_root(args[0])) is not None:
        size = call("abs", inner)
        return node(where(size < SQUARED, Node("call", (primitive, *args)), 2 * call("log", size)))
    if primitive.name in STEEP and len(args) == 1:
        high, low = _parts(args[0])
        if not _is(low, 0):
            return node(call(primitive.name, high, low))
    return Node("call", (primitive, *args))


def _wave(primitive: Any, u: Node) -> Node:
    """sin(u) or cos(u): at u = 1e10 what the rounding of u loses counts, further out it is all."""
    high, low = _parts(u)
    name = f"{primitive.name}_sum"
    near = Node("call", (primitive, u)) if _is(low, 0) else node(call(name, high, low))
    factor, x = _factor(u)
    if x is None or x.op != "x" or not 1 < abs(factor) < LARGEST_RATE:
        return near
    # factor*x may overflow: multiples of a period are left out, and next to one is a double
    period, rest = near_period(factor)
    times = call("rint", x / double(period))  # XLA makes one sum of two with constants
    inside = 2 * (x / 2 - times * double(period / 2))
    high, low = _times(_rounded(factor), (inside, node(0)))
    far = call(name, high, low + times * double(rest))
    return node(where(call("abs", x) < double(LARGEST / abs(float(factor))), near, far))


def _sum_of(at: Interpreter[Node], part: Node, x: None) -> Node:
    """a*x + b as a*(x + b/a), whose root is right; cos(x) - x*sin(x) as a helper."""
    a, b = (at(arg) for arg in part.args)
    if part.op == "+" and a.op == b.op == "x":
        return node(2 * a)  # whose third does not overflow
    if part.op == "+" and (_is_wave(a, "cos") and _is_wave(b, "sin", times_x=True)):
        return node(call("cos_less_x_sin", a.args[1]))
    factor, rest = _factor(a)
    if b.op == "number" and b.args[0] == b.args[0] and rest is not None and rest.op == "x":
        root = Fraction(b.args[0] if part.op == "+" else -b.args[0]) / Fraction(factor)
        if not (_normal(factor) and (_normal(root) or root == 0)):
            return Node(part.op, (a, b))
        high, low = _rounded(root)
        shifted = Node("+", (rest, high))
        if not _is(low, 0):
            shifted = Node("+", (shifted, low))
        return node(shifted * factor)
    return Node(part.op, (a, b))


def _is_wave(part: Node, name: str, times_x: bool = False) -> bool:
    """Whether it is the wave of x, or less x times that."""
    if times_x:
        return part.op == "*" and any(
            x.op == "x" and _signed(wave)[1] < 0 and _is_wave(_signed(wave)[0], name)
            for x, wave in (part.args, part.args[::-1])
        )
    return part.op == "call" and part.args[0].name == name and part.args[1].op == "x"


def _power(at: Interpreter[Node], part: Node, x: None) -> Node:
    base, exponent = (at(arg) for arg in part.args)
    if base.op == "call" and base.args[0].name == "sech" and _is(exponent, 2):
        return node(call("sech_square", *base.args[1:]))
    return Node("**", (base, exponent))


def _product(at: Interpreter[Node], part: Node, x: None) -> Node:
    a, b = (at(arg) for arg in part.args)
    for one, other in ((a, b), (b, a)):
        factor, rest = _factor(one)
        if (
            other.op == "number"
            and rest is not None
            and factor != 1
            and _normal(factor * other.args[0])
        ):
            return node(factor * other * rest)  # which is rounded once, and overflows later
        if one.op == "number" and (like_x := _first_order(one, other)) is not None:
            return like_x
        if _is_share(other) and rest is not None and rest.has_x:
            whole = Node("*", (rest, other.args[2])) if len(other.args) > 2 else rest
            return node(factor * call("over_1_plus_square", other.args[1], whole))
        if one.op == "/" and one.args[1].op == "call" and other.op == "call":
            root, gate = one.args[1], other
            if root.args[0].name == "sqrt_softplus" and gate.args[0].name == "logistic":
                return node(one.args[0] * call("root_share", root.args[1]))
        (size, one_sign), (wave, other_sign) = _signed(one), _signed(other)
        if wave.op == "call" and wave.args[0].name in TIMES_X and (
            size is wave.args[1] or size.op == wave.args[1].op == "x"
        ):  # fmt: skip
            whole = call(TIMES_X[wave.args[0].name], size)
            return node(whole if one_sign == other_sign else -whole)
        if other.op == "number" and one.op == "*" and 0 < abs(other.args[0]) < 1:
            v, w = one.args
            if v.has_x and _same(v, w):  # c*(v*v), which overflows later so
                return Node("*", (v, Node("/", (v, node(quotient(1, other.args[0]))))))
    for one, other in ((a, b), (b, a)):
        if one.has_x and (small := _small(other)) is not None:
            return small.times(one, Node("*", (a, b)))
        if one.has_x and other.op == "+":
            shares = [(_small(arg), arg) for arg in other.args]
            if all(share for share, _ in shares):
                p, q = (s.times(one, Node("*", (one, arg))) for s, arg in shares if s)
                return Node("+", (p, q))
    return Node("*", (a, b))


def _quotient(at: Interpreter[Node], part: Node, x: None) -> Node:
    a, b = (at(arg) for arg in part.args)
    if (inner := _one_plus_square(b)) is not None:
        constants = () if _is(a, 1) else (a,)
        return node(call("over_1_plus_square", inner, *constants))
    if b.op == "number" and a.op == "*" and _factor(a)[0] != 1:
        factor, rest = _factor(Node("/", (a, b)))
        if rest is None or _normal(factor):
            return node(factor if rest is None else factor * rest)  # x*2 may overflow, x*2/3 not
    if _is_power_of_2(b) and a.op == "*" and all(arg.has_x for arg in a.args):
        return Node("*", (a.args[0], node(a.args[1] / b)))  # which overflows later
    return Node("/", (a, b))


def _signed(part: Node) -> tuple[Node, int]:
    """A formula without its minus, and the sign."""
    return (part.args[0], -1) if part.op == "neg" else (part, 1)


def _same(a: Node, b: Node) -> bool:
    """Whether two factors are written alike, and are no calls."""
    calls = any(part.op == "call" for each in (a, b) for part in each.walk())
    return a is b or (not calls and str(a) == str(b))


def _is(part: Node, number: int) -> bool:
    return part.op == "number" and part.args[0] == number


def _first_order(number: Node, part: Node) -> Node | None:
    """number*tanh(k*x), or the like, as number*k*x where k*x would be subnormal and k*x loses digits."""
    if part.op != "call" or part.args[0].name not in LIKE_X:
        return None
    k, rest = _factor(part.args[1])
    if rest is None or not 0 < abs(k) < 0.125 or not _normal(k * number.args[0]):
        return None
    scale = plain(Fraction(k) * number.args[0])
    exact = rest if float(scale) == 1 else node(scale * rest)
    return node(where(call("abs", rest) < LEAST, exact, Node("*", (number, part))))


def _is_share(part: Node) -> bool:
    """Whether it is 1/(1 + x*x), or a number over that."""
    return part.op == "call" and part.args[0].name == "over_1_plus_square"


def _square_root(part: Node) -> Node | None:
    """u, of u*u or u**2."""
    if part.op == "**":
        return part.args[0] if _is(part.args[1], 2) else None
    return part.args[0] if part.op == "*" and _same(*part.args) else None


def _one_plus_square(part: Node) -> Node | None:
    """u, if the formula is 1 + u*u, or u*u + 1."""
    if part.op != "+" or not any(_is(arg, 1) for arg in part.args):
        return None
    square = part.args[1 if _is(part.args[0], 1) else 0]
    if square.op == "**" and _is(square.args[1], 2):
        return square.args[0] if square.args[0].op == "x" else None
    same = square.op == "*" and square.args[0].op == square.args[1].op == "x"
    return square.args[0] if same else None


# -- what is too small ------------------------------------------------------------------------------
class _Small(NamedTuple):
    """What is share * root * root, up to a relative error below 1e-290, where the condition holds."""

    share: Any
    root: Any
    condition: Any

    def times(self, other: Node, product: Node) -> Node:
        """The product with another number, which the small one would have lost its digits to."""
        rest = node(other * self.share)
        factor, plain_rest = _factor(rest)
        if plain_rest is not None and abs(factor) != 1 and _normal(factor):
            # divided, as a factor would be multiplied last
            rest = Node("/", (plain_rest, node(quotient(1, factor))))
        return node(where(self.condition, rest * self.root * self.root, product))


def _near(args: tuple[Any, ...]) -> Any:
    """What the rounding of an argument lost, where that counts."""
    return node(where(args[1] > -1e9, args[2], node(0))) if len(args) > 2 else 0


def _small(part: Node) -> _Small | None:
    """A formula that falls like exp(u), where that is no normal number."""
    op, args = part.op, part.args
    if op == "call" and args[0].name in ("exp", "logistic", "softplus"):
        u = args[1]
        return _Small(1 + _near(args), call("exp", u / 2), u < TINY) if u.has_x else None
    if op == "call" and args[0].name == "normal_cdf" and args[1].op == "x":
        x = args[1]
        return _Small(call("bell_rest", x), call("bell_root", x), x < TINY_NORMAL)
    if op == "call" and args[0].name in ("tanh", "log1p", "expm1") and len(args) == 2:
        return _small(args[1])
    if op == "call" and args[0].name == "erf" and (found := _small(args[1])) is not None:
        return found._replace(share=TWO_OVER_ROOT_PI * found.share)
    if op == "call" and args[0].name == "sech_square":
        u = args[1]
        small = _Small(4 * (1 + 2 * _near(args)), call("exp", -call("abs", u)), u < TINY / 2)
        return small if u.has_x else None
    if op == "neg" and (found := _small(args[0])) is not None:
        return found._replace(share=-found.share)
    if op == "/" and not args[1].has_x and (found := _small(args[0])) is not None:
        return found._replace(share=found.share / args[1])
    if op == "*":
        for one, other in (args, args[::-1]):
            if (found := _small(other)) is not None:
                return found._replace(share=one * found.share)
    if op == "where" and part.args[1].op == "*":  # as `times` makes it
        return _small(Node("*", args[2].args)) if args[2].op == "*" else None
    return None


# -- what rounding loses ----------------------------------------------------------------------------
def _parts(part: Node) -> Parts:
    factor, rest = _factor(part)
    if rest is None:
        return _rounded(factor)
    if not _normal(factor):
        return part, node(0)
    high, low = _sum(rest)
    return _times(_rounded(factor), (high, low)) if factor != 1 else (high, low)


def _normal(value: Any) -> bool:
    """Whether a number is far inside the range of doubles."""
    return bool(Fraction(1, 2**960) < abs(value) < 2**960)


def _rounded(value: Any) -> Parts:
    """An exact number in two parts."""
    near = rational_of_double(float(value))
    return node(near), node(plain(Fraction(value) - Fraction(near)))


def _factor(part: Node) -> tuple[Any, Node | None]:
    """An exact factor and what is left, nothing for a number: products of numbers are one."""
    op, args = part.op, part.args
    if op == "number" and args[0] == args[0]:
        return args[0], None
    if op == "constant":
        return Fraction(args[0].digits), None
    if op == "neg":
        factor, rest = _factor(args[0])
        return -factor, rest
    if op == "*":
        (m, a), (n, b) = _factor(args[0]), _factor(args[1])
        rest = b if a is None else a if b is None else Node("*", (a, b))
        return plain(Fraction(m) * n), rest
    if op == "/":
        (m, a), (n, b) = _factor(args[0]), _factor(args[1])
        if n and b is None:
            return plain(Fraction(m) / n), a
    return 1, part


def _sum(part: Node) -> Parts:
    """A formula without a factor."""
    op, args = part.op, part.args
    if op in ("+", "-"):
        (a, a_low), (b, b_low) = _parts(args[0]), _parts(args[1])
        if op == "-":
            b, b_low = -b, -b_low
        total = Node("+", (a, b))
        back = Node("-", (total, a))
        low = Node("-", (a, Node("-", (total, back)))) + Node("-", (b, back))
        return total, low + a_low + b_low
    if op == "*":
        return _times(_parts(args[0]), _parts(args[1]))
    if op == "**" and args[1].op == "number" and args[1].args[0] in range(2, LARGEST_POWER + 1):
        base = _parts(args[0])
        found = base
        for _ in range(args[1].args[0] - 1):
            found = _times(found, base)
        return found
    return part, node(0)


def _times(a: Parts, b: Parts) -> Parts:
    high = node(a[0] * b[0])
    exact = _is_power_of_2(a[0]) or _is_power_of_2(b[0])
    lost = node(0) if exact else node(call("product", a[0], b[0]))
    return high, lost + a[0] * b[1] + a[1] * b[0]


def _is_power_of_2(part: Node) -> bool:
    if part.op != "number" or not part.args[0]:
        return False
    n, d = abs(part.args[0].numerator), part.args[0].denominator
    return bool(n & (n - 1) == 0 and d & (d - 1) == 0)
