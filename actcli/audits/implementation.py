"""What an IMPLEMENTATION text means: somebody's callable, a C library, or a formula of ours."""

import hashlib
import os
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

PYTHON = re.compile(
    r"(?P<module>[A-Za-z_]\w*(\.[A-Za-z_]\w*)*):(?P<name>[A-Za-z_]\w*(\.[A-Za-z_]\w*)*)"
    r"(:(?P<given>[A-Za-z_]\w*=.*))?\Z"
)
LIBRARY = re.compile(r"(?P<path>.+\.(so(\.\d+)*|dylib|dll|c)):(?P<name>[A-Za-z_]\w*)\Z")
HEAD = struct.Struct("<QQ")  # of a frame to its process, and back: the lengths of two parts
SIGNATURES = {  # what C functions take: dtype, and whether arrays
    "float(float)": ("float32", False),
    "double(double)": ("float64", False),
    "void(float*,float*,n)": ("float32", True),
    "void(double*,double*,n)": ("float64", True),
    "void(uint16*,uint16*,n)": ("16", True),
}


@dataclass(frozen=True)
class Implementation:
    """Foreign code by its kind ("python", "library", "onnx") and where it is; plain data.

    A library may be the C file that is compiled to one.
    """

    text: str
    kind: str
    module: str = ""
    name: str = ""
    given: Mapping[str, object] = field(default_factory=dict)
    signature: str = ""
    gradient: str = ""  # MODULE:ATTR of a gradient of one's own, "auto" or "none"


def foreign(text: str, signature: str | None, gradient: str) -> Implementation | None:
    """The foreign code that a text names; None if it is a FUNCTION or a formula.

    ValueError for a C library without a signature, or with one that is not known, and for a gradient
    that is neither auto, none nor a Python callable.
    """
    if gradient not in ("auto", "none"):
        given = PYTHON.match(gradient)
        if not given or given["given"]:
            raise ValueError(f"--gradient {gradient!r}: give auto, none or MODULE:ATTR")
    if found := LIBRARY.match(text):
        if signature is None:
            raise ValueError(
                f"{text!r} is a C library; say how {found['name']} is called with --signature, "
                f"one of {', '.join(SIGNATURES)}"
            )
        plain = signature.replace(" ", "")
        if plain not in SIGNATURES:
            raise ValueError(
                f"--signature {signature!r} is not known; give one of {', '.join(SIGNATURES)}"
            )
        if not os.path.isfile(found["path"]):
            raise ValueError(f"there is no library {found['path']!r}; compile it, or give its path")
        return Implementation(text, "library", os.path.abspath(found["path"]), found["name"],
                              signature=plain, gradient=gradient)  # fmt: skip
    where, _, name = text.partition(":")
    kind = os.path.splitext(where)[1]
    if kind in (".c", ".so", ".py"):
        if not os.path.isfile(where):
            raise ValueError(f"there is no file {where!r}; give its path, or type MODULE:NAME")
        named = where if kind != ".py" else os.path.relpath(where)[:-3].replace(os.sep, ".")
        raise ValueError(f"{text!r} names no function in a file; type {named}:{name or 'NAME'}")
    if signature is not None:
        raise ValueError("--signature is for C libraries, as in ./libk.so:symbol; leave it out")
    if text.lower().endswith(".onnx"):
        if not os.path.isfile(text):
            raise ValueError(f"there is no model {text!r}; give the path of an .onnx file")
        return Implementation(text, "onnx", os.path.abspath(text), gradient=gradient)
    if found := PYTHON.match(text):
        return Implementation(
            text, "python", found["module"], found["name"], _keywords(found["given"] or ""),
            gradient=gradient,
        )  # fmt: skip
    return None


def _keywords(text: str) -> dict[str, object]:
    """Keywords of a call, as in approximate=tanh,alpha=0.5."""
    given: dict[str, object] = {}
    for part in filter(None, text.split(",")):
        name, _, value = part.partition("=")
        given[name.strip()] = _value(value.strip())
    return given


def _value(text: str) -> object:
    words = {"True": True, "true": True, "False": False, "false": False, "None": None}
    if text in words:
        return words[text]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def file_hash(path: str) -> str:
    """The SHA-256 of a file; "" if it cannot be read."""
    try:
        with open(path, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""
