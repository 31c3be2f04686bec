"""Foreign code as its own process sees it: loaded, given its own arrays, its answers checked.

Nothing here is imported by the program itself: a framework is imported only because the callable's
module does, or where it is one of a framework's functions.
"""

import ctypes
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import numpy as np

from ..numbers.formats import FORMATS
from .implementation import SIGNATURES, file_hash


class Refused(Exception):
    """One line that says what the foreign code did instead of answering; `dtype`: it takes others."""

    def __init__(self, line: str, dtype: bool = False) -> None:
        super().__init__(" ".join(line.split())[:300])
        self.dtype = dtype


class ForeignCode(Protocol):
    """Foreign code that can be called, with facts about it."""

    facts: dict[str, Any]

    def call(self, x: Any, quantity: str, how: str) -> tuple[Any, str]:
        """The results, of x's dtype and shape, and what to say of them. Refused where there are none."""


def loaded(header: dict[str, Any]) -> ForeignCode:
    """The code that a header of an Implementation's fields names."""
    kinds: dict[str, Callable[[dict[str, Any]], ForeignCode]] = {
        "python": PythonCode, "library": LibraryCode, "onnx": OnnxCode
    }  # fmt: skip
    return kinds[header["kind"]](header)


def _attribute(module: str, name: str) -> Any:
    if "" not in sys.path:
        sys.path.insert(0, "")  # a module in the current directory, as with python -m
    try:
        found: Any = import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except BaseException as why:  # importing runs somebody else's code
        raise Refused(f"cannot be imported ({type(why).__name__}: {why})") from None
    return found


class PythonCode(ForeignCode):
    """A Python callable of numpy, torch or jax arrays."""

    def __init__(self, header: dict[str, Any]) -> None:
        self.header = header
        found = _attribute(header["module"], header["name"])
        if not callable(found):
            raise Refused(f"it is of type {type(found).__name__}, which cannot be called")
        if isinstance(found, type):
            try:
                self._called: Any = found(**header["given"])
            except Exception as why:
                raise Refused(f"it cannot be made ({why})") from None
            self._given: dict[str, Any] = {}
        else:
            self._called, self._given = found, header["given"]
        self.framework = _framework(found, header["module"])
        self._takes_numbers = False  # alone, as math.erf does
        module = sys.modules.get(header["module"])
        path = getattr(module, "__file__", None) or ""
        self.facts = {
            "framework": self.framework,
            "version": str(getattr(sys.modules.get(self.framework), "__version__", "")),
            "hash": file_hash(path) if path.endswith(".py") else "",
            "gradient": self._has_gradient(),
        }

    def _has_gradient(self) -> bool:
        auto = self.header["gradient"] == "auto" and self.framework != "numpy"
        return auto or _given_gradient(self.header)

    def call(self, x: Any, quantity: str, how: str) -> tuple[Any, str]:
        wanted = x.copy()
        try:
            if how == "scalar":
                y = np.array([self._one(x[k : k + 1], quantity) for k in range(len(x))])
            elif how == "strided":
                wide = np.zeros(2 * len(x), x.dtype)
                wide[::2] = x
                y = self._once(wide[::2], quantity)
            else:
                y = self._once(x, quantity)
        except Refused:
            raise
        except Exception as why:
            hint = "; --call scalar gives it one number at a time" if "scalar" in str(why) else ""
            raise Refused(f"{type(why).__name__}: {why}{hint}", dtype=True) from None
        if not (x.view(f"u{x.dtype.itemsize}") == wanted.view(f"u{x.dtype.itemsize}")).all():
            raise Refused("it changes its input")
        return _checked(y, x)

    def _one(self, x: Any, quantity: str) -> Any:
        """The result at an array of one number; of what takes no arrays, at the number."""
        if not self._takes_numbers:
            try:
                return self._once(x, quantity)[0]
            except TypeError:
                if self.framework != "numpy" or quantity == "gradient":
                    raise
                self._takes_numbers = True
        return self._called(x[0], **self._given)

    def _once(self, x: Any, quantity: str) -> Any:
        if quantity == "gradient":
            return self._gradient(x)
        if self.framework == "torch":
            return _from_torch(self._called(_to_torch(x), **self._given))
        if self.framework == "jax":
            with _jax_wide(x):
                import jax.numpy as jnp

                return np.asarray(self._called(jnp.asarray(x), **self._given))
        found = self._called(x, **self._given)
        return found if found is None else np.asarray(found)

    def _gradient(self, x: Any) -> Any:
        if _given_gradient(self.header):
            return _gradient_of(self.header, x)
        if self.framework == "torch":
            import torch

            tensor = _to_torch(x).requires_grad_(True)
            out = self._called(tensor, **self._given)
            (found,) = torch.autograd.grad(out, tensor, grad_outputs=torch.ones_like(out))
            return _from_torch(found)
        if self.framework == "jax":
            import jax
            import jax.numpy as jnp

            with _jax_wide(x):
                given = jnp.asarray(x)
                out, pull = jax.vjp(lambda v: self._called(v, **self._given), given)
                return np.asarray(pull(jnp.ones_like(out))[0])
        raise Refused("it has no gradient of its own; name one with --gradient MODULE:ATTR")


