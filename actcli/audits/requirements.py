"""What is required of results: an error, special values, signs, and what a proof says of the function."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..evaluation.activation import Activation
from .audit import AuditedBlock, records
from .proved import Proved
from .reference import QUANTITIES

NAMES = ("special", "sign", "monotonic", "range")


@dataclass
class Required:
    """What is asked of every block; `missed` says what one does not hold, a line for each."""

    f: Activation
    names: "list[str]" = field(default_factory=list)
    max_ulps: float | None = None
    max_steps: int | None = None

    def __post_init__(self) -> None:
        """ValueError if something is asked that is not proved of the function."""
        self.proved = Proved.of(self.f)
        if "monotonic" in self.names and not self.proved.runs:
            raise ValueError(
                f"it is not proved where {self.f.label} rises or falls, so that --require "
                "monotonic cannot be judged; leave it out"
            )
        if "range" in self.names and not np.isfinite(self.proved.extent(0)).any():
            raise ValueError(
                f"no bound of {self.f.label} is proved, so that --require range cannot be judged; "
                "leave it out"
            )

    @np.errstate(all="ignore")
    def missed(self, block: AuditedBlock) -> list[str]:
        """What the results of a block do not hold."""
        (record, *_) = records(self.f, "", block)
        found = [*self._errors(record)]
        if "special" in self.names and record["special"]:
            found.append(f"{record['special']} of nan and the infinities are answered wrongly")
        if "sign" in self.names and record["wrong_sign"]:
            found.append(f"{record['wrong_sign']} results have the wrong sign")
        facts, order = block.tally.facts, QUANTITIES.index(block.quantity)
        if "monotonic" in self.names and order == 0 and facts.pair:
            a, fa, b, fb = facts.pair
            found.append(
                f"goes from {fa:.9g} at {a:.9g} to {fb:.9g} at {b:.9g}, against what is proved; "
                f"{facts.pairs} such pairs"
            )
        if "range" in self.names and facts.outlier:
            x, y = facts.outlier
            low, high = self.proved.extent(order)
            found.append(
                f"{y:.9g} at {x:.9g} is not between {low:.9g} and {high:.9g}; "
                f"{facts.outliers} such results"
            )
        name = f"{block.dtype} {block.quantity} ({block.call})"
        return [f"{name}: {line}" for line in found]

    def _errors(self, record: dict[str, Any]) -> list[str]:
        found = []
        for limit, column, unit in (
            (self.max_ulps, "max_ulps", "ulps"), (self.max_steps, "max_steps", "steps")
        ):  # fmt: skip
            if limit is None:
                continue
            worst = record[column]
            if worst is not None and worst > limit:
                where = f" at {record['x']:.9g}" if column == "max_ulps" else ""
                found.append(f"{worst:.6g} {unit}{where}, {limit:g} are allowed")
        if self.max_ulps is not None or self.max_steps is not None:
            if record["nan"]:
                found.append(f"{record['nan']} results are nan")
            if record["not_zero"]:
                found.append(f"{record['not_zero']} results are not 0 where the truth is 0 exactly")
        return found
