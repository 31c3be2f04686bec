"""Whole files of code: a function, its gradient, and both at once, in the language of a target."""

from collections.abc import Callable, Sequence
from typing import Any

from ..node import Node
from .languages import JAVASCRIPT, JAX, NUMPY, TORCH, TRITON, C
from .onnx_model import onnx_file
from .printer import Language, printed
from .wanted import Wanted


# -- C ------------------------------------------------------------------------------------------
def c_file(wanted: Wanted) -> str:
    """C11: double F(double), F_gradient, and void F_value_and_gradient(double, double *, double *)."""
    name = wanted.name
    parts = ["".join(f"// {line}\n" for line in wanted.comment), "#include <math.h>\n\n"]
    parts += _helpers(wanted, C)
    kinds = ["", "_gradient", "_curvature"][: len(wanted.formulas)]
    real = "float" if wanted.dtype == "float32" else "double"
    for kind, formula in zip(kinds, wanted.formulas, strict=True):
        code = printed([formula], C)
        steps = [*code.statements, f"return {_cast(real, code.results[0])};"]
        parts.append(
            f"{real} {name}{kind}({real} {_given(real)}) {{\n{_c_lines(real, steps)}}}\n\n"
        )
    if len(wanted.formulas) > 1:
        code = printed(wanted.formulas[:2], C)
        value, gradient = (_cast(real, result) for result in code.results)
        steps = [*code.statements, f"*value = {value};", f"*gradient = {gradient};"]
        parts.append(
            f"void {name}_value_and_gradient({real} {_given(real)}, {real} *value, {real} *gradient) "
            f"{{\n{_c_lines(real, steps)}}}\n"
        )
    return "".join(parts)


def _given(real: str) -> str:
    return "x" if real == "double" else "given"


def _cast(real: str, result: str) -> str:
    return result if real == "double" else f"(float)({result})"


def _c_lines(real: str, steps: Sequence[str]) -> str:
    first = [] if real == "double" else ["const double x = given;"]
    used = any("x" in step for step in steps)
    lines = [*first, *steps] if used or real == "double" else steps
    unused = [] if used and _mentions_x(steps) else [f"(void){_given(real)};"]
    return "".join(f"    {line}\n" for line in [*unused, *lines])


def _mentions_x(steps: Sequence[str]) -> bool:
    import re

    return any(re.search(r"\bx\b", step) for step in steps)


def _helpers(
    wanted: Wanted, language: Language, formulas: Sequence[Node] | None = None
) -> list[str]:
    used: set[str] = set()
    for formula in formulas or wanted.formulas:
        used |= printed([formula], language).primitives
    return [f"{text}\n" for text in language.helpers(used)]


# -- Python over arrays ---------------------------------------------------------------------------
def _python_functions(wanted: Wanted, language: Language, underscore: str = "") -> str:
    """Functions of the value and of value and gradient, and what they call."""
    parts = [f"\n{text.rstrip()}\n" for text in _helpers(wanted, language)]
    kinds = ["", "_gradient", "_curvature"][: len(wanted.formulas)]
    for kind, formula in zip(kinds, wanted.formulas, strict=True):
        code = printed([formula], language)
        name = f"{underscore}{wanted.name}{kind}"
        parts.append("\n" + language.define(name, ["x"], code.statements, code.results[0]))
    if len(wanted.formulas) > 1:
        code = printed(wanted.formulas[:2], language)
        result = ", ".join(code.results)
        parts.append("\n" + language.define(
            f"{underscore}{wanted.name}_value_and_gradient", ["x"], code.statements, result
        ))  # fmt: skip
    return "\n".join(parts)


def _comment(wanted: Wanted) -> str:
    return "".join(f"# {line}\n" for line in wanted.comment)


def numpy_file(wanted: Wanted) -> str:
    """numpy: F, F_gradient and F_value_and_gradient of float64 arrays."""
    body = _python_functions(wanted, NUMPY, "_")
    public = "".join(
        f'\n\ndef {name}(x):\n    """{doc}; shape of x, float64."""\n'
        f'    with np.errstate(all="ignore"):\n        return _in_shape_(_{name}, x)\n'
        for name, doc in _public(wanted)
    )
    shape = (
        "\n\ndef _in_shape_(function, x):\n    x = np.asarray(x)\n"
        "    result = function(x.astype(np.float64))\n"
        "    results = result if isinstance(result, tuple) else (result,)\n"
        f"    results = tuple(np.broadcast_to(r, x.shape).astype(np.{wanted.dtype})[()] for r in results)\n"
        "    return results if isinstance(result, tuple) else results[0]\n"
    )
    return f"{_comment(wanted)}import numpy as np\n\n{body}{shape}{public}"


def _public(wanted: Wanted) -> list[tuple[str, str]]:
    docs = [("", "Computes the value"), ("_gradient", "Computes the gradient"),
            ("_curvature", "Computes the second derivative")][: len(wanted.formulas)]  # fmt: skip
    if len(wanted.formulas) > 1:
        docs.append(("_value_and_gradient", "Computes value and gradient"))
    return [(wanted.name + kind, doc) for kind, doc in docs]


