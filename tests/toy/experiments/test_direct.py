"""Experiments that are computed, not trained: closed forms, quadrature, Monte Carlo."""

import math

import numpy as np
import pytest

from actcli import activation
from actcli.toy import experiments
from actcli.toy.experiments import averages, depth, memory, rows, units


def test_names_and_defaults():
    assert experiments.NAMES == (
        "vanishing-gradients", "dead-relu", "born-dead", "dying-by-step", "circle", "spiral",
        "xor-2-2-1", "threshold-units", "self-normalizing", "edge-of-chaos", "bias-shift",
        "long-memory", "hopfield", "oversmoothing",
    )  # fmt: skip
    for functions in experiments.DEFAULTS.values():
        for name in functions:
            assert activation(name).label == name
    with pytest.raises(ValueError, match="'nothing'; there are vanishing-gradients, dead-relu"):
        experiments.run("nothing")


def test_rows_progress_and_repetition():
    seen = []
    found = experiments.run("dead-relu", None, lambda *step: seen.append(step))
    assert all(tuple(row) == experiments.COLUMNS for row in found)
    assert [done for done, *_ in seen] == [1, 2]
    assert found == experiments.run("dead-relu")
    assert all(row["agrees"] for row in found)


def test_other_functions_have_no_reference():
    for name in ("edge-of-chaos", "vanishing-gradients", "long-memory"):
        for row in experiments.run(name, [activation("gelu")]):
            assert row["setting"].startswith("gelu,")
            assert (row["reference"], row["source"], row["agrees"]) == (None, "", None)


# -- helpers ---------------------------------------------------------------------------------------
def test_spread_takes_infinities_and_leaves_out_nan():
    assert rows.spread([math.nan, 3, 1, 2]) == (2, 1, 3)
    assert rows.spread([1, math.inf, math.inf]) == (math.inf, 1, math.inf)
    assert all(math.isnan(value) for value in rows.spread([math.nan]))
    low, high = rows.share_band(0.25, 100)
    assert low < 0.25 < high
    assert rows.share_band(0, 100)[0] == 0
    assert rows.share_band(1, 100)[1] == 1


def test_what_counts_as_agreement():
    assert rows.within_factor(2, 10, 10)
    assert not rows.within_factor(0.9, 10, 10)
    assert not rows.within_factor(0, 10, 10)
    assert rows.within(math.inf, math.inf, 0)
    values = np.arange(20.0)
    assert rows.same_median(values, 4)
    assert not rows.same_median(values, 1)
    assert rows.same_median(values, 1, slack=9)
    assert rows.row("s", 1.0, agrees=True)["agrees"] is None


def test_averages_against_closed_forms():
    mean, variance = averages.mean_and_variance(activation("relu"))
    assert mean == pytest.approx(1 / math.sqrt(2 * math.pi), abs=1e-12)
    assert variance == pytest.approx(0.5 - 1 / (2 * math.pi), abs=1e-12)
    assert averages.mean_squares(activation("relu"), 3.0) == pytest.approx((1.5, 0.5))
    with np.errstate(all="ignore"):
        assert math.isnan(averages.mean_squares(activation("1/x"), 1.0)[0])


# -- deterministic references ----------------------------------------------------------------------
def test_edge_of_chaos():
    found = experiments.run("edge-of-chaos")
    assert [row["agrees"] for row in found] == [True] * 4
    weight, q = depth.critical_variance(activation("tanh"))
    z, shares = np.polynomial.hermite_e.hermegauss(100)
    shares = shares / shares.sum()
    value = np.tanh(math.sqrt(q) * z)
    assert weight * (shares @ (1 - value**2) ** 2) == pytest.approx(1, abs=1e-8)
    assert weight * (shares @ value**2) + 0.05 == pytest.approx(q, abs=1e-8)
    (row,) = experiments.run("edge-of-chaos", [activation("relu")])
    assert math.isnan(row["measured"])
    assert row["setting"].endswith("there is none")


def test_condition_numbers_and_what_they_cost():
    for name, reference in units.CONDITION.items():
        mean, variance = averages.mean_and_variance(activation(name))
        assert 1 + 100 * mean**2 / variance == pytest.approx(reference, rel=0.005)
    plain, centred = units.shift_epochs(activation("logistic"), 2)
    assert (plain > 1000).all()
    assert (centred < 10).all()


