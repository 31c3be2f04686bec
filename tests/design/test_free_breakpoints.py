"""Segments of a degree with free ends: known errors, rivals, and one answer from all starts."""

import numpy as np
import pytest
from scipy.optimize import linprog

from actcli.design.free_breakpoints import by_count
from actcli.design.minimax_steps import explored, improved
from actcli.design.pieces_asked import piecewise
from actcli.design.piecewise import sampled
from actcli.design.request import Pieces, Request
from actcli.design.segments import Segments
from actcli.evaluation.function_text import resolve


def design(text, limits, segments, degree, **pieces):
    asked = Request("piecewise", limits, degree, pieces=Pieces(segments=segments, **pieces))
    return piecewise(resolve(text), asked)


@pytest.mark.parametrize("segments", [2, 5])
def test_parabolas_that_meet_on_a_cube(segments):
    """Errors are T_3, from root to root but for the outer ends: 2 + (n - 1) sqrt(3) half widths in all."""
    half = 2 / (2 + (segments - 1) * 3**0.5)
    found = design("x**3", (-1.0, 1.0), segments, 2)
    assert found.verdict == "proved"
    assert found.error_high == pytest.approx(half**3 / 4, rel=1e-7)
    apart = 1 / segments  # half widths of those that need not meet
    assert apart**3 / 4 * 0.998 <= found.optimum_low <= apart**3 / 4


@pytest.mark.parametrize(
    ("text", "degree", "jumps"), [("exp(x)", 2, False), ("exp(x)", 3, False), ("sin(x)", 2, True)]
)
def test_all_starts_lead_to_one_answer(text, degree, jumps):
    f = resolve(text)
    form = Segments(f, sampled(f, (-1.0, 2.0), 3), degree, jumps=jumps)
    random = np.random.default_rng(1)
    errors = []
    for _ in range(3):
        inner = -1 + 3 * (np.arange(1, 3) / 3 + random.uniform(-0.1, 0.1, 2))
        errors.append(improved(form, np.array([-1.0, *inner, 2.0]))[1])
    assert max(errors) <= min(errors) * (1 + 1e-7)


def test_cubics_of_exp_meet_without_any_loss():
    """Errors of even numbers of alternations meet of themselves: the bound is that of jumps."""
    found = design("exp(x)", (-1.0, 1.0), 4, 3)
    assert found.optimum_low <= found.error_high <= found.optimum_low * 1.003


def test_a_bend_is_met_by_a_breakpoint():
    """exp and a bend at 0.3: an end is near, though f is equally hard elsewhere."""
    text = "abs(x-0.3)+exp(x)"
    found = design(text, (-1.0, 1.0), 4, 2)
    assert found.error_high <= least(resolve(text), [-1, -0.35, 0.3, 0.65, 1], 2) * 1.02
    assert min(abs(b - 0.3) for b in found.breakpoints) < 0.01


def least(f, ends, degree):
    """The least largest error of polynomials that meet at these ends, on samples: a linear program."""
    rows, right, meet = [], [], []
    terms = degree + 1
    for k in range(len(ends) - 1):
        x = np.linspace(ends[k], ends[k + 1], 60)
        block = np.zeros((60, terms * (len(ends) - 1) + 1))
        block[:, k * terms : (k + 1) * terms] = np.vander(x, terms)
        for sign in (1, -1):
            row = sign * block
            row[:, -1] = -1
            rows.append(row)
            right.append(sign * f(x))
        if k:
            row = np.zeros(block.shape[1])
            row[(k - 1) * terms : k * terms] = np.vander([ends[k]], terms)[0]
            row[k * terms : (k + 1) * terms] = -np.vander([ends[k]], terms)[0]
            meet.append(row)
    found = linprog(
        [*[0] * (rows[0].shape[1] - 1), 1], A_ub=np.concatenate(rows), b_ub=np.concatenate(right),
        A_eq=meet, b_eq=np.zeros(len(meet)), bounds=(None, None),
    )  # fmt: skip
    return found.fun


