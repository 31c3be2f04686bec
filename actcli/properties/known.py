"""The course's identities: shown for a function once they are proved for it."""

from typing import TYPE_CHECKING

from ..expressions.canonical import equal
from ..expressions.node import Node, node
from ..primitives import logistic

if TYPE_CHECKING:
    from .subject import Subject

_X = Node("x")

# formula -> what is said of a function that is proved to equal it
_FORMS: tuple[tuple[Node, str], ...] = (
    (node(2 * logistic(2 * _X) - 1), "it is 2 logistic(2x) - 1"),
    (node(_X / 2), "it is x/2, the swish of beta 0"),
    (node(_X * logistic(_X)), "it is x logistic(x)"),
)


def identities(subject: "Subject") -> list[str]:
    """Sentences that hold for this function; each was proved just now."""
    found = []
    parts = subject.shape.pieces
    if len(parts) == 1:
        for form, sentence in _FORMS:
            if str(form) != str(subject.activation.tree) and equal(parts[0].tree, form):
                found.append(sentence)
    beta = subject.activation.parameters.get("beta")
    if subject.activation.name == "swish" and beta:
        lowest = abs(subject.shape.extreme(0, -1).number) if beta > 0 else None
        # |swish - relu| is |x| logistic(-beta |x|), and so is -swish left of 0
        if lowest is not None:
            found.append(
                f"it differs from relu by at most {lowest:.5g}, which is 0.27846/beta: "
                "it tends to relu"
            )
    exact = subject.activation.approximates
    if exact is not None:
        from ..proofs.distance import distances

        apart = distances(subject.activation.tree, exact.tree)[0].value
        if apart is not None:
            found.append(f"it differs from {exact.label} by at most {apart:.5g}")
    return found
