"""What an audit is asked to hold, and the status with which it ends."""

import json

import mpmath
import numpy as np
import pytest
from by_mpmath import TRUTHS

MODULE = """
import numpy as np

def at(x, place, value):
    return np.where(x == x.dtype.type(place), x.dtype.type(value), tanh(x))

def tanh(x):
    return np.tanh(x.astype(np.float64)).astype(x.dtype)

def dips(x):
    return at(x, 0.5, 0.25)

def exceeds(x):
    return at(x, 12, 1.001)

def nans(x):
    return at(x, 3, np.nan)

def specials(x):
    return np.where(np.isinf(x), x.dtype.type(0), tanh(x))

def signs(x):
    return at(x, -2.0**-10, 2.0**-10)

def flushed(x):
    return np.where(np.abs(x) < np.finfo(x.dtype).tiny, x.dtype.type(0), tanh(x))

def relu_leaks(x):
    return np.where(x < 0, x.dtype.type(6e-8), x)

def sigmoid_flushed(x):
    x = np.where(np.abs(x) < np.finfo(x.dtype).tiny, x.dtype.type(0), x).astype(np.float64)
    with np.errstate(over="ignore"):
        return (1 / (1 + np.exp(-x))).astype(np.float16)
"""


@pytest.fixture
def audit(program, tmp_path):
    """Runs `actcli audit` beside the module above: status, standard output, standard error."""
    (tmp_path / "kernels.py").write_text(MODULE)

    def call(*args):
        status, out, err = program("audit", *args, "--dtype", "float16")
        return status, out.decode(), err

    return call


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("dips", ("--require", "monotonic"), "0.25 at 0.5, against what is proved; 1 such pairs"),
        ("dips", ("--max-ulps", 800), "868.832 ulps at 0.5, 800 are allowed"),
        ("dips", ("--max-steps", 800), "869 steps, 800 are allowed"),
        ("exceeds", ("--require", "range"), "1.00097656 at 12 is not between -1 and 1; 1 such"),
        ("nans", ("--max-ulps", 1), "1 results are nan"),
        ("nans", ("--max-steps", 1), "1 results are nan"),
        ("specials", ("--require", "special"), "2 of nan and the infinities"),
        ("signs", ("--require", "sign"), "1 results have the wrong sign"),
        ("flushed", ("--max-ulps", 1), "1023 ulps at 6.09755516e-05"),
    ],
)
def test_what_does_not_hold_is_said_with_status_1(audit, name, options, told):
    status, out, err = audit("tanh", f"kernels:{name}", *options)
    assert status == 1
    (line,) = err.splitlines()
    assert line.startswith("actcli: float16 value (array): ")
    assert told in line
    assert out


@pytest.mark.parametrize(
    ("name", "options"),
    [
        (
            "tanh",
            ("--require", "monotonic,range,sign,special", "--max-ulps", 0.5, "--max-steps", 0),
        ),
        ("dips", ("--require", "range,sign,special", "--max-steps", 869)),
        ("exceeds", ("--require", "sign,special")),
        ("nans", ("--require", "monotonic,range,sign,special")),
        ("flushed", ("--max-ulps", 0.5, "--flush-subnormals")),
        ("flushed", ("--require", "monotonic,range,sign,special")),
    ],
)
def test_what_holds_is_status_0(audit, name, options):
    status, _, err = audit("tanh", f"kernels:{name}", *options)
    assert (status, err) == (0, "")


def test_a_result_where_the_truth_is_0_fails_any_limit(audit):
    status, _, err = audit("relu", "kernels:relu_leaks", "--max-ulps", 1e9)
    below = 31743  # negative numbers of float16
    assert status == 1
    assert f"{below} results are not 0 where the truth is 0 exactly" in err


def test_flushed_subnormals_are_accepted_and_counted(audit):
    for options in ((), ("--flush-subnormals",)):
        record = json.loads(
            audit("tanh", "kernels:flushed", *options, "-f", "jsonl")[1].splitlines()[0]
        )
        assert (record["flushed"], record["zero"]) == (2046, 2046)
        assert record["correctly_rounded"] == 63488 - (0 if options else 2046)
    assert audit("sigmoid", "kernels:sigmoid_flushed", "--max-ulps", 0.5)[0] == 0


def test_what_is_not_proved_cannot_be_required(audit):
    status, out, err = audit("x*sin(x*x)", "kernels:tanh", "--require", "range")
    assert (status, out) == (2, "")
    assert "cannot be judged; leave it out" in err


def test_bounds_of_a_range_are_those_of_mpmath():
    from actcli import activation
    from actcli.audits.requirements import Proved

    with mpmath.workdps(40):
        at = mpmath.findroot(lambda x: mpmath.diff(TRUTHS["gelu"], x), -0.75)
        least = TRUTHS["gelu"](at)
    low, high = Proved(activation("gelu")).extent(0)
    assert low <= least < np.nextafter(low, 0) + 1e-16
    assert high == np.inf
    assert Proved(activation("tanh")).extent(1) == (0, 1)
    assert Proved(activation("relu6")).extent(0) == (0, 6)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize(
    "name", ["gelu", "tanh", "gaussian", "elu", "hard_swish", "softplus", "step"]
)
def test_no_correctly_rounded_result_is_against_what_is_proved(name, dtype):
    from actcli import activation
    from actcli.audits.inputs import inputs
    from actcli.audits.proved import Proved, facts

    f = activation(name)
    x = inputs(f, dtype)
    with np.errstate(all="ignore"):
        wide, *read = (v.astype(np.float64) for v in (x, f(x), f.gradient(x)))
    unknown = np.full(wide.shape, np.nan)  # so that all are judged
    for order, y in enumerate(read):
        found = facts(Proved(f), order, dtype, wide, y, unknown)
        assert found.wrong
        assert (found.pairs, found.outliers) == (0, 0)


@pytest.mark.parametrize("cuts", [[1 << 12], [100, 30000, 60000], list(range(0, 1 << 16, 1 << 11))])
def test_facts_of_neighbouring_blocks_join_to_those_of_all(cuts):
    from actcli import activation
    from actcli.audits.inputs import inputs
    from actcli.audits.proved import Proved, ProvedFacts, facts

    f = activation("gelu")
    x = np.sort(inputs(f, "float16").astype(np.float64))
    y = np.asarray(f(x.astype(np.float16))).astype(np.float64)
    right = y.copy()
    random = np.random.default_rng(len(cuts))
    with np.errstate(all="ignore"):
        for k in random.integers(0, y.size, 300):
            y[k] = random.choice([np.nan, -0.18, y[k] + 1e-3, y[k] - 1e-3])
    y[np.array(cuts)] += 0.01
    whole, joined = facts(Proved(f), 0, "float16", x, y, right), ProvedFacts()
    for part in zip(*(np.split(v, cuts) for v in (x, y, right)), strict=True):
        joined = joined.add(facts(Proved(f), 0, "float16", *part), Proved(f))
    kept = ~np.isnan(x) & ~np.isnan(y) & ~((x == 0) & np.signbit(x))
    x, y = x[kept], y[kept]
    low = -0.7517915246935645  # where gelu is least
    wanted = sum(
        y0 > y1 if x0 >= low else y0 < y1
        for x0, y0, x1, y1 in zip(x[:-1], y[:-1], x[1:], y[1:], strict=True)
        if x0 >= low or x1 <= low
    )
    assert whole == joined
    assert whole.pairs == wanted > 100
    assert whole.outliers == (y < float(np.float16(-0.16997120747))).sum() > 10
