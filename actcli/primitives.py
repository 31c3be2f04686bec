"""The vocabulary: one row per primitive.

A row says how the primitive is differentiated (a formula over primitives, so jets nest) and how it
is written. A row that exists for accuracy also says its plain formula, which every number type
without a better form of its own falls back on. Its array kernel has the row's name in
numbers/numpy_kernels.py, with `NAME_pair` beside it where value and derivative share work; both take
float64 and wide blocks. This module imports nothing heavy: kernels are fetched on first use.
"""

import re
from collections.abc import Callable
from functools import cache, cached_property
from typing import Any

from .expressions.node import Node, decimal, node
from .numbers.exact import in_parts
from .numbers.stable_forms import excess, from_root, in_floats, one_plus, sloped
from .numbers.types import Number
from .numbers.where import Constant, kink, maximum, minimum, where

__all__ = [
    "CONSTANTS", "PRIMITIVES", "SPELLED", "Primitive", "decimal", "excess", "from_root", "in_floats",
    "kink", "maximum", "minimum", "one_plus", "sloped", "where",
]  # fmt: skip


class Primitive:
    """One row. Called with a number of any type, it returns a number of that type."""

    def __init__(
        self,
        name: str,
        derivative: Callable[..., Number],
        latex: str,
        *,
        plain: Callable[[Number], Number] | None = None,
        at_0: str = "",
        needs: tuple[Callable[[Number], Number], str] | None = None,
        odd: bool = False,
        named: bool = False,
        about: str = "",
    ) -> None:
        self.name = name
        self.derivative = derivative
        self.latex = latex  # the argument is {x}, {p} in parentheses unless short, {a} in any case
        self.plain = plain  # its familiar formula over other primitives, which loses digits
        self.at_0 = at_0  # the value at 0 where the plain formula has none
        self.odd = odd  # where the plain formula does not tell
        self.needs = needs  # u and ">", ">=" or "!=": it has a value where u is that to 0
        self.named = named or plain is None  # or else texts say the plain formula
        self._about = about

    def __repr__(self) -> str:
        return self.name

    def __call__(self, x: Number, *constants: Number) -> Number:
        if hasattr(x, "apply"):
            return x.apply(self, *constants)
        kernel: Any = self._kernel(self.name) or self.plain
        constants = tuple(map(_in_parts(x), constants))
        if getattr(x, "ndim", 0) == 0:  # a formula without x
            from .numbers.numpy_kernels import at_scalar

            return at_scalar(kernel, x, *constants)
        return kernel(x, *constants)

    def value_and_derivative(self, x: Number, *constants: Number) -> tuple[Number, Number]:
        """Both at once, by the shared kernel where there is one; the derivative is d self / d x."""
        if not hasattr(x, "apply"):
            pair = self._kernel(self.name + "_pair")
            if pair is not None:
                value, slope = pair(x, *map(_in_parts(x), constants))
                return value, slope
        return self(x, *constants), self.derivative(x, *constants)

    @staticmethod
    @cache
    def _kernel(name: str) -> Any:
        from .numbers import numpy_kernels

        return getattr(numpy_kernels, name, None)

    @cached_property
    def formula(self) -> Node | None:
        """The plain formula as a tree, which has no value at 0 if `at_0` is given."""
        return None if self.plain is None else node(self.plain(Node("x")))

    @cached_property
    def broken_at_0(self) -> bool:
        """Whether it has a kink or a jump at 0: abs and sign, and what is made of them."""
        if self.formula is None:
            return self.name in ("abs", "sign")
        return any(part.op == "call" and part.args[0].broken_at_0 for part in self.formula.walk())

    @property
    def about(self) -> str:
        """What it is, in words or as its plain formula."""
        if self._about or self.formula is None:
            return self._about
        return f"where(x != 0, {self.formula}, {self.at_0})" if self.at_0 else str(self.formula)

    def write(self, x: str, *constants: str) -> str:
        """The call as text that can be typed."""
        if constants and constants[0] != "1":
            return f"{self.name}({constants[0]}*{x})"
        if self.named:
            return f"{self.name}({x})"
        text = self.about if self.at_0 else f"({self.about})"
        return re.sub(r"\bx\b", x if re.fullmatch(r"\w+|\(.*\)", x) else f"({x})", text)


