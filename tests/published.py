"""What stays open of the formulas that people publish: `python tests/published.py [FIRST:LAST]`.

Prints every undecided row, every question that took long, and the share of open rows.
"""

import sys
import time
from collections import Counter
from pathlib import Path

LIST = Path(__file__).parent / "data" / "published.txt"
SLOW = 1.0  # seconds of CPU time that one question may take


def formulas() -> list[str]:
    """The formulas of the list, in order."""
    lines = (line.partition("  #")[0].strip() for line in LIST.read_text().splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def main(chosen: list[str]) -> None:
    from actcli.properties import NAMES, check
    from actcli.resolve import resolve

    open_: Counter[str] = Counter()
    rows = 0
    start = time.process_time()
    for text in chosen:
        first = time.process_time()
        verdicts = check(resolve(text), NAMES)
        spent = time.process_time() - first
        rows += len(verdicts)
        undecided = [v for v in verdicts if v.verdict == "undecided"]
        open_.update(v.property for v in undecided)
        if undecided or spent > 3 * SLOW:
            print(f"{spent:6.2f} s  {text}")
            for v in undecided:
                print(f"          {v.property}: {v.detail}", flush=True)
    print(
        f"{sum(open_.values())} of {rows} rows open in {time.process_time() - start:.0f} s of CPU"
    )
    for name, number in open_.most_common():
        print(f"{number:6} {name}")


if __name__ == "__main__":
    low, _, high = (sys.argv[1] if len(sys.argv) > 1 else ":").partition(":")
    main(formulas()[int(low or 0) : int(high) if high else None])
