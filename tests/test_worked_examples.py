"""The worked examples that open the three hardest modules are true."""

import doctest
from importlib import import_module

import pytest


@pytest.mark.parametrize(
    "name",
    ["proofs.asymptotics", "expressions.canonical", "properties.gaussian.order_kept"],
)
def test_what_a_module_shows_is_what_it_prints(name):
    found = doctest.testmod(import_module(f"actcli.{name}"))
    assert found.attempted
    assert not found.failed
