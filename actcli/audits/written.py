"""An approximation as code of a target: a formula, or a table of codes."""

from typing import Any

from ..design.design import Design
from ..evaluation.activation import Activation


def code_of(f: Activation, design: Design, target: str, made: str) -> tuple[str, Any]:
    """The name of the function in a file of code, after that of f, and the file: text, or bytes.

    It says which command `made` it.
    """
    from .exported import Exported, code_name

    name = code_name(target, f)

    if design.codes:
        from ..expressions.code.lookup import Lookup, lookup_file
        from ..version import __version__

        comment = [
            f"{name}(x) = {f.text}, from {design.format} codes to such codes.",
            f"Codes have {design.codes}.",
            f"Written by actcli {__version__}: {made}.",
            f"Each entry is proved to be rounded correctly; the error is {design.error_high:.6g} at most.",
        ]
        table = Lookup(name, design.format, design.codes.first, design.coefficients, comment)
        return name, lookup_file(target, table)
    from ..evaluation.function_text import resolve

    exported = Exported(resolve(design.formula), target, name=name, literal=True)
    about = f"Approximates {design.what}: {design.claim}."
    measured = exported.measure(design.low, design.high)
    return name, exported.file(measured, made, about)
