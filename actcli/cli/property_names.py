"""The options that choose properties, and what they may cost."""

from collections.abc import Sequence

import click

from .completion import complete_from
from .options import Count


def property_names() -> Sequence[str]:
    """The properties in the order in which they are asked."""
    from ..properties import NAMES

    return NAMES


only_option = click.option(
    "--only", metavar="NAME[,NAME...]", help="Only these properties.",
    shell_complete=complete_from(property_names, listed=True),
)  # fmt: skip
budget_option = click.option(
    "--budget", type=Count(1), metavar="CELLS",
    help="Cells that one question may cost before it is left undecided.",
)  # fmt: skip


def named_properties(option: str, text: str | None) -> list[str]:
    """The properties listed, in the fixed order; ValueError for a name that is none."""
    from ..wording import unknown

    if text is None:
        return []
    known = property_names()
    listed = [name.strip().lower().replace("-", "_") for name in text.split(",")]
    for name in listed:
        if name not in known:
            raise ValueError(f"{option}: {unknown('property', name, known)}")
    return [name for name in known if name in listed]
