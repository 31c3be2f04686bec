"""Our own evaluation, audited: data/own_errors.tsv holds what it promises, and is what it is made of."""

import pytest
from own_errors import kept, rows

from actcli.functions.catalogue import names

ROWS = kept()


def test_it_has_every_function_in_every_dtype():
    found = [(row["function"], row["dtype"], row["quantity"]) for row in ROWS]
    assert len(found) == len(set(found)) == 8 * len(names())
    assert {name for name, _, _ in found} == set(names())


def test_16_bits_are_right_at_every_input_and_the_others_within_4_ulps():
    inputs = {"float16": 63488, "bfloat16": 65280}
    for row in ROWS:
        if row["dtype"] in inputs:
            assert 0 < int(row["inputs"]) <= inputs[row["dtype"]]
            assert (row["wrong"], row["special"]) == ("0", "0"), row
        else:
            assert float(row["max_ulps"]) <= 4, row


@pytest.mark.parametrize("name", ["softsign", "e_swish", "soft_shrink"])
def test_a_part_made_anew_is_the_same(name):
    dtypes = ("float16", "bfloat16")
    assert rows(name, dtypes) == [
        row for row in ROWS if row["function"] == name and row["dtype"] in dtypes
    ]
