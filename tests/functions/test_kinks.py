"""Kinks, jumps and joins are where the docstrings say, with the gradients they say."""

import csv
import math
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import actcli
from actcli.functions.catalogue import names
from actcli.functions.registry import FUNCTIONS

DATA = Path(__file__).parents[1] / "data"
with open(DATA / "functions.csv", newline="", encoding="utf-8") as file:
    CONVENTIONS = {row["name"]: row["gradient_at_kinks"] for row in csv.DictReader(file)}

bound = cache(actcli.activation)

# label: {place: (gradient by convention, gradient on the left, gradient on the right)}
KINKS: dict[str, dict[float, tuple[float, float, float]]] = {
    "hard_logistic": {-2: (0, 0, 0.25), 2: (0, 0.25, 0)},
    "hard_logistic:slope=0.5,offset=0.25": {-0.5: (0, 0, 0.5), 1.5: (0, 0.5, 0)},
    "hard_sigmoid": {-3: (0, 0, 1 / 6), 3: (0, 1 / 6, 0)},
    "hard_sigmoid:slope=0.2": {-2.5: (0, 0, 0.2), 2.5: (0, 0.2, 0)},
    "hard_tanh": {-1: (0, 0, 1), 1: (0, 1, 0)},
    "hard_tanh:low=0,high=6": {0: (0, 0, 1), 6: (0, 1, 0)},
    "sparse_sigmoid": {-1: (0, 0, 0.5), 1: (0, 0.5, 0)},
    "step": {0: (0, 0, 0)},
    "sign": {0: (0, 0, 0)},
    "relu": {0: (0, 0, 1)},
    "relu6": {0: (0, 0, 1), 6: (0, 1, 0)},
    "bounded_relu": {0: (0, 0, 1), 1: (0, 1, 0)},
    "bounded_relu:cap=3": {0: (0, 0, 1), 3: (0, 1, 0)},
    "leaky_relu": {0: (0.01, 0.01, 1)},
    "leaky_relu:slope=-1": {0: (-1, -1, 1)},
    "prelu": {0: (0.25, 0.25, 1)},
    "rrelu": {0: (11 / 48, 11 / 48, 1)},
    "threshold": {1: (0, 0, 1)},
    "threshold:threshold=-2,value=-2": {-2: (0, 0, 1)},
    "elu:alpha=3": {0: (3, 3, 1)},
    "selu": {0: (1.7580993408473766, 1.7580993408473766, 1.0507009873554805)},
    "selu:alpha=1,scale=2": {},
    "serlu": {0: (1.07862, 1.07862 * 2.90427, 1.07862)},
    "srelu": {-1: (0.2, 0.2, 1), 1: (0.4, 1, 0.4)},
    "nlrelu": {0: (0, 0, 1)},
    "nlrelu:beta=3": {0: (0, 0, 3)},
    "abs": {0: (0, -1, 1)},
    "hard_swish": {-3: (0, 0, -0.5), 3: (1, 1.5, 1)},
    "hard_mish": {-2: (0, 0, -1)},
    "hard_elish": {-1: (0, 0, (math.exp(-1) - 1) / 2), 1: (1, 1.5, 1)},
    "ft_swish": {0: (0, 0, 0.5)},
    "hard_shrink": {-0.5: (0, 1, 0), 0.5: (0, 0, 1)},
    "hard_shrink:lambd=2": {-2: (0, 1, 0), 2: (0, 0, 1)},
    "soft_shrink": {-0.5: (0, 1, 0), 0.5: (0, 0, 1)},
    "max_logistic": {0.6590460684074067: (math.nan, 0.224704348, 1)},
}
JUMPS = {"step", "sign", "threshold", "hard_shrink", "hard_shrink:lambd=2"}
JOINS = {  # where the gradient is continuous and the curvature jumps: the gradient there
    "softsign": {0: 1},
    "elliott": {0: 0.5},
    "sqnl": {-2: 0, 0: 1, 2: 0},
    "elu": {0: 1},
    "celu": {0: 1},
    "celu:alpha=2": {0: 1},
    "pelu": {0: 1},
    "pelu:a=2,b=4": {0: 0.5},
    "sparse_plus": {-1: 0, 1: 1},
    "smelu": {-2: 0, 2: 1},
    "smelu:beta=0.5": {-0.5: 0, 0.5: 1},
    "squared_relu": {0: 0},
    "star_relu": {0: 0},
    "isrlu": {0: 1},
    "xielu": {0: 0.5},
    "xielu:beta=0.125": {0: 0.125},
    "elish": {0: 0.5},
    "hard_elish": {0: 0.5},
    "hard_mish": {0: 1},
    "min_sine": {0: 1},
}


@pytest.mark.parametrize("label", KINKS)
def test_gradient_at_a_kink_is_the_stated_convention(label):
    f = bound(label)
    for x, (here, before, after) in KINKS[label].items():
        if not math.isnan(here):
            assert f.gradient(np.float64(x)) == pytest.approx(here, rel=1e-15, abs=0), x
        assert f.gradient(x - 1e-9) == pytest.approx(before, abs=1e-7), x
        assert f.gradient(x + 1e-9) == pytest.approx(after, abs=1e-7), x


@pytest.mark.parametrize("label", JOINS)
def test_gradient_at_a_join_is_that_of_both_sides(label):
    f = bound(label)
    for x, here in JOINS[label].items():
        assert f.gradient([x - 1e-9, x, x + 1e-9]) == pytest.approx([here] * 3, abs=1e-8)
        assert f.gradient(np.float64(x)) == here


@pytest.mark.parametrize("label", dict.fromkeys([*names(), *KINKS, *JOINS]))
def test_kinks_and_jumps_are_those_that_are_stated(label):
    kind = "jump" if label in JUMPS else "kink"
    found = {cut.x: cut.kind for cut in bound(label).cuts(-7, 7) if cut.kind != "smooth"}
    places = sorted(KINKS.get(label, {}))
    assert sorted(found) == pytest.approx(places, abs=1e-12), found
    assert set(found.values()) <= {kind}


@pytest.mark.parametrize("name", names())
def test_docstring_says_how_smooth_the_function_is(name):
    about = FUNCTIONS[name].about
    said = [p for p in ("Infinitely smooth", "Smooth once", "Smooth twice") if p in about]
    if name in KINKS or name == "elu":
        assert re.search(r"gradient.* counts? as", about) or name == "max_logistic"
        assert re.search(r"\b(kinks?|jumps?|threshold)\b", about)
        assert not said
    elif name in JOINS:
        assert said == ["Smooth twice" if name in ("isrlu", "min_sine") else "Smooth once"]
    else:
        assert said == ["Infinitely smooth"]
    convention = CONVENTIONS[name]
    if "smooth" in convention or "continuous" in convention:
        assert name in JOINS or name in KINKS
    elif convention and name not in ("elu", "soft_exponential"):
        assert name in KINKS


@pytest.mark.parametrize("name", names())
def test_docstring_has_its_three_parts(name):
    lines = FUNCTIONS[name].about.split("\n")
    words, gap, *rest = lines
    assert words.endswith("."), words
    assert gap == ""
    assert 2 <= len(rest) <= 3
    assert all(line and len(line) + 4 <= 100 for line in rest)
    assert rest[-1].endswith(".")
    assert re.search(r"\d", rest[0] + rest[1])


@pytest.mark.parametrize("name", names())
def test_notes_are_single_sentences_that_fit_a_line(name):
    for note in FUNCTIONS[name].notes:
        assert note.endswith(".")
        assert len(note) <= 92
