"""LaTeX of a recorded formula, within what matplotlib's mathtext understands."""

import re
from math import isfinite
from typing import TYPE_CHECKING

from ..numbers.exact import number_text
from .node import COMPARISONS, PRECEDENCE, Interpreter, Node, Rule

if TYPE_CHECKING:
    from fractions import Fraction

Written = tuple[str, int]

_SIGNS = {"<=": r" \leq ", ">=": r" \geq ", "==": " = ", "!=": r" \neq ",
          "and": r"\ \mathrm{and}\ ", "or": r"\ \mathrm{or}\ "}  # fmt: skip
_ATOM = 9
_GROUPS = re.compile(r"\{\{.*\}\}|\\left\(.*\\right\)")  # in the LaTeX of a primitive
_NAMES = {n: "\\" + n for n in ("alpha", "beta", "mu", "sigma", "omega")} | {"lambd": r"\lambda"}
_NAMES |= {n: n for n in "ab"} | {
    "p1": "p_1",
    "p2": "p_2",
    "alpha_p": r"\alpha_p",
    "alpha_n": r"\alpha_n",
}


def latex(formula: Node, cases: bool = False, whole: bool = False) -> str:
    """The right-hand side, without dollar signs; `cases`: use the cases environment of amsmath.

    Numbers have seven digits, which tell them, or are `whole`.
    """
    return _Writer(cases, whole)(formula)[0]


class _Writer(Interpreter[Written]):
    """Formulas as LaTeX and how tightly it is bound."""

    def __init__(self, cases: bool, whole: bool) -> None:
        super().__init__(_RULES, _operation)
        self.cases = cases
        self.whole = whole

    def bound(self, part: Node, level: int = 0) -> str:
        """The text of a part, in parentheses where it is bound less tightly than that."""
        text, own = self(part)
        return text if own >= level else rf"\left({text}\right)"


def _number(tex: _Writer, part: Node, x: None) -> Written:
    text = number_text(part.args[0])
    if "e" in text:
        mantissa, _, exponent = text.partition("e")
        factor = {"1": "", "-1": "-"}.get(mantissa, mantissa + r"\cdot ")
        return rf"{factor}10^{{{int(exponent)}}}", PRECEDENCE["*"]
    if text in ("nan", "inf"):
        return rf"\mathrm{{{text}}}" if text == "nan" else r"\infty", _ATOM
    ratio = text if "/" in text else _ratio(text)
    if ratio is not None:
        over, _, under = str(ratio).partition("/")
        return rf"\frac{{{over}}}{{{under or 1}}}", 8
    if _is_long(text):
        text = repr(float(text)) if tex.whole else f"{float(text):.7g}"
    return text, PRECEDENCE["neg"] if text.startswith("-") else _ATOM


def _negative(tex: _Writer, part: Node, x: None) -> Written:
    text = tex.bound(part.args[0], PRECEDENCE["*"])
    if text.startswith("-"):  # of a product, or of a number
        return text[1:], PRECEDENCE["*"]
    return f"-{text}", PRECEDENCE["+"]


def _name(tex: _Writer, part: Node, x: None) -> Written:
    (name,) = part.args
    return _NAMES.get(name, rf"\mathrm{{{name}}}".replace("_", r"\_")), _ATOM


def _use(tex: _Writer, part: Node, x: None) -> Written:
    name = part.args[0].replace("_", r"\_")
    return rf"\mathrm{{{name}}}\left({tex.bound(part.args[3])}\right)", _ATOM


def _extremum(tex: _Writer, part: Node, x: None) -> Written:
    a, b = map(tex.bound, part.args)
    return rf"\{part.op}\left({a},\,{b}\right)", _ATOM


def _quotient(tex: _Writer, part: Node, x: None) -> Written:
    a, b = part.args
    if a.op == b.op == "number" and b.args[0] != 0:
        over, under = a.args[0], b.args[0]
        if _ratio(number_text(over)) or _ratio(number_text(under)):
            return tex(Node("number", (over / under,)))
    return rf"\frac{{{tex.bound(a)}}}{{{tex.bound(b)}}}", 8


def _power(tex: _Writer, part: Node, x: None) -> Written:
    base, exponent = part.args
    if exponent.op == "number" and exponent.args[0] == 0.5:
        return rf"\sqrt{{{tex.bound(base)}}}", _ATOM
    raised = rf"^{{{tex.bound(exponent)}}}"
    if base.op == "call" and base.args[0].name in ("sin", "cos", "tan", "tanh", "arctan"):
        name, argument = tex.bound(base).split(r"\left", 1)
        return rf"{name}{raised}\left{argument}", 8
    return tex.bound(base, _ATOM) + raised, 8


