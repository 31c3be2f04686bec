"""The truth of audits against mpmath, and against what was measured of other programs."""

import time
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from actcli.audits import patterns
from actcli.audits.audit import AuditRequest, audit
from actcli.audits.calls import ForeignCaller
from actcli.audits.implementation import foreign
from actcli.audits.reference import Reference
from actcli.audits.straight import lines
from actcli.evaluation.dtypes import dtype_named
from actcli.evaluation.function_text import resolve
from actcli.expressions.differentiate import expanded
from actcli.numbers.formats import FORMATS

mp = mpmath.mp.clone()
mp.prec = 2400  # exp(-2*776) beside 1, and x beside x**3 where x is 2**-1074
OUTSIDE = {  # value and gradient as mpmath has them
    "gelu": (
        lambda x: x * mp.ncdf(x),
        lambda x: mp.ncdf(x) + x * mp.npdf(x),
    ),
    "tanh_shrink": (lambda x: x - mp.tanh(x), lambda x: mp.tanh(x) ** 2),
    "softplus": (lambda x: mp.log1p(mp.exp(x)), lambda x: 1 / (1 + mp.exp(-x))),
}


def rounded(value, dtype):
    """An mpmath number rounded to a format, ties to even, by exact fractions."""
    form = FORMATS[dtype]
    sign, man, exp, _ = mp.mpf(value)._mpf_
    t = Fraction(man) * Fraction(2) ** exp * (-1 if sign else 1)
    size = abs(t)
    power = form.lowest
    while Fraction(2) ** (power + form.digits) <= size:
        power += 1
    unit = Fraction(2) ** power
    whole = round(size / unit) * unit  # Python's round ties to even
    beyond = whole > Fraction(form.largest)
    return (-1 if t < 0 else 1) * (float("inf") if beyond else float(whole)), t, unit


def hard(dtype, count):
    """Some numbers of every size up to 800, ties of x/2 and x - 1 among them."""
    random = np.random.default_rng(5)
    kind = dtype_named(dtype)
    tiny = float(FORMATS[dtype].lowest)
    sizes = 2.0 ** random.uniform(max(tiny, -1000), 9.6, count)
    x = (sizes * random.choice([-1, 1], count)).astype(kind)
    odd = patterns.numbers(np.array([1, 3, 5, 7, 33]), dtype)
    return np.concatenate([x, odd, -odd, np.array([0, 1, -1, 127, 255, 511]).astype(kind)])


@pytest.mark.parametrize("quantity", ["value", "gradient"])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("name", OUTSIDE)
def test_truth_and_its_rounding_are_those_of_mpmath(name, dtype, quantity):
    x = hard(dtype, 60)
    found = Reference(resolve(name), dtype, quantity).at(x)
    outside = OUTSIDE[name][quantity == "gradient"]
    for k, place in enumerate(x.astype(float)):
        right, t, unit = rounded(outside(mp.mpf(place)), dtype)
        assert found.right[k] == right, place
        assert found.zero[k] == (t == 0)
        if np.isfinite(right):
            value, rest, own = (
                Fraction(float(v[k])) for v in (found.value, found.rest, found.unit)
            )
            assert abs(value + rest * own - t) <= own / 2**20
            power = own * 2 ** (FORMATS[dtype].digits - 1)  # where R is that, t may be below it
            assert own == unit or (abs(right) == power and own == 2 * unit)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize(
    "name", ["gelu", "tanh_shrink", "softplus", "e_swish", "soft_shrink", "elu"]
)
def test_straight_parts_round_as_the_exact_value_does(name, dtype):
    f = resolve(name)
    found = lines(expanded(f.tree), 0)
    assert found
    reference, form = Reference(f, dtype), FORMATS[dtype]
    bits = np.arange(0, 1 << 16, 7) if dtype == "float16" else np.arange(0, 1 << 32, 2**32 // 997)
    near = [1, 2, 3, 0x4B800001, 0x4B7FFFFF, 0x4B000001, 0x7F7FFFFF, 0x80000001, 0x007FFFFF]
    bits = np.concatenate([bits, [b for b in near if b < patterns.count(dtype)]])
    x = patterns.numbers(bits, dtype)
    for line in found:
        with np.errstate(all="ignore"):
            here = x[line.inside(x.astype(float)) & np.isfinite(x)].astype(float)[:400]
            mine = line.rounded(here, form)
        for place, value in zip(here, mine, strict=True):
            if value == value:
                assert value == reference._exact(float(place), form), (line, place)


KNOWN = [  # counted with other programs, of PyTorch 2.13
    ("gelu", "torch.nn.functional:gelu", "float16", 63031, 2.0434, -4.08984375),
]


@pytest.mark.parametrize(("name", "theirs", "dtype", "right", "worst", "at"), KNOWN)
def test_known_errors_of_pytorch(name, theirs, dtype, right, worst, at):
    pytest.importorskip("torch")
    code = foreign(theirs, None, "none")
    caller = ForeignCaller(code)
    try:
        (block,) = audit(resolve(name), theirs, caller, AuditRequest([dtype], gradient=False))
    finally:
        caller.close()
    found = block.tally.whole
    assert (found.counts["inputs"], found.counts["correctly_rounded"]) == (63488, right)
    assert (found.max_ulps, found.x) == (pytest.approx(worst, abs=1e-4), at)


def test_sides_are_proved_of_the_kinks_that_are_asked_about():
    """abs(sin(x)) has 600,000 kinks within a million; the one at 0 takes no time."""
    f = resolve("tanh(abs(sin(x)))")
    start = time.process_time()
    truth = Reference(f, "float64", "gradient").at(np.array([0.0, 1.0]))
    assert (truth.low[0], truth.high[0]) == (-1, 1)
    assert np.isnan(truth.low[1])
    assert time.process_time() - start < 5  # all that a sample sees take 20 seconds


def test_a_nan_of_our_own_is_no_truth():
    """Inside of its domain a formula has a value, where ours is inf - inf."""
    f = resolve("x*x - 2*x + 0.5")
    assert Reference(f, "float64").at(np.array([1.7e308])).right.tolist() == [np.inf]
    (outside,) = Reference(resolve("log(x)"), "float64").at(np.array([-1.0])).right
    assert np.isnan(outside)
