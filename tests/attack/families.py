"""More families of hard formulas: places a hair apart, towers, nests, ends of domains, waves that decay."""

import random
import re

from .exact import registered
from .formulas import Maker, c, call

HAIRS = ("1e-17", "1e-20", "1e-30", "3e-39", "1e-60", "1e-130", "1e-300", "1e-320", "1e-400")
PLACES = ("0", "1", "0.5", "0.1", "1/3", "sqrt(2)", "log(2)", "pi", "-1", "3", "exp(1)", "-0.3")


def beside(r: random.Random, _: int) -> str:
    """Places that nearly coincide, of branches, mirror images and registered breakpoints."""
    a, h, op = r.choice(PLACES), r.choice(HAIRS), r.choice(("<", "<=", ">", ">=", "==", "!="))
    f = r.choice(
        ("tanh(x)", "relu(x)", "x", "hard_tanh(x)", "x*x", "gelu(x)", "abs(x)", "elu(x)", "sin(x)")
    )
    g = r.choice((c(r), f"{f} + {h}", f"{f}*(1 + {h})", f"x + {h}", f"-({f})", f"2*({f})"))
    sign = r.choice("+-")
    return r.choice(
        (
            f"where(x > {a} - {h} and x {op} {a} + {h}, {g}, {f})",
            f"where(x {op} {a}, {f}, where(x {op} {a} {sign} {h}, {g}, {f}))",
            f"where(x > {a}, {c(r)}, where(x < -({a}) {sign} {h}, {c(r)}, {f}))",
            f"max({f}, {g}) {sign} {h}*relu(x - {a})",
            f"where({f} {op} {a} {sign} {h}, {g}, {f})",
            f"min(max({f}, {a}), {a} {sign} {h})",
            f"abs({f} - {a}) + abs({f} - {a} {sign} {h})",
            f"where(expm1(x) > {h}, {g}, {f})",
            f"where(abs(x) <= {h}, {g}, {f})",
            f"relu({f} - {a}) + {h}*x",
            f"sign({f} - {a} {sign} {h})*({g})",
        )
    )


def towers(r: random.Random, depth: int) -> str:
    """min and max over one another, of lines, bends and constants that are nearly equal."""
    if depth <= 0:
        k = r.choice(("1", "-1", "0.5", "2", "0.1", "1/3", "-0.3"))
        return r.choice(
            (
                f"({k})*x",
                f"({k})*x + {c(r)}",
                "x*x",
                "tanh(x)",
                "-x",
                "x",
                "x**3",
                c(r),
                f"x + {r.choice(HAIRS)}",
                "exp(x)",
                "sqrt(abs(x))",
            )
        )
    a, b = towers(r, depth - 1), towers(r, r.randrange(depth))
    return f"{r.choice(('min', 'max'))}({a}, {b})"


def nested(r: random.Random, _: int) -> str:
    """A function of itself, of its mirror image, or of its own derivative."""
    f = r.choice(
        (
            "where(x > 0, x, 0.1*x)",
            "relu(x - 1)",
            "hard_tanh(2*x)",
            "tanh(x)",
            "x*x - 1",
            "abs(x) - 1",
            "where(x > 1, 2 - x, x)",
            "sin(x)",
            "x*tanh(x)",
            "swish(x)",
            "sign(x)",
            "elu(x)",
            "x**3 - x",
            "hard_swish(x)",
            "1/(1 + x*x)",
            "sqrt(abs(x))",
            "hard_shrink(x)",
            "where(x < 0.5, x, 1 - x)",
        )
    )
    g = (
        f
        if r.random() < 0.6
        else r.choice(("-x", "1 - x", "abs(x)", "exp(x)", "x*x", "softplus(x)", "tanh(x)"))
    )
    text = re.sub(r"\bx\b", f"({g})", f)
    if r.random() < 0.2:
        text = re.sub(r"\bx\b", f"({f})", text)
    return text if r.random() < 0.7 else f"{text} {r.choice('+-')} {f}"


