"""Command lines at random: all options, formulas, parameters and input files, good and bad."""

import gzip
import random
from pathlib import Path

import click
import numpy as np
from attack.formulas import expression

from actcli import cli
from actcli.evaluation.dtypes import DTYPES
from actcli.functions.catalogue import find, names
from actcli.functions.registry import FUNCTIONS
from actcli.primitives import PRIMITIVES
from actcli.properties import NAMES
from actcli.tables import FORMATS
from actcli.toy import choices

NUMBERS = (
    "0", "-0.0", "1", "-1", "2", "0.5", "-0.1", "3.7", "1e-3", "20", "-40", "1e3", "-1e6", "1e-8",
    "1e-300", "5e-324", "1e300", "-1e308", "1.7976931348623157e308", "1e-310",
)  # fmt: skip


# -- formulas ----------------------------------------------------------------------------------------
def setting(r: random.Random, name: str) -> str:
    """NAME:parameter=value with a value that the parameter's domain may hold."""
    parts = []
    for p in find(name).parameters:
        if r.random() < 0.7:
            words = getattr(p.domain, "options", ())
            value = r.choice(words or (*NUMBERS, "0.3", "1.5", "4", str(p.default)))
            parts.append(f"{p.name}={value}")
    return f"{name}:{','.join(parts)}" if parts else name


def function(r: random.Random) -> str:
    kind = r.random()
    if kind < 0.4:
        return r.choice(names())
    if kind < 0.55:
        return setting(r, r.choice([f for f in names() if find(f).parameters]))
    if kind < 0.94:
        text = expression(r, r.choice((1, 2, 2, 3)))
        if r.random() < 0.1:
            text = f"{r.choice(list(PRIMITIVES))}({text})"
        return text if "x" in text else f"x + {text}"
    return r.choice((
        "gelu(approx=tanh)", "math:sin", "numpy:tanh", "math:gamma", "reluu", "x/0", "1", "",
        "x**9**9", "1e308*tanh(x)", "where(x>0,1e308,-1e308)", "x +", "(((x)))", "numpy:nothing",
        "x*\x1b[31m", "tanh(x)#", "nosuch.module:f",
    ))  # fmt: skip


# -- files --------------------------------------------------------------------------------------------
def make_files(folder: Path) -> None:
    """Inputs of every kind, good and broken."""
    r = np.random.default_rng(1)
    x = r.normal(size=60)
    texts = {
        "numbers.txt": "\n".join(map(str, x)),
        "one.txt": "0.5",
        "empty.txt": "",
        "blank.txt": "\n\n  \n",
        "comment.txt": "# nothing\n",
        "nan.txt": "nan inf -inf 1e999 -0 5e-324",
        "huge.txt": "1e308 -1e308",
        "commas.csv": "1,2,3\n4,5,6\n7,8,9\n",
        "semicolons.csv": "1;2\n3;4\n",
        "decimals.txt": "1,5\n2,5\n",
        "header.csv": "a,b\n1,2\n3,4\n",
        "words.txt": "one two",
        "long.txt": "1" * 100_000 + "\n2",
        "wide.txt": " ".join(["1.25"] * 50_000),
        "escape.csv": "\x1b[31mred,\u202ey,c\n1,2,0\n2,1,1\n1,1,0\n3,2,1\n",
        "ragged.csv": "1,2\n3\n",
        "quotes.csv": '"a,b",c\n1,2\n',
        "equal.txt": "3\n" * 500,
        "classes.csv": "u,v,class\n"
        + "".join(f"{a},{b},{'ny'[int(a > b)]}\n" for a, b in r.normal(size=(40, 2))),
        "regression.csv": "u,t\n" + "".join(f"{a},{2 * a + 1}\n" for a in x),
        "far.csv": "u,t\n1e300,1\n-1e300,0\n",
        "tiny.csv": "u,t\n1e-310,1\n-1e-310,0\n",
        "same.csv": "u,t\n1,0\n1,1\n",
        "constant.csv": "u,t\n1,3\n2,3\n",
        "dollar.csv": "$\\frac,t$\n1,0\n2,1\n3,1\n4,0\n5,1\n6,0\n",
        "crlf.csv": "u,t\r\n1,0\r\n2,1\r\n3,1\r\n4,0\r\n5,1\r\n",
    }
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())
    (folder / "binary.bin").write_bytes(bytes(range(256)) * 40)
    (folder / "latin.txt").write_bytes(b"\xe9\xff 1 2")
    (folder / "cut.gz").write_bytes(b"\x1f\x8b\x08\x00broken")
    (folder / "numbers.txt.gz").write_bytes(gzip.compress(texts["numbers.txt"].encode()))
    for name, array in {
        "a.npy": x,
        "two.npy": x.reshape(6, 10),
        "ints.npy": np.arange(5),
        "half.npy": x.astype(np.float16),
        "object.npy": np.array([1, None], object),
        "text.npy": np.array(["a"]),
        "none.npy": x[:0],
        "complex.npy": x + 1j,
        "flag.npy": x > 0,
        "scalar.npy": np.float64(3),
        "deep.npy": x.reshape(3, 4, 5),
        "bad.npy": np.array([np.nan, np.inf, -np.inf, 1e308]),
    }.items():
        np.save(folder / name, array, allow_pickle=True)
    (folder / "cut.npy").write_bytes((folder / "a.npy").read_bytes()[:200])
    np.savez(folder / "pair.npz", a=x)
    (folder / "folder").mkdir()
    (folder / "locked.txt").write_text("1 2 3")
    (folder / "locked.txt").chmod(0)
    for name in ("old.png", "old.csv", "old.json", "old.npz", "old.gif"):
        (folder / name).write_text("old")


