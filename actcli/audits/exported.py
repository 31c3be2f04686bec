"""Exported code, compiled and run: as `export --check` measures it, and as audits call it."""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from ..evaluation.activation import Activation
from ..evaluation.as_code import code_formulas, written_formulas
from ..expressions.code.names import safe_name
from ..expressions.code.targets import TARGETS
from ..expressions.code.wanted import Wanted
from ..numbers.types import Array, Floats
from ..version import __version__
from .calls import Failure, NotAccepted
from .inputs import inputs
from .measures import ulps_of
from .reference import ORDERS, QUANTITIES, Reference

SAMPLES = 4_000
FLUSHING = ("jax",)  # XLA takes subnormal numbers for 0
LOST = 1e-290  # what is smaller loses its last digits to that, in float64
SHARP, SPREAD = 150, 50  # inputs, those that look worst and others, that are measured against
# proved truth
COLUMNS = ("target", "function", "worst_ulp", "at", "verdict")
BOUNDS = {
    "js": 16.0,
    "torch": 16.0,
    "onnx": 16.0,
    "triton": 16.0,
}  # ulps that a target keeps to, of float64; others to BOUND
BOUND = 8.0
STRICT = ("-std=c11", "-Wall", "-Wextra", "-Werror")  # of code of ours
VISIBLE = '__attribute__((visibility("default")))'


class NoTool(Exception):
    """One line that says what a target needs to be run and is not here."""


@dataclass(frozen=True)
class Measured:
    """The worst errors that were found, by quantity: ulps and x; `unsure` says why there are none,
    `failed` that the tool refuses the code.
    """

    worst: dict[str, tuple[float, float]] = field(default_factory=dict)
    inputs: int = 0
    where: str = ""
    unsure: str = ""
    failed: bool = False

    @property
    def line(self) -> str:
        """What a comment says of it."""
        if self.unsure:
            return f"Worst error: not measured, as {self.unsure}."
        found = ", ".join(
            f"{q} {u:.3g} ulps" + (f" at x = {x!r}" if u else "")
            for q, (u, x) in self.worst.items()
        )
        return f"Worst error found at {self.inputs} inputs{self.where}: {found}."


# -- running --------------------------------------------------------------------------------------
Run = Callable[[Array], Sequence[Array]]  # x -> [value, gradient, curvature][: order + 1]


def compiled(source: str, folder: str, flags: Sequence[str] = ()) -> str:
    """The path of a shared library in a folder, made from a C file. NoTool, or Failure with a complaint."""
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
    if not compiler or not shutil.which(compiler.split()[0]):
        raise NoTool("there is no C compiler here")
    made = os.path.join(folder, "code.so")
    _told([*compiler.split(), *flags, "-O2", "-shared", "-fPIC", source, "-o", made, "-lm"])
    return made


def _c(code: str, name: str, dtype: str, order: int, folder: str) -> Run:
    real = {"float64": "double", "float32": "float"}[dtype]
    each = f"{name}_value_and_gradient(x[i], v + i, g + i)" if order else f"v[i] = {name}(x[i])"
    if order == 2:
        each = f"{{ {each}; c[i] = {name}_curvature(x[i]); }}"
    given = f"const {real} *x, {real} *v, {real} *g, {real} *c, size_t n"
    Path(folder, "code.c").write_text(code, "utf-8")
    Path(folder, "all.c").write_text(
        f'#include "code.c"\n#include <stddef.h>\n'
        f"{VISIBLE} void actcli_each({given});\nvoid actcli_each({given}) {{\n"
        f"    (void)g, (void)c;\n    for (size_t i = 0; i < n; i++) {each};\n}}\n"
    )
    # what is visible calls the C library's own function, if that has its name
    flags = (*STRICT, "-fvisibility=hidden")
    function = ctypes.CDLL(compiled(os.path.join(folder, "all.c"), folder, flags)).actcli_each
    pointer = ctypes.POINTER(ctypes.c_double if dtype == "float64" else ctypes.c_float)
    function.argtypes, function.restype = [pointer] * 4 + [ctypes.c_size_t], None

    def run(x: Array) -> Sequence[Array]:
        given, outs = np.ascontiguousarray(x), [np.empty_like(x) for _ in range(3)]
        function(*(a.ctypes.data_as(pointer) for a in (given, *outs)), len(x))
        return outs[: 1 + order]

    return run


