"""Dead, saturated and alive inputs of formulas and of callables, against what the functions are."""

import numpy as np
import pytest

from actcli.evaluation.function_text import resolve
from actcli.sampling.states import states

X = np.concatenate(
    [np.random.default_rng(0).normal(scale=4, size=1000), [-1e300, -120, 120, 1e300]]
)
CODE = """
import numpy as np
relu = lambda x: np.maximum(x, 0)
hard_tanh = lambda x: np.clip(x, -1, 1)
tanh = lambda x: np.tanh(x)
"""
DEAD = {"relu": X < 0, "hard_tanh": np.abs(X) > 1, "tanh": np.zeros(X.shape, bool)}


@pytest.mark.parametrize("form", ["{}", "x + {0}(x) - x", "seen:{}"])
@pytest.mark.parametrize("name", DEAD)
def test_dead_is_where_it_is_constant(name, form, tmp_path, monkeypatch):
    (tmp_path / "seen.py").write_text(CODE)
    monkeypatch.syspath_prepend(tmp_path)
    f = resolve(form.format(name))
    alive, saturated, dead = states(f, X, np.asarray(f.gradient(X)))
    np.testing.assert_array_equal(dead, DEAD[name])
    assert (alive.astype(int) + saturated + dead == 1).all()
    if name == "tanh":
        np.testing.assert_array_equal(saturated, 1 / np.cosh(np.clip(X, -300, 300)) ** 2 < 0.01)
