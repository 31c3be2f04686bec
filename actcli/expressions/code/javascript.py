"""JavaScript: the language of pages."""

from collections.abc import Iterable

from ..node import Node
from .languages import JAVASCRIPT
from .printer import printed


def function(formulas: Iterable[Node], parameters: Iterable[str]) -> tuple[str, set[str]]:
    """A function of x and an object of parameters, and the primitives that it calls.

    It gives an array of what the formulas are, and of a number that tells which conditions hold.
    """
    code = printed(formulas, JAVASCRIPT)
    holding = "+".join(f"({name}&&{2**k})" for k, name in enumerate(code.conditions)) or "0"
    given = ",".join(f"{name}:{JAVASCRIPT.name(name)}" for name in parameters)
    steps = f"const {','.join(code.statements)};" if code.statements else ""
    return (
        f"(x,{{{given}}})=>{{{steps}return[{','.join(code.results)},{holding}]}}",
        code.primitives,
    )


def library(primitives: Iterable[str]) -> str:
    """The source of these primitives and of what they call."""
    return "\n".join(JAVASCRIPT.helpers(primitives))