def _given_gradient(header: dict[str, Any]) -> bool:
    """Whether the gradient is a callable of its own."""
    return header["gradient"] not in ("auto", "none")


def _gradient_of(header: dict[str, Any], x: Any) -> Any:
    """What that callable gives at an array."""
    module, _, name = header["gradient"].partition(":")
    found = _attribute(module, name)(x.copy())
    return found if found is None else np.asarray(found)


def _framework(found: Any, module: str) -> str:
    """The framework whose arrays a callable takes."""
    top = module.partition(".")[0]
    if top in ("torch", "jax"):
        return top
    kinds = [getattr(base, "__module__", "").partition(".")[0] for base in type(found).__mro__]
    if isinstance(found, type):
        kinds += [base.__module__.partition(".")[0] for base in found.__mro__]
    names = getattr(found, "__globals__", {})
    used = {getattr(value, "__name__", "").partition(".")[0] for value in names.values()
            if type(value).__name__ == "module"}  # fmt: skip
    for framework in ("torch", "jax"):
        if framework in kinds or framework in used:
            return framework
    return "numpy"


def _jax_wide(x: Any) -> AbstractContextManager[object]:
    """JAX as it has 64 bits, which it takes for 32 otherwise, where x has them."""
    if x.dtype != np.float64:
        return nullcontext()
    import jax

    if hasattr(jax, "enable_x64"):
        found: AbstractContextManager[object] = jax.enable_x64(True)
        return found
    from jax.experimental import enable_x64

    older: AbstractContextManager[object] = enable_x64()
    return older


def _to_torch(x: Any) -> Any:
    import torch

    if x.dtype.name == "bfloat16":
        return torch.from_numpy(x.view(np.int16)).view(torch.bfloat16)  # its strides are kept
    return torch.from_numpy(x)


def _from_torch(tensor: Any) -> Any:
    import torch

    if not isinstance(tensor, torch.Tensor):
        return tensor
    tensor = tensor.detach()
    if tensor.dtype == torch.bfloat16:
        from ml_dtypes import bfloat16

        return tensor.contiguous().view(torch.int16).numpy().view(bfloat16)
    return tensor.numpy()


def _library(path: str) -> ctypes.CDLL:
    """A shared library, compiled first if the path is that of a C file."""
    if not path.endswith(".c"):
        return ctypes.CDLL(path)
    from .calls import Failure
    from .exported import NoTool, compiled

    with TemporaryDirectory() as folder:
        try:
            return ctypes.CDLL(compiled(path, folder))
        except (Failure, NoTool) as why:
            raise Refused(f"it cannot be compiled ({why})") from None


class LibraryCode(ForeignCode):
    """A function of a C shared library."""

    def __init__(self, header: dict[str, Any]) -> None:
        self.header = header
        try:
            library = _library(header["module"])
            self._function = getattr(library, header["name"])
        except (OSError, AttributeError) as why:
            raise Refused(f"it cannot be loaded ({why})") from None
        self.dtype, self.arrays = SIGNATURES[header["signature"]]
        self._type: Any = {"float32": ctypes.c_float, "float64": ctypes.c_double}.get(
            self.dtype, ctypes.c_uint16
        )
        if self.arrays:
            self._function.restype = None
            pointer = ctypes.POINTER(self._type)
            self._function.argtypes = [pointer, pointer, ctypes.c_size_t]
        else:
            self._function.restype = self._type
            self._function.argtypes = [self._type]
        self._filled = 0
        self.facts = {
            "framework": "C", "version": "", "hash": file_hash(header["module"]),
            "gradient": _given_gradient(header),
        }  # fmt: skip

    def call(self, x: Any, quantity: str, how: str) -> tuple[Any, str]:
        name = x.dtype.name
        fits = x.dtype.itemsize == 2 if self.dtype == "16" else name == self.dtype
        if not fits:
            raise Refused(f"its signature takes {self.dtype.replace('16', '16-bit')} numbers", True)
        if quantity == "gradient":
            return _checked(_gradient_of(self.header, x), x)
        y = np.empty_like(x)
        self._filled ^= 0xFF  # so that results that are not written differ when asked again
        y.view(np.uint8)[:] = self._filled
        if not self.arrays:
            for k, v in enumerate(x.tolist()):
                y[k] = self._function(v)
            return y, ""
        given = np.ascontiguousarray(x).copy()
        step = 1 if how == "scalar" else max(len(x), 1)
        for start in range(0, len(x), step):
            parts = [
                a[start : start + step].ctypes.data_as(ctypes.POINTER(self._type))
                for a in (given, y)
            ]
            self._function(*parts, min(step, len(x) - start))
        if given.tobytes() != x.tobytes():
            raise Refused("it changes its input")
        return y, ""


