"""Where a monotone stretch takes a level: places that are proved, real or complex."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import acb, arb, ctx

from ..numbers.ball import Ball, minus_root_half, raw
from ..numbers.enclosure import Enclosure, enclosure
from ..numbers.recorder import Program
from ..proofs import Place, Undecided

Number = Any

_WIDENINGS = tuple(10.0**-k for k in (26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4))
_STEPS = 200  # of a search for a place
_ROUGH = 1e-13  # width at which a search ends,
_CLOSE = 1e-8  # and the length of a step of Newton's after which it does: the next is its square
_SMALL = 1e-9  # radius of a ball over which f' is sharp enough as it is


class Work:
    """Steps of formulas that are left for a question; counted, so that two runs agree."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise Undecided("it takes too many steps")


@dataclass(frozen=True)
class Stretch:
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
        self.work.spend(len(self.program.steps))
        f, slope = self.program.run(Ball(x))
        return raw(f), raw(slope)

    def over(self, box: Any, x: Any) -> tuple[Any, Any]:
        """f and f' over a ball with x in it, by their mean values."""
        self.work.spend(len(self.bends.steps))
        bend = raw(self.bends.run(Ball(box))[1])
        f, at_x = self.read(x)
        step = box - x
        slope = at_x + bend * step
        return f + slope * step, slope

    def level(self, x: Any) -> Any:
        """f at an exact point, as a ball."""
        f = self.read(x)[0]
        if isinstance(f, arb) and f.is_finite():
            return f
        self.work.spend(len(self.program.steps))
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

    def guesses(self, targets: list[Any], low: Any, high: Any) -> list[Any]:
        """About where f is the targets, all at once, in plain floating point: nothing is proved."""
        levels = np.array([float(t.mid()) for t in targets])
        lows, highs = np.full(len(targets), float(low)), np.full(len(targets), float(high))
        x = (lows + highs) / 2
        with np.errstate(all="ignore"):
            for count in range(_STEPS):
                self.work.spend(len(self.program.steps))
                f, slope = self.program.run(x)
                gap = (f - levels) * self.sign
                lows, highs = np.where(gap > 0, lows, x), np.where(gap > 0, x, highs)
                step = x - gap / (slope * self.sign)
                inside = (lows < step) & (step < highs) & (count % 8 != 7)
                before, x = x, np.where(inside, step, (lows + highs) / 2)
                if np.abs(x - before).max() < _CLOSE:
                    break
        return [arb(float(v)) for v in x]

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
    def root(self, target: Any, x: Any, radius: Any) -> Any:
        """A ball with the one place within `radius` of x at which f is the target, or None.

        Newton's step from x, with the slope over the ball, maps the ball into itself: then for every
        member of the target there is exactly one such place, and it depends on it analytically.
        """
        wide = arb(0, radius)
        box = acb(x + wide, wide) if isinstance(target, acb) else x + wide
        slope = (self.read(box) if radius < _SMALL else self.over(box, x))[1]
        try:
            step = (self.read(x)[0] - target) / slope
        except ZeroDivisionError:
            return None
        parts = (step.real, step.imag) if isinstance(step, acb) else (step,)
        if not all(part.is_finite() and abs(part) < radius for part in parts):
            return None
        return x - step


def cdf(x: Any) -> Any:
    """P(Z < x) at a real or complex ball."""
    return (x * minus_root_half(ctx.prec)).erfc() / 2


def mass(low: Any, high: Any) -> Any:
    """P(low < Z < high)."""
    if low > 0:
        return cdf(-low) - cdf(-high)
    return cdf(high) - cdf(low)
