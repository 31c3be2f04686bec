"""`actcli page`: files, names, options and errors. What a page shows is tested in tests/pages."""

from functools import partial

import pytest


@pytest.fixture
def page(program):
    """Runs `actcli page ...` in an empty directory: status, standard output in bytes, errors."""
    return partial(program, "page", "--only", "continuous")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["relu"], "relu.html"),
        (["silu"], "silu.html"),
        (["relu", "tanh"], "relu-tanh.html"),
        (["gelu", "--approx", "tanh"], "gelu-approx=tanh.html"),
        (["x*sigmoid(b*x)", "-p", "b=2"], "x-sigmoid-b-x-b=2.html"),
    ],
    ids=" ".join,
)
def test_a_page_of_that_name_appears_and_its_path_is_printed(page, tmp_path, words, name):
    assert page(*words) == (0, f"{name}\n".encode(), "")
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_standard_output_and_quiet(page, tmp_path):
    status, out, _ = page("relu", "-o", "-")
    assert status == 0
    assert out.startswith(b"<!DOCTYPE html>")
    assert page("relu", "-q", "-o", "r.html") == (0, b"", "")
    assert (tmp_path / "r.html").read_bytes() == out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "page gelu"),
        (["relu", "-o", "x.txt"], ".html"),
        (["relu", "gelu", "tanh", "elu", "selu", "swish", "mish"], "1 to 6 functions"),
        (["numpy:tanh"], "no page can compute"),
        (["relu", "--all"], "--all"),
        (["relu", "relu"], "--label"),
        (["relu", "--column", "2"], "--input"),
        (["relu", "--load", "none.npz"], "none.npz"),
        (["relu", "-i", "none.txt"], "none.txt"),
        (["relu", "-r", "2:1"], "LOW:HIGH"),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else "",
)
def test_refusals_are_one_line_and_leave_nothing(page, tmp_path, words, told):
    status, out, err = page(*words)
    assert (status, out, err.count("\n")) == (2, b"", 1)
    assert told in err
    assert not [*tmp_path.iterdir()]