def torch_file(wanted: Wanted) -> str:
    """PyTorch: F with the stable gradient as its autograd, F_gradient and F_value_and_gradient."""
    body = _python_functions(wanted, TORCH, "_")
    name = wanted.name
    wide = f"torch.{wanted.dtype}"
    return f'''{_comment(wanted)}import torch

{body}

class _Function_(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return _in_dtype_(_{name}, x)

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * _in_dtype_(_{name}_gradient, x)


def _in_dtype_(function, x):
    wide = x.to(torch.float64)
    result = function(wide)
    results = result if isinstance(result, tuple) else (result,)
    made = tuple(r.to(x.dtype) for r in results)
    return made if isinstance(result, tuple) else made[0]


def {name}(x):
    """Computes the value, differentiably by its stable gradient; dtype and shape of x."""
    return _Function_.apply(x)


def {name}_gradient(x):
    """Computes the gradient; dtype and shape of x ({wide} inside)."""
    return _in_dtype_(_{name}_gradient, x)


def {name}_value_and_gradient(x):
    """Computes value and gradient; dtype and shape of x."""
    return _in_dtype_(_{name}_value_and_gradient, x)
'''


def jax_file(wanted: Wanted) -> str:
    """JAX: F with the stable gradient as its custom_jvp, F_gradient and F_value_and_gradient."""
    body = _python_functions(wanted, JAX, "_")
    name = wanted.name
    return f'''{_comment(wanted)}# float64 needs jax.config.update("jax_enable_x64", True).
# XLA takes subnormal numbers for 0.
import jax
import jax.numpy as jnp

{body}

@jax.custom_jvp
def {name}(x):
    """Computes the value, differentiably by its stable gradient; dtype and shape of x."""
    return _{name}(x) + jnp.zeros_like(x)


@{name}.defjvp
def _{name}_jvp(primals, tangents):
    (x,), (t,) = primals, tangents
    value, gradient = _{name}_value_and_gradient(x)
    return value + jnp.zeros_like(x), gradient * t


def {name}_gradient(x):
    """Computes the gradient; dtype and shape of x."""
    return _{name}_gradient(x) + jnp.zeros_like(x)


def {name}_value_and_gradient(x):
    """Computes value and gradient; dtype and shape of x."""
    value, gradient = _{name}_value_and_gradient(x)
    return value + jnp.zeros_like(x), gradient + jnp.zeros_like(x)
'''


def triton_file(wanted: Wanted) -> str:
    """Triton: device functions for kernels of float64 or float32 blocks."""
    body = _python_functions(wanted, TRITON)
    body = body.replace("\ndef ", "\n@triton.jit\ndef ")
    return (
        f"{_comment(wanted)}# Blocks are of float64: give it x.to(tl.float64).\n"
        "import triton\nimport triton.language as tl\n"
        f"from triton.language.extra import libdevice\n\n{body}"
    )


# -- JavaScript -----------------------------------------------------------------------------------
def js_file(wanted: Wanted) -> str:
    """JavaScript, an ES module: F, F_gradient and F_value_and_gradient of a number."""
    parts = ["".join(f"// {line}\n" for line in wanted.comment)]
    parts += _helpers(wanted, JAVASCRIPT)
    kinds = ["", "_gradient", "_curvature"][: len(wanted.formulas)]
    single = wanted.dtype == "float32"

    def add(kind: str, formulas: Sequence[Node]) -> None:
        code = printed(formulas, JAVASCRIPT)
        found = [f"Math.fround({result})" if single else result for result in code.results]
        result = found[0] if len(found) == 1 else f"[{', '.join(found)}]"
        parts.append(
            f"\nexport function {wanted.name}{kind}(x) {{\n{_js_lines(code.statements)}"
            f"  return {result};\n}}\n"
        )

    for kind, formula in zip(kinds, wanted.formulas, strict=True):
        add(kind, [formula])
    if len(wanted.formulas) > 1:
        add("_value_and_gradient", wanted.formulas[:2])
    return "".join(parts)


def _js_lines(steps: Sequence[str]) -> str:
    return "".join(f"  const {step};\n" for step in steps)


def latex_file(wanted: Wanted) -> str:
    """LaTeX: an align environment of value and derivatives, for amsmath."""
    from ..latex import latex

    name = wanted.name.replace("_", r"\_")
    rows = [
        rf"    \operatorname{{{name}}}{dashes}(x) &= {latex(formula, cases=True)}"
        for dashes, formula in zip(("", "'", "''"), wanted.formulas, strict=False)
    ]
    comment = "".join(f"% {line}\n" for line in wanted.comment)
    lines = " \\\\\n".join(rows)
    return f"{comment}\\begin{{align*}}\n{lines}\n\\end{{align*}}\n"


TARGETS: dict[str, Callable[[Wanted], Any]] = {
    "c": c_file, "numpy": numpy_file, "torch": torch_file, "jax": jax_file, "triton": triton_file,
    "js": js_file, "onnx": onnx_file, "latex": latex_file,
}  # fmt: skip
SUFFIXES = {
    "c": (".c", ".h"), "numpy": (".py",), "torch": (".py",), "jax": (".py",), "triton": (".py",),
    "js": (".js", ".mjs"), "onnx": (".onnx",), "latex": (".tex",),
}  # fmt: skip