def domains(r: random.Random, _: int) -> str:
    """Logarithms, roots and rational powers that end at a breakpoint."""
    a, h = r.choice(("0", "1", "0.5", "0.1", "1/3", "2")), r.choice(("0", "0", *HAIRS))
    u = r.choice(
        (
            f"(x - {a})",
            f"(x - {a} + {h})",
            f"({a} - x)",
            f"(x*x - {a})",
            f"(x - {a})**3",
            f"abs(x - {a})",
        )
    )
    f = r.choice(
        (
            f"log{u}",
            f"sqrt{u}",
            f"{u}**(1/3)",
            f"{u}**(2/3)",
            f"{u}**1.5",
            f"{u}**0.1",
            f"{u}**2.5",
            f"{u}*log{u}",
            f"log1p{u}",
            f"{u}**-0.5",
            f"1/{u}",
            f"exp(-1/{u})",
        )
    ).replace("abs(x", "(abs(x")
    f = f if f.count("(") == f.count(")") else f.replace("(abs(x", "abs(x")
    f = re.sub(r"(log|sqrt|log1p)abs(\([^()]*\))", r"\1(abs\2)", f)
    guard = r.choice(
        (
            f"x > {a}",
            f"x >= {a}",
            f"x < {a}",
            f"x <= {a}",
            f"x > {a} + {h}",
            f"abs(x) > {a}",
            f"x != {a}",
        )
    )
    return r.choice(
        (
            f"where({guard}, {f}, {c(r)})",
            f"where({guard}, {f}, 0)",
            f"where({guard}, {c(r)}, {f})",
            f"tanh({f})",
            f"relu({f})",
            f"where({guard}, max({f}, {c(r)}), x)",
        )
    )


def decays(r: random.Random, _: int) -> str:
    """Waves times or of what decays or grows."""
    w = r.choice(
        ("x", "2*x", "x*x", "1/x", "exp(-x)", "sqrt(abs(x))", "log(1 + x*x)", "tanh(x)", "pi*x")
    )
    wave = f"{r.choice(('sin', 'cos'))}({w})"
    decay = r.choice(
        (
            "exp(-x*x)",
            "1/(1 + x*x)",
            "exp(-abs(x))",
            "1/(1 + abs(x))",
            "logistic(-x)",
            "1e-20",
            "(1 - tanh(x))",
            "x",
            "x*exp(-abs(x))",
            "1e-300*x",
            "log(1 + abs(x))",
        )
    )
    f = r.choice(("tanh(x)", "x", "relu(x)", "0.5", "softplus(x)", "arctan(x)", "1e-30*x"))
    return r.choice(
        (
            f"{wave}*{decay}",
            f"{f} + {wave}*{decay}",
            f"max({f}, {wave}*{decay})",
            f"abs({wave})*{decay}",
            f"where(x > 0, {wave}*{decay}, {f})",
            f"{f}*(2 + {wave})",
            f"where({wave} > 0.5, {f}, {decay})",
        )
    )


EXTREMES = (
    "1e-300",
    "1e300",
    "5e-324",
    "1e-20",
    "1e20",
    "1e-8",
    "1e8",
    "1e154",
    "1e-154",
    "-1e300",
)


def extremes(r: random.Random, _: int) -> str:
    """Registered functions whose parameters, arguments or values are extreme."""
    rows = registered()
    name = r.choice(sorted({row["name"] for row in rows.values() if row["parameters"]}))
    settings = [item.split("=")[0] for item in rows[name]["parameters"].split()]
    key, e = r.choice([s for s in settings if s != "approx"] or ["alpha"]), r.choice(EXTREMES)
    f = call(r, r.choice(("x", f"{e}*x", f"x + {e}")))
    return r.choice(
        (f"{name}(x, {key}={e})", f"{e}*{f}", f"{f} + {e}", f, f"{name}({e}*x, {key}={e})")
    )


FAMILIES: tuple[tuple[float, Maker], ...] = (
    (1.5, beside), (1.0, towers), (1.2, nested), (1.2, domains), (1.0, decays), (0.8, extremes),
)  # fmt: skip
