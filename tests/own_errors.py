"""The errors of our own evaluation, audited like anybody's: data/own_errors.tsv.

    python tests/own_errors.py [FUNCTION...]

writes the table anew, on all cores, or prints the rows of some functions.
"""

import sys
from pathlib import Path

import numpy as np

from actcli.audits.audit import AuditRequest, audit
from actcli.audits.calls import OwnCaller
from actcli.audits.executor import Pool, results
from actcli.evaluation.dtypes import DTYPES
from actcli.evaluation.function_text import resolve
from actcli.functions.catalogue import names

TABLE = Path(__file__).parent / "data" / "own_errors.tsv"
COLUMNS = ("function", "dtype", "quantity", "inputs", "wrong", "max_ulps", "x", "special")


def rows(name, dtypes=DTYPES):
    """A row for each dtype and quantity of a function: texts by column."""
    f = resolve(name)
    found = []
    with np.errstate(all="ignore"):
        for block in audit(f, name, OwnCaller(f), AuditRequest(dtypes=dtypes)):
            m = block.tally.whole
            wrong = m.counts["inputs"] - m.counts["correctly_rounded"]
            values = name, block.dtype, block.quantity, m.counts["inputs"], wrong
            rest = f"{m.max_ulps:.3f}", repr(m.x), m.counts["special"]
            found.append(dict(zip(COLUMNS, map(str, (*values, *rest)), strict=True)))
    return found


def kept():
    """The rows of the table."""
    lines = TABLE.read_text().splitlines()
    return [dict(zip(COLUMNS, line.split("\t"), strict=True)) for line in lines[1:]]


def main(asked):
    wanted = asked or list(names())
    with Pool() as pool:
        found = dict(results(pool, rows, wanted))
    lines = ["\t".join(COLUMNS)]
    lines += ["\t".join(row.values()) for name in wanted for row in found[name]]
    text = "\n".join(lines) + "\n"
    if asked:
        sys.stdout.write(text)
    else:
        TABLE.write_text(text)


if __name__ == "__main__":
    main(sys.argv[1:])
