"""Polynomials on segments that follow each other, by unknowns with which all errors are alike in size.

On each segment, where u is from -1 to 1, the approximation is the interpolant of f in Chebyshev
places less a small polynomial r(u): the error is that of the interpolant, which moves with the segment, and
r. Segments that meet share their errors at ends. The unknowns of a segment, with its ends, are neighbours
in one array: a window. Windows overlap in what two segments share. Many such chains of segments are looked
at together, one a row of unknowns: that takes little more time than one.
"""

from dataclasses import dataclass, fields, replace
from itertools import pairwise
from math import inf
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev

from ..evaluation.activation import Activation
from ..numbers.types import Floats, NumpyArray
from .exchange import chebyshev_places
from .jumps import jump_places
from .pieces import PolynomialPiece
from .piecewise import Samples, reach_of
from .polynomials import powers

PER_EXTREME = 4  # samples of a segment between two places where its error may be largest
ALL = 2**16  # over samples of f: those of a segment at least, as f may bend often in a wide one
CUTS = 10  # of what is between the samples beside a largest one
TAIL = 2_000  # samples of a tail
ZERO = 4e-16  # of the size of f, errors that doubles cannot tell from 0
NEAR = 0.8  # of the largest error, below it, within which places are seen
BESIDE = 1e-9  # of the range, from jumps
AT_KINK = 1e-9  # of a width: ends that stay
BESIDE_0, MIRRORED = 1e-6, 1e-4  # of the narrowest width, from 0 or mirror images that are meant


@dataclass(frozen=True)
class Touching:
    """Places where the error is no smaller than beside, and the ends of segments; of each chain.

    Segment -1 and the number of segments are tails, where u says nothing.
    """

    chain: NumpyArray
    segment: NumpyArray
    u: Floats
    signs: Floats
    sizes: Floats  # of errors, with that sign
    stays: NumpyArray  # places that do not move in their segment: ends, and others looked at

    @property
    def largest(self) -> Floats:
        """The largest error of each chain."""
        found = np.zeros(int(self.chain.max()) + 1)
        np.maximum.at(found, self.chain, self.sizes)
        return found

    def of(self, chosen: NumpyArray) -> "Touching":
        """Those of chosen chains, which keep their numbers."""
        parts = (getattr(self, part.name) for part in fields(self))
        return Touching(*(part[chosen[self.chain]] for part in parts))

    def also(self, other: "Touching") -> "Touching":
        """These and others."""
        names = [part.name for part in fields(self)]
        return Touching(*(np.append(getattr(self, n), getattr(other, n)) for n in names))

    def numbered(self, kept: NumpyArray) -> "Touching":
        """Those of chains that are kept, and numbered anew."""
        found = self.of(kept)
        return replace(found, chain=(np.cumsum(kept) - 1)[found.chain])


@dataclass(frozen=True)
class Local:
    """Sizes of errors less the largest, in units of that, and their derivatives by unknowns of a window."""

    touch: Touching
    error: Floats  # of each chain
    rows: NumpyArray  # of touching places
    chain: NumpyArray  # of each, ascending, as is
    window: NumpyArray
    gaps: Floats
    slopes: Floats  # errors, unknowns
    bends: Floats  # errors, unknowns, unknowns
    units: Floats  # of all unknowns, in which 1 is a large change; 0 of those that stay
    index: NumpyArray  # of unknowns in windows


