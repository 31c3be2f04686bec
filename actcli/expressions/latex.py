"""LaTeX of a recorded formula, within what matplotlib's mathtext understands."""

from math import isfinite
from typing import TYPE_CHECKING

from ..numbers.exact import number_text
from .node import COMPARISONS, PRECEDENCE, Node

if TYPE_CHECKING:
    from fractions import Fraction

_RELATIONS = {"<": "<", "<=": r"\leq", ">": ">", ">=": r"\geq", "==": "=", "!=": r"\neq"}
_ATOM = 9
_SUMS = ("expm1", "tanh_gap", "exp_gap", "root_gap")  # primitives that are written as a sum
_NAMES = {n: "\\" + n for n in ("alpha", "beta", "mu", "sigma", "omega")} | {"lambd": r"\lambda"}
_NAMES |= {n: n for n in "ab"} | {
    "p1": "p_1",
    "p2": "p_2",
    "alpha_p": r"\alpha_p",
    "alpha_n": r"\alpha_n",
}


def latex(formula: Node, cases: bool = False) -> str:
    """The right-hand side, without dollar signs; `cases`: use the cases environment of amsmath."""
    return _tex(formula, cases)[0]


def _tex(part: Node, cases: bool) -> tuple[str, int]:
    op, args = part.op, part.args

    def sub(arg: Node, level: int = 0) -> str:
        text, own = _tex(arg, cases)
        return text if own >= level else rf"\left({text}\right)"

    if op == "x":
        return "x", _ATOM
    if op == "number":
        text = number_text(args[0])
        if "e" in text:
            mantissa, _, exponent = text.partition("e")
            factor = "" if mantissa == "1" else mantissa + r"\cdot "
            return rf"{factor}10^{{{int(exponent)}}}", PRECEDENCE["*"]
        if "/" in text:
            over, _, under = text.partition("/")
            return rf"\frac{{{over}}}{{{under}}}", 8
        if text in ("nan", "inf"):
            return rf"\mathrm{{{text}}}" if text == "nan" else r"\infty", _ATOM
        ratio = _ratio(text)
        if ratio is not None:
            return rf"\frac{{{ratio.numerator}}}{{{ratio.denominator}}}", 8
        return _shorten(text), PRECEDENCE["neg"] if text.startswith("-") else _ATOM
    if op == "constant":
        return args[0].latex, _ATOM
    if op == "name":
        return _NAMES.get(args[0], rf"\mathrm{{{args[0]}}}".replace("_", r"\_")), _ATOM
    if op == "call":
        return _call(part, cases)
    if op == "use":
        name = args[0].replace("_", r"\_")
        return rf"\mathrm{{{name}}}\left({sub(args[3])}\right)", _ATOM
    if op == "where":
        return _where(args, cases)
    if op in ("max", "min"):
        return rf"\{op}\left({sub(args[0])},\,{sub(args[1])}\right)", _ATOM
    if op == "grad":
        return rf"\frac{{d}}{{dx}}\left({sub(args[0])}\right)", 8
    if op == "neg":
        return "-" + sub(args[0], PRECEDENCE["*"]), PRECEDENCE["+"]
    if op == "not":
        return r"\mathrm{not}\ " + sub(args[0], PRECEDENCE["not"]), PRECEDENCE["not"]
    level = PRECEDENCE[op]
    if op == "/":
        if args[0].op == args[1].op == "number" and args[1].args[0] != 0:
            over, under = (arg.args[0] for arg in args)
            if _ratio(number_text(over)) or _ratio(number_text(under)):
                return _tex(Node("number", (over / under,)), cases)
        return rf"\frac{{{sub(args[0])}}}{{{sub(args[1])}}}", 8
    if op == "**":
        if args[1].op == "number" and args[1].args[0] == 0.5:
            return rf"\sqrt{{{sub(args[0])}}}", _ATOM
        if args[0].op == "call" and args[0].args[0].name in ("sin", "cos", "tan", "tanh", "arctan"):
            name, argument = _tex(args[0], cases)[0].split(r"\left", 1)
            return rf"{name}^{{{sub(args[1])}}}\left{argument}", 8
        return rf"{sub(args[0], _ATOM)}^{{{sub(args[1])}}}", 8
    if op == "*":
        factors = sorted(args, key=lambda a: a.op != "number")  # a number goes first
        left, right = (sub(a, level) for a in factors)
        sign = r"\cdot " if right[0].isdigit() or right.startswith("-") else r"\,"
        return left + sign + right, level
    if op in COMPARISONS:
        return f"{sub(args[0], 5)} {_RELATIONS[op]} {sub(args[1], 5)}", level
    if op in ("and", "or"):
        return rf"{sub(args[0], level)}\ \mathrm{{{op}}}\ {sub(args[1], level)}", level
    right = sub(args[1], level + (op == "-"))
    if right.startswith("-"):
        return rf"{sub(args[0], level)} {op} \left({right}\right)", level
    return f"{sub(args[0], level)} {op} {right}", level


def _call(part: Node, cases: bool) -> tuple[str, int]:
    primitive, argument, *constants = part.args
    if constants:
        w = constants[0]
        argument = argument if w.op == "number" and w.args[0] == 1 else Node("*", (w, argument))
    if primitive.name == "log1p":
        negative = argument.op == "neg"
        size = argument.args[0] if negative else argument
        total = Node("-" if negative else "+", (Node("number", (1,)), size))
        return rf"\ln\left({_tex(total, cases)[0]}\right)", 8
    text, level = _tex(argument, cases)
    wrapped = rf"\left({text}\right)"
    short = text if level == _ATOM else wrapped
    written = primitive.latex.format(x=text, p=short, a=wrapped)
    return written, PRECEDENCE["+"] if primitive.name in _SUMS else 8


def _where(args: tuple[Node, ...], cases: bool) -> tuple[str, int]:
    branches = []
    condition, chosen, otherwise = args
    while True:
        branches.append((latex(chosen, cases), latex(condition, cases), chosen))
        if otherwise.op != "where":
            break
        condition, chosen, otherwise = otherwise.args
    rest = latex(otherwise, cases)
    if cases:
        lines = [rf"{text} & {when}" for text, when, _ in branches]
        lines.append(rf"{rest} & \text{{otherwise}}")
        return r"\begin{cases}" + r" \\ ".join(lines) + r"\end{cases}", _ATOM
    listed = []
    for text, when, value in branches:
        inner = rf"\left({text}\right)" if value.op == "where" else text
        listed.append(rf"{inner}\ \ ({when})")
    return r",\ \ ".join([*listed, rest + r"\ \ \mathrm{else}"]), 0


def _ratio(text: str) -> "Fraction | None":
    """The ratio of small integers that a number too long to be written out stands for."""
    if not _is_long(text) or not isfinite(float(text)):
        return None
    from fractions import Fraction  # costs a start-up that shows no formula 3 ms

    ratio = Fraction(float(text)).limit_denominator(99)
    return ratio if float(ratio) == float(text) and ratio > 0 else None


def _is_long(text: str) -> bool:
    return len(text.lstrip("-").replace(".", "")) > 9


def _shorten(text: str) -> str:
    """Seven digits are enough to recognise a constant."""
    return f"{float(text):.7g}" if _is_long(text) else text
