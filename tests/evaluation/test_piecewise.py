"""The kernels that look values up, against truth.py."""

import threading
import tracemalloc

import ml_dtypes
import numpy as np
import pytest
from truth import parse_label, truth, ulps

import actcli
from actcli.evaluation import activation, fast_paths
from actcli.evaluation.lookup import BLOCK
from actcli.expressions.differentiate import expanded
from actcli.numbers.formats import FORMATS
from actcli.numbers.near_rational import nearest

PER_UNIT = 64  # cells, about
REACH = 16  # where cells begin to widen

ROOTS = {  # of the gradients
    "swish": -1.2784645427610738,
    "gelu": -0.75179152469356449,
    "gelu:approx=tanh": -0.75246142207101629,
    "mish": -1.1924312145154952,
    "lisht": 0.0,
    "sine": 1.5707963267948966,
    "gcu": 0.86033358901937976,
}
LABELS = [*ROOTS, "logistic", "tanh", "softplus", "elu", "relu", "erf", "serf", "tanhexp", "pflu"]
BREAKPOINTS = [
    -745, -708, -fast_paths.REACH, fast_paths.REACH,
    -REACH - 0.5 / PER_UNIT, -REACH, -REACH + 0.5 / PER_UNIT, -37.5, -16, -0.5 / PER_UNIT,
    0, 0.5 / PER_UNIT, 1 / PER_UNIT, 1.5 / PER_UNIT, 20, REACH - 0.5 / PER_UNIT, REACH, 700, 709,
]  # fmt: skip


def kernel(label):
    name, settings = parse_label(label)
    return actcli.activation(name, **settings)._kernel


def both(label, x):
    value, gradient = np.empty_like(x), np.empty_like(x)
    kernel(label)(x, value, gradient)
    return value, gradient


def hard_points(label):
    rng = np.random.default_rng(2)
    sets = [
        rng.normal(0, 3, 150),
        rng.uniform(-2.5, 2.5, 150),
        rng.uniform(-38.6, -2.5, 150),
        rng.uniform(-745.2, -700, 50),
        rng.uniform(-700, -38, 30),
        rng.uniform(2.5, 40, 50),
        rng.choice([-1, 1], 40) * 10 ** rng.uniform(-323, 0, 40),
        rng.choice([-1, 1], 40) * 10 ** rng.uniform(1, 308, 40),
        np.nextafter(BREAKPOINTS, -np.inf),
        BREAKPOINTS,
        np.nextafter(BREAKPOINTS, np.inf),
        [1.7976931348623157e308, -1.7976931348623157e308, 5e-324, -5e-324],
    ]
    if label in ROOTS:
        off = 10 ** rng.uniform(-17, -0.4, 60)
        sets += [ROOTS[label] + off, ROOTS[label] - off]
    return np.concatenate(sets)


@pytest.mark.parametrize("label", LABELS)
def test_within_4_ulp_everywhere_at_roots_too(label):
    x = hard_points(label)
    with np.errstate(all="raise"):
        results = both(label, x)
    worst = {"value": (0.0, 0.0), "gradient": (0.0, 0.0)}
    for at, *got in zip(x.tolist(), *(r.tolist() for r in results), strict=True):
        for kind, mine, true in zip(worst, got, truth(label, at), strict=True):
            worst[kind] = max(worst[kind], (ulps(mine, true), at))
    assert worst["value"][0] <= 4, worst
    assert worst["gradient"][0] <= 4, worst