class Segments:
    """Segments of one degree, and the asymptotes beyond if there are tails.

    They meet, perhaps on f, or have jumps.
    """

    def __init__(
        self, f: Activation, samples: Samples, degree: int, *, jumps: bool = False, on_curve: bool = False,
    ) -> None:  # fmt: skip
        self.f, self.degree = f, degree
        self.jumps, self.on_curve = jumps, on_curve
        left, right = samples.tails
        self.tails = (left, right) if left and right else None
        self.low, self.high = samples.x[[0, -1]].tolist()
        if left and right:  # samples reach further, to hold lines near to tails
            self.high = max(abs(reach_of(f, side, t)) for side, t in ((-1, left), (1, right)))
            self.low = -self.high
        self.kinks = np.array(f.breakpoints.within(self.low, self.high), np.float64)
        self.jumped: list[float] = []  # where f jumps: the next segment has what it is there
        if jumps:
            self.jumped = sorted(jump_places(f, self.low, self.high))
            apart = BESIDE * (self.high - self.low)
            beside = [x + shift for x in self.jumped for shift in (-apart, apart)]
            self.kinks = np.unique([*self.kinks, *beside])
        scale = float(np.max(np.abs(samples.f[np.abs(samples.x) < 64]), initial=1e-300))
        self.nothing = ZERO * scale  # an error that doubles cannot tell from 0
        self.first = 0 if jumps else 1  # of a window, where its left end is
        self.stride = degree + 1 + jumps
        dense = max(PER_EXTREME * (degree + 1), ALL // len(samples.x))
        self.u = np.array(chebyshev_places(-1.0, 1.0, dense + 1))
        self.nodes = np.array(chebyshev_places(-1.0, 1.0, degree + 1))
        self.back = np.linalg.inv(chebyshev.chebvander(self.nodes, degree)).T
        self.derivative = np.zeros((degree + 1, degree + 1))
        for k in range(1, degree + 1):
            self.derivative[:k, k] = chebyshev.chebder([*[0.0] * k, 1.0])
        self.extremes = [self._extremes(side) for side in range(2)] if self.tails else []

    # -- unknowns: of one chain, or a row for each ----------------------------------------------------
    def start(self, ends: Floats) -> Floats:
        """The unknowns of the interpolants between ends."""
        count = ends.shape[-1] - 1
        y = np.zeros((*ends.shape[:-1], count * self.stride + self.first + 1))
        y[..., self.first :: self.stride] = ends
        return y

    def ends(self, y: Floats) -> Floats:
        """The ends of segments."""
        found: Floats = y[..., self.first :: self.stride]
        return found

    def as_meant(self, y: Floats) -> Floats:
        """The unknowns with ends that are mirror images, or at 0, if they nearly are and f has no jump."""
        ends, found = self.ends(y), y.copy()
        narrow = np.min(np.diff(ends), axis=-1, initial=inf)
        mirrored = (ends - ends[..., ::-1]) / 2
        if np.all(np.abs(ends - mirrored) <= MIRRORED * narrow):
            ends = mirrored
        near = np.abs(ends) <= BESIDE_0 * narrow
        found[..., self.first :: self.stride] = np.where(near, 0.0, ends)
        return y if self.jumped else found

    def _sides(self, y: Floats) -> tuple[Floats, Floats]:
        """The two ends of each segment, of all chains."""
        ends = self.ends(y)
        return ends[..., :-1].ravel(), ends[..., 1:].ravel()

    def _index(self, y: Floats) -> NumpyArray:
        """Of the unknowns of each segment, of all chains; of one between tails that meet."""
        size = y.shape[-1]
        count = max(self.ends(y).shape[-1] - 1, 1)
        begins = np.arange(0, y.size, size)[:, None] + np.arange(count) * self.stride
        return np.asarray(begins.reshape(-1, 1) + np.arange(min(self.degree + 3, size)))

    def _basis(self, u: Floats, order: int = 0) -> Floats:
        """Derivatives by u of what the unknowns of a window are factors of in r; 0 for ends."""
        rows = self._values(u, order)
        found = np.zeros((*u.shape, self.degree + 3))
        if self.jumps:
            found[..., 1:-1] = rows
        else:
            found[..., 0] = (rows[..., 0] - rows[..., 1]) / 2
            found[..., -2] = (rows[..., 0] + rows[..., 1]) / 2
            odd = np.arange(2, self.degree + 1) % 2
            found[..., 2:-2] = rows[..., 2:] - rows[..., odd]
        return found

    def _values(self, u: Floats, order: int = 0) -> Floats:
        """Derivatives of Chebyshev polynomials."""
        rows = chebyshev.chebvander(u, self.degree)
        for _ in range(order):
            rows = rows @ self.derivative
        return np.asarray(rows, np.float64)

    def sums(self, y: Floats) -> Floats:
        """Coefficients of Chebyshev polynomials of u, a row for each segment."""
        low, high = self._sides(y)
        if not len(low):
            return np.zeros((0, self.degree + 1))
        values = np.asarray(self.f(self._between(low[:, None], high[:, None], self.nodes)))
        own = y.ravel()[self._index(y)]
        found: Floats = (values - own @ self._basis(self.nodes).T) @ self.back
        return found

    def _between(self, low: Floats, high: Floats, u: Floats) -> Floats:
        """x along segments."""
        if self.jumped:
            high = np.where(np.isin(high, self.jumped), np.nextafter(high, -inf), high)
        return np.asarray(np.where(u == 1, high, low + (high - low) * ((1 + u) / 2)), np.float64)

    def pieces(self, y: Floats) -> list[PolynomialPiece]:
        """The polynomials, and lines of tails."""
        ends = self.ends(y).tolist()
        found = [
            PolynomialPiece(a, b, [float(c) for c in powers(sums, a, b)])
            for (a, b), sums in zip(pairwise(ends), self.sums(y).tolist(), strict=True)
        ]
        if self.tails:
            lines = []
            for side, (slope, at_0) in enumerate(self.tails):
                most, least, gap = self._beyond(y, side)
                height = (most + least) / 2 if self.jumps else gap - y[-2 if side else 0]
                lines.append([at_0 + float(height[0]), slope])
            found = [
                PolynomialPiece(-inf, ends[0], lines[0]),
                *found,
                PolynomialPiece(ends[-1], inf, lines[1]),
            ]
        return found

    # -- errors -----------------------------------------------------------------------------------
    def touching(self, y: Floats) -> Touching:
        """Where errors are largest, by samples and between these."""
        low, high = self._sides(y)
        sums, count = self.sums(y), self.ends(y).shape[-1] - 1
        segment, u = np.repeat(np.arange(len(low)), len(self.u)), np.tile(self.u, len(low))
        at, kink = np.nonzero((self.kinks > low[:, None]) & (self.kinks < high[:, None]))
        if len(at):
            segment = np.concatenate([segment, at])
            u = np.concatenate([u, _along(low[at], high[at], self.kinks[kink])])
            order = np.lexsort((u, segment))
            segment, u = segment[order], u[order]

        def errors(k: NumpyArray, v: Floats) -> Floats:
            return self._errors(y, k, v, sums)

        e = errors(segment, u) if count else u
        size, same = np.abs(e), np.diff(segment) == 0
        after, before = np.append(same, False), np.append(False, same)  # there are neighbours
        inner = after & before
        top = np.flatnonzero(
            ~inner | (size >= np.append(0.0, size[:-1])) & (size >= np.append(size[1:], 0.0))
        )
        k, signs, inner = segment[top], np.where(e[top] < 0, -1.0, 1.0), inner[top]
        left, right = top - before[top], top + after[top]
        low, high = u[left], u[right]
        finer = low + (high - low) * np.arange(CUTS + 1)[:, None] / CUTS
        found = errors(np.broadcast_to(k, finer.shape), finer) * signs if count else finer
        best = np.argmax(found[1:-1], axis=0) + 1
        near, found = (
            np.stack([w[best + d, np.arange(len(top))] for d in (-1, 0, 1)]) for w in (finer, found)
        )
        low, high = near[0], near[2]
        v = _vertex(near, found, low, high)
        step = np.minimum((high - low) / 10, np.minimum(v - low, high - v))
        near = np.stack([v - step, v, v + step])
        if count:
            v = _vertex(near, errors(np.broadcast_to(k, near.shape), near), low, high)
            found = errors(k, v)
            larger = np.abs(found) > np.maximum(size[left], np.maximum(size[right], size[top]))
            moved, more = larger & inner, larger & ~inner  # beside ends of segments there are more
            kept = ~moved
            if not self.jumps:  # an end of two segments once
                kept &= (u[top] < 1) | (k % count == count - 1)
            k = np.concatenate([k[kept], k[moved | more]])
            u = np.concatenate([u[top[kept]], v[moved | more]])
            e = np.concatenate([e[top[kept]], found[moved | more]])
            order = np.lexsort((u, k))
            k, u, e = k[order], u[order], e[order]
        chain, segment = np.divmod(k, max(count, 1))
        signs = np.where(e < 0, -1.0, 1.0)
        touch = Touching(chain, segment, u, signs, np.abs(e), np.abs(u) == 1)
        for side in range(2 if self.tails else 0):
            most, least, gap = self._beyond(y, side)
            up = (most - least) / 2
            if not self.jumps:
                shift = np.atleast_2d(y)[:, -2 if side else 0] - gap
                up = np.concatenate([most + shift, -least - shift])
            own, same = np.full(len(up), count if side else -1), np.zeros(len(up))
            signs = np.where(np.arange(len(up)) < len(most), 1.0, -1.0)
            number = np.arange(len(up)) % len(most)
            touch = touch.also(Touching(number, own, same, signs, up, same > 0))
        return touch

    def looked_at(self, y: Floats, other: Touching) -> Touching:
        """What errors are where others touch inside of segments."""
        count = self.ends(y).shape[-1] - 1
        inside = (other.segment >= 0) & (other.segment < count) & ~other.stays
        chain, segment, u = other.chain[inside], other.segment[inside], other.u[inside]
        signs = other.signs[inside]
        sizes = self._errors(y, chain * count + segment, u) * signs
        return Touching(chain, segment, u, signs, sizes, np.ones(len(u), bool))

    def _errors(self, y: Floats, k: NumpyArray, u: Floats, sums: Floats | None = None) -> Floats:
        """f less the approximation."""
        (low, high), sums = self._sides(y), self.sums(y) if sums is None else sums
        found: Floats = self.f(self._between(low[k], high[k], u)) - np.sum(
            self._values(u) * sums[k], axis=-1
        )
        return found

    def _gap(self, x: Any, side: int) -> Floats:
        """f less its asymptote."""
        assert self.tails is not None
        slope, at_0 = self.tails[side]
        found: Floats = self.f(np.asarray(x, np.float64)) - slope * x - at_0
        return found

    def _extremes(self, side: int) -> tuple[Floats, Floats]:
        """Where f less its asymptote is more or less than beside, and by how much."""
        x = np.sinh(np.linspace(np.arcsinh(self.low), np.arcsinh(self.high), TAIL))
        x = np.unique(np.concatenate([x, self.kinks]))
        gap = self._gap(x, side)
        top = np.flatnonzero(np.diff(gap)[:-1] * np.diff(gap)[1:] <= 0) + 1
        low, high = x[top - 1], x[top + 1]
        v = _vertex(
            np.stack([low, x[top], high]), np.stack([gap[top + d] for d in (-1, 0, 1)]), low, high
        )
        step = np.minimum((high - low) / 60, np.minimum(v - low, high - v))
        near = np.stack([v - step, v, v + step])
        v = _vertex(near, self._gap(near, side), low, high)
        return np.append(x[top], v), np.append(gap[top], self._gap(v, side))

    def tail_errors(self, x: Floats, side: int) -> Floats:
        """How far the best lines of an asymptote's slope are from f beyond places, which ascend."""
        gap = self._gap(x, side)
        beyond = gap[::-1] if side else gap
        span = np.maximum.accumulate(np.maximum(beyond, 0.0)) - np.minimum.accumulate(
            np.minimum(beyond, 0.0)
        )
        return np.asarray(span[::-1] if side else span, np.float64) / 2

    def _beyond(self, y: Floats, side: int) -> tuple[Floats, Floats, Floats]:
        """The most and the least that f is above its asymptote from outer ends on, and that there."""
        ends = np.atleast_2d(self.ends(y))[:, -side]
        x, gaps = self.extremes[side]
        gap = self._gap(ends, side)
        out = np.where(x > ends[:, None] if side else x < ends[:, None], gaps, 0.0)
        most, least = np.max(out, axis=1, initial=0.0), np.min(out, axis=1, initial=0.0)
        return np.maximum(most, gap), np.minimum(least, gap), gap

    # -- what becomes of them ---------------------------------------------------------------------
    def local(self, y: Floats, touch: Touching, free: bool) -> Local:
        """What becomes of the largest errors near unknowns, to the second order; ends may be `free`."""
        error = touch.largest
        seen = touch.sizes >= error[touch.chain] * (1 - NEAR)
        chain, segment = touch.chain[seen], touch.segment[seen]
        u, signs = touch.u[seen], touch.signs[seen]
        index, count = self._index(y), self.ends(y).shape[-1] - 1
        width = index.shape[1]
        slopes = np.zeros((len(u), width))
        bends = np.zeros((len(u), width, width))
        inner = (segment >= 0) & (segment < count)
        if count:
            slopes[inner], bends[inner] = self._inside(
                y, (chain * count + segment)[inner], u[inner], signs[inner],
                touch.stays[seen][inner],
            )  # fmt: skip
        for side in range(2 if self.tails else 0):
            (rows,) = np.nonzero(segment == (count if side else -1))
            here = chain[rows]
            end = np.atleast_2d(self.ends(y))[here, -side]
            most, least, gap = (v[here] for v in self._beyond(y, side))
            assert self.tails is not None
            slope, bend = self.f.gradient(end) - self.tails[side][0], self.f.curvature(end)
            place = width - 1 if side else self.first
            if self.jumps:
                share = ((most == gap) * 1.0 - (least == gap)) / 2
            else:
                share = -1.0 * (np.where(signs[rows] > 0, most, least) != gap)
                slopes[rows, width - 2 if side else 0] = 1.0
            slopes[rows, place], bends[rows, place, place] = share * slope, share * bend
        units = np.repeat(error[:, None], y.shape[-1], axis=1)
        if self.on_curve:
            units[:, :: self.stride] = 0.0
        units[:, self.first :: self.stride] = self._room(np.atleast_2d(self.ends(y))) if free else 0
        units = units.ravel()
        scale = units[index]
        window = chain * max(count, 1) + np.clip(segment, 0, max(count, 1) - 1)
        order = np.argsort(window, kind="stable")
        factor, window, chain = (signs / error[chain])[order, None], window[order], chain[order]
        turns = scale[:, :, None] * scale[:, None, :]
        return Local(
            touch, error, np.flatnonzero(seen)[order], chain, window,
            touch.sizes[seen][order] / error[chain] - 1,
            slopes[order] * scale[window] * factor, bends[order] * turns[window] * factor[:, None],
            units, index,
        )  # fmt: skip

    def _inside(
        self, y: Floats, k: NumpyArray, u: Floats, signs: Floats, fixed: NumpyArray
    ) -> tuple[Floats, Floats]:
        """First and second derivatives of errors at places by the unknowns of windows."""
        (low, high), sums = self._sides(y), self.sums(y)
        half, x = (high - low)[k] / 2, self._between(low[k], high[k], u)
        kink = np.zeros(len(u), bool)
        if len(self.kinks):
            kink = np.min(np.abs(x[:, None] - self.kinks), axis=1) <= 1e-9 * half
        rise, bend = (
            np.nan_to_num(np.asarray(read(x), np.float64), posinf=0, neginf=0)
            for read in (self.f.gradient, self.f.curvature)
        )
        values, first = self._values(u), self._values(u, 1)
        rise = np.where(fixed, rise, np.sum(first * sums[k], axis=1) / half)
        places = self._between(low[:, None], high[:, None], self.nodes)
        rises, twists = (
            np.nan_to_num(np.asarray(read(places), np.float64), posinf=0, neginf=0)
            for read in (self.f.gradient, self.f.curvature)
        )
        shares = np.stack([1 - u, 1 + u]) / 2  # of the moves of ends
        at_nodes = np.stack([1 - self.nodes, 1 + self.nodes]) / 2
        width = self.degree + 3
        place = self.first, width - 1
        slopes, tilts = self._basis(u), self._basis(u, 1)
        bends = np.zeros((len(u), width, width))
        for a in range(2):
            moved = (rises * at_nodes[a]) @ self.back
            slopes[:, place[a]] = rise * shares[a] - np.sum(values * moved[k], axis=1)
            tilts[:, place[a]] = (
                bend * shares[a] * half + rise * (a - 0.5) - np.sum(first * moved[k], axis=1)
            )
            for b in range(2):
                twice = (twists * at_nodes[a] * at_nodes[b]) @ self.back
                bends[:, place[a], place[b]] = bend * shares[a] * shares[b] - np.sum(
                    values * twice[k], axis=1
                )
        curve = bend * half**2 - np.sum(self._values(u, 2) * sums[k], axis=1)
        moves = ~fixed & ~kink & (curve * signs < 0)
        bends[moves] -= tilts[moves, :, None] * tilts[moves, None, :] / curve[moves, None, None]
        bends[kink & ~fixed] = 0.0
        return slopes, bends

    def _room(self, ends: Floats) -> Floats:
        """How narrow segments beside ends are; 0 of ends that stay."""
        widths = np.diff(ends)
        if not widths.size:
            return np.ones_like(ends)
        room = np.minimum(
            np.concatenate([widths, widths[:, -1:]], 1), np.concatenate([widths[:, :1], widths], 1)
        )
        if len(self.kinks):
            apart = np.min(np.abs(ends[..., None] - self.kinks), axis=-1)
            room = np.where(apart <= AT_KINK * room, 0.0, room)
        if not self.tails:
            room[:, [0, -1]] = 0.0
        return np.asarray(room, np.float64)


def _along(low: Floats, high: Floats, x: Floats) -> Floats:
    """Where places are along segments."""
    return (2 * x - low - high) / (high - low)


def _vertex(x: Floats, y: Floats, low: Floats, high: Floats) -> Floats:
    """Where the parabola through three points is flat, between two places; else the middle one."""
    (a, b, c), (ya, yb, yc) = x, y
    with np.errstate(all="ignore"):
        over = (b - a) ** 2 * (yb - yc) - (b - c) ** 2 * (yb - ya)
        found = b - over / ((b - a) * (yb - yc) - (b - c) * (yb - ya)) / 2
    return np.asarray(np.where((found > low) & (found < high), found, b), np.float64)