INPUTS = (
    "numbers.txt", "one.txt", "empty.txt", "blank.txt", "comment.txt", "nan.txt", "huge.txt",
    "commas.csv", "semicolons.csv", "decimals.txt", "header.csv", "words.txt", "long.txt",
    "wide.txt", "escape.csv", "ragged.csv", "quotes.csv", "equal.txt", "binary.bin", "latin.txt",
    "cut.gz", "numbers.txt.gz", "a.npy", "two.npy", "ints.npy", "half.npy", "object.npy",
    "text.npy", "none.npy", "complex.npy", "flag.npy", "scalar.npy", "deep.npy", "bad.npy",
    "cut.npy", "pair.npz", "folder", "locked.txt", "missing.txt", "-", "/dev/null", "",
)  # fmt: skip
ROWS = (
    "classes.csv", "classes.csv", "regression.csv", "far.csv", "tiny.csv", "same.csv",
    "constant.csv", "dollar.csv", "crlf.csv", "escape.csv", *INPUTS,
)  # fmt: skip


# -- options ------------------------------------------------------------------------------------------
def number(r: random.Random) -> str:
    return r.choice(NUMBERS) if r.random() < 0.6 else repr(round(r.uniform(-9, 9), r.randrange(5)))


def span(r: random.Random) -> str:
    low, high = number(r), number(r)
    if r.random() < 0.9 and float(low) > float(high):
        low, high = high, low
    return r.choice((f"{low}:{high}", "-5:5", "-1:1", "0:1", "-20:30", "-1e-9:1e-9"))


def listed(r: random.Random, least: int = 1) -> str:
    return ",".join(
        r.choice((number(r), number(r), "nan", "inf", "-inf")) for _ in range(r.randint(least, 4))
    )


def sweep(r: random.Random) -> str:
    name = r.choice([p.name for f in FUNCTIONS.values() for p in f.parameters] + ["nosuch"])
    return (
        f"{name}={','.join(r.choice((number(r), '0.5', '1', '2')) for _ in range(r.randint(1, 3)))}"
    )


def size(r: random.Random) -> str:
    return r.choice(("3x2", "10x4.4", "6x6", "20x3", "3x20", "50x50", "89mmx60mm", "8.9cmx6cm",
                     "1x1", "0x0", "nanx3", "axb"))  # fmt: skip


def label(r: random.Random) -> str:
    return r.choice(
        ("ours", "a, b", "$x_1^2$", "$\\frac", "f(x) = 1", " ", "", "y" * 300, "\x1b[31m")
    )


def whole(*usual: int):
    return lambda r: str(r.choice((*usual, *usual, *usual, 0, -1, 10**30)))


def one_of(*words: str):
    return lambda r: r.choice(words)


