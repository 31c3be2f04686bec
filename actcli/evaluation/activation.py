"""Arrays in; value, gradient and curvature out.

Values and gradients of registered formulas come from polynomials that are made from their wide
reading (piecewise.py), or from that reading itself, block by block, rounded once: within a
few units in the last place. Typed formulas are computed in float64 exactly as typed.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import native
from ..expressions.differentiate import expanded
from ..expressions.latex import latex
from ..expressions.node import Node, node
from ..numbers.jet import Jet, slope_of, value_of
from ..numbers.types import Array, Number
from ..numbers.wide import widened
from . import limits
from .breakpoints import Breakpoints, Cut, fastest, mended
from .domain import FormulaDomain
from .dtypes import DTYPES
from .fast_paths import HOT, Rest
from .lookup import BLOCK as KERNEL_BLOCK
from .piecewise import Kernel, Tabulated
from .reused_results import empty
from .threads import BLOCK, _pool, _workers, each_block

if TYPE_CHECKING:
    from ..numbers.formats import Format
    from .sixteen_bits import SixteenBitLookup


MOST_BLOCKS = 16  # of a kernel, in one call
MOST_PROVED = 16  # breakpoints, in one picture
MOST_TABLES = 32  # of 2 MB


_tabulated: dict[str, Tabulated] = {}  # by the text of the formula, the oldest first


# What the parts above this one answer of a function, which they fill in themselves.
ASKED: dict[str, Callable[..., Any]] = {}


class Activation:
    """One function with its parameters bound, ready for arrays.

    Calls take arrays of any shape in float64, float32, float16 or bfloat16 and keep shape and dtype;
    integers and booleans are promoted to float64. nan gives nan, an infinity gives the limit where
    one exists and nan elsewhere. Other dtypes raise ValueError.
    """

    def __init__(
        self,
        label: str,
        name: str,
        formula: Callable[[Number], Number],
        parameters: Mapping[str, Any],
        *,
        typed: bool = False,
        function: Any = None,
        approximates: "Activation | None" = None,
    ) -> None:
        self.label = label
        self.written = label  # which can be typed back, whatever the label becomes
        self.name = name
        self.settings = dict(parameters)
        self.typed = typed
        self.function = function
        self.approximates = approximates
        self._formula = formula

    def __repr__(self) -> str:
        return f"<activation {self.label}>"

    def __eq__(self, other: object) -> bool:
        """Whether both are the same function with the same parameters and label."""
        if not isinstance(other, Activation):
            return NotImplemented
        return (self.written, self.label) == (other.written, other.label)

    def __hash__(self) -> int:
        return hash((self.written, self.label))

    def __reduce__(self) -> tuple[Callable[..., "Activation"], tuple[str, str]]:
        """Pickles what can be typed back; unpickling imports the module of a Python callable."""
        return ASKED["restored"], (self.written, self.label)

    def relabelled(self, label: str) -> "Activation":
        """The same function under a label of one's own."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__, label=label)
        return other

    # -- the formula ----------------------------------------------------------------------------
    @cached_property
    def recorded(self) -> Node:
        """The formula as written, with the parameters' values in it."""
        return node(self._formula(Node("x"), **self._given))

    @cached_property
    def _given(self) -> dict[str, Any]:
        """The parameters as formulas take them: exact, until a number type rounds them."""
        return {k: v if isinstance(v, str) else node(v) for k, v in self.settings.items()}

    @property
    def parameters(self) -> dict[str, Any]:
        """The values of the parameters, as floats and words."""
        return {k: v if isinstance(v, str) else float(v) for k, v in self.settings.items()}

    def symbolic(self, *names: str) -> Node:
        """The formula as written, with these parameters as names in it."""
        if self.typed:
            from ..expressions.parser import parse

            return parse(self.name, self._named(names))
        return node(self._formula(Node("x"), **self._named(names)))

    def at(self, x: Number, *names: str) -> Number:
        """The formula at a node, or jet of nodes, with these parameters as names in it."""
        if self.typed:
            return (self.symbolic(*names) if names else self._mended).read_once(x)
        return self._formula(x, **self._named(names))

    def _named(self, names: Iterable[str]) -> dict[str, Any]:
        return self._given | {name: Node("name", (name,)) for name in names}

    @cached_property
    def tree(self) -> Node:
        """The formula with derivatives of formulas carried out."""
        return expanded(self._mended) if self.typed else self.recorded

    @cached_property
    def _mended(self) -> Node:
        return mended(self.recorded)

    @property
    def family(self) -> str:
        """The registered family, or what else it is."""
        return self.function.family if self.function else "typed formula"

    @property
    def text(self) -> str:
        """The formula as text that can be typed back."""
        return str(self.recorded)

    @property
    def formula(self) -> str:
        """The formula as text that can be typed back."""
        return self.text

    @property
    def about(self) -> str:
        """The function in words; of a typed formula its text."""
        return self.function.about if self.function else self.text

    @property
    def latex(self) -> str:
        """The right-hand side in LaTeX that matplotlib's mathtext understands."""
        return latex(self.recorded)

    def read(self, x: Number) -> Number:
        """The formula at an array, or jet of arrays."""
        if self.typed and self._mended is not self.recorded:
            return self._mended.read(x)
        return self._formula(x, **self._given)

    # -- arrays ---------------------------------------------------------------------------------
    def __call__(self, x: Array) -> Array:
        """f(x); shape and dtype of `x`."""
        return self._evaluate(x, (0,))[0]

    def gradient(self, x: Array) -> Array:
        """f'(x), by the stated convention at a kink; shape and dtype of `x`."""
        return self._evaluate(x, (1,))[0]

    def curvature(self, x: Array) -> Array:
        """f''(x); shape and dtype of `x`."""
        return self._evaluate(x, (2,))[0]

    def value_and_gradient(self, x: Array) -> tuple[Array, Array]:
        """f(x) and f'(x); shape and dtype of `x`."""
        value, gradient = self._evaluate(x, (0, 1))
        return value, gradient

    def derivatives(self, x: Array, order: int) -> list[Array]:
        """[f(x), f'(x), f''(x)][: order + 1] in one pass; shapes and dtypes of `x`."""
        return self._evaluate(x, tuple(range(order + 1)))

    def properties(
        self, only: Iterable[str] | None = None, low: float | None = None, high: float | None = None
    ) -> list[dict[str, Any]]:
        """The records of `actcli check-properties`, of the properties named or of all.

        With `low` and `high` every question is asked on that interval. Unknown names raise ValueError.
        """
        found: list[dict[str, Any]] = ASKED["properties"](self, only, low, high)
        return found

    def plot(self, low: float = -5, high: float = 5, order: int = 1) -> Any:
        """The picture of `actcli plot` on [low, high], as a matplotlib Figure that notebooks show.

        `order` 0 leaves the gradient out, 2 adds the curvature. ValueError for ends or an order that
        cannot be drawn.
        """
        return ASKED["plot"](self, low=low, high=high, order=order)

    def page(self) -> Any:
        """The page of `actcli page`: str(page) is its HTML, page.save(path) writes it, notebooks show it.

        ValueError for a Python callable, and where nothing can be drawn.
        """
        return ASKED["page"](self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """The formula and the picture, for notebooks."""
        shown: dict[str, Any] = ASKED["shown"](self)
        return shown

    def _mime_(self) -> tuple[str, str]:
        """The same for marimo."""
        return "text/html", self._repr_mimebundle_()["text/html"]

    def quick(self, x: Array) -> tuple[Array, Array]:
        """f(x) and f'(x) in plain float64 arithmetic, for training: fast, not right in the tails.

        `x` is a float64 array of any shape; both results have its shape.
        """
        flat = np.ascontiguousarray(x, np.float64).reshape(-1)
        value, gradient = np.empty_like(flat), np.empty_like(flat)
        with np.errstate(all="ignore"):
            if self._quick_kernel is not None:
                self._quick_kernel(flat, value, gradient)
            else:
                jet = self.read(Jet(flat, 1))
                value[...], gradient[...] = value_of(jet), slope_of(jet)
        return value.reshape(np.shape(x)), gradient.reshape(np.shape(x))

    def _evaluate(self, x: Array, orders: tuple[int, ...]) -> list[Array]:
        given = np.asarray(x)
        if given.dtype.kind in "biu":
            given = given.astype(np.float64)
        if given.dtype.name not in DTYPES:
            raise ValueError(
                f"cannot evaluate at {given.dtype.name} numbers; "
                f"accepted are integers, {', '.join(DTYPES)}"
            )
        flat = np.ascontiguousarray(given).reshape(-1)
        if flat.dtype.itemsize == 2:
            found = self._lookup(flat.dtype)(flat, orders)
            return [r.reshape(given.shape)[()] for r in found]
        results = [empty(flat.size, given.dtype) for _ in orders]

        size = BLOCK if self._kernel is None or max(orders) > 1 else KERNEL_BLOCK
        if size > BLOCK:  # few calls, and work for all cores
            shares = 4 * _workers() if _workers() > 1 else 1
            size *= min(max(-(-flat.size // size) // shares, 1), MOST_BLOCKS)

        def block(start: int) -> None:
            part = flat[start : start + size]
            outs = [r[start : start + size] for r in results]
            if part.dtype == np.float64 or (self._takes_narrow and max(orders) < 2):
                self._block(part, orders, outs)
            else:
                wide = [np.empty(part.shape) for _ in orders]
                with np.errstate(all="ignore"):
                    self._block(part.astype(np.float64), orders, wide)
                    for out, exact in zip(outs, wide, strict=True):
                        out[...] = exact

        each_block(block, range(0, flat.size, size))
        return [r.reshape(given.shape)[()] for r in results]

    def _lookup(self, dtype: Any) -> "SixteenBitLookup":
        """The results in a 16-bit dtype, correctly rounded."""
        from ..numbers.formats import FORMATS
        from .sixteen_bits import SixteenBitLookup

        if dtype.name not in self._lookups:
            self._lookups[dtype.name] = SixteenBitLookup(
                dtype, partial(self._rounded, FORMATS[dtype.name])
            )
        return self._lookups[dtype.name]

    @cached_property
    def _lookups(self) -> "dict[str, SixteenBitLookup]":
        return {}

    def _rounded(self, form: "Format", x: Array, orders: tuple[int, ...]) -> list[Array]:
        """The derivatives at float64 numbers, rounded to a format."""
        from .sixteen_bits import settled

        return settled(form, self._evaluate, self.tree, x, orders)

    def _block(self, x: Array, orders: tuple[int, ...], outs: list[Array]) -> None:
        """Fill `outs` with the derivatives of the given orders at a float64 block."""
        with np.errstate(all="ignore"):
            slots = dict(zip(orders, outs, strict=True))
            odd = None  # whether some numbers are not finite, where that is known
            if 2 in slots:
                slots[2][...] = self._derivatives(self._number(x), 2)[2]
            if 0 not in slots and 1 not in slots:
                pass
            elif self._kernel is not None:
                odd = self._kernel(x, slots.get(0), slots.get(1))
            else:  # not from the reading above, whose last bits are others
                found = self._derivatives(self._number(x), 1 if 1 in slots else 0)
                for order, part in enumerate(found):
                    if order in slots:
                        slots[order][...] = part
            if max(orders) and not self.at_defaults:
                self.breakpoints.mend(x, orders, outs)
            if self.typed and self.domain.conditions:
                self.domain.clear(x, outs)
            if odd is not False and not np.isfinite(x).all():
                missing = np.isnan(x)
                for order, out in zip(orders, outs, strict=True):
                    out[missing] = np.nan
                    for sign in (-1, 1):
                        out[x == sign * np.inf] = self.limit(sign, order)

    def _number(self, x: Array) -> Number:
        """What the formula is read with at a float64 array."""
        return x if self.typed else widened(x)

    def _derivatives(self, x: Array, order: int) -> list[Number]:
        """[f, f', f''][: order + 1] in the precision of `x`; floating-point errors are ignored."""
        with np.errstate(all="ignore"):
            if order == 0:
                return [self.read(x)]
            jet = self.read(Jet(x, 1) if order == 1 else Jet(Jet(x, 1), 1))
            value, slope = value_of(value_of(jet)), slope_of(jet)
            undefined = np.isnan(value)
            found = [value, value_of(slope), slope_of(slope)][: order + 1]
            if undefined.any():  # log(x) is nan left of 0, and so is its derivative
                found = [np.where(undefined, np.nan, part) for part in found]
            return found

    @cached_property
    def domain(self) -> FormulaDomain:
        """Where the formula has a value."""
        return FormulaDomain(self.tree)

    @property
    def _fast(self) -> Callable[[Rest], Kernel] | None:
        """What makes the kernel of a function that has one of its own."""
        return HOT.get(self.name) if self.at_defaults and native.library() is None else None

    @property
    def _takes_narrow(self) -> bool:
        """Whether the kernel takes float32 numbers too."""
        return self._kernel is not None and self._kernel is self._polynomials

    @cached_property
    def _kernel(self) -> Kernel | None:
        """Fills value and gradient for contiguous float64 numbers; None where there is none."""
        if self._fast is not None:
            return self._fast(lambda: self._polynomials)
        return self._polynomials

    @cached_property
    def _quick_kernel(self) -> Kernel | None:
        """The kernel, unless much of its time would go to breakpoints, where polynomials end."""
        return self._kernel if self._fast or not self.breakpoints.listed else None

    @cached_property
    def _polynomials(self) -> Tabulated | None:
        """The kernel from polynomials, shared by all with this formula.

        None for typed formulas, and where a breakpoint is not known.
        """
        known = None if self.typed else self.breakpoints.plain
        if known is None:
            return None
        kernel = _tabulated.get(self.text)
        if kernel is None:  # other threads may be here too, so no step relies on the one before
            made = Tabulated(self._derivatives, self.tree.read, known, fastest(self.tree))
            for oldest in list(_tabulated)[: max(len(_tabulated) + 1 - MOST_TABLES, 0)]:
                _tabulated.pop(oldest, None)
            kernel = _tabulated.setdefault(self.text, made)
        return kernel

    def let_go(self) -> None:
        """Drop what was tabulated, up to 3 MB; it is made again when it is needed."""
        for name in ("_kernel", "_quick_kernel", "_polynomials"):
            self.__dict__.pop(name, None)

    # -- behaviour far out and at the breakpoints -------------------------------------------------------
    def limit(self, side: int, order: int = 0) -> float:
        """Limit of the derivative of that order as x -> side*infinity; nan where none is proved."""
        key = (side, order)
        if key not in self._limits:
            self._limits[key] = limits.at_infinity(self.tree, side, order) + 0.0  # 0, not -0
        return self._limits[key]

    @cached_property
    def _limits(self) -> dict[tuple[int, int], float]:
        return {}

    def asymptote(self, side: int) -> tuple[float, float] | None:
        """(slope, intercept) of the line that the graph approaches as x -> side*infinity, or None."""
        return limits.asymptote(self.tree, side)

    @cached_property
    def at_defaults(self) -> bool:
        """Whether this is a registered function with the parameters that it has by itself."""
        return self.function is not None and self.settings == self.function.bind({})

    @cached_property
    def breakpoints(self) -> Breakpoints:
        return Breakpoints(self.tree, trusted=not self.typed)

    def sides(self, x: float, order: int) -> tuple[float, float, float]:
        """Left limit, value and right limit of that derivative at a breakpoint; nan where not proved."""
        known = self.breakpoints.is_known(x)
        return self.breakpoints.sides(x, order) if known else (np.nan, np.nan, np.nan)

    def rounding(self, x: Array, order: int) -> Array:
        """About how far the derivative of that order, as it is computed at x, is from the truth."""
        found = np.asarray((self, self.gradient, self.curvature)[order](x), np.float64)
        error = 4 * np.spacing(np.abs(found))
        if self.typed:  # as far as it is from what more digits give
            wide = widened(x)
            error = error + np.abs(found - self._derivatives(wide, order)[order])
        return np.asarray(error, np.float64)

    def cuts(self, low: float, high: float) -> list[Cut]:
        """The places in [low, high] where the formula changes branch or has no value, ascending."""
        found = self.breakpoints.within(low, high)
        edges = [x for x in self.breakpoints.edges_within(low, high) if x not in found]
        cuts = [(len(found) <= MOST_PROVED and self._proved_cut(x)) or self._cut(x) for x in found]
        ends = [cut for x in edges if (cut := self._proved_cut(x)) and cut.kind != "smooth"]
        return sorted([*filter(None, cuts), *ends], key=lambda cut: cut.x)

    def _proved_cut(self, x: float) -> Cut | None:
        left, value, right = self.sides(x, 0)
        before, slope, after = self.sides(x, 1)
        if np.isnan(self(x)):
            return Cut(x, "hole", left, value, right, before, after, proved=True)
        if np.isnan([left, value, right, before, after]).any():
            return None
        kind = "jump" if not left == value == right else "kink" if slope != slope else "smooth"
        return Cut(x, kind, left, value, right, before, after, proved=True)

    def _cut(self, x: float) -> Cut | None:
        reach = max(abs(x), 1e-3) * 1e-9
        around = np.array([x - reach, x, x + reach])
        value, gradient = (np.asarray(v, np.float64) for v in self._evaluate(around, (0, 1)))
        with np.errstate(all="ignore"):
            left, here, right = (float(v) for v in value - gradient * (around - x) * [1, 0, 1])
        before, after = float(gradient[0]), float(gradient[2])
        if np.isnan([left, here, right]).any():
            return None
        scale = max(1e-3, abs(here), abs(left), abs(right))
        kind = "smooth"
        if max(left, here, right) - min(left, here, right) > 1e-6 * scale:
            kind = "jump"
        elif abs(after - before) > 1e-6 * max(1e-3, abs(before), abs(after)):
            kind = "kink"
        return Cut(x, kind, left, here, right, before, after)


if hasattr(os, "register_at_fork"):  # a forked process has none of the threads
    os.register_at_fork(after_in_child=_pool.cache_clear)
