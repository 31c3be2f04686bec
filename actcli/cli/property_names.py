"""The options that choose properties, and what they may cost."""

import click

from ..property_meanings import MEANINGS
from .completion import complete_from
from .options import Count

only_option = click.option(
    "--only", metavar="NAME[,NAME...]", help="Only these properties.",
    shell_complete=complete_from(lambda: MEANINGS, listed=True),
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
    listed = [name.strip().lower().replace("-", "_") for name in text.split(",")]
    for name in listed:
        if name not in MEANINGS:
            raise ValueError(f"{option}: {unknown('property', name, MEANINGS)}")
    return [name for name in MEANINGS if name in listed]
