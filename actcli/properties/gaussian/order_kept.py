"""Certifies how often the larger of two standard normal inputs gives the larger output.

The idea. P(f(a) < f(b) | a < b) is 2 P(a < b, f(a) < f(b)), an integral over a plane region with a curved
boundary. The line is cut into stretches on which f rises, falls or is constant, and the values into
bands between the levels at the stretches' ends. Then a part of a stretch crosses a band from floor to
top or not at all, and pairs are of four kinds:
- on one stretch: all pairs of a rising one count, mass^2 / 2, and no others;
- from different bands: the product of their masses counts, if the band further right is the higher one;
- at one level (constant stretches): ties, which do not count;
- from two stretches that cross one band: the only kind that needs an integral (`_Band`). Let s run along
  the first; every other stretch takes the level f(s) at one place, an analytic function of s, so that
  the density of pairs is one too. It is summed by Gauss-Legendre quadrature over balls.

What always holds
- Every number is a ball (Arb), every place a proved one: Newton's step maps an interval into itself
  (interval Newton), or Rouche's theorem puts one root into a complex disc (`inverse`).
- The error of a sum is bounded by a bound of the integrand on a Bernstein ellipse (`quadrature.remainder`),
  which comes from complex balls around places of all the levels taken there. Where no ellipse
  will do the cell is halved, and a cell whose pairs cannot weigh enough is enclosed by its masses.
- Where two stretches meet at a turn, places behave like square roots of the level: near it the sum runs
  over t, level = f(m) + t^2, in which they are analytic (`turning_points`).
- What is left out (beyond 8.5, slivers, cuts between bands) is added as an interval to the answer, which
  is given only if its radius is below `ENOUGH`; a budget of steps, not of time, ends the work.
- An even f is settled by symmetry: (1 - ties)/2.

A worked example: gelu falls to m = -0.751792, where it is -0.169971, and rises then. P(Z < m) = 0.226088,
so the rising stretch has mass 0.773912. Levels are -0.169971, (almost) 0 and f(8.5) = 8.5: two bands. The
upper one holds the rising stretch right of 0, of mass 1/2. Pairs with a < b that keep their order:

    both on the rising stretch          0.773912^2 / 2        0.299470
    a falling, b in the upper band      0.226088 * 1/2        0.113044
    a falling, b rising, lower band     the integral          0.033713

Together 0.446227, and 0.892454 given a < b. For relu the constant stretch ties with itself: 1/8 for
both right of 0 and 1/4 for one on each side, doubled 3/4.

    >>> from actcli import activation
    >>> [order_kept_probability(Shape(activation(name).tree)) for name in ("gelu", "relu", "abs(x)")]
    [0.89245363581, 0.75, 0.5]
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any, NamedTuple

from flint import acb, arb, ctx

from ...expressions.canonical import equal
from ...expressions.node import Node
from ...numbers.interval import Enclosure
from ...proofs.points import Place, Undecided
from ...proofs.shape import Shape
from ..identity import mirrored
from .inverse import MonotonePiece, Work, cdf, mass
from .quadrature import DEGREES, ELLIPSES, PRECISION, REACH, ellipse, remainder, rule
from .turning_points import Turn, turn

ENOUGH = 8e-9  # radius of an answer that is given
_WORK = 1_700_000  # steps of formulas: about a second
_STRETCHES = 40
_SLIVER = 1e-12  # mass of a stretch that is left out
_SAME = arb("1e-22")  # levels that are closer are taken together
_TINY = 5e-11  # share of pairs in a cell that may be left open: this over 9 + bands
_REST = 0.1  # part of that for the remainder of a sum


class _Run(NamedTuple):
    """A stretch, the places of its ends, and its levels there (ends first, last) as intervals."""

    stretch: MonotonePiece
    first: tuple[Any, Any]
    last: tuple[Any, Any]
    tree: Node

    @property
    def bottom(self) -> tuple[Any, Any]:
        return self.first if self.stretch.sign > 0 else self.last

    @property
    def top(self) -> tuple[Any, Any]:
        return self.last if self.stretch.sign > 0 else self.first


class _MassCell(NamedTuple):
    """A cell from a to b of the first stretch, the places of all in it, and the masses below its ends."""

    a: Any
    b: Any
    first: Sequence[Any]
    last: Sequence[Any]
    low: Sequence[Any]
    high: Sequence[Any]


class _Plan(NamedTuple):
    """A sum over a cell: half its length, the nodes with their weights, and a ball of what it misses."""

    half: Any
    nodes: list[tuple[Any, Any]]
    rest: Any


def order_kept_probability(shape: Shape) -> float | None:
    """P(f(a) < f(b) | a < b) for independent standard normal a and b, right to 1e-8, or None."""
    try:
        with ctx.workprec(PRECISION):
            pairs = _Pairs(shape)
            found = (1 - pairs.ties()) / 2 if mirrored(shape.pieces, 1) else pairs.share()
    except Undecided:
        return None
    if not (found.is_finite() and found.rad() < ENOUGH):
        return None
    return min(1.0, max(0.0, round(float(found.mid()), 12)))


class _Pairs:
    """The pairs of inputs, by the stretches and bands that they lie in."""

    def __init__(self, shape: Shape) -> None:
        self.work = Work(_WORK)
        self.runs, rest = _runs(shape, self.work)
        if len(self.runs) > _STRETCHES:
            raise Undecided("too many stretches")
        self.levels = _levels(self.runs)
        flat = [run for run in self.runs if run.stretch.sign == 0]
        for one, other in combinations(flat, 2):
            same = self._index(one.first) == self._index(other.first)
            if same and not equal(one.tree, other.tree):
                raise Undecided("whether two constant stretches have one level stays open")
        self.open = rest + 4e-17  # mass whose pairs are not counted: beyond REACH, and at cuts

    def ties(self) -> Any:
        """P(f(a) = f(b)): both on stretches of one level. An even f keeps half of the other pairs."""
        flat: dict[int, Any] = {}
        for run in self.runs:
            if run.stretch.sign == 0:
                level = self._index(run.first)
                share = mass(run.stretch.low, run.stretch.high)
                flat[level] = flat.get(level, arb(0)) + share
        return sum((share**2 for share in flat.values()), arb(0, self.open.upper()))

    def share(self) -> Any:
        """P(f(a) < f(b) | a < b), from the pairs of all kinds."""
        parts, masses = self._parts()
        total = arb(0)
        crowd = [arb(0)] * (2 * len(self.levels))  # masses of the stretches further left
        for run, own in zip(self.runs, masses, strict=True):
            if run.stretch.sign > 0:
                total += mass(run.stretch.low, run.stretch.high) ** 2 / 2
            below, place = arb(0), 0
            for position, share in sorted(own.items()):
                below += sum(crowd[place:position], arb(0))
                place = position
                total += below * share
            for position, share in own.items():
                crowd[position] += share
        for found in parts.values():
            if len(found) > 1:
                total += _Band(found, _TINY / (9 + len(parts))).pairs()
        return 2 * (total + arb(0, self.open.upper()))

    def _parts(self) -> tuple[dict[int, list[MonotonePiece]], list[dict[int, Any]]]:
        """The stretches cut at the levels, by band; and per run the masses at 2*level and 2*band + 1."""
        parts: dict[int, list[MonotonePiece]] = {}
        masses: list[dict[int, Any]] = []
        for run in self.runs:
            s = run.stretch
            floor, top = self._index(run.bottom), self._index(run.top)
            if s.sign == 0 or floor == top:
                masses.append({2 * floor: mass(s.low, s.high)})
                if s.sign:
                    self.open += mass(s.low, s.high)
                continue
            ends = {floor: s.low, top: s.high} if s.sign > 0 else {floor: s.high, top: s.low}
            cuts = [self._cut(s, k, ends.get(k)) for k in range(floor, top + 1)][:: s.sign]
            own: dict[int, Any] = {}
            if not all(a < b for (_, a), (b, _) in pairwise(cuts)):  # levels that hardly differ
                self.open += mass(s.low, s.high)
                masses.append(own)
                continue
            for n, ((_, a), (b, _)) in enumerate(pairwise(cuts)):
                band = floor + n if s.sign > 0 else top - 1 - n
                own[2 * band + 1] = mass(a, b)
                turns = (s.turns[0] if n == 0 else None, s.turns[1] if n + 2 == len(cuts) else None)
                parts.setdefault(band, []).append(replace(s, low=a, high=b, turns=turns))
            self.open += sum((mass(a, b) for a, b in cuts if a < b), arb(0))
            masses.append(own)
        return parts, masses

    def _cut(self, s: MonotonePiece, level: int, end: Any) -> tuple[Any, Any]:
        """Exact places between which the stretch passes a level: one at its end, if it has it there."""
        bottom, top = self.levels[level]
        if not (bottom.is_finite() and top.is_finite()):
            return end, end
        return s.around(bottom, top, s.near(((bottom + top) / 2).mid()) if end is None else end)

    def _index(self, level: tuple[Any, Any]) -> int:
        return next(k for k, (a, b) in enumerate(self.levels) if a <= level[0] and level[1] <= b)


class _Band:
    """The pairs of two stretches that both cross a band from its floor to its top."""

    def __init__(self, found: list[MonotonePiece], tiny: float) -> None:
        self.found = found
        self.tiny = tiny
        # s runs along the first one; the others are searched between their ends
        self.floors = [part.low if part.sign > 0 else part.high for part in found]
        self.masses = [mass(part.low, part.high) for part in found]
        self.below = [cdf(floor) for floor in self.floors]
        self.root = (2 * arb.pi()).sqrt()

    def pairs(self) -> Any:
        """P(a in an earlier stretch, b in a later one, f(a) < f(b))."""
        guide = self.found[0]
        total = arb(0)
        sides = []
        for top in (False, True):
            places = [part.high if (part.sign > 0) == top else part.low for part in self.found]
            shares = self.masses if top else [arb(0)] * len(places)
            if (near := self._turning(top, places)) is not None:
                more, balls = near
                total += more
                shares = [self._share(k, ball) for k, ball in enumerate(balls)]
                places = [ball.mid() for ball in balls]
            sides.append((places, shares))
        (first, low), (last, high) = sides[:: guide.sign]
        cells = [_MassCell(first[0], last[0], first, last, low, high)]
        while cells:  # all of a size at once: places are guessed together
            wide = []
            for cell in cells:
                steps = self._between(cell.low, cell.high)
                if steps.rad() < self.tiny:
                    total += steps
                else:
                    wide.append(cell)
            middles = [((cell.a + cell.b) / 2).mid() for cell in wide]
            levels = [guide.level(x) for x in middles]
            rows = self._nodes(levels, wide)
            places = [[x, *(at for at, _ in row)] for x, row in zip(middles, rows, strict=True)]
            sums = self._gauss(wide, places)
            cells = []
            for cell, at, found in zip(wide, places, sums, strict=True):
                if found is not None:
                    total += found
                    continue
                middle = [self._share(k, place) for k, place in enumerate(at)]
                centre = [place.mid() for place in at]
                cells += [
                    _MassCell(cell.a, at[0], cell.first, centre, cell.low, middle),
                    _MassCell(at[0], cell.b, centre, cell.last, middle, cell.high),
                ]
        return total

    def _turning(self, top: bool, ends: list[Any]) -> tuple[Any, list[Any]] | None:
        """The pairs near a level at which two stretches turn, and places at the end of that cell."""
        turns = [part.turns[(part.sign > 0) == top] for part in self.found]
        known = {place for place in turns if place is not None}
        if len(known) != 1:
            return None
        place = known.pop()
        ball = _end(place)
        index = [place is not None for place in turns]
        found = turn(self.found[index.index(True)], ball, -1 if top else 1)
        if found is None:
            return None
        far = [part.high if (part.sign > 0) != top else part.low for part in self.found]
        k = index.index(True)
        height = abs(self.found[k].level(far[k]) - found.level).lower()
        slack = sum((mass(*sorted((ball, end), key=lambda x: float(x.mid()))).union(0)
                     for end, turns in zip(ends, index, strict=True) if turns), arb(0))  # fmt: skip
        for length, rho, span in found.cells(height) if height > 0 else []:
            size = self._size_near(found, index, ends, span)
            if size is None:
                continue
            enough = self._degree(size, length / 2, rho)
            if enough is None:
                continue
            total = arb(0, (enough[1] + slack).upper())
            nodes = [((length / 2 * (1 + node)).mid(), w) for node, w in rule(enough[0])]
            levels = [found.level + found.up * t * t for t, _ in nodes]
            cell = _MassCell(None, None, ends, far, (), ())
            for (t, weight), row in zip(
                nodes, self._nodes(levels, [cell] * len(levels), 0), strict=True
            ):
                rates = [2 * t / abs(slope) for _, slope in row]
                total += self._sum([x for x, _ in row], rates) * weight * length / 2
            if total.rad() < self.tiny:
                (row,) = self._nodes([found.level + found.up * length**2], [cell], 0)
                return total, [x for x, _ in row]
        return None

    def _size_near(self, near: Turn, index: list[bool], ends: list[Any], span: Any) -> Any:
        """A bound for the density in t of pairs, on an ellipse that reaches so far; or None."""
        square = (span * span).upper()
        level = acb(near.level + arb(0, square), arb(0, square))
        boxes, rates = [], []
        for k, turns in enumerate(index):
            if turns:
                boxes.append(near.box)
                rates.append(near.rate(span))
                continue
            known = self._box(k, level, ends[k])
            if known is None:
                return None
            boxes.append(known[0])
            rates.append(2 * span / known[1])
        size = self._size(boxes, rates)
        return size if size.is_finite() else None

    def _size(self, boxes: list[Any], rates: list[Any]) -> Any:
        """A bound for `_sum` over places in complex balls, whose rates have these bounds."""
        total, below = arb(0), arb(0)
        for k, (box, rate) in enumerate(zip(boxes, rates, strict=True)):
            total += below * abs((box * box * -0.5).exp()) * rate
            below += abs(self._share(k, box))
        return (total / self.root).upper()

    def _sum(self, places: Sequence[Any], rates: Sequence[Any]) -> Any:
        """The density of pairs whose later member is at one of these places, which move at these rates."""
        total, below = 0, 0
        for k, (x, rate) in enumerate(zip(places, rates, strict=True)):
            if k:
                total = total + below * (x * x * -0.5).exp() * rate
            below = below + self._share(k, x)
        return total / self.root

    def _share(self, k: int, place: Any) -> Any:
        """The mass of a stretch below the level that it takes at a place."""
        return (cdf(place) - self.below[k]) * self.found[k].sign

    def _between(self, low: Sequence[Any], high: Sequence[Any]) -> Any:
        """The pairs with the later member in a cell, from the masses below its two ends."""
        total, before, after = arb(0), arb(0), arb(0)
        for a, b in zip(low, high, strict=True):
            total += abs(b - a) * before.union(after)
            before, after = before + a, after + b
        return total

    def _place(
        self, k: int, level: Any, first: Any, last: Any, guess: Any = None
    ) -> tuple[Any, Any]:
        """A ball with the place where a stretch takes a level, and its slope there."""
        part = self.found[k]
        low, high = (first, last) if first < last else (last, first)
        if guess is None:
            guess = part.near(level, low, high)
        for again in (False, True):
            near = part.near(level, low, high, guess) if again else guess.mid()
            known: tuple[Any, Any] | None = part.root(level, near)
            if known is not None and low < known[0] and known[0] < high:
                return known
        a, b = part.around(level.lower(), level.upper(), near)
        return a.union(b), part.read(a.union(b))[1]

    def _nodes(
        self, levels: list[Any], cells: Sequence[_MassCell], start: int = 1
    ) -> list[list[tuple[Any, Any]]]:
        """Per level, each in a cell, a ball with its place in every stretch from number `start` on, and
        the slope there."""
        columns = []
        for k in range(start, len(self.found)):
            ends = [(min(one, other), max(one, other))
                    for one, other in ((cell.first[k], cell.last[k]) for cell in cells)]  # fmt: skip
            guesses = self.found[k].guesses(levels, ends)
            columns.append([self._place(k, level, low, high, guess) for level, (low, high), guess
                            in zip(levels, ends, guesses, strict=True)])  # fmt: skip
        return [list(row) for row in zip(*columns, strict=True)]

    def _gauss(self, cells: list[_MassCell], places: list[list[Any]]) -> list[Any]:
        """The integrals over cells, or None, by places in their middles."""
        guide = self.found[0]
        plans = [self._plan(cell, at) for cell, at in zip(cells, places, strict=True)]
        reads = [[guide.read(s) for s, _ in plan.nodes] if plan else [] for plan in plans]
        levels = [level for found in reads for level, _ in found]
        within = [cell for cell, found in zip(cells, reads, strict=True) for _ in found]
        rows = iter(self._nodes(levels, within))
        sums: list[Any] = []
        for plan, found in zip(plans, reads, strict=True):
            if plan is None:
                sums.append(None)
                continue
            total = plan.rest
            for (s, weight), (_, slope) in zip(plan.nodes, found, strict=True):
                row = next(rows)
                rates = [1, *(abs(slope / other) for _, other in row)]
                total += self._sum([s, *(place for place, _ in row)], rates) * weight * plan.half
            sums.append(total if total.rad() < self.tiny else None)
        return sums

    def _plan(self, cell: _MassCell, places: list[Any]) -> "_Plan | None":
        """The nodes of a sum over a cell, and what it misses; None if that is too much."""
        guide, half = self.found[0], ((cell.b - cell.a) / 2).upper()
        x = places[0]
        for rho in ELLIPSES[1:]:
            box = ellipse(x, half, rho)
            level, slope = guide.over(box, x)
            near = [self._box(k, level, places[k]) for k in range(1, len(places))]
            if any(known is None for known in near):
                continue
            rates = [abs(slope).upper() / least for _, least in near]
            size = self._size([box, *(ball for ball, _ in near)], [arb(1), *rates])
            if not size.is_finite():
                continue
            enough = self._degree(size, half, rho)
            if enough is not None:
                nodes = [((x + half * place).mid(), weight) for place, weight in rule(enough[0])]
                return _Plan(half, nodes, arb(0, enough[1].upper()))
        return None

    def _degree(self, size: Any, half: Any, rho: Any) -> tuple[int, Any] | None:
        """The least number of nodes of which the remainder is small enough, and that; or None."""
        rests = ((n, remainder(size, half, rho, n)) for n in DEGREES)
        return next((found for found in rests if found[1] < self.tiny * _REST), None)

    def _box(self, k: int, level: Any, place: Any) -> Any:
        """A ball with the places of all the levels of a complex ball, or None."""
        if not place.rad() < 1e-9:
            return None
        return self.found[k].roots(level, place.mid())


# -- stretches and levels ------------------------------------------------------------------------
def _runs(shape: Shape, work: Work) -> tuple[list[_Run], Any]:
    """The stretches of the gradient's sign within +-REACH, and the mass of those that hardly count.

    These would cut the values into bands at levels that hardly matter.
    """
    found, rest = [], arb(0)
    for index, part in shape.known_pattern(1):
        low, high = (_end(place) for place in (part.low, part.high))
        low, high = max(low.upper(), arb(-REACH)), min(high.lower(), arb(REACH))
        if not low < high:
            continue
        if mass(low, high) < _SLIVER:
            rest += mass(low, high)
            continue
        programs = shape.program(index, 0), shape.program(index, 1)
        piece = shape.pieces[index]
        turns = [place if place.finite and abs(place.number) < REACH
                 and place not in (piece.low, piece.high) else None
                 for place in (part.low, part.high)]  # fmt: skip
        stretch = MonotonePiece(*programs, low, high, part.sign or 0, work, (turns[0], turns[1]))
        if part.sign == 0:
            first = last = _ends(stretch.level(((low + high) / 2).mid()))
        else:
            first = _level(shape, index, part.low, False, stretch)
            last = _level(shape, index, part.high, True, stretch)
        found.append(_Run(stretch, first, last, shape.trees(index, 0)[0]))
    return found, rest


def _end(place: Place) -> Any:
    """An end of a stretch as a ball."""
    if not place.finite:
        return arb(float(place.low))
    known = place.enclosure
    return known.low.union(known.high)


def _level(
    shape: Shape, index: int, place: Place, right: bool, stretch: MonotonePiece
) -> tuple[Any, Any]:
    """The level at an end of a stretch, as an interval."""
    if not place.finite or not abs(place.number) < REACH:
        return _ends(stretch.level(stretch.high if right else stretch.low))
    piece = shape.pieces[index]
    if place in (piece.low, piece.high):
        limit = shape.end(index, place == piece.high, 0)
    else:
        limit = shape.value(place, 0, index)
    if isinstance(limit, Enclosure):
        return limit.low, limit.high
    if limit is None:
        raise Undecided(f"no limit at {place.number:.6g}")
    return arb(limit), arb(limit)


def _ends(ball: Any) -> tuple[Any, Any]:
    """A ball as an interval; Undecided if it is not finite."""
    if not ball.is_finite():
        raise Undecided("a level stays open")
    return ball.lower(), ball.upper()


def _levels(runs: list[_Run]) -> list[tuple[Any, Any]]:
    """Ascending and apart; what cannot be told apart, or hardly and is no two constants, is one."""
    kept, flat = list[tuple[Any, Any]](), False
    levels = [(*level, not run.stretch.sign) for run in runs for level in (run.first, run.last)]
    for low, high, own in sorted(levels, key=lambda level: level[:2]):
        gap = low - kept[-1][1] if kept else arb(1)
        near = low.is_finite() and gap < _SAME * (1 + abs(low)) and not (own and flat)
        if kept and (low <= kept[-1][1] or near):
            kept[-1], flat = (kept[-1][0], max(kept[-1][1], high)), own or flat
        else:
            kept.append((low, high))
            flat = own
    return kept
