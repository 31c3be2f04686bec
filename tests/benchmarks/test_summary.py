"""Speed of `summary`, beside numpy alone."""

import numpy as np

from actcli.audits.stored import stored
from actcli.audits.summary import summaries
from actcli.evaluation.function_text import resolve


def test_it_takes_less_than_4_times_as_long_as_numpy(tmp_path, in_turn):
    """1.9 times where nothing else runs; the suggestion, which does not grow, apart."""
    z = np.random.default_rng(0).standard_normal((4096, 1000), dtype=np.float32)
    np.save(tmp_path / "z.npy", z)
    (array,) = stored(str(tmp_path / "z.npy"))

    def numpy_alone():
        y = np.maximum(array.data, 0).astype(np.float64)
        return y.mean(), y.var()

    def ours():
        return list(summaries([resolve("relu")], array, None, False, 0))

    seconds = in_turn({"ours": ours, "numpy": numpy_alone}, 5)
    assert seconds["ours"] < 4 * seconds["numpy"]
