"""What pages compute: the JavaScript of functions against the numbers of `actcli table`."""

import json
import re
import shutil
import subprocess
from functools import cache
from random import Random

import numpy as np
import pytest

import actcli
from actcli.pages.formulas import numeric, script
from actcli.pages.page import _file

RANDOM = np.random.default_rng(13)
INPUTS = np.concatenate([
    np.linspace(-12, 12, 49), RANDOM.normal(0, 3, 30), [0, 1e-6, -1e-6, 700, -700, 1e6, -1e6],
    10 ** RANDOM.uniform(-6, 6, 40) * RANDOM.choice([-1, 1], 40),
])  # fmt: skip
SCRIPTS = "".join(_file(name) for name in ("numbers.js", "curves.js", "explorer.js"))
TYPED = re.split(r"\s{2,}|\n", """
x  0*x  x/x  1/x  -x  --x  x**2  x**-1  x**0.5  x**3  x**(1/3)  abs(x)**1.5  x**-2.5  x**1e3  1e300*x
1/(1+exp(-x))  x*sigmoid(x)  x*tanh(softplus(x))  exp(-x**2)  exp(exp(x))  log(abs(x))  log1p(x)
sqrt(x)  sqrt(abs(x))  cbrt(x)  max(x,0)  max(x,x)  max(x,-x)  min(max(x,-1),1)  max(0,0*x)
where(x==0,1,sin(x)/x)  where(x!=0,x,1)  where(x<1 and x>-1,x,sign(x))  where(x<-1 or x>1,x,0)
where(not x>0,x,1)  where(x==x,1,2*x)  where(x>0,2,3)  where(1>0,x,0)  where(x>=0,x,0)
where(x<=0,0,x**2)  where(x<1,x,where(x<2,1,x-1))  where(x<0,nan,x)  where(sin(x)>0,1,0)
grad(tanh(x))  grad(grad(sin(x)))  grad(abs(x))  grad(x*erf(x))  grad(max(x,0))  x*grad(sigmoid(x))
sin(1/x)  cos(100*x)  tan(x)  atan(x)  atanh(x)  erfc(x)  x*normal_cdf(x)  sech(x)  tanh(x)**2  exp(x)*0
x*1e200*x  sqrt(1+x*x)-1  log(exp(x)+1)  x-x**3/6  sinc(x)  algebraic(x)  arctan_gate(x)  x*sign(x)**2
x*log(x)  log(x)**2  exp(x)**2  max(exp(x),1)  max(min(x,1),min(-x,1))  x/(x*x-4)  sqrt(x*x-1)
""".strip())  # fmt: skip
OWN = [
    ("new*x", "new", 2), ("x1*x", "x1", 3), ("β*tanh(x)", "β", 2), ("x*ﬁ", "ﬁ", 2), ("ё*x", "ё", 2),
    ("x*__proto__", "__proto__", 2), ("constructor*x", "constructor", 3), ("eval*x", "eval", 2),
    ("t0*x*exp(t0*x)", "t0", 1), ("p_x*x", "p_x", 1), ("abs(x)**n", "n", 2.5), ("x**n", "n", 3),
    ("where(x<a,x,a)", "a", 1), ("where(x==a,1,0)", "a", 1), ("arguments*x", "arguments", 2),
    ("x*let", "let", 1), ("enum*x", "enum", 1), ("this*x", "this", 1), ("var*x", "var", 2),
    ("undefined*x", "undefined", 2), ("NaN*x", "NaN", 2), ("Math*x", "Math", 2), ("ª*x", "ª", 2),
    ("formulas*x", "formulas", 2), ("toString*x", "toString", 2), ("℘*x", "℘", 2), ("𝛼*x", "𝛼", 2),
    ("grad(a*x**2)", "a", 2), ("log(x-a)", "a", 1), ("where(a>0,x,-x)", "a", 1), ("x/a", "a", 2),
    ("sin(w*x)", "w", 30), ("x/(x-a)", "a", 3), ("typeof*x", "typeof", 2), ("max(a*x,x)", "a", 1),
]  # fmt: skip
# where doubles over- or underflow on the way, which longer numbers of `table` do not, or only there
FAR = {"sqrt_softplus", "1/(1+exp(-x))"}


