"""Counts the operations of a formula and of its derivative."""

import ast

from ..expressions.differentiate import Kinds, slope_between_ties
from ..expressions.node import Node
from ..wording import count_of
from .subject import Answer, Subject


def cost(subject: Subject) -> Answer:
    """Counts the operations of the formula as it is typed and of its derivative.

    Counted are operators, comparisons, selections and calls on x; what is made of constants alone is a
    constant. Of the derivative, parts that occur twice are counted once. None where nothing is known
    of the formula.
    """
    f = subject.activation
    value = {
        "operations": operations(f.text),
        "gradient_operations": gradient_operations(f.tree),
    }
    own, gradient = map(_counted, value.values())
    return "measured", value, None, f"{own}, {gradient} for the gradient"


def _counted(number: int | None) -> str:
    return "an unknown number" if number is None else count_of(number, "operation")


def operations(text: str) -> int:
    """Counts the operations in a formula as it is typed; 1 where it is no formula."""
    try:
        return _count(ast.parse(text.strip(), mode="eval").body)[0]
    except SyntaxError:
        return 1


_OPERATIONS = (ast.Call, ast.Compare, ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.IfExp)


def _count(part: ast.AST) -> tuple[int, bool]:
    """Operations of a part, and whether x is in it."""
    if isinstance(part, ast.Name):
        return 0, part.id == "x"
    if not isinstance(part, _OPERATIONS):
        return 0, False
    inner = [_count(each) for each in ast.iter_child_nodes(part)]
    own = 1
    if isinstance(part, ast.Compare):
        own = len(part.ops)
    elif isinstance(part, ast.BoolOp):
        own = len(part.values) - 1
    return (
        (own + sum(count for count, _ in inner), True) if any(x for _, x in inner) else (0, False)
    )


def gradient_operations(tree: Node) -> int | None:
    """Counts the operations in the derivative, equal parts once; None if a Python callable is in it."""
    if any(part.op == "use" and part.args[2] is None for part in tree.walk()):
        return None
    kinds = Kinds()
    parts = {kinds.of(part): part for part in slope_between_ties(tree, kinds).walk()}
    total = 0
    for part in parts.values():
        if part.args and part.has_x:
            spelled = part.op == "call" and not part.args[0].named
            total += operations(part.args[0].about) if spelled else 1
    return total
