"""What is said of implementations built with one fault, and of others that nearly have it."""

from math import erf

import numpy as np
import pytest

from actcli import activation
from actcli.audits.audit import AuditedBlock, AuditRequest, audit
from actcli.audits.diagnosis import diagnosis
from actcli.evaluation.function_text import resolve

ERF = np.vectorize(erf)
PLACE = np.arange(1 << 16)


class Direct:
    """An implementation of float16 in this process."""

    def __init__(self, called):
        self.called = called
        self.facts = {"framework": "", "version": "", "hash": "", "gradient": False}

    @np.errstate(all="ignore")
    def __call__(self, x, quantity, how):
        return np.asarray(self.called(x, how) if self.called is by_call else self.called(x))


def found(name, called, calls=("array",)):
    f = resolve(name)
    with np.errstate(all="ignore"):
        blocks = audit(f, "", Direct(called), AuditRequest(["float16"], False, calls))
        return [diagnosis(f, b) for b in blocks if isinstance(b, AuditedBlock)]


def wide(x):
    return x.astype(np.float64)


def narrow(called):
    """A function of doubles, rounded once: right nearly everywhere."""
    return lambda x: np.asarray(called(wide(x))).astype(np.float16)


def changed(called, where, value):
    """The function, but for another value at inputs where something holds."""

    def given(x):
        return np.where(where(wide(x)), value(wide(x)), narrow(called)(x)).astype(np.float16)

    return given


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def swish(x):
    return np.where(x == -np.inf, -0.0, x * sigmoid(x))


def softplus(x):
    return np.logaddexp(0, x)


def constant(value):
    return lambda x: np.full(x.shape, value)


def elu(alpha):
    return lambda x: np.where(x > 0, x, alpha(x) * np.expm1(x))


def gelu_of_halves(x):
    return (x * np.float16(0.5)) * (np.float16(1) + ERF(wide(x) / np.sqrt(2)).astype(np.float16))


def noisy_gelu(x):
    y = wide(x) * (1 + ERF(wide(x) / np.sqrt(2))) / 2
    return np.where(x < -3, y * (1 + 0.01 * np.sin(37 * wide(x))), y).astype(np.float16)


def by_call(x, how):
    y = np.tanh(wide(x)).astype(np.float16)
    return np.nextafter(y, np.float16(0)) if how == "strided" else y


FAULTS = [
    ("x/(1+x*x)", lambda x: x / (np.float16(1) + x * x), "computed-step-by-step"),
    ("sigmoid", lambda x: sigmoid(wide(x)).astype(np.float32).astype(np.float16), "rounds-twice"),
    ("swish", lambda x: (wide(x) / (1 + np.exp(-wide(x)))).astype(np.float32).astype(np.float16),
     "rounds-twice"),  # and is nan at -inf
    ("tanh", changed(np.tanh, lambda x: abs(np.tanh(x)) < 2.0**-14, constant(0)),
     "flushes-subnormals"),
    ("gelu", narrow(swish), "another-function swish"),
    ("tanh", narrow(sigmoid), "another-function logistic"),
    ("softplus", lambda x: np.log(np.float16(1) + np.exp(x)), "overflow-inside 11.09375"),
    ("softplus", lambda x: np.log(1 + np.exp(x.astype(np.float32))).astype(np.float16),
     "overflow-inside 88.75"),
    ("tanh", changed(np.tanh, lambda x: x > 3, constant(1)), "cut-at 3.001953125"),
    ("sigmoid", changed(sigmoid, lambda x: x < -5, constant(0)), "cut-at -5.00390625"),
    ("softplus", changed(softplus, lambda x: x > 4, lambda x: x), "cut-at 4.00390625"),
    ("gelu", gelu_of_halves, "cancellation"),
    ("elu", narrow(elu(lambda x: 0.9)), "another-parameter alpha=0.9"),
    ("elu", narrow(elu(lambda x: 0.0)), "another-function relu"),
    ("leaky_relu", lambda x: np.where(x > 0, x, x * np.float16(0.02)),
     "another-parameter slope=0.02"),
    ("softplus:beta=3", narrow(lambda x: softplus(1.25 * x) / 1.25),
     "another-parameter beta=1.25"),
    ("hard_tanh", narrow(lambda x: np.clip(x, -2, 1)), "another-parameter low=-2"),
    ("coslu", narrow(lambda x: (x + np.cos(2.1 * x)) * sigmoid(x)), "another-parameter b=2.1"),
    ("tanh", changed(np.tanh, lambda x: x == 0.5, constant(0.25)), "not-monotonic"),
    ("tanh", changed(np.tanh, lambda x: x == 65504, constant(1.25)), "outside-range"),
    ("sin", changed(np.sin, lambda x: x == 2.0**-10, constant(-(2.0**-10))), "wrong-sign"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "called", "told"), FAULTS, ids=[told for *_, told in FAULTS])
def test_a_fault_is_named(name, called, told):
    assert found(name, called) == [told]


