"""Formulas in MathML, from their LaTeX."""

import re
from xml.etree import ElementTree as Xml

TALL = {"mfrac", "msqrt", "mroot", "mtable", "munder", "mover", "munderover"}
# after these a bar opens
_BEFORE_OPENING = {*"({[&,=+-<>/", r"\leq", r"\geq", r"\neq", r"\,", r"\ ", r"\cdot", r"\left|"}
_NAMESPACE = "http://www.w3.org/1998/Math/MathML"


def mathml(latex: str) -> str:
    """The formula as a <math> element.

    Fences that enclose nothing tall do not stretch, and a name is one identifier.
    """
    from latex2mathml.converter import convert

    root = Xml.fromstring(convert(_paired(latex)))
    for parent in root.iter():
        _join_names(parent)
    for row in root.iter(f"{{{_NAMESPACE}}}mrow"):
        fences = [part for part in row if part.get("fence") == "true"]
        if fences and not any(_tag(part) in TALL for part in row.iter()):
            for fence in fences:
                fence.set("stretchy", "false")
    Xml.register_namespace("", _NAMESPACE)
    return Xml.tostring(root, encoding="unicode")


def _paired(latex: str) -> str:
    """The formula with bars that say which side they are on, as \\left| and \\right|."""
    parts: list[str] = []
    opened: list[int] = []  # the depths in braces of the bars that are to be closed
    depth, before = 0, ""
    for part in re.findall(r"\\[a-zA-Z]+|\\?.", latex, re.DOTALL):
        depth += (part == "{") - (part == "}")
        if part == "|" and before not in (r"\left", r"\right"):
            if opened and opened[-1] == depth and before not in _BEFORE_OPENING:
                opened.pop()
                part = r"\right|"
            else:
                opened.append(depth)
                part = r"\left|"
        parts.append(part)
        before = before if part.isspace() else part
    return "".join(parts)


def _tag(part: Xml.Element) -> str:
    return part.tag.rpartition("}")[2]


def _join_names(parent: Xml.Element) -> None:
    """Makes one identifier of the letters of an upright name."""
    parts = list(parent)
    if len(parts) > 1 and all(
        _tag(part) == "mi" and part.get("mathvariant") == "normal" for part in parts
    ):
        parts[0].text = "".join(part.text or "" for part in parts)
        for part in parts[1:]:
            parent.remove(part)
