"""Finds the constants of a formula that bring it nearest to a function: least largest error, proved."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from math import inf, isfinite, nextafter

import numpy as np
from flint import arb, fmpq
from flint.utils.flint_exceptions import DomainError

from ..evaluation.activation import Activation
from ..evaluation.function_text import resolve
from ..expressions.node import Interpreter, Node, node, rebuilt
from ..expressions.parser import parse
from ..numbers.interval import Enclosure
from ..numbers.types import Floats
from ..proofs.difference import size_of
from ..wording import count_of, joined
from .compared import CLOSE, by_interpolation, polynomial_of, typed
from .constrained import root_at_zero
from .design import Design, exact_text, horner
from .grids import grid_named
from .polynomials import Reading
from .refit_bound import SHARES, apart, least_error
from .refit_form import FAR, FARTHER, LARGE, ROUNDING, Fit, Form
from .refit_grid import on_grid
from .refit_search import approached, better, improved, starts
from .refit_ties import Tie, ties_near
from .request import PLAIN, RUNAWAY, Conditions

MOST_NAMES = 6
FEW = 2  # constants for which bounds that are further off are tried
RIVALS = 2  # times that better constants are looked for
SEEN = 1e-9  # of such constants, errors whose slopes are seen
CELLS = 8_000
SAME = 1e-10  # of the size of f, what is nearly f
NO_WORSE = 1 + 1e-3  # times the error of a fit, that of one with its ties
MOST_TRIED = 60  # ties, alone and together
LEFT = 1e20  # where a formula that leaves f has left it
NEAR = 8.0  # where roots are looked for on the whole line
AT_0 = 1e-12  # places as near are at 0
NEWTON = 4  # steps to where an error turns


def refit(
    f: Activation, text: str, limits: tuple[float, float] | None, start: Mapping[str, str],
    asked: Conditions = PLAIN,
) -> Design:  # fmt: skip
    """The formula `text` with the constants that bring it nearest to f, proved.

    ValueError where it has none to find, and where a fit runs away.
    """
    grid = grid_named(asked.coefficients)
    relative = asked.relative
    form = Form(text, f, limits, relative)
    if not form.names:
        raise ValueError(f"{text!r} has no names to fit; write one, as in 'x*sigmoid(c*x)'")
    if len(form.names) > MOST_NAMES:
        raise ValueError(
            f"{text!r} has {count_of(len(form.names), 'name')} to fit; {MOST_NAMES} at most"
        )
    if idle := form.idle():
        raise ValueError(
            f"no effect of {joined(idle)} on {text!r} is seen; leave it out, or write a number for it"
        )
    if relative:
        _check_roots(form)
    whole, fit = form, _fitted(form, starts(form, start))
    if limits is None:
        form, fit = _tied(form, fit, set())
    judged = form.judged(fit)
    if fit.settled and not judged.settled:  # samples do not show where the error is large
        judged = form.judged(improved(form, fit.values, sharp=True))
    fit = judged
    told = fit.error > ROUNDING * form.scale  # places are, and better constants
    least: float | None = None
    far = np.max(np.abs(fit.values), initial=0.0) > LARGE  # boxes of constants are without end
    for _ in range(RIVALS if told and not far else 0):
        ends = [float(x) for x in form.x[[0, -1]]]  # what is level is touched there too
        places = [*form.touched(fit.values), *([-FARTHER, FARTHER] if form.ties else ends)]
        all_of_it = form.constants(fit.values)
        best = {name: float(all_of_it[name]) for name in whole.names}
        least, rivals = least_error(
            f, whole.tree, best, fit.error, places, relative, worst=whole.touched
        )
        free = [k for k, name in enumerate(whole.names) if name in form.names]
        found = better(form, fit, [[values[k] for k in free] for values in rivals])
        if found is None:
            break
        fit = found
    if (values := form.exact(fit.values)) is not None:
        fit, told, least = Fit(values, 0.0), False, None
    if told and not far and least is None and len(form.names) <= FEW:
        least, _ = least_error(
            f, whole.tree, best, fit.error, places, relative, SHARES[1:], whole.touched
        )
    if isfinite(fit.error) and grid.name != "float64":
        fit = on_grid(form, fit, grid)
        told = fit.error > ROUNDING * form.scale
    exact = form.constants(fit.values)
    named = {n: (lambda v: float(v) if float(v) == v else str(v))(exact[n]) for n in whole.names}
    shown = ", ".join(f"{name} = {float(exact[name]):.6g}" for name in whole.names)
    largest = float(max(abs(value) for value in exact.values()))
    known = fit.settled and fit.error > SEEN * largest
    if not isfinite(fit.error) or largest > (RUNAWAY if known else LARGE) * form.unit:
        raise ValueError(
            f"the fit of {text!r} runs away: ever larger constants come nearer, as {shown}; write a "
            "number for one of them"
        )
    if (
        form.ties
        and grid.name != "float64"
        and any(v != grid.nearest(float(v)) for v in exact.values())
    ):
        tie = form.ties[0]
        raise ValueError(
            f"far out the formula is near {f.label} only where {tie.name} = {tie.written}, which numbers "
            f"of {grid.name} are not; write that for {tie.name}, or give a range, as in -r -4:4"
        )
    g = resolve(text, {name: exact_text(value) for name, value in exact.items()})
    bounds = _largest_error(f, g, limits, relative, near=fit.error < CLOSE * form.scale)
    known = isfinite(bounds[1])
    if bounds[0] == inf or (known and bounds[0] > 1.01 * fit.error + 1e-14):
        if limits is None and bounds[0] == inf:
            raise ValueError(
                f"with {shown} the {'relative ' * relative}error has no bound: far out the formula is not "
                f"near {f.label}; give a range, as in -r -4:4"
            )
        if limits is None:
            at, advice = f" again beyond {_leaving(form, fit):.3g}", "give a range, as in -r -4:4"
        else:
            at, advice = " between samples", f"start it by -p, as in -p {form.names[0]}=1"
        raise ValueError(f"with {shown} the formula leaves {f.label}{at}; {advice}")
    low, high = limits or (-inf, inf)
    return Design(
        function=f.label, kind="refit", low=low, high=high, coefficients=named,
        error_low=bounds[0], error_high=bounds[1],
        attained_at=_turning(form, g, fit, low, high) if told else [],
        optimum_low=(least if bounds[1] else 0.0) if known else None,
        formula=g.text if g.tree.has_x else f"{g.text} + 0*x",  # as a formula has an x
        format=grid.name, relative=relative,
        approached=told and grid.name == "float64" and approached(form, fit),
        ties=[f"{tie.name} = {tie.written}" for tie in form.ties if tie.op],
    )  # fmt: skip


def _fitted(form: Form, many: Sequence[Floats]) -> Fit:
    """The best constants that starts lead to."""
    fit = min((improved(form, values) for values in many), key=lambda found: found.error)
    exact = form.exact(fit.values)
    return fit if exact is None else Fit(exact, 0.0)


def _tied(form: Form, fit: Fit, tried: set[frozenset[Tie]]) -> tuple[Form, Fit]:
    """The formula with the ties that its tails need, and its constants; as it was if none are found.

    Of what is nearly f, as of waves, constants are tied to plain numbers too. Few ties are `tried`:
    of a product a*b*c any number of them leave it what it is.
    """
    nearly = fit.error <= SAME * form.scale
    leaves = _leaves(form, fit)
    for tie in ties_near(form.names, fit.values.tolist()) if leaves or nearly else ():
        if not leaves and (
            tie.op or abs(fit.values[form.names.index(tie.name)] - tie.number) > SAME
        ):
            continue
        ties = [*form.ties, tie]
        if frozenset(ties) in tried or len(tried) >= MOST_TRIED:
            continue
        tried.add(frozenset(ties))
        tied = Form(form.text, form.f, form.limits, form.relative, ties)
        kept = [k for k, name in enumerate(form.names) if name != tie.name]
        found = _fitted(tied, [fit.values[kept]])
        if found.error <= max(NO_WORSE * fit.error, SAME * form.scale * nearly):
            tied, found = _tied(tied, found, tried)
            if not _leaves(tied, found):
                return tied, found
    return form, fit


def _leaves(form: Form, fit: Fit) -> bool:
    """Whether the formula is further from f far out than where it was fitted."""
    given = {n: Enclosure(arb(v)) for n, v in zip(form.names, fit.values.tolist(), strict=True)}
    reading = Reading(form.f)
    for place in (-LEFT, -FARTHER, FARTHER, LEFT):
        truth = reading.exact(arb(place))
        bound = 1.01 * fit.error * (abs(truth) if form.relative else 1)
        if apart(form.tree, given, Enclosure(arb(place)), truth, bound):
            return True
    return False


def _check_roots(form: Form) -> None:
    """Refuses roots of f where the relative error is infinite with any constants."""
    f, (low, high) = form.f, form.limits or (-NEAR, NEAR)
    if root_at_zero(f, low, high):
        some = np.linspace(0.3, 0.7, len(form.names))
        if abs(form.read(np.zeros(1), some)[0]) != 0:
            raise ValueError(
                f"{f.label} is 0 at 0 and {form.text!r} is not, so the relative error is infinite there; "
                "write a form that is 0 at 0, as 'x*(a + b*x)'"
            )


def _turning(form: Form, g: Activation, fit: Fit, low: float, high: float) -> list[float]:
    """The touching places in [low, high] where the error turns, by steps of Newton; ends stay.

    Limits far out are approached and touched nowhere.
    """
    f = form.f

    def size(x: Floats) -> Floats:
        y = np.asarray(f(x), np.float64)
        return np.abs(y - np.asarray(g(x), np.float64)) / (np.abs(y) if form.relative else 1.0)

    x = np.array([place for place in form.touched(fit.values) if abs(place) <= FAR or form.limits])
    for _ in range(NEWTON):
        with np.errstate(all="ignore"):
            (y, *ys), (z, *zs) = f.derivatives(x, 2), g.derivatives(x, 2)
            if form.relative:  # where g/f turns
                step = (zs[0] * y - z * ys[0]) / (zs[1] * y - z * ys[1])
            else:
                step = (ys[0] - zs[0]) / (ys[1] - zs[1])
            moved = np.clip(x - step, low, high)
            near = (np.abs(step) < 1e-3 * (1 + np.abs(x))) & (size(moved) >= size(x) * (1 - 1e-12))
        x = np.where(near, moved, x)
    x = np.where(np.abs(x) < AT_0, 0.0, x)
    found: list[float] = np.unique([*x, *(0.0 - x if form.mirrored else [])]).tolist()
    return found


def _largest_error(
    f: Activation, g: Activation, limits: tuple[float, float] | None, relative: bool, near: bool
) -> tuple[float, float]:
    """Bounds of sup |f - g|, of that by |f| too: by cells, or where f - g turns; (0, inf) if open.

    Both are infinite if it is. By interpolation if they are so `near` that cells tell little.
    """
    from ..proofs.branch_and_bound import Distance
    from ..proofs.difference import FormulaDifference
    from ..proofs.distance import supremum
    from ..proofs.extrema import extremum
    from ..proofs.points import Undecided
    from ..proofs.relative_distance import relative_distance

    if relative:
        found = None
        if near and limits:
            quotient = typed(f"{g.label}/{f.label}", node(g.tree / f.tree))
            found = by_interpolation(quotient, typed("1", node(1)), limits)
        if found is None:
            found = relative_distance(f.tree, g.tree, limits, CELLS)
        return (found.low, found.high) if found.value is not None else (0.0, inf)

    def difference() -> FormulaDifference:
        return FormulaDifference(f.tree, _without_roots(g.tree), limits)

    def turning() -> Distance | None:
        shape = difference().shape
        with suppress(Undecided, TypeError, ArithmeticError, RecursionError):
            values = [extremum(shape, 0, side).value for side in (-1, 1)]
            if all(isinstance(value, Enclosure) and value.finite for value in values):
                sizes = [size_of(value) for value in values]
                low, high = (max(float(size[k]) for size in sizes) for k in (0, 1))
                ends = max(nextafter(low, 0.0), 0.0), nextafter(high, inf)
                return Distance(low, None, *ends, True, "")
        return None

    ways: list[Callable[[], Distance | None]] = [
        lambda: supremum(difference(), 0, CELLS // (80 if near else 8)),
        turning,
        lambda: by_interpolation(f, g, limits),
        lambda: supremum(difference(), 0, CELLS),
    ]
    for way in (ways[0], ways[2], ways[1], ways[3]) if near else ways:
        found = way()
        if found is not None and (found.value is not None or found.low == inf):
            return found.low, found.high
    return 0.0, inf


def _without_roots(formula: Node) -> Node:
    """A formula with abs(u) for sqrt(u*u), whose pieces show."""

    def step(at: Interpreter[Node], part: Node, x: None) -> Node:
        same: Node = rebuilt(at, part, x)
        if same.op == "call" and same.args[0].name == "sqrt":
            square = same.args[1]
            if square.op == "*" and square.args[0] is square.args[1]:
                return node(abs(square.args[0]))
            with suppress(DomainError, ValueError, AttributeError):  # it is none, or no polynomial
                found = polynomial_of(square).sqrt().coeffs() or [fmpq(0)]
                root = horner([Fraction(int(c.p), int(c.q)) for c in found])
                return node(abs(parse(root)))
        return same

    return Interpreter[Node]({}, step)(formula)


def _leaving(form: Form, fit: Fit) -> float:
    """From where on the formula is further from f than where it was fitted."""
    e = np.abs(form.truth - form.read(form.x, fit.values))
    far = form.x[~(e <= 1.01 * fit.error)]
    return float(far[np.argmin(np.abs(far))]) if len(far) else float(np.max(np.abs(form.x)))
