"""A program: runs a file of Triton code in Triton's interpreter, on the processor.

python -m actcli.audits.in_triton FILE NAME ORDER reads float64 numbers from standard input, as bytes,
and writes those of the value, gradient and curvature. numpy's functions stand for libdevice's, which
the interpreter lacks. The environment has TRITON_INTERPRET=1.
"""

import importlib.util
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

NUMPY = {name: name for name in ("expm1", "log1p", "cbrt", "tan", "sinh", "cosh", "tanh", "rint")}
NUMPY |= {"asinh": "arcsinh", "atanh": "arctanh", "atan": "arctan", "pow": "power"}
KERNEL = """

@triton.jit
def actcli_{kind}_kernel(given, found, count, size: tl.constexpr):
    places = tl.arange(0, size)
    inside = places < count
    tl.store(found + places, {name}(tl.load(given + places, mask=inside, other=0.0)), mask=inside)
"""
KINDS = ("", "_gradient", "_curvature")


def main(path: str, name: str, order: int) -> None:
    """Runs the functions of a file, which gets a kernel for each."""
    kinds = KINDS[: order + 1]
    with open(path, "a", encoding="utf-8") as file:
        file.writelines(KERNEL.format(kind=f"of{kind}", name=name + kind) for kind in kinds)
    import torch
    from triton.language.extra import libdevice

    for own, numpys in NUMPY.items():
        setattr(libdevice, own, _interpreted(getattr(np, numpys)))
    spec = importlib.util.spec_from_file_location("code", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    x = torch.frombuffer(bytearray(sys.stdin.buffer.read()), dtype=torch.float64)
    for kind in kinds:
        y = torch.empty_like(x)
        size = 1 << (len(x) - 1).bit_length()
        getattr(module, f"actcli_of{kind}_kernel")[(1,)](x, y, len(x), size=size)
        sys.stdout.buffer.write(y.numpy().tobytes())


def _interpreted(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of numpy for tensors of the interpreter."""
    from triton import language as tl
    from triton.runtime.interpreter import TensorHandle

    def called(*given: Any) -> Any:
        blocks = [each for each in given if isinstance(each, tl.tensor)]
        assert all(block.dtype.scalar == tl.float64 for block in blocks)
        values = [
            each.handle.data if isinstance(each, tl.tensor) else float(each) for each in given
        ]
        found = np.asarray(function(*values))
        return tl.tensor(TensorHandle(found, blocks[0].handle.dtype), blocks[0].type)

    return called


if __name__ == "__main__":
    with np.errstate(all="ignore"):
        main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
