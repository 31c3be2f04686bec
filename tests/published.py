"""What stays open, and what is wrong, of the formulas that people publish.

    python tests/published.py [FIRST:LAST] [--attack SECONDS]

Prints every undecided row, every formula that took long, and the share of open rows; with --attack also
what an evaluation of its own says against proved and refuted rows, on a sample of so many seconds.
"""

import argparse
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

LIST = Path(__file__).parent / "data" / "published.txt"
SLOW = 3.0  # seconds of CPU time for twenty questions


def formulas() -> list[str]:
    """The formulas of the list, in order."""
    lines = (line.partition("  #")[0].strip() for line in LIST.read_text().splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def complaints(text: str, verdicts: list[Any], seconds: float) -> list[str]:
    """What an independent evaluation of the formula says against its rows."""
    from attack.checks import check
    from attack.sample import Sample

    sample = Sample(text, random.Random(text), seconds)
    return [
        f"{v.property}: {said} | {v.verdict} {str(v.value)[:120]} {v.where}"
        for v in verdicts
        for said in check(sample, v)
    ]


def main() -> None:
    from actcli.evaluation.function_text import resolve
    from actcli.properties import check

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="?", default=":")
    parser.add_argument("--attack", type=float, default=0.0)
    given = parser.parse_args()
    low, _, high = given.part.partition(":")
    open_: Counter[str] = Counter()
    rows, wrong, total = 0, 0, 0.0
    for text in formulas()[int(low or 0) : int(high) if high else None]:
        start = time.process_time()
        verdicts = check(resolve(text))
        spent = time.process_time() - start
        rows, total = rows + len(verdicts), total + spent
        undecided = [v for v in verdicts if v.verdict == "undecided"]
        open_.update(v.property for v in undecided)
        said = complaints(text, verdicts, given.attack) if given.attack else []
        wrong += len(said)
        if undecided or said or spent > SLOW:
            print(f"{spent:6.2f} s  {text}", flush=True)
        for v in undecided:
            print(f"          {v.property}: {v.detail}", flush=True)
        for words in said:
            print(f"        ! {words}", flush=True)
    print(f"{sum(open_.values())} of {rows} rows open, {wrong} complaints, {total:.0f} s of CPU")
    for name, number in open_.most_common():
        print(f"{number:6} {name}")


if __name__ == "__main__":
    main()
