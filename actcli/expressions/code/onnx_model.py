"""ONNX: a model of standard operators, one input x, outputs value, gradient and curvature."""

from typing import Any

from ..node import Interpreter, Node, rebuilt
from ..program import Program
from .languages import nearest_double
from .stable import form
from .wanted import Wanted

OPSET, IR_VERSION = 17, 8
OUTPUTS = ("value", "gradient", "curvature")
OPERATORS = {
    "+": "Add", "-": "Sub", "*": "Mul", "/": "Div", "neg": "Neg", "**": "Pow", "<": "Less",
    "<=": "LessOrEqual", ">": "Greater", ">=": "GreaterOrEqual", "==": "Equal", "and": "And",
    "or": "Or", "not": "Not", "where": "Where", "max": "Max", "min": "Min",
}  # fmt: skip
CALLS = {
    "exp": "Exp", "log": "Log", "sqrt": "Sqrt", "abs": "Abs", "sin": "Sin", "cos": "Cos",
    "tanh": "Tanh", "rint": "Round",
}  # fmt: skip
# onnxruntime has Atan, Tan, Sinh, Cosh, Asinh and Atanh of float32 alone: stable.py builds them
LOST = (
    "ONNX has no Expm1, Log1p and Erfc: they are built of Exp and Log, by forms that lose an ulp or "
    "two where those round."
)


def onnx_file(wanted: Wanted) -> bytes:
    """The model, computed in float64 throughout; ValueError where the package onnx is missing."""
    try:
        from onnx import TensorProto, helper
    except ImportError:
        raise ValueError("--to onnx needs the package onnx; type 'pip install onnx'") from None
    program = Program([_inlined(formula) for formula in wanted.formulas], joined=False)
    double = TensorProto.DOUBLE
    own = {"float64": double, "float32": TensorProto.FLOAT}[wanted.dtype]
    nodes: list[Any] = []
    constants: dict[str, Any] = {}

    def add(operator: str, given: list[str], name: str, **facts: Any) -> str:
        nodes.append(helper.make_node(operator, given, [name], **facts))
        return name

    x = "x" if own == double else add("Cast", ["x"], "x_double", to=double)
    names: list[str] = []
    for place, (op, args) in enumerate(program.steps):
        here = f"t{place}"
        if op == "x":
            here = x
        elif op in ("number", "constant"):
            here = f"c{place}"
            constants[here] = helper.make_tensor(here, double, [], [nearest_double(args[0])])
        elif op == "call":
            add(CALLS[args[0].name], [names[args[1]]], here)
        elif op == "!=":
            add("Not", [add("Equal", [names[a] for a in args], f"e{place}")], here)
        else:
            add(OPERATORS[op], [names[a] for a in args], here)
        names.append(here)
    shape = add("Shape", ["x"], "shape")
    outputs = []
    for output, root in zip(OUTPUTS, program.roots, strict=False):
        whole = add("Expand", [names[root], shape], f"{output}_double")
        add("Cast", [whole], output, to=own)
        outputs.append(helper.make_tensor_value_info(output, own, ["n"]))
    graph = helper.make_graph(
        nodes, wanted.name, [helper.make_tensor_value_info("x", own, ["n"])], outputs,
        initializer=[*constants.values()],
    )  # fmt: skip
    model = helper.make_model(
        graph, producer_name="actcli", opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION, doc_string="\n".join([*wanted.comment, LOST]),
    )  # fmt: skip
    written: bytes = model.SerializeToString(deterministic=True)
    return written


def _inlined(formula: Node) -> Node:
    """The formula over what ONNX has operators for."""
    return Interpreter[Node]({"call": _call}, rebuilt)(formula)


def _call(at: Interpreter[Node], part: Node, x: None) -> Node:
    primitive, *given = part.args
    args = [at(a) for a in given]
    if len(args) == 1 and primitive.name in CALLS:
        return Node("call", (primitive, *args))
    name = primitive.name if len(args) == 1 else f"{primitive.name}_of"
    put: dict[str, Any] = {"x": lambda _at, _part, _x: args[0], "name": lambda _a, _p, _x: args[1]}
    return _inlined(Interpreter[Node](put, rebuilt)(form(name)))
