"""Random formulas that are hard on proofs, rewritings that keep them, and their reduction."""

import ast
import random
import re
from collections.abc import Callable, Iterator

from .exact import registered

ELEMENTARY = (
    "exp", "expm1", "log", "log1p", "sqrt", "abs", "sign", "sin", "cos", "tan", "sinh", "cosh",
    "asinh", "atanh", "arctan", "tanh", "logistic", "softplus", "erf", "erfc", "normal_cdf",
)  # fmt: skip
TAME = ("tanh", "logistic", "softplus", "erf", "arctan", "relu", "gelu", "abs", "asinh", "normal_cdf",
        "softsign", "swish", "elu", "hard_tanh")  # fmt: skip
CONSTANTS = (
    "1", "2", "3", "0.5", "0.1", "0.2", "0.3", "0.7", "1.7", "2.5", "1/3", "2/3", "1/7", "0.01",
    "0.25", "4", "5", "6", "10", "pi", "e", "1e-3", "1e-8", "1e-20", "1e-300", "1e3", "1e8",
    "0.3333333333333333", "1.0000000000000002", "0.1 + 0.2", "sqrt(2)", "exp(1)", "log(2)",
    "38.6", "745", "709.78", "37.5", "88", "1e-154", "1e154", "40", "8", "20", "-1", "-0.5", "-2",
)  # fmt: skip
PLAIN = ("1", "2", "0.5", "3", "0.1", "1/3", "-1", "-2", "0.25", "1.5", "0.7")
POWERS = ("2", "3", "-1", "-2", "0.5", "-0.5", "1/3", "1.5", "4", "0", "1", "-3", "2.5", "7", "0.1",
          "100", "2/3")  # fmt: skip
TAILS = (
    "exp(-x*x)", "exp(-exp(x))", "logistic(x)", "erfc(x)", "normal_cdf(x)", "exp(x)", "exp(-x)",
    "softplus(x)", "exp(-abs(x))", "1/cosh(x)", "gaussian(x)", "exp(-x**4)", "(1 - tanh(x))",
    "(1 + erf(x))", "expm1(x)", "1/(1 + x*x)",
)  # fmt: skip

Maker = Callable[[random.Random, int], str]


def c(r: random.Random) -> str:
    return r.choice(CONSTANTS) if r.random() < 0.45 else r.choice(PLAIN)


def scalar(r: random.Random) -> str:
    text = c(r)
    return (
        text if text.replace(".", "").replace("e-", "").replace("e", "").isalnum() else f"({text})"
    )


def atom(r: random.Random) -> str:
    if r.random() < 0.55:
        return "x"
    return r.choice((
        f"{scalar(r)}*x", f"(x - {scalar(r)})", f"(x + {scalar(r)})", f"x/{scalar(r)}", "-x",
        f"({scalar(r)} - x)", f"({scalar(r)}*x + {scalar(r)})", "x*x", "x**2", "abs(x)", "x**3",
    ))  # fmt: skip


def expression(r: random.Random, depth: int) -> str:
    """Any formula of that depth."""
    if depth <= 0:
        return atom(r)
    roll = r.random()
    if roll < 0.18:
        return f"({expression(r, depth - 1)} {r.choice('+-')} {expression(r, depth - 1)})"
    if roll < 0.32:
        return f"{expression(r, depth - 1)}*{expression(r, r.randrange(depth))}"
    if roll < 0.37:
        return f"{expression(r, depth - 1)}/{_wrap(expression(r, r.randrange(depth)))}"
    if roll < 0.44:
        return f"{_wrap(expression(r, depth - 1))}**{_wrap(r.choice(POWERS))}"
    if roll < 0.60:
        return f"{r.choice(ELEMENTARY)}({expression(r, depth - 1)})"
    if roll < 0.72:
        return call(r, expression(r, depth - 1))
    if roll < 0.79:
        return f"{r.choice(('min', 'max'))}({expression(r, depth - 1)}, {other(r, depth)})"
    if roll < 0.94:
        return f"where({condition(r, depth)}, {expression(r, depth - 1)}, {other(r, depth)})"
    return f"{scalar(r)}*{_wrap(expression(r, depth - 1))}"


