"""The truth that implementations are held against: real values, and how they round."""

from dataclasses import dataclass, fields
from functools import cache, cached_property
from typing import Any

import numpy as np

from ..evaluation.activation import Activation
from ..expressions.differentiate import expanded
from ..numbers.formats import FORMATS
from ..numbers.types import Array, Floats
from .straight import StraightPart, lines

QUANTITIES = ("value", "gradient")
ORDERS = (*QUANTITIES, "curvature")  # of which no kinks are known, nor the truth of narrow formats
DOUBT = 2.0**-49  # of our float64 value: 16 units in its last place
_FLOAT32_UNITS = 2.0 ** (np.clip(np.arange(256), 1, 254) - 150)
SHARP = 2.0**-24  # of a unit: what t is known to in float64


@dataclass(frozen=True)
class Truth:
    """What is true at inputs of shape (n,); all arrays are float64 or bool of that shape.

    `value` + `rest`*`unit` is t to far below a unit of the format, `right` is R, `unit` u. `zero` says that
    t is 0 exactly, `counted` that the input is finite and t a finite number. At a kink of a gradient
    `low` and `high` are the one-sided slopes, elsewhere nan.
    """

    x: Floats
    value: Floats
    rest: Floats
    right: Floats
    unit: Floats
    zero: Any
    counted: Any
    low: Floats
    high: Floats

    @cached_property
    def kink(self) -> Any:
        """Where only the one-sided slopes bind."""
        return ~np.isnan(self.low)

    def where(self, chosen: Any) -> "Truth":
        """The truth at some of the inputs."""
        return Truth(*(getattr(self, part.name)[chosen] for part in fields(self)))

    def and_of(self, other: "Truth") -> "Truth":
        """The truth at these inputs, then at others."""
        parts = ((getattr(truth, part.name) for truth in (self, other)) for part in fields(self))
        return Truth(*(np.concatenate([*pair]) for pair in parts))


@cache
def _lines(f: Activation, order: int) -> list[StraightPart]:
    return lines(expanded(f.tree), order)


