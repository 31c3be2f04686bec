"""Whole files of code: a function, its gradient, and both at once, in the language of a target."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from ..node import Node
from .languages import JAVASCRIPT_MODULE, JAX, NUMPY, TORCH, TRITON, C
from .onnx_model import onnx_file
from .printer import Language, printed
from .stable import SPLITTER
from .wanted import Wanted

# -- C ------------------------------------------------------------------------------------------
# A product that is fused with a sum is not rounded, which is corrected for; -std=c11 fuses nothing.
_UNFUSED = """#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC optimize("fp-contract=off")
#else
#pragma STDC FP_CONTRACT OFF
#endif

"""
_FUSED = """
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC pop_options
#endif
"""


def c_file(wanted: Wanted) -> str:
    """C11: double F(double), F_gradient, and void F_value_and_gradient(double, double *, double *)."""
    name = wanted.name
    parts = _helpers(wanted, C)
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
    text, comment = "".join(parts).rstrip("\n") + "\n", [*wanted.comment]
    declared = [
        line.removesuffix(" {") for line in text.split("\n") if re.match(rf"{real} |void ", line)
    ]
    head = "".join(f"{line};\n" for line in declared)
    if f"{SPLITTER}.0" in text:  # errors of rounding are computed
        comment.append("Not for -ffast-math: errors of rounding are corrected for.")
        text = f"{_UNFUSED}{text}{_FUSED}"
    return "".join(f"// {line}\n" for line in comment) + f"#include <math.h>\n\n{head}\n{text}"


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
    return any(re.search(r"\bx\b", step) for step in steps)


def _helpers(
    wanted: Wanted, language: Language, formulas: Sequence[Node] | None = None
) -> list[str]:
    used: set[str] = set()
    for formula in formulas or wanted.formulas:
        used |= printed([formula], language).primitives
    return [f"{text}\n" for text in language.helpers(used)]


# -- Python over arrays ---------------------------------------------------------------------------
def _python_functions(
    wanted: Wanted, language: Language, underscore: str = "", both: bool = False
) -> str:
    """Functions of the value and its derivatives, of value and gradient too, and what they call."""
    parts = [f"\n{text.rstrip()}\n" for text in _helpers(wanted, language)]
    kinds = ["", "_gradient", "_curvature"][: len(wanted.formulas)]
    for kind, formula in zip(kinds, wanted.formulas, strict=True):
        code = printed([formula], language)
        name = f"{underscore}{wanted.name}{kind}"
        parts.append("\n" + language.define(name, ["x"], code.statements, code.results[0]))
    if both and len(wanted.formulas) > 1:
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
    body = _python_functions(wanted, NUMPY, "_", both=True)
    public = "".join(
        f'\n\ndef {name}(x):\n    """{doc}; shape of x, {wanted.dtype}."""\n'
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
    """PyTorch: F whose autograd is the stable gradient, whose own is the curvature, if it is there."""
    return _differentiable_file(wanted, TORCH, _TORCH_HEAD, _TORCH_BODY)


def jax_file(wanted: Wanted) -> str:
    """JAX: F whose custom_jvp is the stable gradient, whose own is the curvature, if it is there."""
    return _differentiable_file(wanted, JAX, _JAX_HEAD, _JAX_BODY)


def _differentiable_file(wanted: Wanted, language: Language, head: str, body: str) -> str:
    """Functions of the framework, each with the next derivative as its own."""
    name, public = wanted.name, dict(_public(wanted))
    kinds = [kind for kind in ("_curvature", "_gradient", "") if name + kind in public]
    parts = [f"{_comment(wanted)}{head}\n{_python_functions(wanted, language, '_')}\n{body}"]
    derivative = "_unknown_"
    for kind in kinds:
        parts.append(f"\n\n_{name}{kind}_ = _differentiable_(_{name}{kind}, {derivative})")
        derivative = f"_{name}{kind}_"
    for kind in reversed(kinds):
        parts.append(
            f'\n\n\ndef {name}{kind}(x):\n    """{public[name + kind]}; dtype and shape of x."""\n'
            f"    return _{name}{kind}_(_floating_(x))"
        )
    if len(kinds) > 1:
        parts.append(
            f'\n\n\ndef {name}_value_and_gradient(x):\n    """Computes both; dtype and shape of x."""\n'
            f"    x = _floating_(x)\n    return _{name}_(x), _{name}_gradient_(x)"
        )
    return "".join(parts) + "\n"


_RAISED = """