NEARLY = [
    ("right", "tanh", narrow(np.tanh)),
    ("nan from 5 on", "tanh", changed(np.tanh, lambda x: x > 5, constant(np.nan))),
    ("nan at one place", "softplus", changed(softplus, lambda x: x == 11.09375, constant(np.nan))),
    ("one ulp more in a tail", "tanh",
     changed(np.tanh, lambda x: (x > 1) & (x < 2), lambda x: np.tanh(x) + 2.0**-11)),
    ("another function and a bit", "gelu", narrow(lambda x: swish(x) + 0.01 * np.cos(9 * x))),
    ("half of the subnormals", "tanh",
     changed(np.tanh, lambda x: abs(x) < 2.0**-15, constant(0))),
    ("twice but for one", "sigmoid",
     lambda x: np.where(x == 1, np.float16(0.73), sigmoid(wide(x)).astype(np.float32))
     .astype(np.float16)),
    ("a table of the factor", "swish", narrow(lambda x: x * np.rint(sigmoid(x) * 4096) / 4096)),
    ("infinite from 50 on", "softplus", changed(softplus, lambda x: x > 50, constant(np.inf))),
    ("wrong at an infinity alone", "identity", changed(np.copy, np.isneginf, constant(np.nan))),
    ("a noisy tail", "gelu", noisy_gelu),
    ("a rounded cut", "sigmoid",
     changed(sigmoid, lambda x: x < -5, lambda x: np.where(x < -6, 0, 2.0**-8))),
    ("another parameter at all places but one", "elu",
     changed(elu(lambda x: 0.9), lambda x: x == -1, constant(-0.57))),
    ("another parameter far out", "elu", narrow(elu(lambda x: np.where(x < -1, 0.9, 1)))),
    ("another parameter and a wave", "elu",
     narrow(lambda x: elu(lambda x: 0.9)(x) + 0.001 * np.sin(9 * x))),
    ("a parameter of more digits than are decided", "elu", narrow(elu(lambda x: 0.900317))),
    ("another sharpness of what has no parameter", "tanh", narrow(lambda x: np.tanh(0.9 * x))),
    ("step by step but for the square", "x/(1+x*x)",
     lambda x: (x / (1 + (x.astype(np.float32) ** 2)).astype(np.float16)).astype(np.float16)),
]  # fmt: skip
WORDS = (
    "computed", "rounds", "flushes", "another", "overflow", "cut", "cancellation", "depends"
)  # fmt: skip


@pytest.mark.parametrize(("name", "called"), [n[1:] for n in NEARLY], ids=[n[0] for n in NEARLY])
def test_what_nearly_has_a_fault_is_not_said_to_have_it(name, called):
    (told,) = found(name, called)
    assert not told.startswith(WORDS)


@pytest.mark.parametrize("value", [0, 1])
def test_a_gradient_that_is_lost_is_no_other_function(value):
    """That of step is 0, too, and that of identity 1: they are not what was implemented."""
    f, lost = resolve("tanh"), Direct(lambda x: np.full_like(x, value))
    lost.facts["gradient"] = True
    blocks = list(audit(f, "", lost, AuditRequest(["float16"])))
    assert [b.quantity for b in blocks] == ["value", "gradient"]
    assert not diagnosis(f, blocks[1]).startswith("another-function")


def test_results_that_depend_on_the_way_of_calling():
    assert found("tanh", by_call, ("array", "strided")) == ["", "depends-on-place"]


@pytest.mark.parametrize("name", ["gelu", "tanh", "mish", "sin", "softplus", "selu"])
def test_what_is_right_has_nothing(name):
    f = activation(name)
    assert found(name, f) == [""]


def test_a_place_between_two_inputs_of_a_sample_is_not_said():
    f = activation("softplus")
    naive = Direct(lambda x: np.log(np.float32(1) + np.exp(x)))
    (block,) = audit(f, "", naive, AuditRequest(["float32"], False, samples=3000))
    assert block.tally.whole.counts["infinite"] > 0
    assert not diagnosis(f, block).startswith("overflow")


def wide_block(name, called, dtype):
    """The block of a wide format, and what is said of it where further calls may be made."""
    f, caller = resolve(name), Direct(called)
    (block,) = audit(f, "", caller, AuditRequest([dtype], False, samples=3000))
    return diagnosis(f, block, lambda x: caller(x, "value", "array"))


@np.errstate(all="ignore")
def naive_softplus(x):
    return np.log(x.dtype.type(1) + np.exp(x))


def cut_tanh(x):
    return np.where(x > x.dtype.type(3.3), x.dtype.type(1), np.tanh(wide(x)).astype(x.dtype))


def cut_sigmoid(x):
    return np.where(x < -5.7, 0, sigmoid(wide(x))).astype(x.dtype)


def first(place, holds):
    """The first number of a format, next to a place of it, of which something holds."""
    with np.errstate(all="ignore"):
        beside = [place, np.nextafter(place, place.dtype.type(0))]
        beside += [np.nextafter(place, 2 * place)]
        return repr(float(min((x for x in beside if holds(x)), key=abs)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_further_calls_find_a_place_between_two_inputs_of_a_sample(dtype):
    kind = np.dtype(dtype).type
    for name, called, wanted in (
        ("softplus", naive_softplus,
         f"overflow-inside {first(np.log(np.finfo(kind).max), lambda x: np.isinf(np.exp(x)))}"),
        ("tanh", cut_tanh, f"cut-at {first(kind(3.3), lambda x: x > kind(3.3))}"),
        ("sigmoid", cut_sigmoid, f"cut-at {first(kind(-5.7), lambda x: float(x) < -5.7)}"),
    ):  # fmt: skip
        assert wide_block(name, called, dtype) == wanted


def test_results_that_change_back_have_no_place():
    def holes(x):
        gone = (x > 3.3) & ((x < 3.35) | (x > 3.4))
        return np.where(gone, 1, np.tanh(wide(x))).astype(x.dtype)

    assert not wide_block("tanh", holes, "float32").startswith("cut")