def _in_parts(x: Number) -> Callable[[Number], tuple[Number, Number]]:
    """What splits a constant into a number of the type of the array x and what its rounding lost."""

    def split(constant: Number) -> tuple[Number, Number]:
        if getattr(constant, "op", "") == "number":
            return in_parts(constant.args[0], x)
        return (constant.read(x) if hasattr(constant, "read") else constant), 0

    return split


PRIMITIVES: dict[str, Primitive] = {}
CONSTANTS: dict[str, Constant] = {}


def row(name: str, derivative: Callable[..., Number], latex: str, **facts: Any) -> Primitive:
    PRIMITIVES[name] = Primitive(name, derivative, latex, **facts)
    return PRIMITIVES[name]


def constant(text: str, latex: str, digits: str) -> Constant:
    CONSTANTS[text] = Constant(text, latex, digits)
    return CONSTANTS[text]


pi = constant("pi", r"\pi", "3.14159265358979323846264338327950288")
e = constant("e", "e", "2.71828182845904523536028747135266250")
TWO_OVER_ROOT_PI = constant(
    "2/sqrt(pi)", r"\frac{2}{\sqrt{\pi}}", "1.12837916709551257389615890312154517"
)
ONE_OVER_ROOT_TWO_PI = constant(
    "1/sqrt(2*pi)", r"\frac{1}{\sqrt{2\pi}}", "0.398942280401432677939946059934381868"
)
ROOT_EIGHT_OVER_PI = constant(
    "sqrt(8/pi)", r"\sqrt{\frac{8}{\pi}}", "1.59576912160573071175978423973752747"
)

# -- elementary -------------------------------------------------------------------------------
exp: Primitive = row("exp", lambda x: exp(x), "e^{{{x}}}", about="e**x")
expm1: Primitive = row(
    "expm1", lambda x: exp(x), r"e^{{{x}}}-1", named=True, plain=lambda x: exp(x) - 1
)
log: Primitive = row(
    "log", lambda x: 1 / x, r"\ln{a}", about="the natural logarithm, for x > 0",
    needs=(lambda x: x, ">"),
)  # fmt: skip
log1p: Primitive = row(
    "log1p", lambda x: 1 / (1 + x), r"\ln\left(1+{x}\right)", named=True,
    plain=lambda x: log(1 + x), needs=(lambda x: 1 + x, ">"),
)  # fmt: skip
sqrt: Primitive = row(
    "sqrt", lambda x: 0.5 / sqrt(x), r"\sqrt{{{x}}}", about="the square root, for x >= 0",
    needs=(lambda x: x, ">="),
)  # fmt: skip
cbrt: Primitive = row(
    "cbrt", lambda x: cbrt(x) ** -2 / 3, r"\sqrt[3]{{{x}}}", about="the real cube root"
)
abs_: Primitive = row(
    "abs", lambda x: sign(x), r"|{x}|", about="x or -x, whichever is not negative"
)
sign: Primitive = row("sign", lambda x: x * 0, r"\mathrm{{sgn}}{a}", about="-1, 0 or 1", odd=True)
sin: Primitive = row(
    "sin", lambda x, *w: w[0] * cos(x, *w) if w else cos(x), r"\sin{a}", about="sine, x in radians"
)
cos: Primitive = row(
    "cos",
    lambda x, *w: -w[0] * sin(x, *w) if w else -sin(x),
    r"\cos{a}",
    about="cosine, x in radians",
)
tan: Primitive = row(
    "tan", lambda x: 1 + tan(x) ** 2, r"\tan{a}", named=True, plain=lambda x: sin(x) / cos(x),
    needs=(lambda x: cos(x), "!="),
)  # fmt: skip
sinh: Primitive = row(
    "sinh", lambda x: cosh(x), r"\sinh{a}", named=True, plain=lambda x: (exp(x) - exp(-x)) / 2
)
cosh: Primitive = row(
    "cosh", lambda x: sinh(x), r"\cosh{a}", named=True, plain=lambda x: (exp(x) + exp(-x)) / 2
)
sech: Primitive = row(
    "sech",
    lambda x: -sech(x) * tanh(x),
    r"\mathrm{{sech}}{a}",
    named=True,
    plain=lambda x: 1 / cosh(x),
)
asinh: Primitive = row(
    "asinh",
    lambda x: in_floats(
        1 / sqrt(1 + x * x), lambda: where(abs(x) < 1e8, 1 / sqrt(1 + x * x), 1 / abs(x))
    ),
    r"\mathrm{{arsinh}}{a}",
    about="the inverse of sinh",
)
atanh: Primitive = row(
    "atanh",
    lambda x: 1 / (1 - x * x),
    r"\mathrm{{artanh}}{a}",
    about="the inverse of tanh, for -1 < x < 1",
    needs=(lambda x: 1 - x * x, ">"),
)
arctan: Primitive = row(
    "arctan",
    lambda x: 1 / (1 + x * x),
    r"\arctan{a}",
    about="the inverse of tan, from -pi/2 to pi/2",
)
tanh: Primitive = row(
    "tanh",
    lambda x: in_floats(4 * logistic(2 * x) * logistic(-2 * x), lambda: sech(x) ** 2),
    r"\tanh{a}",
    about="sinh(x)/cosh(x)",
)

