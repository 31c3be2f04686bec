"""Formulas as files of code: all 84 in every language that runs here, against values from outside."""

import csv
import ctypes
import json
import operator
import re
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import mpmath
import numpy as np
import pytest

import actcli
from actcli.evaluation.as_code import code_formulas, computed
from actcli.expressions.code.names import safe_name
from actcli.expressions.code.targets import SUFFIXES, TARGETS
from actcli.expressions.code.wanted import Wanted

VALUES = Path(__file__).parents[1] / "data" / "values.csv"
KINDS = ("value", "gradient")
OPERATORS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
MIRRORED = {"<": operator.gt, "<=": operator.ge, ">": operator.lt, ">=": operator.le}


def stored(text):
    return float.fromhex(text) if "x" in text else float(text)


@pytest.fixture(scope="module")
def outside():
    """Inputs and right results by name: arrays (n,), (n,), (n,)."""
    found = {}
    with open(VALUES, newline="") as lines:
        for row in csv.DictReader(lines):
            if row["label"] in actcli.names():
                found.setdefault(row["label"], []).append(
                    [stored(row[name]) for name in ("x", *KINDS)]
                )
    assert len(found) == 84
    return {name: np.array(rows).T for name, rows in found.items()}


@pytest.fixture(scope="module")
def codes(outside):
    """Formulas by name: what every target prints."""
    return {name: code_formulas(actcli.activation(name)) for name in outside}


def named(target, codes, dtype="float64"):
    """Files of a target by name, each with a function f0, f1, ... of its own."""
    return {
        name: TARGETS[target](Wanted(f"f{k}", formulas, [name], dtype))
        for k, (name, formulas) in enumerate(codes.items())
    }


def assert_right(outside, results, bound, unit=None):
    """Results within so many units in the last place, or of what `unit` gives of right results."""
    bad = []
    for name, (x, *wanted) in outside.items():
        for kind, right, got in zip(KINDS, wanted, results[name], strict=True):
            got = np.asarray(got, np.float64)
            with np.errstate(all="ignore"):
                units = np.spacing(np.abs(right)) if unit is None else unit(right)
                error = np.abs(got - right) / units
            error[(got == right) | (np.isnan(got) & np.isnan(right))] = 0
            error[np.isnan(error)] = np.inf
            for k in np.flatnonzero(error > bound):
                bad.append(f"{name} {kind} at {x[k]!r}: {got[k]!r}, not {right[k]!r}")
    assert not bad, "\n".join(bad[:20])


# -- the languages ----------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def compiler():
    found = shutil.which("cc") or shutil.which("gcc")
    if found is None:
        pytest.skip("there is no C compiler")
    return found