def other(r: random.Random, depth: int) -> str:
    return c(r) if r.random() < 0.4 else expression(r, r.randrange(depth))


def _wrap(text: str) -> str:
    try:
        body = ast.parse(text, mode="eval").body
    except SyntaxError:
        return f"({text})"
    return text if isinstance(body, ast.Name | ast.Constant | ast.Call) else f"({text})"


def condition(r: random.Random, depth: int) -> str:
    roll = r.random()
    op = r.choice(("<", "<=", ">", ">=", "<", ">", "==", "!="))
    if roll < 0.5:
        return f"x {op} {c(r)}"
    if roll < 0.7:
        return f"{expression(r, min(depth - 1, 1))} {op} {c(r)}"
    if roll < 0.8:
        return f"abs(x) {op} {c(r)}"
    if roll < 0.9:
        return f"{condition(r, depth)} {r.choice(('and', 'or'))} {condition(r, depth)}"
    return f"not ({condition(r, depth)})"


NUMBERS = {"approx": ("none", "tanh", "sigmoid")}


def call(r: random.Random, inner: str) -> str:
    """A registered function, sometimes with parameters."""
    rows = registered()
    name = r.choice(sorted({row["name"] for row in rows.values()}))
    settings = [item.split("=")[0] for item in rows[name]["parameters"].split()]
    given = ""
    if settings and r.random() < 0.4:
        key = r.choice(settings)
        value = (
            r.choice(NUMBERS["approx"])
            if key == "approx"
            else r.choice(("0.5", "2", "0.3", "1", "1.7", "0.1", "3", "0.25", "1/3", "-0.5"))
        )
        given = f", {key}={value}"
    return f"{name}({inner}{given})"


# -- families that have been wrong ---------------------------------------------------------------
def tail_sign(r: random.Random, _: int) -> str:
    """A sign that is decided far out in a tail."""
    tail, far = (
        r.choice(TAILS),
        r.choice(("40", "-40", "800", "-800", "8", "27", "1e3", "-1e4", "6")),
    )
    product = f"{tail}*(x - {far})".replace("- -", "+ ")
    return r.choice((
        f"where({product} {r.choice(('>', '<', '>=', '==', '!='))} 0, {c(r)}, {c(r)})",
        f"abs({product})", f"max({product}, 0)", f"min({product}, {c(r)})", f"sign({product})",
        f"where({product} > 0, x, {c(r)})", product, f"relu({product})", f"tanh({product})",
        f"where({tail} > {tail.replace('x', far if far[0] != '-' else f'({far})')}, 1, 0)"
        if tail.count("x") == 1 and "exp(" not in tail else f"abs({product})*{c(r)}",
    ))  # fmt: skip


def zero_times_infinity(r: random.Random, _: int) -> str:
    zero = r.choice(("x", "tanh(x)", "sin(x)", "expm1(x)", "x*x", "abs(x)", "(1 - cos(x))", "log1p(x)",
                     "arctan(x)", "(x - 1)", "erf(x)", "relu(x)", "sinh(x)", "asinh(x)"))  # fmt: skip
    pole = r.choice(("x**-1", "x**-2", "(1/x)", "(1/x)**2", "abs(x)**-1.5", "log(x)", "exp(1/x)", "x**-3",
                     "sinh(1/x)", "exp(x**-1)", "log(abs(x))", "(1/tanh(x))", "abs(x)**-0.5",
                     "sin(1/x)", "(log(x)/x)", "exp(-1/x)", "cos(1/x)", "(x - 1)**-1"))  # fmt: skip
    product = f"{zero}*{pole}"
    guard = r.choice(("x > 0", "x != 0", "x < 0", "x >= 1", "not (x <= 0)", "x > 0 and x != 1"))
    return r.choice((product, f"where({guard}, {product}, {c(r)})", f"where({guard}, {product}, 0)",
                     f"where({guard}, {product}, 1)", f"tanh({product})"))  # fmt: skip


