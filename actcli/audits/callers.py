"""Which code an IMPLEMENTATION is, as plain data, and what calls it."""

from dataclasses import dataclass

from ..evaluation.activation import Activation
from .calls import Caller, ForeignCaller, OwnCaller
from .exported import ExportedCaller
from .implementation import Implementation, foreign
from .stepwise import StepwiseCaller

EXPORTED = "TARGET:"  # before the name of a target of export


@dataclass(frozen=True)
class Target:
    """A function as `export` writes it for a target."""

    f: Activation
    name: str


Code = Implementation | Target | Activation


def named(f: Activation, text: str, signature: str | None, gradient: str) -> Code | None:
    """The code that a text names; None if it is a FUNCTION or a formula. Errors as of `foreign`."""
    if text.startswith(EXPORTED):
        return Target(f, text.removeprefix(EXPORTED))
    return foreign(text, signature, gradient)


def caller_of(code: Code, timeout: float) -> Caller:
    """What calls it: foreign and exported code, a formula step by step, or our own evaluation."""
    if isinstance(code, Implementation):
        return ForeignCaller(code, timeout)
    if isinstance(code, Target):
        return ExportedCaller(code.f, code.name)
    return StepwiseCaller(code) if code.typed else OwnCaller(code)