@pytest.fixture(params=["browser", "node"])
def run(request):
    """Runs the body of a function of `given`, in strict mode."""
    whole = "sent => {{ 'use strict'; const given = JSON.parse(sent); {} }}".format
    if request.param == "browser":
        opened = request.getfixturevalue("browser").open("<!DOCTYPE html><title>numbers</title>")
        yield lambda code, given: json.loads(opened.evaluate(whole(code), json.dumps(given)))
        opened.context.close()
        return
    if shutil.which("node") is None:
        pytest.skip("node is not installed")

    def call(code, given):
        source = f"console.log(({whole(code)})(require('fs').readFileSync(0)))"
        done = subprocess.run(
            ["node", "-e", source], input=json.dumps(given), capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    yield call


def settings(f):
    """The parameters of a function, at values on both sides of their own."""
    own = {name: float(f.settings[name]) for name in numeric(f)}
    yield own
    for name, value in own.items():
        for other in (value / 2, 1.5 * value - 0.75, -0.75, 3.0):
            yield own | {name: float(np.float16(other))}  # as a decimal and in binary the same


@cache
def cases(functions):
    """[key, parameters, inputs] and [value, gradient, curvature] there, of functions by keys."""
    found = []
    for key, f in functions:
        for given in settings(f):
            try:
                exact = actcli.activation(f.name, **given)
            except ValueError:  # outside of its domain
                continue
            near = np.array(
                [x for x in given.values() if abs(x) < 20 and x == float(np.float16(x))]
            )
            inputs = INPUTS[abs(INPUTS) < 700] if key in FAR else INPUTS
            x = np.concatenate([inputs, *(np.nextafter(near, near + side) for side in (-1, 0, 1))])
            with np.errstate(all="ignore"):
                found.append(([key, given, x.tolist()], np.array(exact.derivatives(x, 2))))
    return found


def differences(run, functions):
    """Where a page computes other numbers than `table`, with both."""
    code = (
        f"{script(functions)}{SCRIPTS}\n"
        "return JSON.stringify(given.map(([key, values, xs]) => xs.map("
        "x => evaluated(formulas[key], x, values).slice(0, 3).map(exactText))));"
    )
    found = cases(functions)
    wrong = []
    for ((key, given, x), truth), answer in zip(
        found, run(code, [c for c, _ in found]), strict=True
    ):
        numbers = np.array(answer, float).T
        with np.errstate(all="ignore"):
            close = np.isfinite(truth) & (np.abs(numbers - truth) <= 5e-7 * np.abs(truth))
            close |= (np.abs(truth) < 1e-305) & (np.abs(numbers) < 1e-305)  # have fewer digits
        same = (numbers == truth) | (np.isnan(numbers) & np.isnan(truth)) | close
        for order, k in np.argwhere(~same):
            ours, theirs = float(numbers[order, k]), float(truth[order, k])
            wrong.append(f"{key} {given} f{'′' * order}({x[k]!r}) = {ours!r}, not {theirs!r}")
    return wrong


def test_all_functions(run):
    functions = tuple((name, actcli.activation(name)) for name in actcli.names())
    wrong = differences(run, functions)
    assert not wrong, "\n".join(wrong[:50])


def test_typed_formulas(run):
    typed = [actcli.activation(text) for text in TYPED]
    typed += [actcli.activation(text, **{name: value}) for text, name, value in OWN]
    wrong = differences(run, tuple((f.label, f) for f in typed))
    assert not wrong, "\n".join(wrong[:50])


def test_six_digits_are_those_of_python(run):
    chance = Random(7)
    numbers = [chance.uniform(-1, 1) * 10.0 ** chance.randint(-320, 308) for _ in range(300)]
    # halves of the last digit are exact at these sizes, and go to the even one
    numbers += [
        (chance.randint(100_000, 999_999) + 0.5) * 2.0**n for n in range(20) for _ in (1, 2)
    ]
    numbers += [chance.randint(100_000, 999_999) * 10 + 5 for _ in range(60)]
    numbers += [
        -1000002.5,
        0.5,
        2.5,
        1e5,
        999999.5,
        9999995,
        1e6,
        1e-4,
        1e-5,
        9.999995e-5,
        0.0,
        -0.0,
    ]
    numbers += [5e-324, 1.7976931348623157e308, 1 / 3, 123456.5, 100000.5, 1234565, 1000005]
    found = run(f"{SCRIPTS}\nreturn JSON.stringify(given.map(sixDigits));", numbers)
    assert found == [f"{x:.6g}".replace("-0", "0") if x == 0 else f"{x:.6g}" for x in numbers]