def _product(tex: _Writer, part: Node, x: None) -> Written:
    level = PRECEDENCE["*"]
    first, second = part.args
    if first.op == "neg":  # -(x*y) and (-x)*y are one number
        return "-" + tex.bound(Node("*", (first.args[0], second)), level), PRECEDENCE["+"]
    if first.has_x and tex(first) == tex(second):
        return tex(Node("**", (first, Node("number", (2,)))))
    if first.has_x and second.op == "*" and tex(first) == tex(second.args[0]):  # x*(x*y)
        return tex(Node("*", (Node("*", (first, first)), second.args[1])))
    if first.op == "*" and second.has_x and tex(first.args[1]) == tex(second):  # -2*x*x
        return tex(Node("*", (first.args[0], Node("*", (second, second)))))
    factors = sorted(part.args, key=lambda a: a.op != "number")  # a number goes first
    if factors[0].op != "number" and second.op == "*":  # of a product within too
        number, rest = sorted(second.args, key=lambda a: a.op != "number")
        if number.op == "number":
            return tex(Node("*", (number, Node("*", (first, rest)))))
    left, right = (tex.bound(a, level) for a in factors)
    if right.startswith("-"):
        right = rf"\left({right}\right)"
    return left + (r"\cdot " if right[0].isdigit() else r"\,") + right, level


def _operation(tex: _Writer, part: Node, x: None) -> Written:
    op, (a, b) = part.op, part.args
    level = PRECEDENCE[op]
    inner = 5 if op in COMPARISONS else level
    left, right = tex.bound(a, inner), tex.bound(b, inner + (op == "-"))
    if op in "+-" and right.startswith("-"):
        right = rf"\left({right}\right)"
    return f"{left}{_SIGNS.get(op, f' {op} ')}{right}", level


def _call(tex: _Writer, part: Node, x: None) -> Written:
    primitive, argument, *constants = part.args
    if constants:
        w = constants[0]
        argument = argument if w.op == "number" and w.args[0] == 1 else Node("*", (w, argument))
    if primitive.name == "log1p":
        negative = argument.op == "neg"
        size = argument.args[0] if negative else argument
        total = Node("-" if negative else "+", (Node("number", (1,)), size))
        return rf"\ln\left({tex.bound(total)}\right)", 8
    text, level = tex(argument)
    wrapped = rf"\left({text}\right)"
    short = text if level == _ATOM else wrapped
    written = primitive.latex.format(x=text, p=short, a=wrapped)
    if primitive.name == "abs":
        return written, _ATOM
    is_sum = re.search("[-+]", _GROUPS.sub("", primitive.latex))
    return written, PRECEDENCE["+"] if is_sum else 8


def _where(tex: _Writer, part: Node, x: None) -> Written:
    branches = []
    while part.op == "where":
        condition, chosen, part = part.args
        branches.append((tex.bound(chosen), tex.bound(condition), chosen))
    rest = tex.bound(part)
    if tex.cases:
        lines = [rf"{text} & {when}" for text, when, _ in branches]
        lines.append(rf"{rest} & \text{{otherwise}}")
        return r"\begin{cases}" + r" \\ ".join(lines) + r"\end{cases}", _ATOM
    listed = []
    for text, when, value in branches:
        inner = rf"\left({text}\right)" if value.op == "where" else text
        listed.append(rf"{inner}\ \ ({when})")
    return r",\ \ ".join([*listed, rest + r"\ \ \mathrm{else}"]), 0


_RULES: dict[str, Rule] = {
    "x": lambda tex, part, x: ("x", _ATOM),
    "number": _number,
    "constant": lambda tex, part, x: (part.args[0].latex, _ATOM),
    "name": _name,
    "call": _call,
    "use": _use,
    "where": _where,
    "max": _extremum,
    "min": _extremum,
    "grad": lambda tex, part, x: (rf"\frac{{d}}{{dx}}\left({tex.bound(part.args[0])}\right)", 8),
    "neg": _negative,
    "not": lambda tex, part, x: (
        r"\mathrm{not}\ " + tex.bound(part.args[0], PRECEDENCE["not"]), PRECEDENCE["not"]
    ),
    "/": _quotient,
    "**": _power,
    "*": _product,
}  # fmt: skip


def _ratio(text: str) -> "Fraction | None":
    """The ratio of small integers that a number too long to be written out stands for."""
    if not _is_long(text) or not isfinite(float(text)):
        return None
    from fractions import Fraction  # costs a start-up that shows no formula 3 ms

    ratio = Fraction(float(text)).limit_denominator(99)
    return ratio if float(ratio) == float(text) and ratio > 0 else None


def _is_long(text: str) -> bool:
    return len(text.lstrip("-").replace(".", "")) > 9
