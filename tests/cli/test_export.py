"""`actcli export`: files that run, what they say of themselves, and what is refused."""

import ctypes
import json
import math
import re
import shlex
import shutil
import subprocess

import numpy as np
import pytest

from actcli.expressions.code.targets import TARGETS

needs_cc = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")


def loaded(path):
    made = path.with_suffix(".so")
    flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run(["cc", *flags, path, "-o", made, "-lm"], check=True)
    return ctypes.CDLL(str(made))


def real(function):
    function.restype, function.argtypes = ctypes.c_double, [ctypes.c_double]
    return function


@needs_cc
def test_the_tail_of_gelu_from_c(call, tmp_path):
    """0.5*erfc(-x/sqrt 2) is 439 units off at -37; mpmath: -37*ncdf(-37)."""
    from mpmath import mp, ncdf

    assert call("export", "gelu", "--to", "c", "-o", "gelu.c") == (0, "", "")
    library = loaded(tmp_path / "gelu.c")
    with mp.workdps(40):
        right = float(-37 * ncdf(-37))
    assert abs(real(library.gelu)(-37.0) - right) <= 8 * math.ulp(right)
    both, value, gradient = library.gelu_value_and_gradient, ctypes.c_double(), ctypes.c_double()
    both(ctypes.c_double(-37.0), ctypes.byref(value), ctypes.byref(gradient))
    assert value.value == real(library.gelu)(-37.0)
    assert gradient.value == real(library.gelu_gradient)(-37.0)


@needs_cc
def test_a_compiler_that_fuses_products_with_sums_spoils_no_tail(call, tmp_path):
    """As gcc does but for -std=c11, where the machine can; mpmath: Phi((x - mu)/sigma) of laplace."""
    from mpmath import mp, mpf, ncdf

    call("export", "laplace", "--to", "c", "-o", "laplace.c")
    path, made = tmp_path / "laplace.c", tmp_path / "fused.so"
    flags = ["-O2", "-march=native", "-ffp-contract=fast", "-Wall", "-Wextra", "-Werror"]
    subprocess.run(["cc", *flags, "-shared", "-fPIC", path, "-o", made, "-lm"], check=True)
    function = real(ctypes.CDLL(str(made)).laplace)
    with mp.workdps(40):
        for x in np.linspace(-9.8, -3, 200).tolist():
            right = float(ncdf((x - mpf("0.707107")) / mpf("0.282095")))
            assert abs(function(x) - right) <= 8 * math.ulp(right), x


@needs_cc
def test_curvature_only_when_asked_for(call, tmp_path):
    call("export", "tanh", "--to", "c", "--order", "2", "-o", "two.c")
    curvature = real(loaded(tmp_path / "two.c").tanh_activation_curvature)
    t = math.tanh(0.5)
    assert curvature(0.5) == pytest.approx(-2 * t * (1 - t * t), rel=1e-14)
    text = call("export", "tanh", "--to", "c", "--order", "0")[1]
    assert "gradient" not in text.replace("value and gradient", "").partition("#include")[2]


