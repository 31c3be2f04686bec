"""Arrays in, arrays out: shapes, dtypes, infinities, blocks, and what typed formulas lose."""

import math
import os
import re
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
import warnings
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

import actcli

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
DTYPES = [np.dtype(np.float64), np.dtype(np.float32), np.dtype(np.float16), BFLOAT16]
ENDS = np.array([-np.inf, np.inf])


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (1, 0, 2)], ids=str)
def test_shape_and_dtype_are_kept(dtype, shape):
    f = actcli.activation("gelu")
    x = np.ones(shape, dtype)
    for result in (f(x), f.gradient(x), f.curvature(x), *f.value_and_gradient(x)):
        assert np.shape(result) == shape
        assert result.dtype == dtype


@pytest.mark.parametrize("dtype", DTYPES[1:], ids=str)
@pytest.mark.parametrize(
    "name", ["gelu", "mish", "tanh", "softplus", "exponential", "square", "sine"]
)
def test_narrow_types_are_computed_wider_and_rounded_once(name, dtype):
    f = actcli.activation(name)
    x = np.concatenate([np.linspace(-12, 12, 999), [1e4, -3e-5, 6e-8]]).astype(dtype)
    with np.errstate(over="ignore"):
        expected = f(x.astype(np.float64)).astype(dtype)
    np.testing.assert_array_equal(f(x), expected)


@pytest.mark.parametrize(
    ("shift", "expected"),
    [(2.0**-8 + 2.0**-40, 1 + 2.0**-7), (2.0**-8, 1), (2.0**-8 - 2.0**-40, 1), (1e-60, 1)],
)
def test_bfloat16_is_not_rounded_by_way_of_float32(shift, expected):
    """Its numbers next to 1 are 1 and 1 + 2^-7; half way between, the even one is meant."""
    one = np.ones(1, BFLOAT16)
    assert actcli.activation(f"x + {shift!r}")(one).tolist() == [expected]
    assert actcli.activation(f"-(x + {shift!r})")(one).tolist() == [-expected]


@pytest.mark.parametrize("text", ["where(0 < x, x**2, 0)", "x**2 if not 0 >= x else 0"])
def test_a_number_may_stand_on_the_left_of_a_comparison(text):
    found = actcli.activation(text).derivatives(np.array([-3.0, 0.0, 3.0]), 2)
    assert [result.tolist() for result in found] == [[0, 0, 9], [0, 0, 6], [0, 0, 2]]


def test_integers_and_booleans_are_promoted():
    f = actcli.activation("tanh")
    for given in ([1, -2], np.array([1, -2], np.int8), np.array([1, 254], np.uint8), [True, False]):
        result = f(given)
        assert result.dtype == np.float64
        np.testing.assert_array_equal(result, np.tanh(np.array(given, np.float64)))
    assert f(2) == math.tanh(2)


def test_other_dtypes_are_refused_in_words():
    with pytest.raises(ValueError, match="cannot evaluate at complex128 numbers; accepted are"):
        actcli.activation("tanh")(np.array([1j]))


def test_strided_and_read_only_input_is_left_alone():
    f = actcli.activation("swish")
    x = np.arange(24.0).reshape(4, 6)
    x.flags.writeable = False
    np.testing.assert_array_equal(f(x[::2, ::-3]), f(x)[::2, ::-3])
    np.testing.assert_array_equal(f(x.T), f(x).T)


@pytest.mark.parametrize("name", actcli.names())
def test_nan_gives_nan_and_no_warning_leaks(name):
    f = actcli.activation(name)
    x = np.array([np.nan, 1.0, 1.7976931348623157e308, -1.7976931348623157e308, 5e-324, -5e-324])
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        value, gradient = f.value_and_gradient(np.concatenate([x, ENDS]))
        curvature = f.curvature(x)
    assert np.isnan([value[0], gradient[0], curvature[0]]).all()
    assert not np.isnan(value[1:6]).any()
    assert not np.isnan(gradient[1:6]).any()


INF = float("inf")