# -- sigmoids and what they integrate to ---------------------------------------------------------
logistic: Primitive = row(
    "logistic",
    lambda x: in_floats(logistic(x) * logistic(-x), lambda: sech(x / 2) ** 2 / 4),
    r"\sigma{a}",
    about="1/(1 + exp(-x))",
)
softplus: Primitive = row(
    "softplus", lambda x: logistic(x), r"\ln\left(1+e^{{{x}}}\right)",
    named=True, plain=lambda x: log(1 + exp(x)),
)  # fmt: skip
erf: Primitive = row(
    "erf",
    lambda x: TWO_OVER_ROOT_PI * exp(-x * x),
    r"\mathrm{{erf}}{a}",
    about="2/sqrt(pi) times the integral of exp(-t**2) from 0 to x",
    odd=True,
)
erfc: Primitive = row(
    "erfc",
    lambda x: -TWO_OVER_ROOT_PI * exp(-x * x),
    r"\mathrm{{erfc}}{a}",
    named=True,
    plain=lambda x: 1 - erf(x),
)
normal_cdf: Primitive = row(
    "normal_cdf", lambda x: ONE_OVER_ROOT_TWO_PI * exp(-x * x / 2), r"\Phi{a}",
    about="P(Z < x) for a standard normal Z",
)  # fmt: skip

