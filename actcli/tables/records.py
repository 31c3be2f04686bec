"""Records as Python has them: a list of dicts, which notebooks show as a table."""

from html import escape
from typing import Any

from .entries import for_people


class Records(list[dict[str, Any]]):
    """Records of one shape, as `json.loads` would give them."""

    def _repr_html_(self) -> str:
        if not self:
            return "<p>no records</p>"
        head = "".join(f"<th>{escape(name)}</th>" for name in self[0])
        rows = [
            "".join(f"<td>{escape(for_people(value))}</td>" for value in record.values())
            for record in self
        ]
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