@pytest.mark.parametrize("label", LABELS)
def test_either_output_alone_is_the_same(label):
    x = hard_points(label)
    value, gradient = both(label, x)
    alone = np.empty_like(x)
    kernel(label)(x, alone, None)
    np.testing.assert_array_equal(alone, value)
    kernel(label)(x, None, alone)
    np.testing.assert_array_equal(alone, gradient)


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("others", [1.0, 800.0])
def test_nan_gives_nan_and_touches_nothing_else(label, others):
    x = np.array([-others, np.nan, others, 0.0])
    with np.errstate(all="raise"):
        value, gradient = both(label, x)
    np.testing.assert_array_equal(np.isnan(value), np.isnan(x))
    np.testing.assert_array_equal(np.isnan(gradient), np.isnan(x))
    alone = both(label, x[[0, 2, 3]])
    np.testing.assert_array_equal(value[[0, 2, 3]], alone[0])
    np.testing.assert_array_equal(gradient[[0, 2, 3]], alone[1])


@pytest.mark.parametrize("label", LABELS)
def test_the_company_in_a_block_does_not_matter(label):
    """Common inputs give the same whether or not the block needs tails, whatever its size."""
    x = np.random.default_rng(3).normal(0, 3, 2 * BLOCK)
    large = both(label, x)
    mixed = both(label, np.concatenate([x[:100], [1e300, -1e300, 50, -50]]))
    for a, b in zip(large, mixed, strict=True):
        np.testing.assert_array_equal(a[:100], b[:100])
    halves = [both(label, part) for part in np.split(x, 2)]
    for k in (0, 1):
        np.testing.assert_array_equal(large[k], np.concatenate([half[k] for half in halves]))


@pytest.mark.parametrize("label", LABELS)
def test_nothing_and_one(label):
    assert both(label, np.array([]))[0].size == 0
    value, gradient = both(label, np.array([0.0]))
    assert (value[0], gradient[0]) == truth(label, 0.0)


@pytest.fixture
def anew():
    """A function that makes the kernel of a label from nothing."""

    def make(label):
        activation._tabulated.clear()
        return kernel(label)

    yield make
    activation._tabulated.clear()


@pytest.mark.parametrize("label", ["swish", "elu", "serf", "gcu", "snake", "phish"])
def test_what_was_asked_before_does_not_matter(label, anew):
    rng = np.random.default_rng(5)
    x = np.concatenate([rng.normal(0, 3, 300), rng.normal(-1.2, 0.05, 300), rng.normal(0, 60, 50)])
    first, *others = (anew(label) for _ in range(4))
    expected = np.empty((2, x.size))
    first(x, *expected)
    sequences = [
        rng.permutation(x.size)[:, None],
        [np.arange(x.size)[::-1]],
        np.split(np.arange(650), 13),
    ]
    for other, parts in zip(others, sequences, strict=True):
        got = np.empty_like(expected)
        for part in parts:
            found = np.empty((2, len(part)))
            other(x[part], *found)
            got[:, part] = found
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("label", ["acon_c:p1=1,p2=0.090775", "coslu:a=1.0001", "coslu:a=1.00001"])
def test_beside_two_roots_neighbours_do_not_matter(label, anew):
    middle = -2.64 if "acon" in label else 32.987
    x = np.random.default_rng(8).uniform(middle - 0.03, middle + 0.03, 60)
    together = np.empty((2, x.size))
    anew(label)(x, *together)
    alone = np.empty((2, x.size))
    for k in range(x.size):
        found = np.empty((2, 1))
        anew(label)(x[k : k + 1], *found)
        alone[:, k] = found[:, 0]
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize(("label", "low"), [("tanh", 70), ("softplus", 40), ("gelu", -37)])
def test_little_memory_where_no_polynomial_will_do(label, low):
    x = np.random.default_rng(9).uniform(low, low + 9, 16 * BLOCK)
    results = np.empty((2, x.size))
    kernel(label)(x[:1000], *results[:, :1000])
    tracemalloc.start()
    kernel(label)(x, *results)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16e6


def test_other_threads_may_throw_a_table_out_at_any_time(monkeypatch):
    class Crowded(dict):
        def __contains__(self, key):
            found = super().__contains__(key)
            self.clear()
            return found

        def __setitem__(self, key, value):
            super().__setitem__(key, value)
            self.clear()

    monkeypatch.setattr(activation, "_tabulated", Crowded())
    assert both("mish", np.array([1.0])) == truth("mish", 1.0)


