"""What the packages of proofs name as the home of a question is there."""

import re
from functools import reduce
from importlib import import_module

import pytest


@pytest.mark.parametrize("package", ["actcli.proofs", "actcli.properties.gaussian"])
def test_the_homes_of_questions_exist(package):
    named = re.findall(r"`(\w+)\.([\w.]+)`", import_module(package).__doc__)
    assert len(named) > 5
    for module, path in named:
        reduce(getattr, path.split("."), import_module(f"{package}.{module}"))