# -- rows for accuracy: the familiar formula loses its digits somewhere -------------------------
softsign: Primitive = row(
    "softsign", lambda x: (1 / (1 + abs_(x))) ** 2, r"\frac{{{x}}}{{1+|{x}|}}",
    plain=lambda x: x / (1 + abs_(x)),
)  # fmt: skip
softsign_cdf: Primitive = row(
    "softsign_cdf", lambda x: (1 / (1 + abs_(x))) ** 2 / 2,
    r"\frac{{1}}{{2}}\left(1+\frac{{{x}}}{{1+|{x}|}}\right)",
    plain=lambda x: 0.5 + 0.5 * x / (1 + abs_(x)),
)  # fmt: skip
algebraic: Primitive = row(
    "algebraic", lambda x: (1 / sqrt(1 + x * x)) ** 3, r"\frac{{{x}}}{{\sqrt{{1+{p}^2}}}}",
    plain=lambda x: x / sqrt(1 + x**2),
)  # fmt: skip
algebraic_cdf: Primitive = row(
    "algebraic_cdf", lambda x: (1 / sqrt(1 + x * x)) ** 3 / 2,
    r"\frac{{1}}{{2}}\left(1+\frac{{{x}}}{{\sqrt{{1+{p}^2}}}}\right)",
    plain=lambda x: 0.5 + 0.5 * x / sqrt(1 + x**2),
)  # fmt: skip
root_ramp: Primitive = row(
    "root_ramp", lambda x: algebraic_cdf(x), r"\frac{{{x}+\sqrt{{{p}^2+1}}}}{{2}}",
    plain=lambda x: (x + sqrt(x**2 + 1)) / 2,
)  # fmt: skip
root_gap: Primitive = row(
    "root_gap", lambda x: algebraic(x), r"\sqrt{{{p}^2+1}}-1", plain=lambda x: sqrt(x**2 + 1) - 1
)
algebraic_gate: Primitive = row(
    "algebraic_gate",
    lambda x: algebraic_gate_slope(x),
    r"\frac{{{x}}}{{2}}\left(1+\frac{{{x}}}{{\sqrt{{1+{p}^2}}}}\right)",
    plain=lambda x: x * algebraic_cdf(x),
)
algebraic_gate_slope: Primitive = row(
    "algebraic_gate_slope",
    lambda x: in_floats(
        (2 - x * x) / 2 * (1 / sqrt(1 + x * x)) ** 5,
        lambda: where(
            abs(x) < 1e40, (2 - x * x) / 2 * (1 / sqrt(1 + x * x)) ** 5, (-1 / abs(x)) ** 3 / 2
        ),
    ),
    r"\frac{{1}}{{2}}\left(1+\frac{{{x}}}{{\sqrt{{1+{p}^2}}}}\left(1+\frac{{1}}{{1+{p}^2}}\right)\right)",
    plain=lambda x: 0.5 + 0.5 * x / sqrt(1 + x**2) * (1 + 1 / (1 + x**2)),
)  # fmt: skip
tanh_gap: Primitive = row(
    "tanh_gap", lambda x: tanh(x) ** 2, r"{x}-\tanh{a}",
    plain=lambda x: x - tanh(x),
)  # fmt: skip
exp_gap: Primitive = row(
    "exp_gap", lambda x: expm1(x), r"e^{{{x}}}-1-{p}", plain=lambda x: expm1(x) - x
)
arctan_gate: Primitive = row(
    "arctan_gate", lambda x: arctan_gate_slope(x),
    r"{p}\left(\frac{{\arctan{a}}}{{\pi}}+\frac{{1}}{{2}}\right)",
    plain=lambda x: x * (arctan(x) / pi + 0.5),
)  # fmt: skip
arctan_gate_slope: Primitive = row(
    "arctan_gate_slope", lambda x: (1 / (1 + x * x)) ** 2 * 2 / pi,
    r"\left(\frac{{\arctan{a}}}{{\pi}}+\frac{{1}}{{2}}+\frac{{{x}}}{{\pi(1+{p}^2)}}\right)",
    plain=lambda x: arctan(x) / pi + 0.5 + x / (pi * (1 + x**2)),
)  # fmt: skip
# sinc and its kin: sinc_n(x) = j_n(x)/x^n with the spherical Bessel functions j_n; even and smooth.
sinc: Primitive = row(
    "sinc", lambda x: -x * sinc_1(x), r"\frac{{\sin{a}}}{{{x}}}",
    plain=lambda x: sin(x) / x, at_0="1",
)  # fmt: skip
sinc_1: Primitive = row(
    "sinc_1", lambda x: -x * sinc_2(x), r"\frac{{\sin{a}-{p}\cos{a}}}{{{p}^3}}",
    plain=lambda x: (sin(x) / x - cos(x)) / x**2, at_0="1/3",
)  # fmt: skip
sinc_2: Primitive = row(
    "sinc_2", lambda x: -x * sinc_3(x), r"\frac{{j_2{a}}}{{{p}^2}}",
    plain=lambda x: ((3 - x**2) * sin(x) / x - 3 * cos(x)) / x**4, at_0="1/15",
)  # fmt: skip
sinc_3: Primitive = row(
    "sinc_3", lambda x: (sinc_2(x) - 7 * sinc_3(x)) / x, r"\frac{{j_3{a}}}{{{p}^3}}",
    plain=lambda x: ((15 - 6 * x**2) * sin(x) / x - (15 - x**2) * cos(x)) / x**6, at_0="1/105",
)  # fmt: skip

# Further functions of formulas, read as what they stand for; each parameter occurs once.
SPELLED: dict[str, str] = {
    "clip(x, low, high)": "min(max(x, low), high)",
    "clamp(x, low, high)": "min(max(x, low), high)",
    "maximum(a, b)": "max(a, b)",
    "minimum(a, b)": "min(a, b)",
    "ln(x)": "log(x)",
    "log2(x)": "log(x)/log(2)",
    "log10(x)": "log(x)/log(10)",
    "pow(a, b)": "a**b",
    "arcsinh(x)": "asinh(x)",
    "arctanh(x)": "atanh(x)",
}
