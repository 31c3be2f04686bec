"""Code of tables from 8-bit codes to 8-bit codes: the entries and a function that looks them up."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ...wording import joined


class Lookup(NamedTuple):
    """A table: entry k belongs to the code `first` + k; codes are of the dtype, int8 or uint8."""

    name: str
    dtype: str
    first: int
    entries: Sequence[int]
    comment: Sequence[str]

    @property
    def place(self) -> str:
        """What is added to a code."""
        return f" + {-self.first}" if self.first else ""

    def head(self, mark: str) -> str:
        """The comment, each line behind a mark."""
        return "".join(f"{mark} {line}\n" for line in self.comment)

    def rows(self, indent: str = "    ") -> str:
        """The entries, 16 a line."""
        return "".join(
            indent + ", ".join(f"{e:4d}" for e in self.entries[k : k + 16]) + ",\n"
            for k in range(0, len(self.entries), 16)
        )


def _c(table: Lookup) -> str:
    kind = f"{table.dtype}_t"
    return (
        f"{table.head('//')}#include <stdint.h>\n\n"
        f"static const {kind} {table.name}_table[{len(table.entries)}] = {{\n{table.rows()}}};\n\n"
        f"{kind} {table.name}({kind} code) {{\n"
        f"    return {table.name}_table[(int)code{table.place}];\n}}\n"
    )


def _js(table: Lookup) -> str:
    kind = {"int8": "Int8Array", "uint8": "Uint8Array"}[table.dtype]
    return (
        f"{table.head('//')}const {table.name}_table = {kind}.of(\n{table.rows()});\n\n"
        f"export function {table.name}(code) {{\n"
        f"  return {table.name}_table[code{table.place}];\n}}\n"
    )


def _python(module: str, short: str, make: str, wide: str) -> Callable[[Lookup], str]:
    """Files of Python over arrays: what makes one, and what makes codes wide enough to be places."""

    def written(table: Lookup) -> str:
        return (
            f"{table.head('#')}import {module}\n\n{table.name}_table = {short}.{make}(\n    [\n"
            f"{table.rows('        ')}    ],\n    dtype={short}.{table.dtype},\n)\n\n\n"
            f"def {table.name}(codes):\n"
            f'    """Looks {table.dtype} codes up; their shape, {table.dtype}."""\n'
            f"    return {table.name}_table[{wide.format(codes='codes')}{table.place}]\n"
        )

    return written


def _onnx(table: Lookup) -> bytes:
    try:
        from onnx import TensorProto, helper
    except ImportError:
        raise ValueError("--to onnx needs the package onnx; type 'pip install onnx'") from None
    from .onnx_model import IR_VERSION, OPSET

    kind = {"int8": TensorProto.INT8, "uint8": TensorProto.UINT8}[table.dtype]
    entries = helper.make_tensor("table", kind, [len(table.entries)], [*table.entries])
    first = helper.make_tensor("first", TensorProto.INT32, [], [table.first])
    nodes = [
        helper.make_node("Cast", ["x"], ["wide"], to=TensorProto.INT32),
        helper.make_node("Sub", ["wide", "first"], ["place"]),
        helper.make_node("Gather", ["table", "place"], ["value"], axis=0),
    ]
    ends = [[helper.make_tensor_value_info(name, kind, ["n"])] for name in ("x", "value")]
    graph = helper.make_graph(nodes, table.name, *ends, initializer=[entries, first])
    model = helper.make_model(
        graph, producer_name="actcli", opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION, doc_string="\n".join(table.comment),
    )  # fmt: skip
    found: bytes = model.SerializeToString(deterministic=True)
    return found


LOOKUPS: Mapping[str, Callable[[Lookup], Any]] = {
    "c": _c,
    "numpy": _python("numpy as np", "np", "array", "np.asarray({codes}).astype(np.intp)"),
    "torch": _python("torch", "torch", "tensor", "{codes}.long()"),
    "jax": _python("jax.numpy as jnp", "jnp", "array", "{codes}.astype(jnp.int32)"),
    "js": _js,
    "onnx": _onnx,
}


def lookup_file(target: str, table: Lookup) -> Any:
    """The text, or bytes, of a whole file; ValueError for a target that has no tables."""
    if target not in LOOKUPS:
        raise ValueError(
            f"--to {target} has no tables of codes; give one of {joined(tuple(LOOKUPS), 'or')}"
        )
    return LOOKUPS[target](table)