@pytest.mark.parametrize("function", ["softplus", "gelu:approx=tanh", "where(x > 0, x, 0.1*x)"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_check_measures(call, function, dtype):
    status, out, err = call("export", function, "--to", "numpy", "--check", "--json",
                            "--dtype", dtype)  # fmt: skip
    (record,) = json.loads(out)
    assert list(record) == ["target", "function", "worst_ulp", "at", "verdict"]
    assert (status, err, record["verdict"]) == (0, "", "measured")
    assert 0 <= record["worst_ulp"] <= 8


def test_check_refutes_code_that_is_wrong(call, monkeypatch):
    right = TARGETS["numpy"]
    monkeypatch.setitem(TARGETS, "numpy", lambda w: right(w).replace("x > 0.0", "x > 0.5"))
    status, out, _ = call("export", "relu", "--to", "numpy", "--check", "--json")
    assert (status, json.loads(out)[0]["verdict"]) == (1, "refuted")


def test_check_refutes_waves_that_are_shifted(call, monkeypatch):
    """By a millionth of a period at 1, by more than one far out; beside roots nothing is eased."""
    right = TARGETS["numpy"]
    assert "np.sin(x)" in call("export", "sine", "--to", "numpy")[1]
    monkeypatch.setitem(
        TARGETS, "numpy", lambda w: right(w).replace("np.sin(x)", "np.sin(x*(1 + 1e-14))")
    )
    status, out, _ = call("export", "sine", "--to", "numpy", "--check", "--json")
    (record,) = json.loads(out)
    assert (status, record["verdict"]) == (1, "refuted")
    assert float(record["worst_ulp"]) > 1e6


@needs_cc
def test_check_refutes_code_that_does_not_compile(call, monkeypatch):
    right = TARGETS["c"]
    monkeypatch.setitem(TARGETS, "c", lambda w: right(w).replace("double", "duoble"))
    status, out, err = call("export", "relu", "--to", "c", "--check", "--json")
    assert (status, json.loads(out)[0]["verdict"]) == (1, "refuted")
    assert "refuses the code" in err
    assert call("export", "relu", "--to", "c")[0] == 0


def test_check_without_the_tool_is_undecided(call, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.delenv("CC", raising=False)
    status, out, err = call("export", "relu", "--to", "c", "--check")
    assert (status, out.split()[-1]) == (1, "undecided")
    assert "no C compiler" in err
    assert "not measured, as there is no C compiler" in call("export", "relu", "--to", "c")[1]


@pytest.mark.parametrize("function", ["leaky_relu", "quick_gelu", "laplace"])
def test_triton_in_its_interpreter(call, function):
    pytest.importorskip("triton")
    words = ["export", function, "--to", "triton", "--check", "--json"]
    (record,) = json.loads(call(*words)[1])
    assert record["verdict"] == "measured"
    assert record["worst_ulp"] <= 16
    assert "in Triton's interpreter" in call(*words[:4])[1]


def test_the_comment_says_formula_source_version_and_error(call):
    comment = call("export", "elu:alpha=2", "--to", "numpy")[1].partition("import")[0]
    assert "elu(x) = where(x > 0, x, 2*expm1(x))" in comment
    assert "Clevert et al. 2015" in comment
    assert re.search(r"actcli \d", comment)
    assert re.search(r"value [\d.]+ ulps.*, gradient [\d.]+ ulps", comment)
    comment = call("export", "elu", "--to", "numpy", "--order", "2")[1].partition("import")[0]
    assert re.search(r", curvature [\d.]+ ulps", comment)


def test_the_error_in_the_comment_is_what_a_recount_finds(call):
    import mpmath

    code = call("export", "softplus", "--to", "numpy")[1]
    said, place = re.search(r"value ([\d.]+) ulps at x = ([-\d.e+]*\d)", code).groups()
    space = {}
    exec(code, space)
    with mpmath.workdps(50):
        right = mpmath.log1p(mpmath.exp(mpmath.mpf(float(place))))
        ulps = abs(float(space["softplus"](float(place))) - right) / math.ulp(float(right))
    assert float(said) == pytest.approx(float(ulps), rel=5e-3)  # of three digits


def test_limits_domain_and_nan_are_those_of_table(call):
    space = {}
    exec(call("export", "log(x)/x", "--to", "numpy", "--name", "g")[1], space)
    x = np.array([-1.0, 0.0, 1.0, math.e, np.inf, np.nan])
    value, gradient = space["g_value_and_gradient"](x)
    np.testing.assert_allclose(value, [np.nan, np.nan, 0, 1 / math.e, 0, np.nan], atol=1e-15)
    np.testing.assert_allclose(gradient, [np.nan, np.nan, 1, 0, 0, np.nan], atol=1e-15)


def test_a_hole_is_none_of_the_roots_beside_it(call):
    """The slope of sin(x)/x would be 0 at 0, where sin(x)/x has no value."""
    space = {}
    exec(call("export", "sin(x)/x", "--to", "numpy", "--name", "g")[1], space)
    assert np.isnan(space["g_value_and_gradient"](np.array([0.0, -0.0]))).all()
    assert space["g_gradient"](1e-3) == pytest.approx(-1e-3 / 3, rel=1e-6)


@pytest.mark.parametrize(
    ("formula", "x", "right"),
    [
        (
            "log(cbrt(erf(relu(x))))",
            0.0625,
            "log(erf(mpf(1)/16))/3",
        ),  # a domain that calls functions
        ("expm1(0.5)/gelu(x)", 2.0, "expm1(0.5)/(2*ncdf(2))"),
        ("normal_cdf(x*1e300)", 1e-300, "ncdf(1)"),  # constants whose square is no double
        ("1e300*x*exp(x)/1e-300", 1e-300, "mpf(10)**300"),
        ("1e-300*x + 1e300", 5.0, "mpf(10)**300"),
        ("e_swish(x, beta=1e300)*1e-300", 2.0, "2/(1 + exp(-2))"),
        ("celu(x, alpha=1e5)", -1e-316, "1e5*expm1(mpf(-1e-316)/10**5)"),  # x/alpha loses digits
    ],
)
def test_formulas_of_all_kinds_and_sizes(call, formula, x, right):
    import mpmath

    status, code, err = call("export", formula, "--to", "numpy", "--name", "g")
    assert (status, err) == (0, "")
    space = {}
    exec(code, space)
    with mpmath.workdps(40):
        wanted = float(eval(right, vars(mpmath).copy()))
    assert abs(space["g"](x) - wanted) <= 8 * math.ulp(wanted)


def test_latex_is_an_equation_of_each_derivative(call):
    text = call("export", "leaky_relu", "--to", "latex", "--order", "1")[1]
    assert text.count("&=") == 2
    assert r"\operatorname{leaky\_relu}'(x)" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["gelu"], "--to"),
        (["gelu", "--to", "fortran"], "latex"),
        (["gelu", "--to", "c", "-o", "gelu.py"], ".c"),
        (["gelu", "--to", "c", "--name", "double"], "--name double_activation"),
        (["gelu", "--to", "js", "--name", "a b"], "--name a_b"),
        (["swish", "--to", "c", "-p", "beta=1,2"], "one value"),
        (["numpy:tanh", "--to", "c"], "no formula"),
        (["gelu", "--to", "c", "-o", "nowhere/gelu.c"], "no directory"),
    ],
)
def test_refused_with_a_line_that_helps(call, tmp_path, words, said):
    status, out, err = call("export", *words)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert not [*tmp_path.iterdir()]


@needs_cc
def test_audit_takes_exported_code(call):
    words = ["softsign", "TARGET:c", "--dtype", "float32", "--samples", "500", "--json"]
    rows = json.loads(call("audit", *words)[1])
    worst = [row["max_ulps"] for row in rows if row["region"] == "all"]
    assert len(worst) == 2
    assert max(worst) <= 1
    status, _, err = call("audit", "relu", "TARGET:cobol")
    assert (status, "give one of c" in err) == (2, True)


def test_a_file_says_which_command_made_it(call):
    words = ["export", "swish:beta=2", "--to", "numpy", "--name", "f", "--order", "2"]
    code = call(*words)[1]
    (line,) = [line for line in code.splitlines() if "Written by actcli" in line]
    command = shlex.split(line.partition(": ")[2].rstrip("."))
    assert command[0] == "actcli"
    assert call(*command[1:])[1] == code