def spliced(r: random.Random, _: int) -> str:
    """Straight or smooth pieces that meet, or nearly."""
    a = r.choice(
        ("0.1", "0.2", "0.3", "0.7", "1.7", "2.5", "1/3", "2/3", "0.17", "1", "3", "0.6", "5")
    )
    k = r.choice(("0.1", "0.2", "0.3", "0.9", "0.5", "2", "1/3", "0.7", "3"))
    tiny = r.choice(("0", "0", "0", "exp(-60)", "1e-30", "1e-18", "1e-400", "exp(-800)"))
    op = r.choice(("<", "<=", ">", ">="))
    f = r.choice(("tanh(x)", "x", "gelu(x)", "relu(x)", "sin(x)", "exp(x)", "x*x", "swish(x)"))
    at = f.replace("x*x", "a*a").replace("(x)", "(a)").replace("exp(a)", "exp(a)")
    at = (at if at != "x" else "a").replace("a*a", f"({a})*({a})").replace("(a)", f"({a})")
    at = f"({a})" if at == "a" else at
    return r.choice((
        f"where(x {op} {a}, {k}*x, {k}*{a} + {tiny})",
        f"where(x {op} {a}, {k}*x + ({a})*(1 - {k}), x + {tiny})",
        f"where(x {op} {a}, {f}, {at} + {tiny})",
        f"where(x {op} {a}, {f}, {at} + {k}*(x - {a}))",
        f"where(x != {a}, {f}, {c(r)})", f"where(x == {a}, {c(r)}, {f})",
        f"where(x < -{_wrap(a)}, -({k})*({a}), where(x > {a}, {k}*({a}), {k}*x))",
        f"clip_like({a})".replace(f"clip_like({a})", f"max(-{_wrap(a)}, min({a}, {k}*x))"),
        f"where(abs(x) {op} {a}, {f}, {k}*x)",
        f"abs(x - {a}) - abs(x + {a})", f"max(x - {a}, {k}*x - {k}*({a}))",
        f"where(x > 0, exp(-{k}/x), {tiny})", f"where(abs(x) < {a}, exp(-1/(({a})**2 - x**2)), {tiny})",
    ))  # fmt: skip


def holes(r: random.Random, _: int) -> str:
    f = r.choice(("tanh(x)", "x", "gelu(x)", "sin(x)", "relu(x)", "x**2", "softsign(x)"))
    a = r.choice(("0", "1", "2", "0.5", "0.1", "-3"))
    return r.choice((
        f"{f}*(x - {a})/(x - {a})".replace("- -", "+ "), f"x**2/x + {f}", f"x/x*{f}", f"x/abs(x)*{f}",
        f"relu(x)*exp(log(x)*0) + {f}", "tanh(atanh(x))", f"exp(log({f}))", f"sqrt({f})**2",
        f"{f}*x**0", f"log(exp({f}))", "sin(x)/x", f"1/(1/({f}))", f"where(x > {a}, {f}, sqrt(x))",
        f"where(x > 0, log(x)*{f}, 0)", f"{f}/(x*x - {a})".replace("- -", "+ "), f"tanh(-1/{_wrap(f)})",
        f"logistic(1/(x - {a}))".replace("- -", "+ "), f"arctan(-1/x) + {scalar(r)}*x", f"-x/abs(x) + {f}",
    ))  # fmt: skip


def close_constants(r: random.Random, _: int) -> str:
    big = r.choice(("1e16", "1e17", "1e20", "1e300", "1e15"))
    f = r.choice(("tanh", "gelu", "relu", "swish", "sin", "exp", "logistic"))
    gap = r.choice(("(1/3 - 0.3333333333333333)", "(0.1 + 0.2 - 0.3)", "(1 - 3*(1/3))",
                    "(2/3 - 0.6666666666666666)",
                    "(exp(1) - e)", "(exp(1) - 2.718281828459045)", "(pi - 3.141592653589793)",
                    "(sqrt(2)**2 - 2)",
                    "(log(2) - 0.6931471805599453)", "(1.0000000000000002 - 1)", "(1e-17 + 1 - 1)",
                    "(exp(log(3)) - 3)", "(0.7 + 0.3 - 1)", "(cos(0) - 1)",
                    "(4*arctan(1) - pi)"))  # fmt: skip
    return r.choice((
        f"{f}(x + {gap}*{big})", f"({big} + 1 - {big})*{f}(x)", f"{f}(x) + {gap}*{big}",
        f"{f}(x)*(1 + {gap}*{big})", f"where(x > {gap}, {f}(x), {c(r)})", f"abs(x)**(1/3 + {gap})",
        f"where({gap}*x > 0, x, {f}(x))", f"{f}(x) - {f}(x*(1 + {gap}))", f"max(x, {gap}*x)",
        f"abs(x)**{gap}", f"{gap}*x", f"{f}({gap}*{big}*x)",
        f"where(x >= 0.3333333333333333 and x <= 1/3, 1, {f}(x))", f"(x**3)**(1/3) + {gap}*{f}(x)",
    ))  # fmt: skip


