"""float16 and bfloat16 results are correctly rounded; every 127th input here, all of them in
sixteen_bits.py."""

import threading
import warnings

import ml_dtypes
import numpy as np
import pytest
from sixteen_bits import DTYPES, wrong

import actcli

LEAST = {"float16": 2.0**-24, "bfloat16": 2.0**-133}
BIG = 2.0**93


PARAMETERS = [
    "hard_sigmoid:slope=0.2", "leaky_relu:slope=0.3", "swish:beta=0.7", "e_swish:beta=0.75",
    "softplus:beta=5", "squareplus:b=1", "gelu:mu=0.5,sigma=2", "gelu:approx=tanh",
    "smu:alpha=0.4,mu=1", "xielu:alpha_p=0.3,alpha_n=1.7,beta=0.1", "sine:omega=30",
    "snake:a=2", "soft_exponential:alpha=-0.3", "acon_c:p1=1.5,p2=0.5,beta=2", "atlu:alpha=0.25",
]  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("label", [*actcli.names(), *PARAMETERS])
def test_correctly_rounded(label, dtype):
    lines, _ = wrong(label, dtype, every=127)
    assert lines == []


@pytest.mark.parametrize(
    ("text", "dtype", "x", "value"),
    [
        # x/2 + x^2/4 lies above half of the smallest number
        ("swish", "bfloat16", LEAST["bfloat16"], LEAST["bfloat16"]),
        ("swish", "bfloat16", -LEAST["bfloat16"], 0.0),
        ("swish", "bfloat16", -3 * LEAST["bfloat16"], -LEAST["bfloat16"]),  # not 2, the even one
        ("x*sigmoid(1.702*x)", "bfloat16", -3 * LEAST["bfloat16"], -LEAST["bfloat16"]),
        ("gelu:mu=0.5", "float16", 0.0, 0.0),
        # a little below 1.5*129 = 193.5, where exp(-x) is beyond every exponent
        ("e_swish", "bfloat16", 129 * BIG, 193 * BIG),
        ("e_swish", "bfloat16", -129 * BIG, 0.0),
        ("bent_identity", "bfloat16", 129 * BIG, 193 * BIG),  # 1.5 x - 0.5
        ("bent_identity", "bfloat16", -131 * BIG, -65.5 * BIG),
        ("smu:alpha=0.375", "bfloat16", -171 * BIG, -64 * BIG),  # 64.125, no tie
        ("smu:alpha=0.6875", "bfloat16", -189 * BIG, -130 * BIG),  # 129.94
        # 0.625 x + c x^2 lies above 162.5
        ("smu", "bfloat16", 130 / BIG, 81.5 / BIG),
        ("smu", "bfloat16", -130 / BIG, -81 / BIG),
        # x - 1 + 2 exp(-2x) is never the midpoint x - 1
        ("tanh_shrink", "float16", 2054.0, 2054.0),
        ("tanh_shrink", "float16", -2054.0, -2054.0),
        ("tanh_shrink", "bfloat16", 262.0, 262.0),
        ("x - tanh(x)", "float16", 2054.0, 2054.0),
        # exact ties go to the even number: 1.5, 2.5 and 3.5 of the smallest
        ("leaky_relu", "float16", -150 * LEAST["float16"], -2 * LEAST["float16"]),
        ("leaky_relu", "float16", -250 * LEAST["float16"], -2 * LEAST["float16"]),
        ("leaky_relu", "float16", -350 * LEAST["float16"], -4 * LEAST["float16"]),
        ("x/100", "float16", -250 * LEAST["float16"], -2 * LEAST["float16"]),
        ("prelu", "bfloat16", -6 * LEAST["bfloat16"], -2 * LEAST["bfloat16"]),
        # the halves 65520 and 2^128 - 2^119 are infinite, what is less is not
        ("x + 16", "float16", 65504.0, np.inf),
        ("x + 15.99", "float16", 65504.0, 65504.0),
        ("x - exp(-x) + 16", "float16", 65504.0, 65504.0),
        ("x + exp(-x) - 16", "float16", -65504.0, np.inf),
        ("x*1.5", "bfloat16", 1.703125 * 2.0**127, np.inf),
        # roots: all digits of a float64 next to them are lost
        ("sin(x)", "float16", 3.140625, 9.67653589793e-4),
    ],
)
def test_by_hand(text, dtype, x, value):
    name, _, setting = text.partition(":")
    settings = dict([setting.split("=")]) if setting else {}
    given = np.array([x]).astype(DTYPES[dtype])
    assert float(given[0]) == x
    with np.errstate(all="ignore"):
        expected = float(np.array(value).astype(DTYPES[dtype]))
    assert float(actcli.activation(name, **settings)(given)[0]) == expected


@pytest.mark.parametrize(
    ("text", "x", "gradient"),
    [
        ("min(60, x)*max(0, x)**2", 27.0, 2188.0),  # 3 x^2 is 2187: a tie
        ("where(0 < x and not 9 > x, x**3, 0)", 27.0, 2188.0),
        ("grad(x**4/4)", 27.0, 2188.0),
    ],
)
def test_gradients_by_hand(text, x, gradient):
    assert float(actcli.activation(text).gradient(np.float16(x))) == gradient


@pytest.mark.parametrize("dtype", DTYPES.values(), ids=str)
def test_every_nan_is_nan_and_none_warns(dtype):
    x = np.arange(1 << 16, dtype=np.uint16).view(dtype)
    with np.errstate(all="ignore"):
        x = x[np.isnan(x.astype(np.float32))]
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        for result in actcli.activation("gelu").derivatives(x, 2):
            assert np.isnan(result.astype(np.float32)).all()


def test_what_is_found_first_does_not_matter():
    x = np.arange(0, 1 << 16, 7, dtype=np.uint16).view(ml_dtypes.bfloat16)
    whole = actcli.activation("gelu").derivatives(x, 1)
    f = actcli.activation("gelu")
    f.gradient(x[::3])
    assert [r.tobytes() for r in whole] == [f(x).tobytes(), f.gradient(x).tobytes()]


def test_threads_agree():
    f = actcli.activation("e_swish")
    x = np.arange(0, 1 << 16, 5, dtype=np.uint16).view(np.float16)
    found = [None] * 4

    def look(k):
        found[k] = f(x)

    threads = [threading.Thread(target=look, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({result.tobytes() for result in found}) == 1
