"""What covers what in a finished figure, and pictures to look at."""

from dataclasses import fields, replace

import numpy as np
from matplotlib import style

from actcli.cli.function_argument import resolve_functions
from actcli.figures.data import FigureOptions
from actcli.figures.function import compose
from actcli.figures.label_placement import dense
from actcli.figures.output import style_files
from actcli.pictures.function import PictureRequest, picture

INPUTS = np.random.default_rng(0).normal(-0.5, 1.8, 5000)
PICTURES = {
    "tanh": (["tanh"], {}),
    "gelu": (["gelu"], {"order": 2}),
    "gelu approx": (["gelu:approx=tanh"], {}),
    "logistic tanh": (["logistic", "tanh"], {}),
    "relu family": (["relu", "leaky_relu", "elu", "softplus"], {}),
    "swish sweep": (["swish"], {"param": ["beta=0,0.5,1,100"]}),
    "gelu approximations": (["gelu"], {"param": ["approx=none,tanh,sigmoid"]}),
    "many": (["swish", "gelu", "mish", "relu", "elu", "tanh", "softplus"], {}),
    "waves": (["sine", "gcu", "cosine"], {"range_": (-20.0, 20.0)}),
    "jumps": (["hard_shrink", "step", "sign"], {}),
    "long formula": (["srelu:left=-2.12345,right=3.12345,left_slope=0.23456"], {}),
    "inputs": (["gelu"], {"inputs": INPUTS, "source": "z.npy"}),
    "inputs of three": (["relu", "gelu", "tanh"], {"inputs": INPUTS, "source": "z.npy"}),
    "inputs of an approximation": (["gelu:approx=tanh"], {"inputs": INPUTS, "source": "z.npy"}),
    "sweep of approximations": (["gelu:approx=tanh"], {"param": ["sigma=0.5,1,2"]}),
    "points": (["gelu"], {"at": [-1.0, 0.5, 3.0]}),
    "far away": (["relu", "tanh"], {"range_": (1e6, 1e6 + 1)}),
    "wide": (["gelu"], {"range_": (-1000.0, 1000.0)}),
    "typed": (["x*tanh(softplus(x))"], {}),
    "pole": (["1/x"], {}),
    "pole at a breakpoint": (["where(x > 0, log(x), -1)"], {}),
    "ends at the last tick": (["gelu"], {"range_": (0.0, 1.0)}),
    "near turning points": (["gelu", "elu", "selu", "mish"], {}),
}
LOOKS = {field.name for field in fields(FigureOptions)}
KNOWN = {}


def drawn(*functions, param=(), **wanted):
    """The laid-out figure of a `plot` command."""
    return figure(pictured(*functions, param=param, **wanted))


def pictured(*functions, param=(), **wanted):
    """The picture of a `plot` command; what differs in looks alone is computed once."""
    look = {name: wanted.pop(name) for name in LOOKS & set(wanted)}
    key = None if "inputs" in wanted else repr((functions, param, sorted(wanted.items())))
    if key not in KNOWN or key is None:
        KNOWN[key] = picture(resolve_functions(functions, param), PictureRequest(**wanted))
    return replace(KNOWN[key], **look)


def figure(plain):
    with style.context(style_files(plain), after_reset=True):
        found = compose(plain)
        found.draw_without_rendering()
    return found


def artists(found, gid):
    """All artists of that name."""
    return found.findobj(lambda artist: artist.get_gid() == gid)


def texts(found):
    """(name, text, box in pixels) of everything that is written."""
    listed = [(t.get_gid(), t) for t in found.texts if t.get_text()]
    for ax in found.axes:
        for axis in (ax.xaxis, ax.yaxis):
            ticks = axis.get_major_ticks()
            listed += [("tick", tick.label1) for tick in ticks if tick.label1.get_text()]
    return [(name, text.get_text(), text.get_window_extent()) for name, text in listed]


def curves(found):
    """(name, x, y in pixels, box of the axes) of every curve, with points close together."""
    for ax in found.axes:
        frame = ax.bbox.x0, ax.bbox.y0, ax.bbox.x1, ax.bbox.y1
        for line in ax.lines:
            if (line.get_gid() or "").startswith(("curve", "exact", "error")):
                x, y = line.get_transform().transform(line.get_xydata()).T
                yield line.get_gid(), *dense(x, y, frame, step=2.0)


def covered(found):
    """Sentences about text over text, text over curves, and text over the edge."""
    width, height = found.bbox.width, found.bbox.height
    written = texts(found)
    problems = []
    for i, (name, text, a) in enumerate(written):
        if a.x0 < 0 or a.y0 < 0 or a.x1 > width or a.y1 > height:
            problems.append(f"{name} {text!r} is cut off")
        for other, over, b in written[:i]:
            apart = a.x0 + 1 > b.x1 or b.x0 + 1 > a.x1 or a.y0 + 1.5 > b.y1 or b.y0 + 1.5 > a.y1
            if not apart:
                problems.append(f"{name} {text!r} and {other} {over!r}")
    for curve, x, y in curves(found):
        for name, text, a in written:
            if np.any((x > a.x0) & (x < a.x1) & (y > a.y0 + 1) & (y < a.y1 - 1)):
                problems.append(f"{name} {text!r} covers {curve}")
    for line in artists(found, "leader"):
        ends = line.get_transform().transform(line.get_xydata())
        x, y = np.linspace(*ends, 400).T
        for name, text, a in written:
            own = a.padded(2).contains(*ends[1])
            if not own and np.any(
                (x > a.x0 + 1) & (x < a.x1 - 1) & (y > a.y0 + 1.5) & (y < a.y1 - 1.5)
            ):
                problems.append(f"{name} {text!r} is crossed by a line to another one's point")
    return problems


def lightness(colour):
    """CIE L* of an RGB colour, 0 to 100."""
    return lab(linear(colour))[0]


def linear(colour):
    colour = np.asarray(colour[:3], dtype=float)
    return np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    x, y, z = (
        np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116
        for v in to_xyz @ rgb / [0.9505, 1, 1.089]
    )
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB
VISIONS = {
    "ordinary": np.eye(3),
    "protanope": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranope": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanope": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
         [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip


def differ(colour, other, vision):
    """How far apart two colours look: CIE 1976 distance under that vision."""
    a, b = (np.clip(VISIONS[vision] @ linear(c), 0, 1) for c in (colour, other))
    return float(np.linalg.norm(lab(a) - lab(b)))
