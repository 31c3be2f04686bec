"""Look-up of registered functions by name."""

from ..wording import suggest
from .registry import ALIASES, FUNCTIONS, Function, normalized


def names() -> list[str]:
    """Canonical names, in registry order."""
    _load()
    return list(FUNCTIONS)


def all_names() -> list[str]:
    """Canonical names and aliases."""
    _load()
    return list(ALIASES)


def knows(name: str) -> bool:
    """Whether `name` is a registered name or alias."""
    _load()
    return normalized(name) in ALIASES


def find(name: str) -> Function:
    """The function of that name or alias, whatever the case; ValueError names the nearest."""
    _load()
    key = normalized(name)
    if key in ALIASES:
        return FUNCTIONS[ALIASES[key]]
    shown = name if len(name) <= 60 else name[:57] + "..."
    raise ValueError(f"no activation is called {shown!r}; {suggest(key, ALIASES)}")


def _load() -> None:
    """Import the families, in the course notes' order."""
    if not FUNCTIONS:
        from . import s_shaped, ramp, composite, shrinkage, oscillating, other  # noqa: F401, I001