def squares(r: random.Random, depth: int) -> str:
    """abs, sign, min and max over one another."""
    f, g = expression(r, 1), expression(r, 1)
    return r.choice((
        f"abs({f})*sign({g})", f"max({f}, {g}) + min({f}, {g})", f"max({f}, {g}) - abs({f} - {_wrap(g)})/2",
        f"abs(abs({f}) - {scalar(r)})", f"min(max({f}, {c(r)}), {c(r)})", f"sign({f})*({g})",
        f"relu({f}) - relu(-({f}))", f"sign(x)*(sqrt(abs(x) + 1) - 1) + {scalar(r)}*x",
        f"max(min(x, {c(r)}), min({f}, {c(r)}), {c(r)})", f"sign({f}) + sign({g})", f"abs(sin({f}))",
        f"hard_tanh(x) + relu(x - {scalar(r)}) - relu(-x - {scalar(r)})", f"sqrt(abs({f}))*sign({f})",
        f"abs({f})**{_wrap(r.choice(POWERS))}",
    ))  # fmt: skip


def waves(r: random.Random, _: int) -> str:
    w = r.choice(("", "2*", "0.1*", "pi*", "100*", "1.5*"))
    return r.choice((
        f"x + {scalar(r)}*sin({w}x)", f"sin({w}x)*exp(-x*x)", f"x*cos({w}x)", f"sin({w}x) + cos(x)",
        f"tanh(x) + {scalar(r)}*sin({w}x)", f"where(x > {c(r)}, sin({w}x), {c(r)})", f"abs(sin({w}x))",
        f"sin(x)/({scalar(r)} + x*x)", f"tanh({scalar(r)}*x*cos({w}x))", f"sin(hard_tanh(x)*{scalar(r)})",
        f"max(sin({w}x), {c(r)})", f"sin(exp({w}x))", f"softplus(x)*cos({w}x)",
        f"cos(min(max(x, 0), {c(r)}))",
    ))  # fmt: skip


def published(r: random.Random, _: int) -> str:
    """A registered function, moved and scaled: what people do type."""
    inner = r.choice(
        ("x", "x", f"{scalar(r)}*x", f"x + {scalar(r)}", f"({scalar(r)}*x - {scalar(r)})")
    )
    f = call(r, inner)
    g = call(r, r.choice(("x", "x", "-x", "x - 1")))
    return r.choice((f, f, f"{scalar(r)}*{f}", f"{f} - {scalar(r)}", f"x*{f}", f"{f} - {g}", f"{f}*{g}",
                     f"max({f}, {g})", f"where(x > {c(r)}, {f}, {g})", f"{f} + {scalar(r)}*x"))  # fmt: skip


MAKERS: tuple[tuple[float, Maker], ...] = (
    (3.0, lambda r, d: expression(r, d)), (1.2, tail_sign), (1.2, zero_times_infinity), (1.5, spliced),
    (1.2, holes), (1.2, close_constants), (1.5, squares), (1.0, waves), (2.0, published),
)  # fmt: skip