def output(*suffixes: str):
    def choose(r: random.Random) -> str:
        name = f"out.{r.choice(suffixes)}"
        return r.choice(
            (name, name, name, name, name, f"old.{r.choice(suffixes)}", "-", "folder", "", "out",
             "nowhere/out.png", "/dev/full", "/dev/null", "out.xyz", "x" * 300 + ".csv")
        )  # fmt: skip

    return choose


PICTURES = ("png", "png", "svg", "pdf")
RECORDS = ("csv", "json", "tsv", "jsonl", "md", "tex", "txt")
LOOKS = {
    "--size": size,
    "--dpi": whole(10, 50, 150, 300),
    "--style": one_of("light", "dark", "pink"),
    "--ylim": span,
    "--terminal": None,
    "--context": one_of("notebook", "paper", "talk", "poster"),
    "--title": label,
    "--no-legend": None,
}
AXES = {
    "--xscale": one_of("linear", "log", "symlog", "cube"),
    "--yscale": one_of("linear", "log", "symlog", "cube"),
    "--marks": one_of(
        "none", "extrema", "kinks,asymptotes", "saturation", "none,kinks", "", "dots"
    ),
}
PRINTED = {
    "--format": one_of(*FORMATS, "xml"),
    "--json": None,
    "--digits": whole(1, 3, 6, 17, 18),
    "--quiet": None,
}
MEANT = {"--param": sweep, "--approx": one_of("none", "tanh", "sigmoid", "cubic"), "--label": label}
GIVEN = {
    "--range": span,
    "--points": whole(1, 2, 3, 11, 200, 3000),
    "--at": listed,
    "--input": one_of(*INPUTS),
    "--dtype": one_of(*DTYPES),
    "--column": one_of("1", "2", "a", "u", "class", "9", "-1", "nosuch", ""),
    "--decimal": one_of(",", ".", "x"),
}


def properties(r: random.Random) -> str:
    return ",".join(
        r.choice((*NAMES, r.choice((*NAMES, "nosuch")))) for _ in range(r.randint(1, 4))
    )