@pytest.mark.parametrize(
    ("label", "value", "gradient"),
    [
        ("logistic", [0, 1], [0, 0]),
        ("tanh", [-1, 1], [0, 0]),
        ("softsign", [-1, 1], [0, 0]),
        ("arctan", [-math.pi / 2, math.pi / 2], [0, 0]),
        ("isru:alpha=4", [-0.5, 0.5], [0, 0]),
        ("relu", [0, INF], [0, 1]),
        ("leaky_relu", [-INF, INF], [0.01, 1]),
        ("elu:alpha=2", [-2, INF], [0, 1]),
        ("softplus", [0, INF], [0, 1]),
        ("sqrt_softplus", [0, INF], [0, 0]),
        ("nlrelu", [0, INF], [0, 0]),
        ("bent_identity", [-INF, INF], [0.5, 1.5]),
        ("swish", [0, INF], [0, 1]),
        ("swish:beta=0", [-INF, INF], [0.5, 0.5]),
        ("swish:beta=-1", [-INF, 0], [1, 0]),
        ("gelu", [0, INF], [0, 1]),
        ("mish", [0, INF], [0, 1]),
        ("tanhexp", [0, INF], [0, 1]),
        ("gish", [0, INF], [0, math.log(2)]),
        ("atlu", [-1 / math.pi, INF], [0, 1]),
        ("pflu", [0, INF], [0, 1]),
        ("square", [INF, INF], [-INF, INF]),
        ("exponential", [0, INF], [0, INF]),
        ("gaussian", [0, 0], [0, 0]),
        ("tanh_shrink", [-INF, INF], [1, 1]),
        ("sine", [math.nan, math.nan], [math.nan, math.nan]),
        ("snake", [-INF, INF], [math.nan, math.nan]),
        ("sinc", [0, 0], [0, 0]),
        ("gcu", [math.nan, math.nan], [math.nan, math.nan]),
        ("min_sine", [-INF, math.nan], [1, math.nan]),
        ("x*exp(-x)", [-INF, 0], [INF, 0]),
        ("1/x", [0, 0], [0, 0]),
        ("x*sigmoid(1.702*x)", [0, INF], [0, 1]),
    ],
)
def test_at_infinity_stands_the_limit_or_nan(label, value, gradient):
    got = actcli.activation(label).value_and_gradient(ENDS)
    np.testing.assert_allclose(got[0], value, rtol=1e-15)
    np.testing.assert_allclose(got[1], gradient, rtol=1e-15)


@pytest.mark.parametrize("label", ["gelu_tanh", "tanhexp", "gish", "softplus", "x - sqrt(x**2+1)"])
def test_where_the_gradient_has_a_limit_the_curvature_tends_to_0(label):
    np.testing.assert_array_equal(actcli.activation(label).curvature(ENDS), [0, 0])


def test_a_gradient_that_cancels_far_out_has_its_limit():
    assert actcli.activation("x - sqrt(x**2+1)").gradient(INF) == 0
    assert math.isnan(actcli.activation("sin(x**2)/x").gradient(INF))


def test_a_capped_exponential_is_no_limit():
    """log(exp(x)) = x has no finite limit, whatever exp does far out."""
    assert not np.isfinite(actcli.activation("log(exp(x))")(INF))