def formula(r: random.Random) -> str:
    """One random formula with an x in it, at most 200 characters."""
    from .families import FAMILIES

    makers = MAKERS + FAMILIES
    weights = [weight for weight, _ in makers]
    while True:
        maker = r.choices(makers, weights)[0][1]
        text = maker(r, r.choice((1, 2, 2, 3, 3)))
        if r.random() < 0.1 and len(text) < 90:
            text = call(r, text) if r.random() < 0.5 else f"{r.choice(TAME)}({text})"
        try:
            tree = ast.parse(text, mode="eval")
        except SyntaxError:
            continue
        if len(text) <= 200 and any(
            isinstance(n, ast.Name) and n.id == "x" for n in ast.walk(tree)
        ):
            return text


def label_of(text: str) -> str | None:
    """swish:beta=2 of swish(x, beta=2): the registered function itself, which has kernels of its own."""
    found = re.fullmatch(r"(\w+)\(x((?:, \w+=[-\w./]+)*)\)", text)
    if found is None or found[1] not in {row["name"] for row in registered().values()}:
        return None
    return f"{found[1]}:{found[2][2:].replace(', ', ',')}" if found[2] else found[1]


# -- the same function in other words ------------------------------------------------------------
class _Rewriter(ast.NodeTransformer):
    """Replaces some parts by equal ones with the same domain."""

    def __init__(self, r: random.Random, share: float) -> None:
        self.r, self.share, self.count = r, share, 0

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.Call):  # neither the function's name nor its parameters
            node.args = [self.visit(arg) for arg in node.args]  # type: ignore[misc]
        else:
            node = super().generic_visit(node)
        if not isinstance(node, ast.expr) or self.r.random() > self.share:
            return node
        choices = [text for text in _equal(node, self.r) if text]
        if not choices:
            return node
        self.count += 1
        return ast.parse(f"({self.r.choice(choices)})", mode="eval").body


def _equal(node: ast.expr, r: random.Random) -> Iterator[str]:
    t = ast.unparse(node)
    match node:
        case ast.BinOp(left=a, op=ast.Add(), right=b):
            yield f"({ast.unparse(b)}) + ({ast.unparse(a)})"
            yield f"({ast.unparse(a)}) - (-({ast.unparse(b)}))"
        case ast.BinOp(left=a, op=ast.Sub(), right=b):
            yield f"-(({ast.unparse(b)}) - ({ast.unparse(a)}))"
            yield f"({ast.unparse(a)}) + (-1)*({ast.unparse(b)})"
        case ast.BinOp(left=a, op=ast.Mult(), right=b):
            yield f"({ast.unparse(b)})*({ast.unparse(a)})"
        case ast.BinOp(left=a, op=ast.Div(), right=ast.Constant(value=v)) if v:
            yield f"({ast.unparse(a)})*(1/{ast.unparse(node.right)})"  # type: ignore[attr-defined]
        case ast.BinOp(left=a, op=ast.Pow(), right=ast.Constant(value=2)):
            yield f"({ast.unparse(a)})*({ast.unparse(a)})"
        case ast.Call(func=ast.Name(id="where"), args=[test, a, b]):
            yield f"where(not ({ast.unparse(test)}), {ast.unparse(b)}, {ast.unparse(a)})"
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            u = ast.unparse(args[0])
            yield from {
                "tanh": (f"2*logistic(2*({u})) - 1", f"-tanh(-({u}))",
                         f"(1 - exp(-2*({u})))/(1 + exp(-2*({u})))"),
                "logistic": (f"1/(1 + exp(-({u})))", f"1 - logistic(-({u}))", f"(1 + tanh(({u})/2))/2"),
                "relu": (f"max({u}, 0)", f"where({u} > 0, {u}, 0)", f"(({u}) + abs({u}))/2"),
                "abs": (f"max({u}, -({u}))", f"sqrt(({u})**2)", f"({u})*sign({u})",
                        f"relu({u}) + relu(-({u}))"),
                "softplus": (f"log(1 + exp({u}))", f"({u}) + softplus(-({u}))"),
                "swish": (f"({u})*logistic({u})", f"({u})/(1 + exp(-({u})))"),
                "gelu": (f"({u})*normal_cdf({u})", f"({u})*(1 + erf(({u})/sqrt(2)))/2"),
                "exp": (f"1/exp(-({u}))", f"exp(({u})/2)**2"),
                "expm1": (f"exp({u}) - 1",),
                "log1p": (f"log(1 + ({u}))",),
                "sqrt": (f"({u})**0.5",),
                "erf": (f"1 - erfc({u})", f"-erf(-({u}))"),
                "erfc": (f"1 - erf({u})",),
                "sin": (f"-sin(-({u}))",), "cos": (f"cos(-({u}))", f"1 - 2*sin(({u})/2)**2"),
                "arctan": (f"-arctan(-({u}))",), "sign": (f"-sign(-({u}))",),
                "mish": (f"({u})*tanh(softplus({u}))",),
                "sinh": (f"(exp({u}) - exp(-({u})))/2",), "cosh": (f"(exp({u}) + exp(-({u})))/2",),
                "hard_tanh": (f"min(1, max(-1, {u}))", f"(abs(({u}) + 1) - abs(({u}) - 1))/2"),
                "min": (f"-max({', '.join(f'-({ast.unparse(a)})' for a in args)})",),
                "max": (f"-min({', '.join(f'-({ast.unparse(a)})' for a in args)})",),
            }.get(name, ())  # fmt: skip
    if not isinstance(node, ast.Compare | ast.BoolOp) and not (
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    ):
        k = r.choice(("3", "0.1", "1/3", "7"))
        yield f"({t})*({k})/({k})"
        yield f"({t})*2 - ({t})"
        yield f"({k})*({t}) + (1 - {k})*({t})"


