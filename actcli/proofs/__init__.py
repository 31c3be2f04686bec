"""Certified claims about a formula over the line: proved, refuted or undecided, never sampled.

The line is every finite double. It is cut at the breakpoints of the formula; on each piece the formula is
analytic, and signs are settled by interval arithmetic on cells that are halved where they are open,
widest first, on a total budget of cells. Callers import the modules: limits need no sign patterns.

One question has one home, which others ask:

- the breakpoints, and the branch that holds between them: `breakpoints.pieces`
- the value at a place: `breakpoints.value_there`; without branches `approach.exact_value`
- a limit at a place or an infinity: `approach.Approach.limit`, on a piece `shape.Shape.end`; both by
  `approach.proved_limit`
- derivatives of a piece, and whether one is too long: `approach.extended`
- whether two branches meet: `meeting.step`; smoothness: `shape.Shape.order`
- the sign of a quantity, and its roots: `signs.signs`; of many cells to begin with: `points.cells`; the
  middle of one: `points.midpoint`; an interval around one root made smaller: `points.narrowed`
- an extremum: `extrema.extremum`; of a difference: `distance.supremum`
- primitives of what tends to an infinity: `far_out.FAR`
"""