OPTIONS = {
    "help": {},
    "list": {
        "--family": one_of("ramp", "composite", "s-shaped", "x"),
        "--primitives": None,
        **PRINTED,
        "--output": output(*RECORDS),
    },
    "plot": {
        **MEANT,
        **GIVEN,
        "--order": whole(0, 1, 2),
        **LOOKS,
        **AXES,
        "--grid": None,
        "--output": output(*PICTURES),
        "--quiet": None,
    },
    "table": {
        **MEANT,
        **GIVEN,
        "--order": whole(0, 1, 2),
        **PRINTED,
        "--output": output("npy", *RECORDS),
    },
    "compare": {
        **MEANT,
        **GIVEN,
        **LOOKS,
        **AXES,
        **PRINTED,
        "--facts": None,
        "--max-difference": number,
        "--relative": None,
        "--output": output(*RECORDS, *PICTURES),
    },
    "check-properties": {
        **MEANT,
        "--only": properties,
        "--require": properties,
        "--range": span,
        "--budget": whole(1, 50, 300),
        "--dtype": GIVEN["--dtype"],
        **PRINTED,
        "--output": output(*RECORDS),
    },
    "page": {
        **MEANT,
        "--range": span,
        "--input": GIVEN["--input"],
        "--column": GIVEN["--column"],
        "--decimal": GIVEN["--decimal"],
        "--load": one_of("old.npz", "run.npz", "pair.npz"),
        "--all": None,
        "--only": properties,
        "--budget": whole(1, 50, 300),
        "--theme": one_of("auto", "light", "dark", "pink"),
        "--open": None,
        "--output": output("html"),
        "--quiet": None,
    },
    "audit": {
        **MEANT,
        **PRINTED,
        **{o: c for o, c in LOOKS.items() if o not in ("--ylim", "--terminal")},
        "--dtype": one_of(*DTYPES, "float16,bfloat16", "int8"),
        "--gradient": one_of("auto", "none", "numpy:cos", "nosuch:f"),
        "--samples": whole(100, 300),
        "--exhaustive": None,
        "--every": whole(10**7),
        "--resume": output("state"),
        "--processes": whole(1, 2),
        "--dask": one_of("127.0.0.1:1", "nowhere"),
        "--call": one_of("array", "strided", "array,strided", "twice"),
        "--signature": one_of("float(float)", "int(int)"),
        "--timeout": one_of("20", "60", "nan", "-1"),
        "--max-ulps": number,
        "--max-steps": whole(0, 3),
        "--require": one_of("sign", "special,range", "monotonic", "beauty"),
        "--flush-subnormals": None,
        "--output": output(*RECORDS, *PICTURES),
    },
    "summary": {
        "--decimal": GIVEN["--decimal"],
        **MEANT,
        **PRINTED,
        **{o: c for o, c in LOOKS.items() if o != "--ylim"},
        "--input": one_of(*INPUTS, "a.npy", "two.npy", "deep.npy"),
        "--units": whole(0, 1, 2, 7),
        "--dtype": one_of("bfloat16", "float32"),
        "--suggest": whole(1, 3),
        "--per-unit": None,
        "--output": output(*RECORDS, *PICTURES),
    },
    "approximate": {
        **MEANT,
        **PRINTED,
        **{o: c for o, c in LOOKS.items() if o != "--ylim"},
        "--by": one_of("polynomial", "rational", "piecewise", "table", "x*sigmoid(c*x)", "spline"),
        "--degree": one_of("0", "1", "3", "5", "2/2", "61", "-1", "x"),
        "--error": one_of("0.1", "0.01", "1e-30", "nan", "0"),
        "--range": span,
        "--relative": None,
        "--pin": listed,
        "--above": None,
        "--below": None,
        "--coefficients": one_of("float32", "bfloat16", "fixed6", "int4"),
        "--segments": whole(1, 3, 5),
        "--jumps": None,
        "--uniform": None,
        "--breakpoints": listed,
        "--on-curve": None,
        "--points": whole(2, 9),
        "--dtype": one_of("int8", "uint8", "int4"),
        "--input-scale": number,
        "--input-zero-point": whole(0, 5, 300),
        "--output-scale": number,
        "--output-zero-point": whole(0, 5, 300),
        "--rounding": one_of("even", "away", "up"),
        "--max-error": number,
        "--parts": None,
        "--to": one_of("c", "numpy", "js", "fortran"),
        "--output": output(*RECORDS, *PICTURES),
    },
    "export": {
        **MEANT,
        "--to": one_of("c", "numpy", "torch", "jax", "triton", "js", "onnx", "latex", "fortran"),
        "--order": whole(0, 1, 2),
        "--dtype": one_of("float64", "float32", "int8"),
        "--name": one_of("f", "tanh", "class", "1x", ""),
        "--check": None,
        "--format": one_of(*FORMATS, "xml"),
        "--json": None,
        "--output": output("c", "py", "js", "onnx", "tex"),
        "--quiet": None,
    },
    "neuron": {
        **MEANT,
        **GIVEN,
        **LOOKS,
        **PRINTED,
        "--input": one_of(*ROWS),
        "--weights": listed,
        "--bias": number,
        "--fit": None,
        "--target": one_of("1", "t", "class", "9", "nosuch"),
        "--epochs": whole(1, 5, 50),
        "--learning-rate": number,
        "--output": output(*RECORDS, *PICTURES),
    },
    "train-toy": {
        **MEANT,
        **PRINTED,
        "--data": one_of(*choices.DATA_SETS, "classes.csv", "regression.csv", *ROWS),
        "--topology": one_of(*choices.TOPOLOGIES, "ring"),
        "--layers": one_of("4,2", "3", "1", "2,2,2", "8", "0", "a", "100000", "30"),
        "--features": one_of("x,y", "x2,y2", "xy,sinx", "u", "nosuch"),
        "--learner": one_of(*choices.LEARNERS, "nosuch"),
        "--learn": one_of("slope", "beta", "b,alpha", "approx", "nosuch", ""),
        "--learn-per": one_of(*choices.LEARN_PER, "net"),
        "--summary": None,
        "--pairs": None,
        "--terminal": None,
        "--decimal": GIVEN["--decimal"],
        "--context": LOOKS["--context"],
        "--title": LOOKS["--title"],
        "--no-legend": None,
        "--learning-rate": one_of(
            "0.03", "0.1", "1", "1e9", "1e-300", "nan", "-1", "0.01,0.1", "1,1"
        ),
        "--batch-size": whole(1, 7, 32, 1000),
        "--epochs": whole(0, 1, 2, 3),
        "--seeds": whole(1, 2, 3),
        "--init": one_of(*choices.SCHEMES, "zero"),
        "--regularization": one_of(*choices.PENALTIES, "l3"),
        "--regularization-rate": one_of("0", "0.01", "1e9", "nan"),
        "--noise": one_of("0", "0.1", "0.5", "0.7", "nan"),
        "--seed": whole(0, 1, 7, 2**40),
        "--train-share": one_of("0.5", "0.01", "0.99", "1e-300", "1"),
        "--length": whole(1, 2, 3, 5),
        "--stop-loss": number,
        "--every": whole(1, 2, 5),
        "--experiment": one_of("list", "nosuch"),
        "--save": output("npz"),
        "--processes": whole(1, 2),
        "--dask": one_of("127.0.0.1:1", "nowhere"),
        "--load": one_of("old.npz", "run.npz", "pair.npz", "0.1", "0.05", "nan"),
        "--gif": output("gif"),
        "--style": LOOKS["--style"],
        "--dpi": LOOKS["--dpi"],
        "--size": size,
        "--output": output(*RECORDS, *PICTURES),
    },
}
OFTEN = {
    "audit": {
        "--exhaustive": 0.0,
        "--every": 0.0,
        "--dask": 0.02,
        "--dtype": 0.95,
        "--samples": 0.9,
    },
    "summary": {"--input": 0.95},
    "approximate": {"--degree": 0.6, "--range": 0.7, "--by": 0.5},
    "export": {"--to": 0.95, "--check": 0.05},
    "page": {"--only": 0.9, "--open": 0.0},  # which shows a window
    "train-toy": {
        "--processes": 0.03,
        "--dask": 0.01,
        "--epochs": 1.0,
        "--seeds": 0.8,
        "--experiment": 0.01,
        "--data": 0.7,
        "--learner": 0.4,
    },
}
COUNTS = {
    "audit": (2, 2),
    "summary": (1, 2),
    "approximate": (1, 1),
    "export": (1, 1),
    "list": (0, 2),
    "neuron": (1, 1),
    "compare": (2, 3),
    "plot": (1, 3),
    "table": (1, 3),
    "check-properties": (1, 1),
    "page": (1, 3),
    "train-toy": (1, 2),
}
WEIGHTS = {
    "audit": 2,
    "summary": 2,
    "approximate": 2,
    "export": 2,
    "list": 1,
    "plot": 6,
    "table": 6,
    "compare": 4,
    "check-properties": 3,
    "page": 3,
    "neuron": 6,
    "train-toy": 5,
}


