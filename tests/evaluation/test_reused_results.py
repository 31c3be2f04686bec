"""Memory of results that are gone is used again; of those that are not, never."""

import threading

import numpy as np
import pytest

import actcli
from actcli.evaluation import reused_results as memory

SIZE = memory.SIZES.start // 8


@pytest.fixture(autouse=True)
def nothing_kept():
    memory._kept.clear()
    yield
    memory._kept.clear()


def test_what_is_gone_is_used_again():
    first = memory.empty(SIZE, np.float64)
    place = first.ctypes.data
    del first
    again = memory.empty(2 * SIZE, np.float32)
    assert (again.ctypes.data, again.shape, again.dtype) == (place, (2 * SIZE,), np.float32)
    assert type(again) is np.ndarray


@pytest.mark.parametrize(
    "look",
    [lambda a: a[3:5], lambda a: a.reshape(2, -1).T, lambda a: memoryview(a)[7:], np.asarray],
)
def test_not_while_somebody_looks_at_it(look):
    first = memory.empty(SIZE, np.float64)
    first[:] = 1
    part = look(first)
    del first
    memory.empty(SIZE, np.float64)[:] = 2
    assert (np.asarray(part) == 1).all()
    assert len(memory._kept) == 1
    del part
    assert len(memory._kept) == 2


def test_little_is_kept_and_nothing_large():
    for size in (SIZE, SIZE - 1, SIZE + 1, memory.SIZES.stop // 8):
        held = [memory.empty(size, np.float64) for _ in range(9)]
        del held
    assert len(memory._kept) == memory.MOST
    assert all(part.nbytes in memory.SIZES for part in memory._kept)


def test_results_stay_what_they_were():
    f = actcli.activation("tanh")
    x = np.linspace(-3, 3, SIZE)
    results = [f(x), *f.value_and_gradient(x), f(x[::-1])]
    copies = [result.copy() for result in results]
    f.value_and_gradient(2 * x)
    for result, copy in zip(results, copies, strict=True):
        np.testing.assert_array_equal(result, copy)


def test_threads_do_not_get_the_same():
    wrong = []

    def work(mark):
        for _ in range(200):
            mine = memory.empty(SIZE, np.float64)
            mine[::512] = mark
            other = memory.empty(SIZE, np.float64)
            other[::512] = -1
            if not (mine[::512] == mark).all():
                wrong.append(mark)

    threads = [threading.Thread(target=work, args=[mark]) for mark in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
