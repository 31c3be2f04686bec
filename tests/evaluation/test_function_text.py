import pickle

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import actcli
from actcli.evaluation.function_text import parameters_of, resolve

X = np.array([-3.0, -0.5, 0.0, 0.7, 4.0])
OWN = (
    ("x*sigmoid(b*x)", {"b": "2"}, lambda x, b: x / (1 + mpmath.exp(-b * x))),
    ("x/(1 + abs(x)**p)", {"p": "3"}, lambda x, p: x / (1 + abs(x) ** p)),
    ("a*tanh(b*x) + (1 - a)*x", {"a": "0.3", "b": "2"},
     lambda x, a, b: a * mpmath.tanh(b * x) + (1 - a) * x),
    ("where(x > t, x, t)", {"t": "-0.3"}, lambda x, t: x if x > t else t),
    ("elu(x, alpha=a)", {"a": "1.5"}, lambda x, a: x if x > 0 else a * mpmath.expm1(x)),
    ("pow(x, k)", {"k": "3"}, lambda x, k: x**k),
)  # fmt: skip


@pytest.mark.parametrize(("text", "values", "truth"), OWN)
def test_a_formula_takes_values_for_its_own_parameters(text, values, truth):
    numbers = {name: mpmath.mpf(value) for name, value in values.items()}
    wanted = [float(truth(mpmath.mpf(x), **numbers)) for x in X]
    slopes = [float(mpmath.diff(lambda t: truth(t, **numbers), mpmath.mpf(x))) for x in X if x]
    inside = ",".join(f"{name}={value}" for name, value in values.items())
    for f in (
        actcli.activation(text, **values),
        actcli.activation(f"{text}:{inside}"),
        actcli.activation(f"{text}({inside})"),
    ):
        assert f.label == f"{text}({inside})"
        np.testing.assert_allclose(f(X), wanted, rtol=1e-14)
        np.testing.assert_allclose(f.gradient(X[X != 0]), slopes, rtol=1e-12)
        assert {name: str(value) for name, value in f.parameters.items()} == {
            name: str(float(value)) for name, value in values.items()
        }
    assert {p.name for p in parameters_of(text)} == values.keys()


@given(
    st.lists(st.sampled_from("abcdk"), min_size=1, max_size=3, unique=True),
    st.lists(st.decimals(-99, 99, places=3), min_size=3, max_size=3),
)
def test_labels_of_formulas_can_be_typed_back(names, values):
    text = " + ".join(f"{name}*tanh(x - {name})" for name in names)
    f = resolve(text, {n: str(v) for n, v in zip(names, values, strict=False)})
    again = resolve(f.label)
    assert again == f
    assert again.settings == f.settings


@pytest.mark.parametrize(
    ("text", "values", "part"),
    [
        ("x*sigmoid(b*x)", {}, "the parameter b has no value; give it one with -p b=1"),
        ("x*sigmoid(b*x)", {"c": "1", "b": "1"}, "has no parameter 'c'; it has b"),
        ("x*sigmoid(b*x)", {"b": "inf"}, "b is a finite number, not 'inf'"),
        ("x*sigmoid(b*x)", {"b": "x"}, "b is a finite number, not 'x'"),
        ("x/b", {"b": "0"}, "nothing can be divided by 0"),
        ("softplus(x, beta=b)", {"b": "-1"}, "beta is a number > 0"),
        ("tanh(b)", {"b": "1"}, "has no x in it"),
        ("x*lambda", {"lambda": "1"}, "lambda is a word of Python, and no name for a parameter"),
        ("x*sigmoid(b*x)(c=1)", {}, "has no parameter 'c'; it has b"),
    ],
)
def test_parameters_are_refused_in_one_line(text, values, part):
    with pytest.raises(ValueError, match=r"[a-z]") as refusal:
        resolve(text, values)
    assert part in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_calls_by_name_at_the_end_are_no_settings():
    assert actcli.activation("x + pow(b=2, a=x)")(3.0) == 12
    assert actcli.activation("x + swish(x, beta=2)").label == "x + swish(x, beta=2)"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("gelu", {}), ("silu", {}), ("leaky_relu", {"slope": 0.1}), ("x*tanh(b*x)", {"b": 2}),
        ("elu", {"alpha": 1 / 3}), ("math:tanh", {}), ("gelu(approx=tanh)", {}),
    ],
)  # fmt: skip
def test_activations_are_equal_and_pickled_by_what_can_be_typed(text, values):
    f = actcli.activation(text, **values)
    again = pickle.loads(pickle.dumps(f))
    assert again == f == actcli.activation(text, **values)
    assert hash(again) == hash(f)
    np.testing.assert_array_equal(again(X), f(X))
    ours = f.relabelled("ours")
    assert pickle.loads(pickle.dumps(ours)).label == "ours"
    assert ours != f
    assert f != actcli.activation("relu")


@pytest.mark.parametrize(
    ("precision", "error"), [("float32", 2e-4), ("float16", 0.06), ("float64", 1e-10)]
)
def test_the_precision_of_a_python_callable_is_found_whatever_dtype_it_returns(
    precision, error, tmp_path, monkeypatch
):
    (tmp_path / f"low{precision}.py").write_text(
        "import numpy as np\n"
        f"def f(x): return (1/(1 + np.exp(-np.asarray(x, np.{precision})))).astype(float)\n"
        "def step(x): return np.where(x > 0, 1.0, 0.0)\n"
        "def relu(x): return np.maximum(x, 0)\n"
    )
    monkeypatch.chdir(tmp_path)
    f = actcli.activation(f"low{precision}:f")
    assert f.precision == precision
    at = np.linspace(-6, 6, 501)
    truth = 1 / (1 + np.exp(-at)) / (1 + np.exp(at))
    assert np.abs(f.gradient(at) - truth).max() < error
    for other in ("step", "relu"):
        assert actcli.activation(f"low{precision}:{other}").precision == "float64"


@pytest.mark.parametrize("name", ["µ", "μ", "ﬁ", "λ1", "function", "x1"])
def test_names_have_one_spelling_wherever_they_are_typed(name):
    f = actcli.activation(f"x*{name}", **{name: 2})
    for other in (f.label, f"x*{name}:{name}=2", f"x*{name}({name}=2)"):
        assert actcli.activation(other) == f
    assert pickle.loads(pickle.dumps(f)) == f
    assert f(3.0) == 6


def test_settings_behind_a_formula_that_has_no_such_parameter_are_named():
    with pytest.raises(ValueError, match=r"tanh\(x\) has no parameter 'b'; it has none"):
        resolve("tanh(x)(b=2)")
