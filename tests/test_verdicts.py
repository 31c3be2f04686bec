"""The verdicts on every registered function, held to a table that was reviewed by hand.

Each row of data/verdicts.tsv was confirmed without actcli: by reasoning, and by brute force in 60 digits
(mpmath) from formulas written down anew. What could not be confirmed that way has no row. Change a row only
with a reason from PROPERTIES.md, never because the program says otherwise.
"""

import csv
import json
import math
from pathlib import Path
from typing import Any

import pytest

import actcli
from actcli.properties import check

TABLE = Path(__file__).parent / "data" / "verdicts.tsv"


def reviewed() -> dict[str, dict[str, tuple[str, Any]]]:
    """Label to property to (verdict, value)."""
    table: dict[str, dict[str, tuple[str, Any]]] = {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            table.setdefault(row["function"], {})[row["property"]] = (
                row["verdict"],
                json.loads(row["value"]),
            )
    return table


REVIEWED = reviewed()


def built(label: str) -> Any:
    """The activation of a label such as swish:beta=100."""
    name, _, text = label.partition(":")
    parameters: dict[str, Any] = {}
    for item in filter(None, text.split(",")):
        key, _, value = item.partition("=")
        parameters[key] = value if key == "approx" else float(value)
    return actcli.activation(name, **parameters)


def number(value: Any) -> float | None:
    """The number that a JSON value stands for, or None."""
    if value in ("Infinity", "-Infinity"):
        return float(value.replace("Infinity", "inf"))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    return None


def same(got: Any, want: Any) -> bool:
    """Equal in shape, in words and flags; numbers to 1e-10 (1e-12 next to 0)."""
    if isinstance(want, dict):
        return (
            isinstance(got, dict)
            and got.keys() == want.keys()
            and all(same(got[key], want[key]) for key in want)
        )
    if isinstance(want, list):
        return (
            isinstance(got, (list, tuple)) and len(got) == len(want) and all(map(same, got, want))
        )
    wanted, given = number(want), number(got)
    if wanted is None or given is None:
        return bool(got == want) and type(got) is type(want)
    return given == wanted or math.isclose(given, wanted, rel_tol=1e-10, abs_tol=1e-12)


def test_every_function_is_in_the_table() -> None:
    assert set(actcli.names()) <= set(REVIEWED)


@pytest.mark.parametrize("label", REVIEWED)
def test_verdicts_are_those_of_the_reviewed_table(label: str) -> None:
    rows = REVIEWED[label]
    wrong = []
    for verdict in check(built(label), names=list(rows)):
        wanted, value = rows[verdict.property]
        if verdict.verdict != wanted or not same(verdict.value, value):
            wrong.append(
                f"{verdict.property}: {verdict.verdict} {verdict.value}, reviewed: {wanted} {value}"
            )
    assert not wrong, f"{label}: " + "; ".join(wrong)