class OnnxCode(ForeignCode):
    """A model of one input and one output, run by onnxruntime."""

    def __init__(self, header: dict[str, Any]) -> None:
        self.header = header
        try:
            import onnxruntime
        except ImportError:
            raise Refused("an .onnx model needs onnxruntime; pip install onnxruntime") from None
        try:
            self._session = onnxruntime.InferenceSession(
                header["module"], providers=["CPUExecutionProvider"]
            )
        except Exception as why:
            raise Refused(f"onnxruntime refuses it ({why})") from None
        given, found = self._session.get_inputs(), self._session.get_outputs()
        if len(given) != 1 or len(found) != 1:
            raise Refused(
                f"it has {len(given)} inputs and {len(found)} outputs; give a model with one of each"
            )
        self._input, self._takes = given[0].name, given[0].type
        self._shape = given[0].shape  # names, or None, where a length is free
        self.facts = {
            "framework": "onnxruntime", "version": onnxruntime.__version__,
            "hash": file_hash(header["module"]), "gradient": _given_gradient(header),
        }  # fmt: skip

    def call(self, x: Any, quantity: str, how: str) -> tuple[Any, str]:
        kind = {"float64": "double", "float32": "float"}.get(x.dtype.name, x.dtype.name)
        if self._takes != f"tensor({kind})":
            raise Refused(f"its input is {self._takes}", True)
        if quantity == "gradient":
            return _checked(_gradient_of(self.header, x), x)
        free = [k for k, length in enumerate(self._shape) if not isinstance(length, int)]
        shape = [length if isinstance(length, int) else 1 for length in self._shape]
        per = int(np.prod(shape, dtype=np.int64))
        runs = -(-len(x) // max(per, 1))
        padded = np.zeros(max(runs * per, len(x)), x.dtype)
        padded[: len(x)] = x
        if free:
            shape[free[0]], runs = runs, 1
        try:
            parts = [
                self._session.run(None, {self._input: part.reshape(shape)})[0]
                for part in padded.reshape(max(runs, 1), -1)
            ]
        except Exception as why:
            raise Refused(str(why), dtype=True) from None
        if any(part.size * len(parts) != padded.size for part in parts):
            raise Refused(f"it returns shape {parts[0].shape} for shape {tuple(shape)}")
        return _checked(np.concatenate([part.reshape(-1) for part in parts])[: len(x)], x)


def _checked(y: Any, x: Any) -> tuple[Any, str]:
    """The answer as an array of x's dtype, and what is to be said; Refused for no such answer."""
    if y is None:
        raise Refused("it returns None")
    y = np.asarray(y)
    if y.dtype.kind == "c":
        raise Refused("it returns complex numbers")
    if y.shape != x.shape:
        raise Refused(f"it returns shape {y.shape} for shape {x.shape}")
    if y.dtype == x.dtype:
        return np.ascontiguousarray(y), ""
    if y.dtype.kind not in "fiub" and y.dtype.name != "bfloat16":
        raise Refused(f"it returns {y.dtype}")
    return _rounded(y, x.dtype), f"it answers in {y.dtype.name}"


@np.errstate(all="ignore")
def _rounded(y: Any, dtype: Any) -> Any:
    """Real numbers in another dtype, rounded once: casts to 16 bits may go by way of float32."""
    if dtype.itemsize == 2:
        wide = y if y.dtype == np.longdouble else y.astype(np.float64)
        y = FORMATS[dtype.name].nearest(wide).astype(np.float64)
    return y.astype(dtype)