def compiled(compiler, files, folder):
    """One library of all files: what several define alike is there once."""
    parts = (part.strip() for text in files.values() for part in text.split("\n\n"))
    blocks = dict.fromkeys(part for part in parts if part)
    source, made = folder / "all.c", folder / "all.so"
    source.write_text("\n\n".join(blocks) + "\n")
    flags = ["-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    done = subprocess.run(
        [compiler, *flags, source, "-o", made, "-lm"], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    return ctypes.CDLL(str(made))


def called_from_c(library, outside, real):
    results = {}
    for number, (name, (x, *_)) in enumerate(outside.items()):
        both = getattr(library, f"f{number}_value_and_gradient")
        both.restype, both.argtypes = None, [real, ctypes.POINTER(real), ctypes.POINTER(real)]
        single = [getattr(library, f"f{number}{kind}") for kind in ("", "_gradient")]
        for alone in single:
            alone.restype, alone.argtypes = real, [real]
        rows = []
        for at in x.tolist():
            value, gradient = real(), real()
            both(at, value, gradient)
            rows.append((value.value, gradient.value))
            for alone, right in zip(single, rows[-1], strict=True):
                got = alone(at)
                assert got == right or (got != got and right != right)
        results[name] = np.array(rows).T
    return results


def test_c_compiles_without_a_warning_and_is_right(compiler, outside, codes, tmp_path):
    library = compiled(compiler, named("c", codes), tmp_path)
    assert_right(outside, called_from_c(library, outside, ctypes.c_double), 8)


def rounded(array):
    with np.errstate(all="ignore"):
        return array.astype(np.float32).astype(np.float64)


def test_c_in_single_precision(compiler, outside, codes, tmp_path):
    library = compiled(compiler, named("c", codes, "float32"), tmp_path)
    single = {}
    for name, (x, value, gradient) in outside.items():
        kept = x == rounded(x)
        single[name] = np.array([x[kept], rounded(value[kept]), rounded(gradient[kept])])

    def unit(right):
        return np.spacing(np.abs(right).astype(np.float32)).astype(np.float64)

    assert_right(single, called_from_c(library, single, ctypes.c_float), 8, unit)


def test_numpy_is_right_and_keeps_shapes(outside, codes):
    results = {}
    for (name, text), number in zip(named("numpy", codes).items(), range(84), strict=True):
        space = {}
        exec(text, space)
        x = outside[name][0]
        both = space[f"f{number}_value_and_gradient"]
        results[name] = both(x)
        for kind, alone in zip(("", "_gradient"), results[name], strict=True):
            np.testing.assert_array_equal(space[f"f{number}{kind}"](x), alone)
            assert space[f"f{number}{kind}"](x[:6].reshape(2, 3)).shape == (2, 3)
            assert np.ndim(space[f"f{number}{kind}"](0.5)) == 0
    assert_right(outside, results, 8)


def test_javascript_is_right(outside, codes, tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node")
    for number, text in enumerate(named("js", codes).values()):
        (tmp_path / f"f{number}.mjs").write_text(text)
    given = [[str(v) for v in x] for x, *_ in outside.values()]
    (tmp_path / "given.json").write_text(json.dumps(given).replace("inf", "Infinity"))
    (tmp_path / "all.mjs").write_text(
        'import fs from "node:fs";\n'
        'const given = JSON.parse(fs.readFileSync("given.json"));\n'
        "const found = [];\n"
        "for (const [k, xs] of given.entries()) {\n"
        "  const code = await import(`./f${k}.mjs`);\n"
        "  found.push(xs.map(Number).map(x => {\n"
        "    const both = code[`f${k}_value_and_gradient`](x);\n"
        "    const alone = [code[`f${k}`](x), code[`f${k}_gradient`](x)];\n"
        "    if (!both.every((v, i) => Object.is(v, alone[i]))) throw Error(`f${k} at ${x}`);\n"
        "    return both.map(String);\n"
        "  }));\n"
        "}\n"
        "console.log(JSON.stringify(found));\n"
    )
    done = subprocess.run([node, "all.mjs"], cwd=tmp_path, capture_output=True, text=True)
    assert done.stderr == ""
    found = json.loads(done.stdout.replace("Infinity", "inf"))
    results = {
        name: np.array(rows, np.float64).T for name, rows in zip(outside, found, strict=True)
    }
    assert_right(outside, results, 16)


def test_onnx_is_right_by_its_reference(outside, codes):
    pytest.importorskip("onnx")
    import onnx
    from onnx.reference import ReferenceEvaluator

    results = {}
    for name, written in named("onnx", codes).items():
        onnx.checker.check_model(onnx.load_from_string(written))
        with np.errstate(all="ignore"):
            results[name] = ReferenceEvaluator(written).run(None, {"x": outside[name][0]})
    assert_right(outside, results, 16, lambda right: 2.0**-52 * np.maximum(1, np.abs(right)))


@pytest.mark.parametrize(
    ("name", "largest"),
    [
        ("arctan", 1e300),
        ("tan", 40),
        ("sinh", 710),
        ("cosh", 710),
        ("asinh", 1e300),
        ("atanh", 0.99),
    ],
)
def test_onnx_has_what_onnxruntime_computes_in_float64(name, largest):
    """It has these of float32 alone: "Could not find an implementation for Atan(7)"."""
    pytest.importorskip("onnx")
    import onnx
    from onnx.reference import ReferenceEvaluator

    formulas = code_formulas(actcli.activation(f"{name}(x)"))
    written = TARGETS["onnx"](Wanted("f", formulas, [name]))
    operators = {node.op_type.lower() for node in onnx.load_from_string(written).graph.node}
    of_float32 = {"acos", "acosh", "asin", "asinh", "atan", "atanh", "cosh", "sinh", "tan", "erf"}
    assert not operators & of_float32
    rng = np.random.default_rng(12)
    x = np.exp(rng.uniform(-40, np.log(largest), 200)) * rng.choice([-1, 1], 200)
    x = np.concatenate([x, rng.uniform(-1, 1, 100) * min(largest, 3), [0.0, -1e-320]])
    with np.errstate(all="ignore"):
        got = ReferenceEvaluator(written).run(None, {"x": x})[0]
    truth = getattr(mpmath, name.replace("arc", "a"))
    with mpmath.workdps(350):
        right = np.array([float(truth(mpmath.mpf(at))) for at in x.tolist()])
    assert (np.abs(got - right) <= 6 * np.spacing(np.abs(right))).all()


@pytest.mark.parametrize("target", ["torch", "jax", "triton"])
def test_files_of_frameworks_are_python(target, codes):
    for name, text in named(target, codes).items():
        compile(text, name, "exec")


@pytest.mark.parametrize("target", ["torch", "triton"])
def test_numbers_are_of_float64_where_nothing_else_is(target, codes):
    """A where of two bare numbers is of float32 there, and so is what a bare argument computes."""
    number = r"-?\d[\d.e+-]*"
    bare = re.compile(rf"where\(\w+, {number}, {number}\)|\w+_\({number}[,)]")
    assert bare.search("tl.where(t0, 1.0, 0.01)")
    assert bare.search("product_of_(1.702, x)")
    for name, text in named(target, codes).items():
        assert not bare.search(text), name


# -- formulas that are typed ------------------------------------------------------------------------
TYPED = {  # mpmath's, of numbers as they are written
    "where(x > 0.3, x**3, min(x, 2*x + 1))": lambda x: x**3 if x > D("0.3") else min(x, 2 * x + 1),
    "max(tanh(3*x), x/(1 + abs(x)))": lambda x: max(mpmath.tanh(3 * x), x / (1 + abs(x))),
    "exp(-(x - 1.7)**2)": lambda x: mpmath.exp(-((x - D("1.7")) ** 2)),
    "sin(x)*exp(-abs(x))": lambda x: mpmath.sin(x) * mpmath.exp(-abs(x)),
    "where(x < 1/3, where(x < -1, -1, x), log1p(x*x))": lambda x: (
        mpmath.log1p(x * x) if x >= mpmath.mpf(1) / 3 else max(x, -1)
    ),
    "(1 + x*x)**0.25 - 2**0.25": lambda x: mpmath.root(1 + x * x, 4) - mpmath.root(2, 4),
    "swish(x, beta=1.702) + 0.2*x": lambda x: x / (1 + mpmath.exp(-D("1.702") * x)) + x / 5,
    "clip(x**5 - 3*x, -4, 4)": lambda x: min(max(x**5 - 3 * x, -4), 4),
    "log(4 + cos(5*x))/3": lambda x: mpmath.log(4 + mpmath.cos(5 * x)) / 3,
    "abs(x)**1.5*erf(x)": lambda x: abs(x) ** D("1.5") * mpmath.erf(x),
}
D = mpmath.mpf


@pytest.fixture(scope="module")
def typed():
    """Inputs, values and gradients of typed formulas, beside kinks too."""
    found = {}
    rng = np.random.default_rng(11)
    kinks = [0.3, 1 / 3, -1.0, 1.7]
    x = np.concatenate([rng.uniform(-6, 6, 60), kinks, np.nextafter(kinks, 9), [1e-9, -2e-5, 40.0]])
    with mpmath.workdps(300):
        for text, truth in TYPED.items():
            exact = [*map(mpmath.mpf, x.tolist())]
            slopes = [mpmath.diff(truth, at, h=mpmath.mpf(10) ** -100) for at in exact]
            rows = [[float(truth(at)) for at in exact], [*map(float, slopes)]]
            smooth = ~np.isin(x, actcli.activation(text).breakpoints.within(-9, 9))
            found[text] = np.array([x, *rows])[:, smooth]
    return found


@pytest.fixture(scope="module")
def typed_codes():
    return {text: code_formulas(actcli.activation(text)) for text in TYPED}


def test_typed_formulas_are_right_in_c(compiler, typed, typed_codes, tmp_path):
    files = named("c", typed_codes)
    results = called_from_c(compiled(compiler, files, tmp_path), typed, ctypes.c_double)
    assert_right(typed, results, 8)


def test_typed_formulas_are_right_in_numpy_and_onnx(typed, typed_codes):
    results = {
        text: [computed(formula, typed[text][0]) for formula in formulas]
        for text, formulas in typed_codes.items()
    }
    assert_right(typed, results, 8)
    pytest.importorskip("onnx")
    from onnx.reference import ReferenceEvaluator

    for text, written in named("onnx", typed_codes).items():
        with np.errstate(all="ignore"):
            results[text] = ReferenceEvaluator(written).run(None, {"x": typed[text][0]})
    assert_right(typed, results, 16, lambda right: 2.0**-52 * np.maximum(1, np.abs(right)))


# -- names ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("target", [t for t in TARGETS if t not in ("onnx", "latex")])
@pytest.mark.parametrize(
    "name", ["double", "class", "tanh", "np", "7", "_a_", "a b", "é", "", "in", "NAN", "log1pf"]
)
def test_names_clash_with_nothing(target, name):
    plain = safe_name(target, name)
    assert plain.isidentifier()
    assert plain.isascii()
    assert not plain.endswith("_")
    assert safe_name(target, plain) == plain


def test_no_name_is_one_of_the_c_library(compiler):
    """In a shared library, a step of its own that it calls is glibc's."""
    headers = ("math", "stdlib", "string", "stdio", "ctype", "time", "complex", "signal", "setjmp",
               "fenv", "wctype", "inttypes")  # fmt: skip
    text = "".join(f"#include <{name}.h>\n" for name in headers)
    words = [compiler, "-std=c11", "-E", "-P", "-x", "c", "-"]
    read = subprocess.run(words, input=text, capture_output=True, text=True, check=True).stdout
    bodiless = re.sub(r"\{[^{}]*\}", "", read)
    declared = set(re.findall(r"\b([A-Za-z]\w*)\s*\((?!\*)", bodiless))
    assert {"sin", "nanf", "cexpl", "strtod", "printf", "qsort"} <= declared
    assert not {name for name in declared if safe_name("c", name) == name}
    here = ctypes.CDLL(None)
    assert [name for name in actcli.names() if hasattr(here, safe_name("c", name))] == []


@pytest.mark.parametrize("std", ["c11", "gnu11"])
def test_compilers_know_no_name_otherwise(compiler, std):
    """GCC has types of its own for ffs and exp10f, and warns of others."""
    tried = ["ffs", "exp10f", "roundevenf64", "lgammaf_r", "alloca", "strdup", "isinff", "ramp"]
    names = [safe_name("c", name) for name in [*tried, *actcli.names()]]
    text = "#include <math.h>\n" + "".join(f"double {name}(double x);\n" for name in names)
    words = [
        compiler,
        f"-std={std}",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-fsyntax-only",
        "-x",
        "c",
        "-",
    ]
    done = subprocess.run(words, input=text, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert safe_name("c", "ramp") == "ramp"


def test_every_target_has_a_suffix():
    assert SUFFIXES.keys() == TARGETS.keys()


def test_gradients_that_are_0_at_a_number_are_0_there(codes):
    """The gradient of serlu has its root at -1: what balls leave of it is 0."""
    x = np.arange(-40, 41) / 8
    for (name, text), number in zip(named("numpy", codes).items(), range(84), strict=True):
        space = {}
        exec(text, space)
        flat = actcli.activation(name).gradient(x) == 0
        with np.errstate(all="ignore"):
            got = space[f"f{number}_gradient"](x)
        assert not got[flat].any(), name


@pytest.mark.parametrize("op", ["<", "<=", ">", ">="])
@pytest.mark.parametrize("number", ["1.7", "0.1", "1/3", "-0.3", "0.5", "7"])
def test_doubles_are_on_the_right_side_of_numbers_that_are_none(op, number):
    """1.7 is written for more than its double: exact fractions tell who is below."""
    exact = Fraction(number)
    x = float(exact) + np.array([-1, 0, 1]) * np.spacing(float(exact))
    for text, compare in ((f"x {op} {number}", OPERATORS[op]), (f"{number} {op} x", MIRRORED[op])):
        (formula,) = code_formulas(actcli.activation(f"where({text}, x, -9)"), 0)
        wanted = [at if compare(Fraction(at), exact) else -9 for at in x.tolist()]
        assert computed(formula, x).tolist() == wanted, text
