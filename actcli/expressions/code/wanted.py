"""What a file of code is to hold."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..node import Node


@dataclass(frozen=True)
class Wanted:
    """What a file holds: the function's name there, formulas [f, f', f''] and comment lines."""

    name: str
    formulas: Sequence[Node]
    comment: Sequence[str]
    dtype: str = "float64"