@pytest.mark.parametrize("name", ["gelu", "celu", "x*tanh(x)"])
def test_blocks_and_threads_change_nothing(name):
    f = actcli.activation(name)
    x = np.random.default_rng(1).normal(0, 4, 150_001)
    whole = f.value_and_gradient(x)
    for start in (0, 16_384, 149_990):
        part = f.value_and_gradient(x[start : start + 1000])
        np.testing.assert_array_equal(whole[0][start : start + 1000], part[0])
        np.testing.assert_array_equal(whole[1][start : start + 1000], part[1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_child_evaluates_though_it_has_no_threads_of_its_parent():
    code = (
        "import os, signal, numpy as np, actcli\n"
        "from actcli.evaluation import piecewise\n"
        "x = np.linspace(-5, 5, 500_000)\n"
        "parent = actcli.activation('gelu')(x)\n"
        "with piecewise._making:  # as if another thread made cells\n"
        "    child = os.fork()\n"
        "    if not child:\n"
        "        signal.alarm(30)\n"
        "        actcli.activation('mish')(x)\n"
        "        os._exit(int(not np.array_equal(actcli.activation('gelu')(x), parent)))\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
    )
    place = Path(actcli.__file__).parents[1]
    subprocess.run([sys.executable, "-c", code], timeout=60, check=True, cwd=place)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signals to threads")
def test_an_interrupt_ends_the_other_threads_too(monkeypatch):
    f = actcli.activation("mish")
    begun = []

    def block(self, x, orders, outs):
        begun.append(x.size)
        if len(begun) == 4:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        time.sleep(0.005)

    monkeypatch.setattr(type(f), "_block", block)
    with pytest.raises(KeyboardInterrupt):
        f(np.zeros(64 * 65_536, np.float32))
    time.sleep(0.2)
    assert len(begun) < 32


def test_memory_beyond_input_and_output_stays_below_64_mb():
    f = actcli.activation("mish")
    slow = actcli.activation("celu:alpha=2")
    x = np.random.default_rng(1).normal(0, 4, 2_000_000)
    for function in (f, slow):
        tracemalloc.start()
        function.value_and_gradient(x)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak - 2 * x.nbytes < 64e6


def test_typed_formulas_are_computed_as_typed():
    """The tanh form of GELU has no digit left below about -7; the registered function has all."""
    typed = actcli.activation("0.5*x*(1+tanh(0.79788456*(x+0.044715*x**3)))")
    assert typed(-8.5) == 0
    assert -1e-20 < actcli.activation("gelu_tanh")(-8.5) < 0


@pytest.mark.parametrize(
    ("label", "cuts"),
    [
        ("relu", [(0, "kink")]),
        ("step", [(0, "jump")]),
        ("hard_shrink", [(-0.5, "jump"), (0, "smooth"), (0.5, "jump")]),
        ("hard_swish", [(-3, "kink"), (3, "kink")]),
        ("elu", [(0, "smooth")]),
        ("elu:alpha=2", [(0, "kink")]),
        ("threshold", [(1, "jump")]),
        ("threshold:value=1", [(1, "kink")]),
        ("max_logistic", [(0.659046068407, "kink")]),
        ("where(x > 0.3, x, x + 5)", [(0.3, "jump")]),
        ("gelu", []),
    ],
)
def test_cuts_are_found_and_told_apart(label, cuts):
    found = actcli.activation(label).cuts(-5, 5)
    assert [(pytest.approx(c.x, abs=1e-11), c.kind) for c in found] == cuts


def test_a_jump_has_both_sides():
    (cut,) = actcli.activation("threshold").cuts(-5, 5)
    assert (cut.left, cut.value, cut.right) == pytest.approx((0, 0, 1))


@pytest.mark.parametrize(
    ("label", "left", "right"),
    [
        ("relu", (0, 0), (1, 0)),
        ("softsign", (0, -1), (0, 1)),
        ("selu", (0, -1.7580993408473766), (1.0507009873554805, 0)),
        ("bent_identity", (0.5, -0.5), (1.5, -0.5)),
        ("atlu", (0, -1 / math.pi), (1, -1 / math.pi)),
        ("tanh_shrink", (1, 1), (1, -1)),
        ("squareplus", (0, 0), (1, 0)),
        ("square", None, None),
        ("sine", None, None),
        ("nlrelu", (0, 0), None),
    ],
)
def test_asymptotes_are_the_lines_approached(label, left, right):
    f = actcli.activation(label)
    for side, line in ((-1, left), (1, right)):
        assert f.asymptote(side) == (None if line is None else pytest.approx(line, abs=1e-6))


def test_a_python_callable_is_evaluated_and_differentiated(tmp_path, monkeypatch):
    (tmp_path / "theirs.py").write_text(
        "import math, numpy\nclass box:\n    gelu = staticmethod(lambda x: "
        "0.5*x*(1 + math.erf(x/math.sqrt(2))))\ndef soft(x):\n    return numpy.log1p(numpy.exp(x))\n"
    )
    monkeypatch.chdir(tmp_path)
    x = np.array([-2.0, 0.5, 3.0])
    for reference, name in (("theirs:soft", "softplus"), ("theirs:box.gelu", "gelu")):
        theirs, ours = actcli.activation(reference), actcli.activation(name)
        np.testing.assert_allclose(theirs(x), ours(x), rtol=1e-14)
        np.testing.assert_allclose(theirs.gradient(x), ours.gradient(x), rtol=1e-9)
        np.testing.assert_allclose(theirs.curvature(x), ours.curvature(x), rtol=1e-5)
        assert theirs.label == reference


@pytest.mark.parametrize(
    ("reference", "part"),
    [
        ("nowhere.at_all:f", "cannot import 'nowhere.at_all'"),
        ("math:nothing", "'math' has no attribute 'nothing'; type the name"),
        ("math:tahn", "'math' has no attribute 'tahn'; did you mean tanh?"),
        ("math:pi", "'math:pi' is not callable; it is a float; type the name"),
    ],
)
def test_a_callable_that_is_none_is_named(reference, part):
    with pytest.raises(ValueError, match=part):
        actcli.activation(reference)


def test_whatever_a_callable_raises_is_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "failing.py").write_text(
        "def late(x):\n    raise RuntimeError('no device\\nfound')\n\ndef bare(x):\n    assert x is None\n"
    )
    (tmp_path / "unfinished.py").write_text("def f(x:\n")
    monkeypatch.chdir(tmp_path)
    for name, said in (("late", "no device"), ("bare", "AssertionError; give a function")):
        with pytest.raises(ValueError, match=f"failing:{name} cannot be evaluated: {said}"):
            actcli.activation(f"failing:{name}")(0.0)
    with pytest.raises(ValueError, match=r"cannot import 'unfinished' \("):
        actcli.activation("unfinished:f")


@pytest.mark.parametrize(
    ("text", "label", "parameters"),
    [
        ("GELU", "gelu", {"mu": 0, "sigma": 1, "approx": "none"}),
        ("leaky-relu", "leaky_relu", {"slope": 0.01}),
        ("SiLU", "silu", {"beta": 1}),
        ("leaky_relu:slope=0.2", "leaky_relu(slope=0.2)", {"slope": 0.2}),
        ("selu:alpha=2, scale=3", "selu(alpha=2,scale=3)", {"alpha": 2, "scale": 3}),
        ("gelu(approx=tanh)", "gelu(approx=tanh)", {"mu": 0, "sigma": 1, "approx": "tanh"}),
        ("hard_sigmoid:slope=1/5", "hard_sigmoid(slope=0.2)", {"slope": 0.2, "offset": 0.5}),
        ("swish:beta=1", "swish", {"beta": 1}),
    ],
)
def test_names_labels_and_parameters_are_understood(text, label, parameters):
    f = actcli.activation(text)
    assert (f.label, f.parameters) == (label, parameters)
    assert actcli.activation(f.label).parameters == parameters


def test_the_python_call_takes_parameters_and_says_what_is_wrong():
    assert actcli.activation("gelu", approx="tanh").label == "gelu(approx=tanh)"
    assert actcli.activation("x*tanh(x)").label == "x*tanh(x)"
    for given, parameters, words in [
        ("geluu", {}, "no activation is called 'geluu'; did you mean gelu?"),
        ("elu", {"slope": 1}, "elu has no parameter 'slope'; it has alpha (default 1)"),
        ("celu", {"alpha": 0}, "celu: alpha is a number > 0, not '0'"),
        ("swish:beta", {}, "'beta' is not of the form parameter=value; type swish:beta=1"),
        ("swish:beta=1,beta=2", {}, "beta is given twice"),
        ("swish:=1", {}, "'=1' is not of the form parameter=value"),
        ("swish:beta=nan", {}, "swish: beta is a finite number, not 'nan'"),
        ("x*tanh(x)", {"beta": 1}, "has no parameter 'beta'; it has none"),
    ]:
        with pytest.raises(ValueError, match=re.escape(words)):
            actcli.activation(given, **parameters)


@pytest.mark.parametrize(
    ("text", "x", "value"),
    [
        ("nlrelu(x - 1)", -1, 0), ("1/(1/gelu(x))", 0, math.nan), ("gish(abs(x**3))", 0, 0),
        ("max(sqrt(x), x)", -1, math.nan), ("min(sqrt(x), abs(x) + x)", -1, math.nan),
        ("relu(x/x) - relu(-(x/x))", 0, math.nan), ("sign(x**0.5) + sign(0.25*x*x)", -1, math.nan),
        ("max(x/(x*x), 0.7)", 0, math.nan), ("where(log(x) > 0, 1, 2)", -1, math.nan),
        ("where(x > 0 and log(x) > 0, 1, 2)", -1, math.nan), ("step(sqrt(x))", -1, math.nan),
        ("where(x > 0, log(x), 3)", -1, 3), ("where(x != 0, sin(x)/x, 1)", 0, 1),
        ("where(x < 0, where(log(-x) < 0, 1, 2), 5)", 1, 5),
        ("where(where(x > 0, log(x), 1) > 0.5, x, 7)", -1, -1), ("clip(log(x), -1, 1)", -1, math.nan),
    ],
)  # fmt: skip
def test_a_step_without_a_value_leaves_none(text, x, value):
    f = actcli.activation(text)
    for found in (f(np.array([x, 2.0]))[0], f.value_and_gradient(np.array([x, 2.0]))[0][0]):
        np.testing.assert_equal(found, value)
    if math.isnan(value):
        assert np.isnan(f.gradient(np.array([x, 2.0]))[0])


def test_the_slope_of_asinh_does_not_overflow():
    """asinh(u) is log(2u) far out, so asinh(exp(x^2)) has the slope 2x there."""
    found = actcli.activation("asinh(exp(x**2))").gradient(np.array([-26.4, 25.0]))
    np.testing.assert_allclose(found, [-52.8, 50.0], rtol=1e-14)
    np.testing.assert_allclose(
        actcli.activation("asinh(x)").gradient(np.array([1e200])), 1e-200, rtol=1e-15
    )
