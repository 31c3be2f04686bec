"""Attacks actcli with random formulas: python -m attack --seed 1 --seconds 600 --out findings.jsonl

Every finding is made smaller while the same kind of complaint stays, and written as one JSON line.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from . import pairs
from .checks import NAMES, check
from .formulas import formula, label_of, rewritten, simpler
from .sample import Sample

LIMIT = 0.8  # seconds of CPU for one formula
BUDGET = 150  # cells of one question


INTERVALS = (
    ("-2", "3"),
    ("0.1", "50"),
    ("-40", "-1"),
    ("-1", "1"),
    ("0", "10"),
    ("-3", "0"),
    ("0.3", "0.7"),
)
ON_INTERVALS = ("continuous", "differentiable", "smoothness", "nonlinear", "monotonic", "convex", "range",
                "gradient_range", "dead_zone", "order_kept", "same_as")  # fmt: skip
HEREDITARY = ("continuous", "differentiable", "smoothness", "monotonic", "convex", "order_kept", "range",
              "gradient_range")  # fmt: skip


class TooLong(BaseException):
    """The program took too long over one formula."""


def _ring(*_: Any) -> None:
    raise TooLong


class Attack:
    """One run: formulas from a seed, complaints with their kinds, counts."""

    def __init__(self, seed: int, out: Any = None, shrink: bool = True) -> None:
        self.r = random.Random(seed)
        self.seed = seed
        self.out = out
        self.shrink = shrink
        self.counts: Counter[str] = Counter()
        self.found: list[dict[str, str]] = []
        self.seen: set[str] = set()
        signal.signal(signal.SIGVTALRM, _ring)

    def timed(self, work: Callable[[], Any]) -> Any:
        signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return work()
        except TooLong:
            self.counts["too long"] += 1
            return None
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    def one(self, mode: str | None = None) -> None:
        """Attack with one formula: its properties and table, a rewriting, a distance."""
        r = self.r
        text = formula(r)
        if not _accepted(text):
            self.counts["refused"] += 1
            return
        self.counts["formulas"] += 1
        names = {"continuous", "differentiable", "range", *r.sample(NAMES, 3)}
        if r.random() < 0.3:
            names |= {"saturates_left", "saturates_right", "same_as"}
        chance = r.random()
        if mode in (None, "properties"):
            self.judge(text, lambda t: self.properties(t, names))
        if mode == "interval" or (mode is None and 0.1 < chance < 0.2):
            limits = r.choice(INTERVALS)
            self.judge(text, lambda t: self.interval(t, names, limits))
        if mode == "rewriting" or (mode is None and chance < 0.1):
            twin = rewritten(text, r)
            if twin and _accepted(twin):
                self.judge(f"{text} ;; {twin}", self.rewriting)
        if mode == "distance" or (mode is None and chance > 0.96):
            other = formula(r)
            if _accepted(other):
                self.judge(f"{text} ;; {other}", self.distance)

    # -- what is asked --------------------------------------------------------------------------
    def properties(self, text: str, names: Any) -> Iterator[tuple[str, str]]:
        from actcli.evaluation.function_text import resolve
        from actcli.properties import check as ask

        label = label_of(text)
        activation = resolve(label or text)
        rows = ask(activation, names, budget=BUDGET)
        self.counts["undecided"] += sum(row.verdict == "undecided" for row in rows)
        sample = Sample(text, random.Random(self.seed), 0.2)
        for row in rows:
            self.counts["statements"] += row.verdict != "undecided"
            for complaint in check(sample, row):
                value = f"{row.verdict} {row.value!r} where {row.where!r}"
                kind = "domain" if complaint.startswith("domain") else row.property
                yield kind, f"{complaint} | said: {value[:200]}"
        if not names & {"saturates_left", "gain", "identity_at_zero", "smoothness"}:
            return
        self.counts["tables"] += 1
        known = {r.property: r for r in rows}
        for complaint in pairs.check_table(sample, activation, known, label is not None):
            yield complaint.partition(":")[0], complaint

    def interval(self, text: str, names: Any, limits: tuple[str, str]) -> Iterator[tuple[str, str]]:
        """Rows on an interval: right there, and no other answer than on the line."""
        from actcli.evaluation.function_text import resolve
        from actcli.properties import check as ask

        activation = resolve(label_of(text) or text)
        asked = set(names) & set(ON_INTERVALS)
        low, high = map(float, limits)
        rows = ask(activation, asked, budget=BUDGET, low=low, high=high)
        line = {r.property: r for r in ask(activation, asked, budget=BUDGET)}
        sample = Sample(text, random.Random(self.seed), 0.2, 1, limits)
        for row in rows:
            self.counts["statements on intervals"] += row.verdict != "undecided"
            value = f"{limits} {row.verdict} {row.value!r} where {row.where!r}"[:200]
            for complaint in check(sample, row):
                yield f"interval {row.property}", f"{complaint} | said: {value}"
            whole = line[row.property].verdict
            if whole == "proved" and row.verdict == "refuted" and row.property in HEREDITARY:
                yield f"interval {row.property}", f"proved on the line | said: {value}"

    def rewriting(self, both: str) -> Iterator[tuple[str, str]]:
        from actcli.evaluation.function_text import resolve
        from actcli.proofs.distance import distances

        f, g = both.split(" ;; ")
        for k, result in enumerate(distances(resolve(f).tree, resolve(g).tree, cells=BUDGET)):
            self.counts["distances"] += result.value is not None
            if result.value is not None and (result.value > 1e-12 or result.low > 0):
                yield f"rewritten {k}", f"distance {k} is {result.value!r} at {result.where!r}"

    def distance(self, both: str) -> Iterator[tuple[str, str]]:
        from actcli.evaluation.function_text import resolve
        from actcli.proofs.distance import distances

        f, g = (resolve(t).tree for t in both.split(" ;; "))
        r = random.Random(self.seed)
        limits = r.choice(((-2.0, 3.0), (0.1, 50.0), (-40.0, -1.0), (-1.0, 1.0)))
        whole = distances(f, g, cells=BUDGET)
        part = distances(f, g, limits, cells=BUDGET)
        for k in (0, 1):
            gap = pairs.Gap(*both.split(" ;; "), k, r)
            for result, ends in ((whole[k], None), (part[k], limits)):
                self.counts["distances"] += result.value is not None
                for complaint in pairs.check_distance(
                    gap, result, ends, whole[k] if ends else None
                ):
                    yield f"distance {k}", f"{ends}: {complaint}"

    # -- complaints -----------------------------------------------------------------------------
    def judge(self, text: str, ask: Callable[[str], Iterator[tuple[str, str]]]) -> None:
        found: dict[str, str] = {}

        def collect() -> None:
            try:
                for kind, words in ask(text):
                    found.setdefault(kind, words)
            except Exception as error:
                last = traceback.extract_tb(error.__traceback__)[-1]
                place = f"{os.path.basename(last.filename)} {last.name}"
                found["crash"] = f"{type(error).__name__}: {error} ({place})"

        self.timed(collect)
        for kind, words in found.items():
            self.counts[f"! {kind}"] += 1
            small, said = self.smaller(text, kind, ask) if self.shrink else (text, words)
            key = f"{kind} {small}"
            if key in self.seen:
                continue
            self.seen.add(key)
            self.found.append({"kind": kind, "formula": small, "said": said or words, "from": text})
            if self.out:
                print(json.dumps(self.found[-1]), file=self.out, flush=True)

    def smaller(self, text: str, kind: str, ask: Any) -> tuple[str, str]:
        """The smallest formula found with the same kind of complaint."""
        said = ""
        until = time.monotonic() + 12
        improved = True
        while improved and time.monotonic() < until:
            improved = False
            for candidate in self._candidates(text):
                if time.monotonic() > until:
                    break
                words = self._complaint(candidate, kind, ask)
                if words:
                    text, said, improved = candidate, words, True
                    break
        return text, said

    @staticmethod
    def _candidates(text: str) -> Iterator[str]:
        f, divider, g = text.partition(" ;; ")
        if not divider:
            yield from simpler(f)
            return
        for candidate in simpler(g):
            yield f"{f} ;; {candidate}"
        for candidate in simpler(f):
            yield f"{candidate} ;; {g}"

    def _complaint(self, text: str, kind: str, ask: Any) -> str | None:
        if kind.startswith("rewritten"):
            return None  # the parts do not mean the same any more

        def find() -> str | None:
            try:
                return next((words for found, words in ask(text) if found == kind), None)
            except Exception:
                return None

        result: str | None = self.timed(find)
        return result


def _accepted(text: str) -> bool:
    from actcli.evaluation.function_text import resolve

    try:
        resolve(text)
    except ValueError:
        return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--count", type=int, default=10**9)
    parser.add_argument("--out", default="/dev/stdout")
    parser.add_argument("--no-shrink", action="store_true")
    given = parser.parse_args()
    until = time.monotonic() + given.seconds
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with open(given.out, "a", encoding="utf-8") as out:
        attack = Attack(given.seed, out, not given.no_shrink)
        with contextlib.suppress(KeyboardInterrupt):
            while time.monotonic() < until and attack.counts["formulas"] < given.count:
                attack.one()
        print(json.dumps({"seed": given.seed, **attack.counts}), file=out, flush=True)


if __name__ == "__main__":
    main()