@pytest.mark.parametrize(("text", "degree"), [("gelu", 2), ("sin(2*x)", 3)])
def test_no_rival_is_better(text, degree):
    f = resolve(text)
    found = design(text, (-3.0, 2.0), 4, degree)
    own = np.array([-3.0, *found.breakpoints, 2.0])
    assert least(f, own, degree) >= found.error_high * 0.98  # samples miss a little between them
    random = np.random.default_rng(2)
    for spread in (0.02, 0.1, 0.4):
        ends = np.sort(own + np.append(0.0, random.normal(size=4)) * spread * (own < 2))
        ends[[0, -1]] = -3.0, 2.0
        assert least(f, np.sort(ends), degree) >= found.error_high * (1 - 0.003)


def test_the_lowest_of_many_valleys_is_found():
    """Most starts lead to 4.177e-5."""
    found = design("softplus", (-8.0, 8.0), 5, 4)
    rival = least(resolve("softplus"), [-8.0, -4.1448, -1.2959, 1.2959, 4.1448, 8.0], 4)
    assert found.error_high <= rival * 1.005  # samples miss a little


@pytest.mark.parametrize(("text", "pieces"), [("1/(1+x*x)", {}), ("tanh", {"jumps": True})])
def test_an_end_that_symmetry_puts_at_0_is_there(text, pieces):
    assert 0.0 in design(text, (-4.0, 4.0), 4, 2, **pieces).breakpoints


def test_chains_that_are_improved_together_are_improved_as_each_alone():
    f = resolve("exp(x)")
    form = Segments(f, sampled(f, (0.0, 1.0), 3), 2)
    starts = [np.array([0.0, a, b, 1.0]) for a, b in ((0.2, 0.7), (0.4, 0.6), (0.5, 0.8))]
    _, together = explored(form, *starts)
    assert together == pytest.approx([explored(form, start)[1][0] for start in starts], rel=1e-4)


def test_many_parabolas_on_exp_reach_the_error_that_their_widths_tell():
    """Far inside an error is T_3 from root to root, sqrt(3)/2 of its range, so a segment that is w wide has
    the error M (w/sqrt(3))^3 / 24 with M = f''' there: sums of widths by the cube root of M tell it.
    The outer two reach from an end of T_3 to a root: 1 + sqrt(3)/2 of half a range each.
    """
    segments = 64
    total = 3 * (np.exp(1 / 3) - 1)  # the integral of M^(1/3)
    halves = 2 * (1 + 3**0.5 / 2) + (segments - 2) * 3**0.5
    found = design("exp(x)", (0.0, 1.0), segments, 2)
    assert found.error_high == pytest.approx((total / halves) ** 3 / 24, rel=3e-4)


def test_an_error_is_reached_by_the_fewest_segments():
    asked = Request("piecewise", (-8.0, 8.0), 2, 1e-3)
    found = piecewise(resolve("gelu"), asked)
    assert found.error_high <= 1e-3
    assert design("gelu", (-8.0, 8.0), found.segments_used - 1, 2).error_low > 1e-3


@pytest.mark.parametrize(
    ("text", "limits", "segments", "degree"),
    [("sin(x)", (-3.0, 3.0), 4, 2), ("gelu", (-2.0, 2.0), 4, 2), ("tanh", (-2.0, 2.0), 5, 3),
     ("softplus", None, 7, 2)],
)  # fmt: skip
def test_breakpoints_of_mirror_images_are_such(text, limits, segments, degree):
    """Programs end a millionth beside."""
    found = design(text, limits, segments, degree)
    assert [-b for b in reversed(found.breakpoints)] == list(found.breakpoints)


@pytest.mark.parametrize(
    "text", ["where(x > 0.1, 1, x)", "where(x > 0.5, x*x, 0)", "where(x == 0.5, 7, x)"]
)
def test_pieces_of_what_jumps_are_none_that_meet(text):
    """They were given as they are, with an error of the whole jump."""
    with pytest.raises(ValueError, match="jumps at"):
        by_count(resolve(text), (0.0, 1.0), 4, 2, False)