_NODE = """
import fs from "node:fs";
const code = await import(process.argv[1]), [name, order] = process.argv.slice(2);
const bytes = fs.readFileSync(0);
const x = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
const n = x.length, out = new Float64Array(n * (1 + Number(order)));
for (let i = 0; i < n; i++) {
  if (order > 0) [out[i], out[n + i]] = code[name + "_value_and_gradient"](x[i]);
  else out[i] = code[name](x[i]);
  if (order > 1) out[2 * n + i] = code[name + "_curvature"](x[i]);
}
fs.writeSync(1, new Uint8Array(out.buffer));
"""


def _js(code: str, name: str, dtype: str, order: int, folder: str) -> Run:
    node = shutil.which("node")
    if not node:
        raise NoTool("there is no node here")
    path = Path(folder, "code.mjs")
    path.write_text(code, "utf-8")

    def run(x: Array) -> Sequence[Array]:
        words = [node, "--input-type=module", "-e", _NODE, path.as_uri(), name, str(order)]
        found = np.frombuffer(_told(words, x.astype(np.float64).tobytes()), np.float64)
        return [part.astype(x.dtype) for part in found.reshape(1 + order, -1)]

    return run


def _python(module: str) -> Callable[[str, str, str, int, str], Run]:
    """Runs what computes with the arrays of a module."""

    def made(code: str, name: str, dtype: str, order: int, folder: str) -> Run:
        if find_spec(module) is None:
            raise NoTool(f"{module} is not installed here")
        names: dict[str, Any] = {}
        exec(compile(code, f"{name} for {module}", "exec"), names)

        def called(kind: str, given: Any) -> Any:
            return _as_used(module, names[name + kind])(given)

        def run(x: Array) -> Sequence[Array]:
            given = _array_of(module, x)
            if not order:
                return [np.asarray(called("", given))]
            found = [*called("_value_and_gradient", given)]
            if order == 2:
                found.append(called("_curvature", given))
            return [np.asarray(part) for part in found]

        return run

    return made


def _onnx(code: bytes, name: str, dtype: str, order: int, folder: str) -> Run:
    from onnx.reference import ReferenceEvaluator  # without onnx there is no code

    model = ReferenceEvaluator(code)

    def run(x: Array) -> Sequence[Array]:
        with np.errstate(all="ignore"):
            found: Sequence[Array] = model.run(None, {"x": x})
        return found

    return run


def _array_of(module: str, x: Array) -> Any:
    if module == "torch":
        import torch

        return torch.from_numpy(x)
    if module == "jax":
        import jax

        jax.config.update("jax_enable_x64", True)
        return jax.numpy.asarray(x)
    return x