def command_line(r: random.Random) -> list[str]:
    """A subcommand with its arguments."""
    name = r.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    least, most = COUNTS[name]
    args = [name]
    for _ in range(r.randint(least, most)):
        found = function(r)
        args.append(found if not found.startswith("-") else f" {found}")
    share = r.choice((0.05, 0.12, 0.25))
    chosen = [o for o in OPTIONS[name] if r.random() < OFTEN.get(name, {}).get(o, share)]
    inputs = [o for o in chosen if o in ("--range", "--at", "--input")]
    if name in ("plot", "table") and len(inputs) > 1 and r.random() < 0.9:
        chosen = [
            o for o in chosen if o not in inputs[1:] and (o != "--points" or inputs[0] == "--range")
        ]
    if name == "neuron" and r.random() < 0.8:
        wanted = ("--input", "--fit") if r.random() < 0.5 else ("--weights",)
        chosen = [*dict.fromkeys([*(o for o in chosen if o not in ("--terminal",)), *wanted])]
    known = {o for p in cli.main.get_command(None, name).params for o in p.opts}
    for option in chosen:
        if option in known:
            choose = OPTIONS[name][option]
            args += [option] if choose is None else [option, choose(r)]
    return args


def unknown_options() -> set[str]:
    """Options of the program that no command line here would have."""
    found = set()
    for name in cli.COMMANDS:
        for p in cli.main.get_command(None, name).params:
            if isinstance(p, click.Option) and not set(p.opts) & set(OPTIONS[name]):
                found.add(f"{name} {p.opts[-1]}")
    return found
