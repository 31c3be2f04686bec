"""Code for PyTorch and JAX: values, and derivatives by the framework's own differentiation.

Each test is skipped where the framework is not installed.
"""

import math

import numpy as np
import pytest

import actcli
from actcli.evaluation.as_code import code_formulas
from actcli.expressions.code.targets import TARGETS
from actcli.expressions.code.wanted import Wanted

NAMES = ("gelu", "elu", "mish", "identity", "hard_swish", "laplace")
X = np.array([-40.0, -3.5, -1.25, -1e-9, 0.0, 0.75, 2.0, 30.0, 1e30])


def functions(target, name, order):
    """The functions of a file by name; f is that of the value."""
    made = {}
    wanted = Wanted("f", code_formulas(actcli.activation(name), order), [])
    exec(TARGETS[target](wanted), made)
    return made


def expected(name):
    with np.errstate(all="ignore"):
        return actcli.activation(name).derivatives(X, 2)


def close(got, wanted):
    np.testing.assert_allclose(np.asarray(got), wanted, rtol=1e-13, atol=1e-300)


@pytest.mark.parametrize("name", NAMES)
def test_torch_differentiates_to_the_stable_derivatives(name):
    torch = pytest.importorskip("torch")
    value, gradient, curvature = expected(name)
    made = functions("torch", name, 2)
    x = torch.tensor(X, requires_grad=True)
    y = made["f"](x)
    (first,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    for got, wanted in ((y, value), (first, gradient), (second, curvature)):
        close(got.detach(), wanted)
    close(torch.func.vmap(torch.func.grad(made["f"]))(torch.tensor(X)), gradient)
    assert made["f"](torch.tensor([1])).dtype == torch.get_default_dtype()
    assert made["f"](x.to(torch.bfloat16)).dtype == torch.bfloat16


@pytest.mark.parametrize("name", NAMES)
def test_jax_differentiates_to_the_stable_derivatives(name):
    jax = pytest.importorskip("jax")
    value, gradient, curvature = expected(name)
    made = functions("jax", name, 2)
    with jax.enable_x64(True):
        x = jax.numpy.asarray(X)
        first = jax.grad(made["f"])
        close(jax.jit(made["f"])(x), value)
        close(jax.jit(jax.vmap(first))(x), gradient)
        close(jax.vmap(jax.grad(first))(x), curvature)
    single = jax.jit(jax.vmap(jax.grad(made["f"])))(X.astype(np.float32))
    assert single.dtype == np.float32
    rounded = actcli.activation(name).gradient(X.astype(np.float32).astype(np.float64))
    np.testing.assert_allclose(np.asarray(single), rounded, rtol=1e-7, atol=1e-37)
    assert made["f"](3).dtype == np.float32


@pytest.mark.parametrize("target", ["torch", "jax"])
def test_a_derivative_that_is_not_there_is_no_silent_zero(target):
    framework = pytest.importorskip(target)
    made = functions(target, "gelu", 1)
    bare = functions(target, "gelu", 0)
    assert "f_gradient" not in bare
    if target == "jax":
        assert math.isclose(jax_slope(framework, made), 1.08331547, rel_tol=1e-6)
        with pytest.raises(NotImplementedError, match="--order"):
            framework.grad(framework.grad(made["f"]))(1.0)
        with pytest.raises(NotImplementedError, match="--order"):
            framework.grad(bare["f"])(1.0)
        return
    x = framework.tensor([1.0], requires_grad=True)
    (slope,) = framework.autograd.grad(made["f"](x), x, create_graph=True)
    assert math.isclose(slope.item(), 1.08331547, rel_tol=1e-6)
    with pytest.raises(NotImplementedError, match="--order"):
        framework.autograd.grad(slope, x)
    with pytest.raises(NotImplementedError, match="--order"):
        bare["f"](x).backward()


def jax_slope(jax, made):
    return float(jax.jit(jax.grad(made["f"]))(1.0))  # 1.08331547: Phi(1) + phi(1)


@pytest.mark.parametrize("target", ["torch", "jax"])
@pytest.mark.parametrize("name", ["x", "t0", "function", "derivative", "ctx", "t"])
def test_a_function_may_have_the_name_of_a_variable(target, name):
    module = pytest.importorskip(target)
    made = {}
    exec(TARGETS[target](Wanted(name, code_formulas(actcli.activation("square")), [])), made)
    given = module.tensor([3.0]) if target == "torch" else module.numpy.asarray([3.0])
    assert [float(part[0]) for part in made[f"{name}_value_and_gradient"](given)] == [9, 6]


@pytest.mark.parametrize("name", ["gelu", "tanhexp", "gcu", "sinc", "coslu"])
def test_jax_compiles_to_what_is_right_beside_roots(name):
    """XLA makes one sum of two with numbers, and so the low half of a root was lost."""
    jax = pytest.importorskip("jax")
    f = actcli.activation(name)
    made = functions("jax", name, 1)
    x = np.linspace(-12, 12, 20_001)
    with jax.enable_x64(True):
        got = jax.jit(made["f_value_and_gradient"])(jax.numpy.asarray(x))
    for right, part in zip((f(x), f.gradient(x)), got, strict=True):
        assert (np.abs(np.asarray(part) - right) <= 20 * np.spacing(np.abs(right))).all()


@pytest.mark.parametrize(("name", "root"), [("gelu", "0.7517915246935645"), ("mish", "1.1924")])
def test_jax_is_kept_from_adding_both_halves_of_a_root(name, root):
    text = TARGETS["jax"](Wanted("f", code_formulas(actcli.activation(name)), []))
    assert f"optimization_barrier(x + {root}" in text


@pytest.mark.parametrize("target", ["c", "numpy", "torch", "jax", "js", "triton"])
def test_nothing_is_rounded_by_adding_a_large_number(target):
    """Compilers that rearrange sums add nothing then: the turns of sinc are rounded by a call."""
    text = TARGETS[target](Wanted("f", code_formulas(actcli.activation("sinc")), []))
    assert "6755399441055744" not in text
    assert any(f"{word}(" in text for word in ("rint", "round"))
