"""What a block of results comes to: measures by region, and runs of inputs that are far off.

Blocks join in the order of their inputs, whichever was done first, so that all that is reported of
many of them does not depend on who worked on them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

import numpy as np

from ..numbers.types import Array, Floats
from .measures import Measures, compared
from .proved import Proved, ProvedFacts
from .reference import Truth
from .regions import ORDER, Regions

FAR = 2.0  # ulps: neighbouring inputs that are all farther off are reported as an interval
MOST = 6  # intervals, the longest ones
SPECIAL = ORDER[-1]


@dataclass
class FarOffRun:
    """Neighbouring inputs that are all far off; `first` and `last`: it reaches an end of its block."""

    length: int
    first: bool
    last: bool
    measures: Measures

    def add(self, other: "FarOffRun") -> "FarOffRun":
        """This run and the one that goes on with it in the next block."""
        joined = self.measures.add(other.measures)
        return FarOffRun(self.length + other.length, self.first, other.last, joined)

    def as_json(self) -> dict[str, Any]:
        """This as what JSON knows."""
        return vars(self) | {"measures": self.measures.as_json()}


@dataclass
class Tally:
    """Measures by the name of a region, and the longest runs in the order of their inputs."""

    regions: dict[str, Measures] = field(default_factory=dict)
    runs: list[FarOffRun] = field(default_factory=list)
    facts: ProvedFacts = field(default_factory=ProvedFacts)

    @property
    def whole(self) -> Measures:
        """The measures of all inputs; its ends are finite, where any input is."""
        finite = [m for name, m in self.regions.items() if name != SPECIAL]
        whole = reduce(Measures.add, finite, Measures())
        if SPECIAL not in self.regions:
            return whole
        found = whole.add(self.regions[SPECIAL])
        return replace(found, low=whole.low, high=whole.high) if finite else found

    @property
    def intervals(self) -> list[Measures]:
        """The measures of the longest runs of more than one input, ascending."""
        longest = sorted(self.runs, key=lambda run: -run.length)[:MOST]
        kept = [run for run in self.runs if run.length > 1 and any(run is r for r in longest)]
        return [run.measures for run in kept]

    def as_json(self) -> dict[str, Any]:
        """This as what JSON knows; `from_json` gives it back."""
        return {
            "regions": {name: m.as_json() for name, m in self.regions.items()},
            "runs": [run.as_json() for run in self.runs],
            "facts": vars(self.facts),
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Tally":
        """The tally that was stored."""
        regions = {name: Measures.from_json(m) for name, m in stored["regions"].items()}
        runs = [
            FarOffRun(**r | {"measures": Measures.from_json(r["measures"])}) for r in stored["runs"]
        ]
        return cls(regions, runs, ProvedFacts(**stored["facts"]))


def tally(regions: Regions, truth: Truth, x: Array, y: Array, ulps: Floats, dtype: str) -> Tally:
    """Tallies a block of results y at inputs x, both (n,)."""
    number = regions.of(truth, dtype)
    found = Tally()
    if number.size and (number == number[0]).all():
        found.regions[ORDER[int(number[0])]] = compared(truth, x, y, dtype, None, ulps)
    else:
        for place in np.flatnonzero(np.bincount(number)):
            part = compared(truth, x, y, dtype, number == place, ulps)
            found.regions[ORDER[int(place)]] = part
    found.runs = _runs(truth, x, y, ulps, dtype)
    return found


def _runs(truth: Truth, x: Array, y: Array, ulps: Floats, dtype: str) -> list[FarOffRun]:
    """The longest runs of a block, and those at its ends, in the order of their inputs."""
    counted = truth.counted & ~truth.kink
    far = ~(ulps <= FAR) & counted
    if not far.any():
        return []
    places = np.flatnonzero(counted)
    order = places[np.argsort(truth.x[places], kind="stable")]
    bad = far[order]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], bad.astype(np.int8), [0]])))
    spans = [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
    longest = sorted(spans, key=lambda span: span[0] - span[1])[:MOST]
    kept = [s for s in spans if s in longest or s[0] == 0 or s[1] == len(order)]
    return [
        FarOffRun(b - a, a == 0, b == len(order), compared(truth, x, y, dtype, order[a:b], ulps))
        for a, b in kept
    ]


def joined(blocks: Iterable[Tally], proved: Proved) -> Tally:
    """The tally of blocks of neighbouring inputs, given in ascending order."""
    found = Tally()
    regions: dict[str, Measures] = {}
    for block in blocks:
        for name, measures in block.regions.items():
            regions[name] = regions[name].add(measures) if name in regions else measures
        runs = list(block.runs)
        if runs and found.runs and runs[0].first and found.runs[-1].last:
            found.runs[-1] = found.runs[-1].add(runs.pop(0))
        elif found.runs:
            found.runs[-1] = replace(found.runs[-1], last=False)
        found.runs += runs
        found.runs = _longest(found.runs)
        found.facts = found.facts.add(block.facts, proved)
    found.regions = {name: regions[name] for name in ORDER if name in regions}
    return found


def _longest(runs: list[FarOffRun]) -> list[FarOffRun]:
    """The longest of them, and the one that may go on."""
    if len(runs) <= MOST + 1:
        return runs
    longest = sorted(runs, key=lambda run: -run.length)[:MOST]
    return [
        run for k, run in enumerate(runs) if k == len(runs) - 1 or any(run is r for r in longest)
    ]
