"""Inverts monotone stretches: proves where they take a level, by interval Newton and Rouche's theorem."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import erf, erfc, sqrt
from typing import Any

import numpy as np
from flint import acb, arb, ctx

from ...expressions.node import power
from ...expressions.program import Program
from ...numbers.ball import Ball, minus_root_half
from ...numbers.exact import lifted
from ...numbers.interval import Enclosure, enclosure
from ...numbers.plan import Algebra
from ...numbers.where import maximum, minimum
from ...proofs.points import Place, Undecided

_CALL = 25  # steps that the call of a program costs beside its own
_WIDENINGS = tuple(10.0**-k for k in (26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4))
_STEPS = 200  # of a search for a place
_ROUGH = 1e-13  # width at which a search ends,
_CLOSE = 1e-8  # and the length of a step of Newton's after which it does: the next is its square
_NEAR = arb("1e-14")  # radius of a proof of a place
_SHARP = arb("1e-12")  # relative radius of f' that is sharp enough
_DISCS = (1.3, 2.0)  # radii of a proof of many places, in Newton's steps


class Work:
    """Steps of formulas that are left for a question; counted, so that two runs agree."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self, program: Program) -> None:
        """Take one reading of a program over balls."""
        self.left -= len(program.steps) + _CALL
        if self.left < 0:
            raise Undecided("it takes too many steps")


@dataclass(frozen=True)
class MonotonePiece:
    """f (and f') on an interval with exact ends, on which it rises (sign 1) or falls (-1).

    `bends` has f' and f'': over wide balls they give the sharper bounds.
    """

    program: Program
    bends: Program
    low: Any
    high: Any
    sign: int
    work: Work
    turns: tuple[Place | None, Place | None] = (
        None,
        None,
    )  # zeros of f' inside a piece, at its ends

    def read(self, x: Any) -> tuple[Any, Any]:
        """f and f' at a ball."""
        self.work.spend(self.program)
        f, slope = self.program.bare(Ball(x))
        return f, slope

    @cached_property
    def _value(self) -> Program:
        """f alone, in the very steps of the program."""
        return Program(self.program.formulas[:1])

    def _value_at(self, x: Any) -> Any:
        """f at a ball; as much work as with f', so that no answer depends on what is left out."""
        self.work.spend(self.program)
        return self._value.bare(Ball(x))[0]

    def over(self, box: Any, x: Any) -> tuple[Any, Any]:
        """f and f' over a ball with x in it, by their mean values."""
        self.work.spend(self.bends)
        bend = self.bends.bare(Ball(box))[1]
        f, at_x = self.read(x)
        step = box - x
        return f + (at_x + bend * step / 2) * step, at_x + bend * step

    def level(self, x: Any) -> Any:
        """f at an exact point, as a ball."""
        f = self._value_at(x)
        if isinstance(f, arb) and f.is_finite():
            return f
        self.work.spend(self.program)
        known = enclosure(self.program.run(Enclosure(x))[0])
        return known.low.union(known.high) if known.finite else arb.nan()

    # -- real places -------------------------------------------------------------------------------
    def near(self, target: Any, low: Any = None, high: Any = None, guess: Any = None) -> Any:
        """About where f is the target: Newton's steps between brackets that shrink."""
        low, high = self.low if low is None else low, self.high if high is None else high
        x = ((low + high) / 2).mid()
        if guess is not None and low < guess and guess < high:
            x = guess.mid()
        moved = high - low
        for _ in range(_STEPS):
            f, slope = self.read(x)
            gap = (f - target) * self.sign
            if gap > 0:
                high = x
            elif gap < 0:
                low = x
            elif gap.is_finite():
                break
            else:
                f = self.level(x)
                if not (f - target) * self.sign > 0:
                    low = x
                else:
                    high = x
            before, x = x, ((low + high) / 2).mid()
            newton = bool(slope * self.sign > 0)
            if newton:
                step = (before - gap / (slope * self.sign)).mid()
                newton = bool(low < step and step < high and abs(step - before) < moved / 2)
                x = step if newton else x
            last, moved = moved, abs(x - before)
            sharp = newton and moved < last / 100  # at a double root Newton's steps only halve
            if high - low < _ROUGH or moved < (_CLOSE if sharp else _ROUGH):
                break
        return x

    def guesses(self, targets: list[Any], ends: list[tuple[Any, Any]]) -> list[Any]:
        """About where f is the targets, each between two ends, all at once, in plain floating point:
        nothing is proved."""
        if not targets:
            return []
        levels = np.array([float(t.mid()) for t in targets])
        lows, highs = np.array([[float(low), float(high)] for low, high in ends]).T
        run = in_doubles(self.program)
        with np.errstate(all="ignore"):
            first, last = (run(end)[0] * np.ones(len(targets)) for end in (lows, highs))
            share = (levels - first) / (last - first)  # as on the chord
            x = lows + (highs - lows) * np.where((share > 0) & (share < 1), share, 0.5)
            found = x.copy()
            left = np.arange(len(targets))
            for count in range(_STEPS):
                self.work.spend(self.program)
                f, slope = run(x)
                gap = (f - levels) * self.sign
                lows, highs = np.where(gap > 0, lows, x), np.where(gap > 0, x, highs)
                step = x - gap / (slope * self.sign)
                inside = (lows < step) & (step < highs) & (count % 8 != 7)
                before, x = x, np.where(inside, step, (lows + highs) / 2)
                found[left] = x
                moving = ~(np.abs(x - before) < _CLOSE)
                if not moving.any():
                    break
                left, x, levels, lows, highs = (v[moving] for v in (left, x, levels, lows, highs))
        return [arb(float(v)) for v in found]

    def around(self, bottom: Any, top: Any, x: Any) -> tuple[Any, Any]:
        """Exact (a, b) near x, a < b, between which f passes all levels from bottom to top.

        Proved: f at one end is not above the bottom, at the other not below the top; an end of the
        stretch stands for what lies beyond it.
        """
        ends = []
        for side in (-1, 1):
            for wide in _WIDENINGS:
                end = (x + side * wide).mid()
                if not (self.low < end and end < self.high):
                    end = self.low if side < 0 else self.high
                    break
                gap = (self.level(end) - (bottom if side * self.sign < 0 else top)) * self.sign
                if gap * side >= 0:
                    break
            else:
                end = self.low if side < 0 else self.high
            ends.append(end)
        return ends[0], ends[1]

    # -- proved roots ------------------------------------------------------------------------------
    def root(self, target: Any, x: Any) -> Any:
        """A ball with the one place within _NEAR of x at which f is the target, and f' there; or None.

        Newton's step from x, with the slope over the interval, maps the interval into itself.
        """
        slope = self.read(x + arb(0, _NEAR))[1]
        try:
            step = (self._value_at(x) - target) / slope
        except ZeroDivisionError:
            return None
        if not (step.is_finite() and abs(step) < _NEAR):
            return None
        sharp = slope.rad() < abs(slope) * _SHARP
        return x - step, slope if sharp else self.read(x - step)[1]

    def roots(self, targets: Any, x: Any) -> Any:
        """A complex ball around x with the one place nearby of every member of a ball, and a bound below
        for |f'| in it; or None.

        f(y) - f(x) = (y - x) q, q a mean of f' between, so that |q| >= |f'(x)| - max |f''| r/2 on a
        disc of radius r. If |q| r > |target - f(x)| there, f takes the target once inside, as often as
        f(x) by Rouche's theorem, at a place y that depends on it analytically, and
        |y - x| = |target - f(x)|/|q|.
        """
        f, slope = self.read(x)
        gap, slope = abs(targets - f).upper(), abs(slope).lower()
        for share in _DISCS:
            radius = (gap / slope * share).upper() if slope > 0 else arb("inf")
            if not (radius > 0 and radius.is_finite()):
                return None
            self.work.spend(self.bends)
            bend = self.bends.bare(Ball(acb(x + arb(0, radius), arb(0, radius))))[1]
            bend = abs(bend).upper()
            reach = (gap / (slope - bend * radius / 2)).upper()
            least = (slope - bend * reach).lower()
            if reach > 0 and reach < radius and least > 0:
                return acb(x + arb(0, reach), arb(0, reach)), least
        return None