def test_xor_by_solid_angles():
    tables = units.truth_tables()
    assert len(tables) == 14
    assert sum(tables.values()) == pytest.approx(1, abs=1e-12)
    for answers, chance in tables.items():
        assert tables[tuple(1 - a for a in answers)] == pytest.approx(chance, abs=1e-12)
    random = np.random.default_rng(5)
    weights = random.standard_normal((200_000, 3))
    answers = weights @ np.concatenate([units.INPUTS, np.ones((4, 1))], axis=1).T > 0
    for table, chance in tables.items():
        share = (answers == np.array(table, bool)).all(axis=1).mean()
        assert share == pytest.approx(chance, abs=4 * math.sqrt(chance / 200_000))
    assert units.exact_chance() == pytest.approx(4.7e-4, abs=5e-6)
    assert math.log(2) / units.exact_chance() == pytest.approx(1459, rel=2e-3)


def test_xor_by_drawing():
    draws = 500_000
    expected = units.exact_chance() * draws
    assert abs(units.solutions(activation("step"), draws).size - expected) < 4 * math.sqrt(expected)
    assert units.solutions(activation("identity"), 50_000).size == 0


def test_gradient_descent_does_not_move_step_units():
    assert not units.furthest_move(activation("step"), 20, 50).any()
    assert (units.furthest_move(activation("tanh"), 20, 50) > 0).all()


def test_memory_of_linear_and_logistic_units():
    identity = memory.state_gradients(activation("identity"), 3, (1, 100))
    assert identity == pytest.approx(np.ones((3, 2)), abs=1e-12)
    logistic = memory.state_gradients(activation("logistic"), 10, (1, 10, 100))
    assert logistic[:, 0] == pytest.approx(np.full(10, 0.25), abs=1e-3)
    assert rows.within_factor(float(np.median(logistic[:, 2])), 9e-63, 10)


# -- Monte Carlo, smaller --------------------------------------------------------------------------
def test_first_gradients():
    for name, known in depth.VANISHING.items():
        norms = depth.first_gradients(activation(name), 1.0, 25)
        assert (np.diff(np.median(norms, axis=0)) > 0).all()
        for measured, reference in zip(np.median(norms, axis=0), known, strict=True):
            assert rows.within_factor(measured, reference, 10)
    assert not depth.first_gradients(activation("relu"), -8.0, 10).any()


@pytest.mark.parametrize("layers", [3, 5])
def test_dead_nets_of_width_1_exactly(layers):
    # from the second hidden layer on every weight must be positive for the net to live
    share = depth.dead_share(activation("relu"), layers, 1, 20_000)
    expected = 1 - 0.5 ** (layers - 2)
    assert share == pytest.approx(expected, abs=4 * math.sqrt(0.25 / 20_000))


def test_dead_nets():
    assert depth.dead_share(activation("relu"), 2, 3, 1000) == 0
    assert depth.dead_share(activation("leaky_relu"), 10, 2, 1000) == 0
    for (layers, width), (published, _) in depth.BORN_DEAD.items():
        share = depth.dead_share(activation("relu"), layers, width, 4000)
        error = rows.share_tolerance(published, 4000, 40_000, 4)
        assert share == pytest.approx(published, abs=error)
        assert share <= 1 - (1 - 0.5**width) ** (layers - 1) + error


def test_layer_moments():
    moments = depth.layer_moments(activation("selu"), 4, (1, 20)).mean(axis=0)
    z = math.sqrt(1.75) * np.random.default_rng(0).standard_normal(1_000_000)
    value = activation("selu")(z)  # what infinite width would give
    assert moments[0] == pytest.approx([value.mean(), value.var()], abs=0.08)
    assert moments[1] == pytest.approx([0, 1], abs=0.1)


def test_associative_memory():
    sign = activation("sign")
    light = [memory.recalled(sign, 0.05, seed) for seed in range(4)]
    heavy = [memory.recalled(sign, 0.20, seed) for seed in range(4)]
    assert min(light) > 0.99
    assert 0.5 < np.mean(heavy) < 0.9
    assert heavy[0] == memory.recalled(sign, 0.20, 0)