def _as_used(module: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function as programs call it: JAX's are compiled, and XLA rearranges what it compiles."""
    if module == "jax":
        import jax

        compiled_: Callable[..., Any] = jax.jit(function)
        return compiled_
    return function


def _triton(code: str, name: str, dtype: str, order: int, folder: str) -> Run:
    for module in ("triton", "torch"):  # it takes torch's tensors
        if find_spec(module) is None:
            raise NoTool(f"{module} is not installed here")
    path = Path(folder, "code.py")

    def run(x: Array) -> Sequence[Array]:
        path.write_text(code, "utf-8")
        words = [sys.executable, "-m", "actcli.audits.in_triton", str(path), name, str(order)]
        given = x.astype(np.float64).tobytes()
        found = np.frombuffer(_told(words, given, TRITON_INTERPRET="1"), np.float64)
        return [part.astype(x.dtype) for part in found.reshape(1 + order, -1)]

    return run


def _told(words: Sequence[str], given: bytes = b"", **variables: str) -> bytes:
    """What a program prints; Failure, with its first complaint, where it fails."""
    done = subprocess.run(
        words, input=given, capture_output=True, check=False, env={**os.environ, **variables}
    )
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").splitlines()
        why = next((line for line in lines if "rror" in line), "it says nothing")
        raise Failure(f"{os.path.basename(words[0])} refuses the code: {why[:200]}")
    return done.stdout


def _untried(code: str, name: str, dtype: str, order: int, folder: str) -> Run:
    raise NoTool("nothing here runs it")


RUNNERS: dict[str, Callable[..., Run]] = {
    "c": _c, "js": _js, "numpy": _python("numpy"), "torch": _python("torch"), "jax": _python("jax"),
    "onnx": _onnx, "triton": _triton,
}  # fmt: skip
STAND_INS = {
    "onnx": " by onnx's reference evaluator",
    "triton": " in Triton's interpreter, with numpy's functions for libdevice's",
}  # what runs the code here in place of what will


def code_name(target: str, f: Activation) -> str:
    """The name of a function in a file: as it was typed, without parameters, but for clashes."""
    return safe_name(target, "activation" if f.typed else f.written.partition("(")[0])


class Exported:
    """One function as code of a target. ValueError for a name that the target cannot have.

    `literal` code computes the formula as it is written, with its constants.
    """

    def __init__(
        self,
        f: Activation,
        target: str,
        order: int = 1,
        dtype: str = "float64",
        name: str = "",
        literal: bool = False,
    ) -> None:
        self.f, self.target, self.order, self.dtype = f, target, order, dtype
        self.name = name or code_name(target, f)
        if name and safe_name(target, name) != name:
            raise ValueError(
                f"--name {name!r} cannot be a function of {target}; "
                f"type for example --name {safe_name(target, name)}"
            )
        if target == "latex":
            self.formulas = written_formulas(f, order)
        else:
            self.formulas = code_formulas(f, order, literal)

    def code(self, *comment: str) -> Any:
        """The file: text, of onnx bytes."""
        return TARGETS[self.target](Wanted(self.name, self.formulas, comment, self.dtype))

    def file(self, measured: "Measured", made: str, about: str = "") -> Any:
        """The file with its comment: formula, source or what else it is, the command that `made` it,
        version and worst error."""
        if not about and self.f.function and self.f.function.source:
            about = f"Source: {self.f.function.source}."
        return self.code(
            f"{self.name}(x) = {self.f.formula}",
            *([about] if about else []),
            f"Written by actcli {__version__}: {made}.",
            *([measured.line] if self.target != "latex" else []),
        )

    def measure(self, low: float = -np.inf, high: float = np.inf) -> Measured:
        """Runs the code at a hard sample of inputs and measures it against the truth."""
        x = inputs(self.f, self.dtype, SAMPLES)
        if low > -np.inf or high < np.inf:
            x = x[(low <= x) & (x <= high)]
        try:
            with TemporaryDirectory() as folder:
                results = self.run(folder)(x)
        except (NoTool, ImportError, OSError) as why:
            return Measured(unsure=str(why))
        except Failure as why:
            return Measured(unsure=str(why), failed=True)
        worst = {q: self._worst(q, x, y) for q, y in zip(ORDERS, results, strict=False)}
        return Measured(worst, len(x), STAND_INS.get(self.target, ""))

    def run(self, folder: str) -> Run:
        made: Run = RUNNERS.get(self.target, _untried)(
            self.code(), self.name, self.dtype, self.order, folder
        )
        return made

    @np.errstate(all="ignore")
    def _worst(self, quantity: str, x: Array, y: Array) -> tuple[float, float]:
        """The largest error in ulps, infinite where nan or a limit is wrong, and where."""
        wide, order = x.astype(np.float64), ORDERS.index(quantity)
        own = (self.f, self.f.gradient, self.f.curvature)[order](wide)
        unit = np.spacing(np.abs(own).astype(self.dtype)).astype(np.float64)
        error = np.abs(y - own) / unit
        error[(y == own) | (np.isnan(y) & np.isnan(own))] = 0
        error[np.isnan(error)] = np.inf
        if self.target in FLUSHING:
            error[self._flushed(wide, own, y, order)] = 0
        chosen = np.argsort(-error, kind="stable")
        chosen = np.append(chosen[:SHARP], chosen[SHARP :: max(len(x) // SPREAD, 1)])
        reference = Reference(self.f, self.dtype, quantity)
        truth = reference.at(x[chosen], zeros=False)
        ulps = ulps_of(truth, y[chosen].astype(np.float64), self.dtype)
        right = truth.right
        alike = (y[chosen] == right) | (np.isnan(y[chosen]) & np.isnan(right))
        ulps[alike & ~truth.counted] = 0
        ulps[np.isnan(ulps) | (~alike & ~truth.counted)] = np.inf
        ulps[np.isnan(right) & np.isfinite(truth.x) & ~reference.outside(truth.x)] = 0  # not known
        k = int(np.argmax(ulps))
        return float(ulps[k]), float(x[chosen][k])

    def _flushed(self, x: Floats, own: Floats, y: Array, order: int) -> Any:
        """Where subnormal numbers that are taken for 0 account for results y (n,)."""
        info = np.finfo(self.dtype)
        read = (self.f, self.f.gradient, self.f.curvature)[order]
        zero = read(0 * x).astype(self.dtype)
        at_zero = (np.abs(x) < info.tiny) & (np.abs(y - zero) < info.tiny)
        small = info.tiny if self.dtype == "float32" else LOST
        return at_zero | ((np.abs(own) < small) & (np.abs(y) < small))

    def record(self, measured: Measured) -> dict[str, Any]:
        """The record of --check: refuted, with its x, if the error is beyond the target's bound."""
        judged = [found for q, found in measured.worst.items() if q in QUANTITIES]
        worst, at = max(judged, default=(None, None), key=_size)
        bound = BOUNDS.get(self.target, BOUND) if self.dtype == "float64" else BOUND
        wrong = measured.failed if worst is None else not worst <= bound
        verdict = "refuted" if wrong else "undecided" if worst is None else "measured"
        at = at if worst else None  # where nothing is wrong there is no worst place
        return dict(zip(COLUMNS, (self.target, self.f.label, worst, at, verdict), strict=True))


def _size(found: tuple[float, float]) -> float:
    return found[0]


class ExportedCaller:
    """Exported code as an implementation that is audited."""

    def __init__(self, f: Activation, target: str) -> None:
        if target not in RUNNERS:
            raise ValueError(
                f"TARGET:{target} cannot be run here; give one of {', '.join(RUNNERS)}"
            )
        self._f, self._target = f, target
        self._folder = TemporaryDirectory()
        self._made: dict[str, Run] = {}  # by dtype
        self.facts: dict[str, Any] = {
            "framework": f"actcli export --to {target}", "version": __version__, "hash": "",
            "gradient": True,
        }  # fmt: skip

    def __call__(self, x: Array, quantity: str, how: str = "array") -> Array:
        """The results at x (n,), in its dtype: float64 or float32."""
        if x.dtype.name not in ("float64", "float32"):
            raise NotAccepted(f"code for {x.dtype.name} is not exported")
        if x.dtype.name not in self._made:
            exported = Exported(self._f, self._target, dtype=x.dtype.name)
            try:
                self._made[x.dtype.name] = exported.run(self._folder.name)
            except NoTool as why:
                raise Failure(f"TARGET:{self._target} cannot be run: {why}") from None
        return np.array(self._made[x.dtype.name](x)[QUANTITIES.index(quantity)], x.dtype)