def _one_by_one(function: Callable[[float], float]) -> Callable[[Any], Any]:
    """A function of floats on arrays, which are short here."""
    return lambda x: np.array([function(v) for v in np.ravel(x).tolist()]).reshape(np.shape(x))


# of guesses: the kernels, right to the last digit, take as long for one number as for a hundred
_QUICK: dict[str, Callable[[Any], Any]] = {
    "erf": _one_by_one(erf), "erfc": _one_by_one(erfc),
    "normal_cdf": _one_by_one(lambda v: erfc(-v / sqrt(2)) / 2),
}  # fmt: skip
_DOUBLES = Algebra(
    bare=lambda x: x, whole=lambda x: x, lift=lambda number: lifted(number, np.float64(0)),
    apply=lambda primitive: _QUICK.get(primitive.name, primitive),
    raised=lambda exponent: lambda x: x ** power(exponent, x),
    maximum=maximum, minimum=minimum,
)  # fmt: skip


def in_doubles(program: Program) -> Callable[[Any], list[Any]]:
    """A program of formulas on arrays of float64: as Program.run, with what has no x worked out once."""
    plan = program.plan(_DOUBLES)

    def run(x: Any) -> list[Any]:
        values = plan.run(x)
        return [values[i] for i in program.roots]

    return run


def cdf(x: Any) -> Any:
    """P(Z < x) at a real or complex ball."""
    return (x * minus_root_half(ctx.prec)).erfc() / 2


def mass(low: Any, high: Any) -> Any:
    """P(low < Z < high)."""
    if low > 0:
        return cdf(-low) - cdf(-high)
    return cdf(high) - cdf(low)