class Reference:
    """The truth of one function's value, gradient or curvature in one format."""

    def __init__(self, f: Activation, dtype: str, quantity: str = "value") -> None:
        self.f = f
        self.dtype = dtype
        self.order = ORDERS.index(quantity)
        self.form = FORMATS[dtype]

    @np.errstate(all="ignore")
    def at(self, x: Array, zeros: bool = True) -> Truth:
        """The truth at numbers of the dtype, infinities and nan included.

        Without `zeros` those of t are not told from what underflows, which may take proofs.
        """
        wide = np.asarray(x).astype(np.float64)
        straight = self._straight(wide)
        value = self._wide(wide, straight)
        rest = np.zeros_like(value)
        zero = self._exactly_zero(wide, value, straight) if zeros else value == 0
        if self.dtype == "float64":
            value, rest, right = self._sharp(wide, value)
        else:
            right = self._rounded(x, wide, value, straight)
        low, high = self._sides(wide)
        with np.errstate(all="ignore"):
            unit = self._unit(right)
        # a finite truth beyond the doubles is an infinity here
        counted = np.isfinite(wide) & ~np.isnan(value)
        return Truth(wide, value, rest, right, unit, zero, counted, low, high)

    def _straight(self, x: Floats) -> list[tuple[StraightPart, Any]]:
        """The straight parts that inputs lie on, each with which ones do."""
        if self.dtype == "float64" or self.order == 2 or not x.size:
            return []
        known = x[~np.isnan(x)]  # np.fmax.reduce gives nan for inf beside nan
        low, high = known.min(initial=np.inf), known.max(initial=-np.inf)
        near = [line for line in self._lines if low < line.high and high > line.low]
        return [(line, inside) for line in near if (inside := line.inside(x)).any()]

    @cached_property
    def _lines(self) -> list[StraightPart]:
        return _lines(self.f, self.order)

    def _wide(self, x: Floats, straight: list[tuple[StraightPart, Any]]) -> Floats:
        """The truth in float64, right to 4 units in its last place."""
        read = (self.f, self.f.gradient, self.f.curvature)[self.order]
        if not straight:
            return np.array(read(x), np.float64)
        found = np.empty_like(x)
        left = np.ones(x.shape, bool)
        for line, inside in straight:
            found[inside] = line.at(x[inside])
            left &= ~inside
        if left.any():
            found[left] = read(x[left])
        return found

    def _unit(self, right: Floats) -> Floats:
        form = self.form
        if self.dtype == "float32":  # by its exponent
            exponents = (right.astype(np.float32).view(np.uint32) >> 23) & 0xFF
            return np.asarray(_FLOAT32_UNITS[exponents], np.float64)
        size = np.minimum(np.abs(right), form.largest)
        exponent = np.maximum(np.frexp(size)[1] - form.digits, form.lowest)
        exponent = np.where(size == 0, form.lowest, exponent)
        unit: Floats = np.ldexp(1.0, exponent)
        return unit

    def _rounded(
        self, x: Array, wide: Floats, value: Floats, straight: list[tuple[StraightPart, Any]]
    ) -> Floats:
        """R for formats narrower than double."""
        right: Floats = self.form.nearest(value)
        doubt = DOUBT * np.abs(value)
        doubt[~np.isfinite(doubt)] = 0
        open_ = self.form.nearest(value - doubt) != self.form.nearest(value + doubt)
        for line, inside in straight:
            here = np.flatnonzero(open_ & inside)
            known = line.rounded(wide[here], self.form)
            told = ~np.isnan(known)
            right[here[told]] = known[told]
            open_[here[told]] = False
        if self.order == 2:
            return right
        for k in np.flatnonzero(open_ & np.isfinite(wide)):
            exact = self._exact(float(wide[k]), self.form)
            if exact is not None:
                right[k] = exact
        return right

    def _exact(self, x: float, form: Any) -> float | None:
        from ..numbers.near_rational import nearest

        return next(iter(nearest(self._tree.read_once, [x], self.order, form)))

    @cached_property
    def _tree(self) -> Any:
        return expanded(self.f.tree)

    def _exactly_zero(
        self, x: Floats, value: Floats, straight: list[tuple[StraightPart, Any]]
    ) -> Any:
        """Whether the truth is 0 exactly, where float64 says 0: an underflow is none."""
        found = np.zeros(x.shape, bool)
        open_ = (value == 0) & np.isfinite(x)
        for line, inside in straight:
            found |= open_ & inside & (line.side == 0)
            open_ &= ~inside
        places = np.flatnonzero(open_)
        if not places.size:
            return found
        flat = self._constant_pieces(x[places])
        found[places[flat]] = True
        for k in places[~flat]:
            found[k] = self._is_zero(float(x[k]))
        return found

    def _constant_pieces(self, x: Floats) -> Any:
        """Whether x lies inside a piece on which f is proved constant."""
        from ..properties import check

        inside = np.zeros(x.shape, bool)
        (verdict,) = check(self.f, ["dead_zone"])
        for low, high in verdict.value or ():
            inside |= (x > low) & (x < high)
        if self.order:
            return inside
        # the value there is one number: ask at one place of each piece
        for low, high in verdict.value or ():
            here = (x > low) & (x < high)
            if here.any() and not self._is_zero(float(x[here][0])):
                inside &= ~here
        return inside

    def _is_zero(self, x: float) -> bool:
        """Whether the truth at x is 0 exactly; one that cannot be told counts as none."""
        from ..numbers.near_rational import PRECISIONS

        found = self._at(x, PRECISIONS[0])
        return found is not None and found.rest is None and found.exact == 0

    def _at(self, x: float, precision: int) -> Any:
        """The truth at a double as a nearly rational number, at so many bits; None if that is open."""
        from flint import ctx

        from ..numbers.near_rational import known_at

        with ctx.workprec(precision):
            try:
                return known_at(self._tree.read_once, x, self.order)
            except TypeError:  # whether an exponent is 0
                return None

    def _sharp(self, x: Floats, value: Floats) -> tuple[Floats, Floats, Floats]:
        """t as a pair of doubles, and R, in float64; where Arb cannot tell, our own result."""
        from flint import ctx

        from ..numbers.near_rational import PRECISIONS

        high, low, right = value.copy(), np.zeros_like(value), value.copy()
        wanted = np.isfinite(x)
        if np.isnan(value[wanted]).any():
            wanted &= ~self.outside(x)
        for k in np.flatnonzero(wanted):
            for precision in PRECISIONS:
                with ctx.workprec(precision):  # of sums that cancel too
                    found = self._at(float(x[k]), precision)
                    rounded = None if found is None else found.nearest(self.form)
                    if (
                        found is None
                        or rounded is None
                        or (found.rest is not None and not found.rest.is_finite())
                    ):
                        continue
                    right[k] = high[k] = rounded
                    if not np.isfinite(rounded):
                        break
                    gap = (found.ball - rounded) / self.form.unit(abs(rounded))
                low[k] = float(gap.mid())
                if float(gap.rad()) < SHARP:
                    break
        return high, low, right

    def outside(self, x: Floats) -> Any:
        """Where f has no value: nan elsewhere is inf - inf, or 0*inf."""
        found = np.zeros_like(x)
        self.f.domain.clear(x, [found])
        return np.isnan(found)

    def _sides(self, x: Floats) -> tuple[Floats, Floats]:
        """The one-sided slopes at kinks, else nan."""
        low, high = np.full(x.shape, np.nan), np.full(x.shape, np.nan)
        if self.order != 1:
            return low, high
        for at in self._breaks[np.isin(self._breaks, x)].tolist():
            if at not in self._slopes:
                left, slope, right = self.f.breakpoints.sides(at, 1)
                kink = np.isnan(slope) and not np.isnan([left, right]).any()
                self._slopes[at] = (left, right) if kink else (np.nan, np.nan)
            here = x == at
            low[here], high[here] = min(self._slopes[at]), max(self._slopes[at])
        return low, high

    @cached_property
    def _breaks(self) -> Floats:
        return np.array(self.f.breakpoints.within(-1e6, 1e6))

    @cached_property
    def _slopes(self) -> dict[float, tuple[float, float]]:
        """The slopes on both sides of breakpoints, where they differ or one is not known, else nan."""
        return {}