def _unknown_(x):
    raise NotImplementedError("the next derivative is written with a higher --order")
"""
_TORCH_HEAD = "import torch\n"
_TORCH_BODY = f"""
def _differentiable_(function, derivative):
    class Function(torch.autograd.Function):
        generate_vmap_rule = True

        @staticmethod
        def forward(x):
            return function(x.to(torch.float64, copy=True)).to(x.dtype)

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(*inputs)

        @staticmethod
        def backward(ctx, grad_output):
            return grad_output * derivative(*ctx.saved_tensors)

    return Function.apply

{_RAISED}

def _floating_(x):
    return x if x.is_floating_point() else x.to(torch.get_default_dtype())
"""
_JAX_HEAD = """# It computes in float64, whatever jax_enable_x64 is. XLA takes subnormal numbers for 0,
# on the way too: subnormal inputs are 0, results below 1e-290 lose last digits or are 0.
import jax
import jax.numpy as jnp
"""
_JAX_BODY = f"""
def _differentiable_(function, derivative):
    @jax.custom_jvp
    def differentiable(x):
        with jax.enable_x64(True):
            return function(x.astype(jnp.float64)).astype(x.dtype)

    @differentiable.defjvp
    def jvp(primals, tangents):
        (x,), (t,) = primals, tangents
        return differentiable(x), derivative(x) * t

    return differentiable

{_RAISED}

def _floating_(x):
    x = jnp.asarray(x)
    return x if jnp.issubdtype(x.dtype, jnp.floating) else x.astype(float)
"""


def triton_file(wanted: Wanted) -> str:
    """Triton: device functions for kernels of float64 or float32 blocks."""
    body = _python_functions(wanted, TRITON, both=True)
    body = body.replace("\ndef ", "\n@triton.jit\ndef ")
    return (
        f"{_comment(wanted)}# Blocks are of float64: give it x.to(tl.float64). Kernels are launched with\n"
        "# enable_fp_fusion=False: errors of rounding are corrected for.\n"
        "import triton\nimport triton.language as tl\n"
        f"from triton.language.extra import libdevice\n\n{body}"
    )


# -- JavaScript -----------------------------------------------------------------------------------
def js_file(wanted: Wanted) -> str:
    """JavaScript, an ES module: F, F_gradient and F_value_and_gradient of a number."""
    parts = ["".join(f"// {line}\n" for line in wanted.comment) + "\n"]
    parts += _helpers(wanted, JAVASCRIPT_MODULE)
    kinds = ["", "_gradient", "_curvature"][: len(wanted.formulas)]
    single = wanted.dtype == "float32"

    def add(kind: str, formulas: Sequence[Node]) -> None:
        code = printed(formulas, JAVASCRIPT_MODULE)
        found = [f"Math.fround({result})" if single else result for result in code.results]
        result = found[0] if len(found) == 1 else f"[{', '.join(found)}]"
        parts.append(
            "export " + JAVASCRIPT_MODULE.define(wanted.name + kind, ["x"], code.statements, result)
        )

    for kind, formula in zip(kinds, wanted.formulas, strict=True):
        add(kind, [formula])
    if len(wanted.formulas) > 1:
        add("_value_and_gradient", wanted.formulas[:2])
    return parts[0] + "\n".join(part.rstrip("\n") + "\n" for part in parts[1:])


def latex_file(wanted: Wanted) -> str:
    """LaTeX: an align environment of value and derivatives, for amsmath."""
    from ..latex import latex

    name = wanted.name.replace("_", r"\_")
    rows = [
        rf"    \operatorname{{{name}}}{dashes}(x) &= {latex(formula, cases=True, whole=True)}"
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
