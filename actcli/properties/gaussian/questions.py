"""Answers the questions about averages over a standard normal input: bias shift, order, moments, gain."""

from math import isfinite, isinf, isnan, sqrt
from typing import Any

from ...proofs.points import Undecided
from ...wording import words
from ..calculus import across, falling_pair
from ..equality import NEAR
from ..identity import symmetry
from ..subject import Answer, Subject, directions
from ..witnesses import candidates
from .order_kept import order_kept_probability


def zero_centred(subject: Subject) -> Answer:
    """Certifies whether E f(Z) is 0."""
    found = subject.averages
    mean = found.mean
    try:
        exists = isfinite(mean) or isfinite(found.mean_square)
        if exists and symmetry(subject)[1] == "odd":
            return "proved", 0, None, "it is odd, so its mean is 0"
    except Undecided:
        pass
    if isnan(mean) or not (found.certified or isinf(mean)):
        raise Undecided("the mean does not exist or could not be certified")
    if abs(mean) <= NEAR * (1 + 1e-9):
        return "proved", mean, None, "its mean is 0 for standard normal inputs"
    shift = f"{'up' if mean > 0 else 'down'} by {words(abs(mean))}"
    return "refuted", mean, None, f"it shifts the mean of the next layer {shift}"


def order_kept(subject: Subject) -> Answer:
    """Certifies how often the larger of two normal inputs gives the larger output."""
    runs, shape = subject.stretches, subject.shape
    rises = len(runs) == 1 and runs[0].kind == "increasing" and not shape.windowed
    if rises and (subject.whole or all(-1 not in directions(shape, p) for p in shape.jumps)):
        return "proved", 1, None, "a larger input always gives a larger output"
    pair = _tie(subject)
    if not subject.whole:
        told = "the larger input does not always give the larger output"
        return "refuted", None, pair, f"{told}; how often is asked of the whole line"
    share = order_kept_probability(subject.shape)
    if share is None:
        told = "the larger input does not always give the larger output; how often is not certified"
        return "refuted", None, pair, told
    told = f"in {100 * share:.4g} % of cases"
    if 0.9999 < share < 1:
        told = f"but for {words((1 - share) * 1e6)} cases in a million"
    if share == 1:
        told = "almost always, but not quite"
    return "refuted", share, pair, f"of two normal inputs the larger gives the larger output {told}"


def _tie(subject: Subject) -> list[float]:
    """a < b with f(a) >= f(b)."""
    for run in subject.stretches:
        if run.kind == "constant":
            a, b = sorted(candidates(run.low.number, run.high.number)[:2])
            if a < b:  # else it is narrower than the doubles are apart
                return [a, b]
    falling = [run for run in subject.stretches if run.kind == "decreasing"]
    if falling:
        return falling_pair(subject, falling)
    for place in subject.shape.jumps:
        if -1 in directions(subject.shape, place):
            return across(subject, place.number)
    raise Undecided("no two inputs out of order were found")


def gaussian_moments(subject: Subject) -> Answer:
    """Computes mean, mean square and variance of f(Z), E f'(Z)^2, and how much meets a flat gradient."""
    found = subject.averages
    value = {
        name: None if isnan(getattr(found, name)) else getattr(found, name)
        for name in ("mean", "mean_square", "variance", "gradient_mean_square", "flat_share")
    }
    if found.infinite:
        return "refuted", value, None, "a moment is infinite"
    missing = [name for name, number in value.items() if number is None]
    if len(missing) == len(value):
        raise Undecided("no moment could be certified, nor measured twice alike")
    verdict = "proved" if found.certified and not missing else "measured"
    detail = f"not certified: {', '.join(missing)}" if missing else (
        f"mean {words(found.mean)}, variance {words(found.variance)}; flat for "
        f"{100 * found.flat_share:.3g} % of standard normal inputs"
    )  # fmt: skip
    return verdict, value, None, detail


def gain(subject: Subject) -> Answer:
    """Computes the scale of weights that keeps E f(Z)^2 at 1, and whether a deep net then is stable."""
    found = subject.averages
    torch = torch_gain(subject.activation.name, subject.activation.parameters)
    zero = isnan(found.gain) and _vanishes(subject)
    if isnan(found.gain) and not zero:
        raise Undecided("the mean square could not be computed")
    if zero or found.gain == 0:
        value = {"gain": None, "slope": None, "stable": None, "chi1": None, "torch": torch}
        return "refuted", value, None, f"the mean square is {0 if zero else 'infinity'}"
    stable = None if isnan(found.slope) else found.slope <= 1 + 1e-9
    value = {
        "gain": found.gain,
        "slope": _known(found.slope),
        "stable": stable,
        "chi1": _known(found.chi1),
        "torch": torch,
    }
    certain = found.certified and not any(map(isnan, (found.slope, found.chi1)))
    verdict = "proved" if certain else "measured"
    steady = {True: "keeps", False: "drifts from", None: "may not keep"}[stable]
    told = f"weights scaled by {words(found.gain)} keep the signal's size; a deep net {steady} it"
    return verdict, value, None, told


def _vanishes(subject: Subject) -> bool:
    """Whether f is 0 but for single points."""
    runs = subject.stretches
    inside = (subject.at(candidates(run.low.number, run.high.number)[0]) for run in runs)
    return all(run.kind == "constant" for run in runs) and all(v.low == v.high == 0 for v in inside)


def _known(number: float) -> float | None:
    return None if isnan(number) else number


def torch_gain(name: str, parameters: Any) -> float | None:
    """What torch.nn.init.calculate_gain returns for a registered function; None if it knows none."""
    if name == "leaky_relu":
        return sqrt(2 / (1 + float(parameters["slope"]) ** 2))
    known = {"identity": 1.0, "logistic": 1.0, "tanh": 5 / 3, "relu": sqrt(2), "selu": 3 / 4}
    return known.get(name)
