"""Text as people may safely read it."""


def printable(text: str) -> str:
    r"""Returns the text with escapes for what is no printable character: \x1b, \n, \u202e, \udc80.

    Control characters, direction marks and lone surrogates of a file's text would otherwise steer
    the terminal or reorder its lines.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