def test_threads_make_a_table_together(anew):
    x = np.random.default_rng(4).normal(0, 3, BLOCK)
    expected = np.empty((2, x.size))
    anew("gelu")(x, *expected)
    wrong = []
    shared = anew("gelu")

    def work(seed):
        order = np.random.default_rng(seed).permutation(x.size)
        for part in np.array_split(order, 20):
            got = np.empty((2, part.size))
            shared(x[part], *got)
            if not np.array_equal(got, expected[:, part]):
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=[seed]) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_both_sides_of_a_breakpoint_that_is_not_plain_to_see():
    x = [0.6590460684074066]  # the meeting point lies between it and the next
    for _ in range(60):
        x += [np.nextafter(x[-1], 9)]
        x = [np.nextafter(x[0], -9), *x]
    x = np.concatenate([x, 0.659 + np.linspace(-0.05, 0.05, 60)])
    for at, *got in zip(x.tolist(), *both("max_logistic", x), strict=True):
        assert max(map(ulps, got, truth("max_logistic", at))) <= 2


def test_what_is_too_steep_for_any_table_is_read():
    f = actcli.activation("sine", omega=1e5)
    x = np.random.default_rng(6).normal(0, 3, 200)
    for at, got in zip(x.tolist(), f(x).tolist(), strict=True):
        assert ulps(got, truth("sine:omega=1e5", at)[0]) <= 1


def test_no_digit_is_lost_where_a_cell_is_steep():
    label, at = "coslu:a=2.88,b=26.04", 0.8457638280378762
    name, settings = parse_label(label)
    got = actcli.activation(name, **settings).gradient(at)
    assert ulps(float(got), truth(label, at)[1]) <= 2


def test_a_wave_between_the_places_of_tests_is_seen():
    label = "sinlu:a=2.0016305296789651e-27,b=4995926996379.23"  # the same at all of them
    name, settings = parse_label(label)
    x = np.random.default_rng(11).uniform(4, 30, 200)
    for at, got in zip(x.tolist(), actcli.activation(name, **settings).gradient(x), strict=True):
        assert ulps(float(got), truth(label, at)[1]) <= 1


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_narrow_numbers_are_rounded_once(label, dtype):
    narrow = ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype
    x = np.random.default_rng(7).normal(0, 2, 200).astype(narrow)
    name, settings = parse_label(label)
    got = actcli.activation(name, **settings)(x)
    true = [truth(label, float(at))[0] for at in x]
    np.testing.assert_array_equal(got, np.array(true).astype(narrow))


@pytest.mark.parametrize("name", actcli.names())
def test_at_and_beside_roots_that_are_numbers_no_trace_is_left(name):
    """phish has a double root at 0, the gradient of serlu one at -1: what balls leave of them is 0."""
    f = actcli.activation(name)
    beside = [0.0, 1e-300, -1e-300, 1e-160, 1e-60, -1e-60, 1e-20]
    x = np.array([*beside, *(k / 8 for k in range(-40, 41) if k)])
    read = expanded(f.tree).read_once
    for order, got in enumerate(f.value_and_gradient(x)):
        for at, value, exact in zip(
            x, got, nearest(read, x, order, FORMATS["float64"]), strict=True
        ):
            if exact is not None:
                assert abs(value - exact) <= 4 * np.spacing(abs(exact)), (order, at)


@pytest.mark.parametrize("label", ["sine", "sinc", "gcu"])
def test_a_wave_far_out_is_read_where_its_cells_would_hold_few_numbers(label, anew):
    found = anew(label)
    x = np.linspace(-1000, 1000, 20_001)
    got = np.empty((2, x.size))
    found(x, *got)
    assert found._segment_count < x.size / 4
    for at in range(0, x.size, 1999):
        expected = truth(label, float(x[at]))
        assert all(ulps(a, b) <= 4 for a, b in zip(got[:, at], expected, strict=True))