def rewritten(text: str, r: random.Random) -> str | None:
    """The same function in other words, or None."""
    for _ in range(6):
        rewriter = _Rewriter(r, r.choice((0.15, 0.3, 0.5)))
        tree = ast.parse(text, mode="eval")
        _keep_numbers(tree, text)
        body = rewriter.visit(tree.body)
        found = ast.unparse(body)
        if rewriter.count and len(found) <= 500:
            return found
    return None


def _keep_numbers(tree: ast.AST, text: str) -> None:
    """`unparse` would print 1e-400 as 0.0 and 1e308*10 as inf."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            segment = ast.get_source_segment(text, node)
            if segment and repr(node.value) != segment:
                node.value = _Text(segment)  # type: ignore[assignment]


class _Text(float):
    """A number that is printed as it was written."""

    def __new__(cls, text: str) -> "_Text":
        made = super().__new__(cls, text)
        made.text = text  # type: ignore[attr-defined]
        return made

    def __repr__(self) -> str:
        return self.text  # type: ignore[attr-defined,no-any-return]


# -- smaller formulas with the same fault ----------------------------------------------------------
def simpler(text: str) -> Iterator[str]:
    """Formulas with one part replaced by a smaller one, the smallest first."""
    tree = ast.parse(text, mode="eval")
    found = set()
    nodes = [n for n in ast.walk(tree.body) if isinstance(n, ast.expr)]
    for node in nodes:
        whole = ast.get_source_segment(text, node)
        if whole is None or not hasattr(node, "col_offset"):
            continue
        start, end = node.col_offset, node.end_col_offset or len(text)
        smaller = [ast.get_source_segment(text, child) for child in ast.iter_child_nodes(node)
                   if isinstance(child, ast.expr)]  # fmt: skip
        smaller += ["x", "0", "1", "2"]
        if isinstance(node, ast.Constant):
            smaller = ["1", "2", "0"] if whole not in ("0", "1") else []
        if isinstance(node, ast.Call) and node.keywords:
            smaller.append(f"{ast.unparse(node.func)}({', '.join(map(ast.unparse, node.args))})")
        for part in smaller:
            if part and len(part) <= len(whole) and part != whole:
                found.add(f"{text[:start]}{part}{text[end:]}")
                found.add(f"{text[:start]}({part}){text[end:]}")
    for candidate in sorted(found, key=lambda s: (len(s), s)):
        if candidate == text or len(candidate) > len(text):
            continue
        try:
            parsed = ast.parse(candidate, mode="eval")
        except SyntaxError:
            continue
        if any(isinstance(n, ast.Name) and n.id == "x" for n in ast.walk(parsed)):
            yield candidate
