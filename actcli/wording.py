"""Text as people may safely read it."""

_STAND_INS = {
    "−": "-", "–": "-", "─": "-", "│": "|", "┌": "+", "┐": "+", "└": "+", "┘": "+", "├": "+", "┤": "+",
    "┬": "+", "┴": "+", "┼": "+", "━": "-", "·": "*", "×": "x", "′": "'", "″": "''", "≤": "<=", "≥": ">=",
    "∞": "inf", "●": "*", "○": "o", "◆": "#", "■": "#", "…": "...", "⠀": " ",
}  # fmt: skip
_SUPERSCRIPTS = dict(zip("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789", strict=True))


def stand_ins(error: UnicodeError) -> tuple[str, int]:
    """What is written for characters that an encoding does not have; for codecs.register_error."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = ""
    for c in error.object[error.start : error.end]:
        if c in _SUPERSCRIPTS:
            found += ("" if found[-1:] in "-0123456789^" and found else "^") + _SUPERSCRIPTS[c]
        elif "⠁" <= c <= "⣿":
            found += "*"
        else:
            found += _STAND_INS.get(c, "?")
    return found, error.end


def printable(text: str) -> str:
    r"""Returns the text with escapes for what is no printable character: \x1b, \n, \u202e, \udc80.

    Control characters, direction marks and lone surrogates of a file's text would otherwise steer
    the terminal or reorder its lines.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
