"""What neuron prints: the equation, the decision boundary, the separation."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from ..tables import Writer
from ..wording import count_of, joined

if TYPE_CHECKING:
    from ..evaluation.activation import Activation
    from ..inputs.tabular import Rows
    from ..numbers.types import Floats
    from ..toy.fit import FittedNeuron
    from ..toy.neuron import Pass

MOST_NAMED = 4  # inputs whose names an equation spells out


def equation_text(w: "Floats", b: float, names: Sequence[str], minus: str = "-") -> str:
    """Writes the equation of a neuron: z = 2 x1 - x2 + 0.5."""
    return "z = " + _sum(w, b, names, minus)


def _sum(w: "Floats", b: float, names: Sequence[str], minus: str = "-") -> str:
    if len(w) > MOST_NAMED:
        terms = [(float(w[0]), f" {names[0]}"), (1.0, " ..."), (float(w[-1]), f" {names[-1]}")]
    else:
        terms = [(float(v), f" {name}") for v, name in zip(w, names, strict=True)]
    text = ""
    for value, name in [*terms, *([(float(b), "")] if b or not any(w) else [])]:
        size = "" if abs(value) == 1 and name else f"{abs(value):.4g}"
        term = f"{size}{name}".strip()
        sign = minus if value < 0 else "+"
        text += f" {sign} {term}" if text else (f"{minus}{term}" if value < 0 else term)
    return text


def report(f: "Activation", rows: "Rows", fit: "FittedNeuron") -> list[str]:
    """Says what was learned, in sentences."""
    weights = ",".join(repr(float(v)) for v in fit.weights)
    count = len(rows.numbers)
    starts = f", best of {fit.starts} starts" if fit.starts > 1 else ""
    said = [
        f"learned by {fit.rule} in {count_of(fit.epochs, 'epoch')} at rate {fit.rate:.3g}{starts}: "
        f"--weights={weights} --bias={fit.bias!r}"
    ]
    if fit.correct is None:
        share = 1 - (fit.error / fit.spread) ** 2
        said.append(
            f"root mean squared error of {rows.target_name}: {fit.error:.4g} "
            f"(explains {100 * share:.1f} % of the variance)"
        )
    else:
        right = int(fit.correct.sum())
        said.append(
            f"{right} of {count} rows are on the right side ({100 * right / count:.4g} %); "
            f"root mean squared error {fit.error:.4g}"
        )
        said += _decision(rows, fit)
    if fit.rule == "gradient descent" and fit.alive == 0 and fit.accuracy != 1:
        said.append(
            f"the gradient of {f.label} is 0 on every row: this neuron is dead and cannot learn"
        )
    if fit.correct is None and rows.target is not None:
        ends = sorted((f.limit(-1), f.limit(1)))
        least, most = float(rows.target.min()), float(rows.target.max())
        slack = 0.2 * (most - least)
        if ends[0] - slack > least or ends[1] + slack < most:
            said.append(
                f"targets reach from {least:g} to {most:g}, "
                f"but {f.label} tends to {ends[0]:g} and {ends[1]:g}"
            )
    said += _apart(f, rows, fit)
    return said


def _decision(rows: "Rows", fit: "FittedNeuron") -> list[str]:
    """The line (point, plane) at which the class changes."""
    assert rows.classes is not None
    if not fit.weights.any():
        return ["all weights are 0: every row gets the same answer"]
    if fit.aims is not None and rows.target is not None:
        given = sorted({float(v) for v in rows.target})
        if list(fit.aims) != given:
            pairs = [f"{n} as {a:g}" for n, a in zip(rows.classes, fit.aims, strict=True)]
            told = [f"targets the function can reach: {' and '.join(pairs)}"]
        else:
            told = []
    kind = {1: "point", 2: "line"}.get(len(fit.weights), "plane")
    places = []
    for level in fit.levels[:4]:
        if len(fit.weights) == 1:
            places.append(f"{rows.names[0]} = {(level - fit.bias) / fit.weights[0]:.6g}")
        else:
            places.append(_sum(fit.weights, fit.bias - level, rows.names) + " = 0")
    if not places:
        return [*told, "no decision line among the rows: they all get the same answer"]
    plural = "s" if len(fit.levels) > 1 else ""
    more = f" and {len(fit.levels) - 4} more" if len(fit.levels) > 4 else ""
    return [*told, f"decision {kind}{plural} (a = {fit.mid:g}): {'; '.join(places)}{more}"]


def _apart(f: "Activation", rows: "Rows", fit: "FittedNeuron") -> list[str]:
    """Whether one neuron can separate the classes at all, and why not."""
    if fit.separation is None or rows.classes is None:
        return []
    found, low, high = fit.separation, *rows.classes
    kind = {1: "point", 2: "line"}.get(len(fit.weights), "plane")
    perfect = fit.accuracy == 1
    if found.possible:
        if perfect:
            return []
        return [f"a {kind} separates the classes, but {fit.rule} has not found it: more --epochs?"]
    if found.possible is None:
        return [] if perfect else ["the classes touch: too close to tell if they are separable"]
    assert found.point is not None
    where = ", ".join(f"{v:.6g}" for v in found.point)
    first = f"{_listed(found.low)} of class {low}"
    second = f"{_listed(found.high)} of class {high}"
    proof = f"({where}) lies among {first} and also among {second}"
    if len(found.low) == 1:
        proof = f"{first} lies among {second}"
    elif len(found.high) == 1:
        proof = f"{second} lies among {first}"
    if len(found.low) == len(found.high) == 1:
        proof = (
            f"rows {found.low[0] + 1} and {found.high[0] + 1} are equal but of different classes"
        )
    if perfect:
        return [
            f"no {kind} separates the classes ({proof}): {f.label} does it by going up and down"
        ]
    return [
        f"not linearly separable: {proof}, so no {kind} has the classes on two sides, "
        "and no single neuron with a rising function can tell them apart"
    ]


def _listed(numbers: Sequence[int]) -> str:
    return f"row{'s' * (len(numbers) > 1)} {joined([str(k + 1) for k in numbers])}"


def write_rows(form: str, rows: "Rows", result: "Pass", stream: TextIO) -> None:
    """Writes one record per row; inputs are x1, x2, ... whatever the file calls them."""
    order = range(1, rows.numbers.shape[1] + 1)
    columns = [f"x{k}" for k in order] + ["z", "a", "da_db"]
    columns += [f"da_dw{k}" for k in order] + [f"da_dx{k}" for k in order]
    inputs = rows.numbers.astype(result.z.dtype)
    with Writer(form, columns, stream) as writer:
        writer.batch([*inputs.T, result.z, result.a, result.db, *result.dw.T, *result.dx.T])
