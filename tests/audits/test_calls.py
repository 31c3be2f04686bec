"""Implementations that do what they should not: one line, status 2, and nothing of ours disturbed."""

import os
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from processes import kept_after, started

from actcli.audits.foreign_code import _checked
from actcli.evaluation.dtypes import dtype_named

MODULE = """
import ctypes, gc, io, os, sys, time
import numpy as np

calls = []

def prints(x):
    print("to standard output")
    os.write(1, b"\\0" * 32)
    os.system("echo from a process of its own")
    return np.tanh(x)

def forges(x):
    for number in range(3, 20):
        try:
            os.write(number, b"\\0" * 64)
        except OSError:
            pass
    return np.tanh(x)

def forges_well(x):
    import json, struct
    text = json.dumps({"facts": 7, "error": [1], "said": None}).encode()
    for held in gc.get_objects():
        if isinstance(held, io.BufferedWriter):
            held.write(struct.pack("<QQ", len(text), 0) + text)
            held.flush()
    return np.tanh(x)

def exits(x):
    sys.exit(0)

def leaves(x):
    os._exit(0)

def interrupts(x):
    raise KeyboardInterrupt

def hangs(x):
    time.sleep(1000)

def spins(x):
    while True:
        pass

def aborts(x):
    os.abort()

def reads_null(x):
    ctypes.string_at(0)

def closes(x):
    os.closerange(0, 50)
    time.sleep(1000)

def changes(x):
    x[3] = 7
    return np.tanh(x)

def in_place(x):
    return np.tanh(x, out=x)

def random(x):
    return np.random.random(x.shape).astype(x.dtype)

def drifts(x):
    calls.append(1)
    return np.tanh(x) + x.dtype.type(len(calls))

def complex_(x):
    return np.tanh(x) + 0j

def none(x):
    pass

def short(x):
    return np.tanh(x)[:-1]

def one(x):
    return 0.5

def column(x):
    return np.tanh(x)[:, None]

def words(x):
    return np.array(["a"] * len(x))

def objects(x):
    return np.tanh(x).astype(object)

def forks(x):
    os.fork()
    return np.tanh(x)

def leaves_another(x):
    if os.fork() == 0:
        time.sleep(1000)
    return np.tanh(x)

def steers(x):
    raise ValueError("\\x1b[31m red\\nand more")

def waits(x):
    return np.tanh(x) if sys.stdin.read() == "" else None

def wide(x):
    return np.tanh(x.astype(np.float64))

def no_halves(x):
    if x.dtype == np.float16:
        raise TypeError("no halves")
    return np.tanh(x)

class Activation:
    def __init__(self, gain=1):
        self.gain = gain
    def __call__(self, x):
        return np.tanh(x) * x.dtype.type(self.gain)

class Refuses:
    def __init__(self):
        raise OSError("no such weights")

seven = 7
"""


@pytest.fixture
def audit(program, tmp_path):
    """Runs `actcli audit tanh ...` beside the module above: status, standard output, error."""
    (tmp_path / "hostile.py").write_text(MODULE)

    def call(implementation, *args, dtype="float16"):
        words = (implementation, "--dtype", dtype, "--gradient", "none", *args)
        status, out, err = program("audit", "tanh", *words)
        return status, out.decode(), err

    return call


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("forges", " writes into the answers of its process"),
        ("forges_well", " writes into the answers of its process"),
        ("exits", ": it raises SystemExit"),
        ("leaves", " ends its process with status 0"),
        ("interrupts", ": it raises KeyboardInterrupt"),
        ("hangs", " does not answer within 1 seconds; --timeout allows more"),
        ("spins", " does not answer within 1 seconds; --timeout allows more"),
        ("closes", " closes the answers of its process"),
        ("aborts", " crashes (Aborted)"),
        ("reads_null", " crashes (Segmentation fault)"),
        ("changes", ": it changes its input"),
        ("in_place", ": it changes its input"),
        ("random", " answers differently when asked again"),
        ("drifts", " answers differently when asked again"),
        ("complex_", ": it returns complex numbers"),
        ("none", ": it returns None"),
        ("short", ": it returns shape (65535,) for shape (65536,)"),
        ("one", ": it returns shape () for shape (65536,)"),
        ("column", ": it returns shape (65536, 1) for shape (65536,)"),
        ("words", ": it returns <U1"),
        ("objects", ": it returns object"),
        ("steers", r" float16 value: not accepted: ValueError: \x1b[31m red and more"),
        ("seven", ": it is of type int, which cannot be called"),
        ("Refuses", ": it cannot be made (no such weights)"),
        ("nothing", ": cannot be imported (AttributeError: module 'hostile' has no attribute "
                    "'nothing')"),
    ],
)  # fmt: skip
def test_who_does_not_answer_is_told_in_one_line(audit, name, told):
    before, descriptors = time.monotonic(), len(os.listdir("/proc/self/fd"))
    status, out, err = audit(f"hostile:{name}", "--timeout", 1)
    assert (status, out, err) == (2, "", f"actcli: hostile:{name}{told}\n")
    assert time.monotonic() - before < 30
    assert len(os.listdir("/proc/self/fd")) == descriptors


@pytest.mark.parametrize("name", ["prints", "forks", "leaves_another", "waits", "Activation"])
def test_what_else_it_does_leaves_its_results(audit, name):
    status, out, err = audit(f"hostile:{name}")
    assert (status, err) == (0, "")
    assert out.replace(f"hostile:{name}", "numpy:tanh") == audit("numpy:tanh")[1]


def working_in(directory):
    """The processes that work in a directory, but for this one."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            if place.readlink() == directory and place.parent.name != str(os.getpid()):
                found.append(place.parent.name)
    return found


def test_processes_that_it_starts_end_with_it(audit, tmp_path):
    """A kill takes effect when the killed process is next given a processor; theirs would sleep on."""
    (tmp_path / "hostile.py").write_text(MODULE.replace("time.sleep(1000)", "time.sleep(300)"))
    audit("hostile:leaves_another")
    until = time.monotonic() + 60
    while time.monotonic() < until and working_in(tmp_path):
        time.sleep(0.05)
    assert not working_in(tmp_path)


def test_it_ends_with_who_asks_even_while_it_does_not_return(tmp_path):
    """As after a worker is killed, which cannot end it any more."""
    (tmp_path / "endless.py").write_text(
        "import os, pathlib, time\n"
        "def f(x):\n"
        "    pathlib.Path('of').write_text(f'{os.getpid()}\\n')\n"
        "    while True: time.sleep(1)\n"
    )
    process = started("audit", "tanh", "endless:f", "--dtype", "float16", cwd=tmp_path)
    kept_after(0, tmp_path / "of", process)
    child = int((tmp_path / "of").read_text())
    process.kill()
    process.communicate(timeout=60)
    until = time.monotonic() + 60
    while time.monotonic() < until and is_running(child):
        time.sleep(0.1)
    assert not is_running(child)


def is_running(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")  # one that nobody has asked for yet is dead, too
    return not (state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z")


def test_another_dtype_is_said(audit):
    status, out, err = audit("hostile:wide")
    assert (status, err) == (0, "hostile:wide float16: it answers in float64\n")
    assert out


def test_a_dtype_that_is_refused_is_said_and_the_others_are_audited(audit):
    status, out, err = audit("hostile:no_halves", "--samples", 100, dtype="float16,float32")
    assert status == 0
    assert err == "hostile:no_halves float16 value: not accepted: TypeError: no halves\n"
    names, refused, *others = (line.split("\t") for line in out.splitlines())
    row = dict(zip(names, refused, strict=True))
    wanted = ("float16", "value", "array", "all", "not accepted: TypeError: no halves")
    assert tuple(row[n] for n in ("dtype", "quantity", "call", "region", "diagnosis")) == wanted
    assert sum(map(bool, refused)) == 7  # the function and the implementation too, and no number
    assert {line[2] for line in others} == {"float32"}


def test_keywords_make_an_instance(audit):
    status, _, err = audit("hostile:Activation:gain=2", "--max-ulps", 4)
    assert status == 1
    assert "ulps at" in err


def test_files_beside_it_do_not_stand_for_modules_of_ours(audit, tmp_path):
    for name in ("json", "struct", "subprocess", "actcli"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('shadowed')\n")
    assert audit("hostile:Activation")[0] == 0


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("raise SystemExit(3)", "cannot be imported (SystemExit: 3)"),
        ("import os; os.abort()", "crashes (Aborted)"),
        ("import nothing_such", "cannot be imported (ModuleNotFoundError: No module named"),
        ("def f(", "cannot be imported (SyntaxError"),
    ],
)
def test_a_module_that_fails_is_told(audit, tmp_path, code, told):
    (tmp_path / "broken.py").write_text(code)
    status, out, err = audit("broken:f")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("actcli: broken:f")
    assert told in err


@pytest.mark.parametrize("kind", ["f8", "g"])
def test_answers_in_wider_numbers_are_rounded_once(kind):
    """By way of float32 a number just above half a step would be a tie, and go to the even one."""
    for dtype, step in (("float16", 2.0**-10), ("bfloat16", 2.0**-7)):
        x = np.zeros(7).astype(dtype_named(dtype))
        some = [1 + step / 2 + 2.0**-40, -1 - step / 2 - 2.0**-40, 1 + step / 2, 0.0, 1e300]
        wanted = [1 + step, -1 - step, 1, 0, np.inf, -np.inf, np.nan]
        y, said = _checked(np.array([*some, -np.inf, np.nan], kind), x)
        assert y.dtype == x.dtype
        assert np.array_equal(y.astype(float), wanted, equal_nan=True)
        assert said.startswith("it answers in ")


COMPILER = shutil.which("cc") or shutil.which("gcc")
compiled = pytest.mark.skipif(COMPILER is None, reason="needs a C compiler")
SOURCE = """
#include <math.h>
#include <stdlib.h>
#include <stddef.h>
float kernel(float x) { return (float)tanh(x); }
void kernels(const float *x, float *y, size_t n) { while (n--) *y++ = (float)tanh(*x++); }
void changing(float *x, float *y, size_t n) { while (n--) { *y++ = (float)tanh(*x); *x++ = 0; } }
void short_by_one(const float *x, float *y, size_t n) { while (--n) *y++ = (float)tanh(*x++); }
void crashing(const float *x, float *y, size_t n) { abort(); }
"""
ARRAYS = "void(float*,float*,n)"


@pytest.fixture
def library(tmp_path):
    """Compiles the functions above with options."""

    def build(*options):
        (tmp_path / "k.c").write_text(SOURCE)
        words = [COMPILER, "-shared", "-fPIC", *options, "k.c", "-o", "libk.so", "-lm"]
        subprocess.run(words, cwd=tmp_path, check=True)
        return "./libk.so"

    return build


@compiled
def test_a_library_is_called_by_its_signature(audit, library):
    path = library()
    for symbol, signature in (("kernel", "float(float)"), ("kernels", ARRAYS)):
        status, out, err = audit(
            f"{path}:{symbol}", "--signature", signature, "--max-ulps", 0.51, "--samples", 2000,
            dtype="float32",
        )  # fmt: skip
        assert (status, err) == (0, "")
        assert out.splitlines()[1].split("\t")[2] == "float32"


@compiled
def test_a_c_file_is_compiled_first(audit, tmp_path):
    (tmp_path / "k.c").write_text(SOURCE)
    options = ("--signature", "float(float)", "--max-ulps", 0.51, "--samples", 2000)
    assert audit("./k.c:kernel", *options, dtype="float32")[::2] == (0, "")
    (tmp_path / "k.c").write_text("float kernel(float x) { return y; }")
    status, out, err = audit("./k.c:kernel", *options, dtype="float32")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "it cannot be compiled" in err
    assert "undeclared" in err


@compiled
@pytest.mark.parametrize(
    ("symbol", "options", "told"),
    [
        ("changing", ("--signature", ARRAYS), "changing: it changes its input"),
        ("crashing", ("--signature", ARRAYS), "crashing crashes (Aborted)"),
        ("short_by_one", ("--signature", ARRAYS), "answers differently when asked again"),
        ("nothing", ("--signature", ARRAYS), "undefined symbol: nothing"),
        ("kernel", (), "say how kernel is called with --signature, one of float(float), "),
        ("kernel", ("--signature", "float(int)"), "'float(int)' is not known; give one of"),
    ],
)
def test_what_a_library_does_not_do_is_told(audit, library, symbol, options, told):
    status, out, err = audit(
        f"{library()}:{symbol}", *options, "--samples", 100, dtype="float32"
    )  # fmt: skip
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert told in err


@compiled
def test_a_library_that_flushes_its_process_is_said_and_leaves_ours(audit, library, tmp_path):
    (tmp_path / "flush.c").write_text(
        "#include <xmmintrin.h>\n"
        "__attribute__((constructor)) static void set(void) { _mm_setcsr(_mm_getcsr() | 0x8040); }"
    )
    try:
        path = library("-ffast-math", "flush.c")
    except subprocess.CalledProcessError:
        pytest.skip("needs an x86 processor")
    status, out, err = audit(
        f"{path}:kernel", "--signature", "float(float)", "--samples", 3000, dtype="float32"
    )
    assert status == 0
    assert err == (
        f"{path}:kernel makes its whole process take subnormal numbers for 0, as -ffast-math does\n"
    )
    record = dict(zip(*(line.split("\t") for line in out.splitlines()[:2]), strict=True))
    assert int(record["flushed"]) > 0
    assert record["not_zero"] == "0"
    assert np.float32(2.0**-149) * np.float32(1) > 0
    assert audit("numpy:tanh", "--samples", 3000, dtype="float32")[2] == ""


@pytest.mark.parametrize(
    ("implementation", "options", "told"),
    [
        ("./none.so:f", ("--signature", "float(float)"), "there is no library './none.so'"),
        ("none.onnx", (), "there is no model 'none.onnx'"),
        ("no_such_module:f", (), "cannot be imported (ModuleNotFoundError"),
        ("hostile:wide", ("--signature", "float(float)"), "--signature is for C libraries"),
        ("gelu2", (), "gelu"),
        ("numpy:tanh", ("--call", "arrya"), "--call: "),
        ("numpy:tanh", ("--require", "signs"), "--require: "),
    ],
)
def test_what_is_not_there_is_told(audit, implementation, options, told):
    status, out, err = audit(implementation, *options)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert told in err


def test_a_gradient_of_ones_own_may_stand_beside_a_library(audit, tmp_path):
    """C functions have none; numpy's cosh**-2 is that of tanh, within its errors."""
    if shutil.which("cc") is None:
        pytest.skip("no C compiler here")
    (tmp_path / "k.c").write_text("#include <math.h>\nfloat tanh1(float x) { return tanhf(x); }\n")
    subprocess.run(
        ["cc", "-shared", "-fPIC", "k.c", "-o", "libk.so", "-lm"], cwd=tmp_path, check=True
    )
    (tmp_path / "slope.py").write_text(
        "import numpy as np\ntanh = lambda x: (np.cosh(x.astype('f8'))**-2.0).astype(x.dtype)\n"
    )
    typed = ("./libk.so:tanh1", "--signature", "float(float)", "--samples", 900, "--max-ulps", 4)
    status, out, err = audit(*typed, "--gradient", "slope:tanh", dtype="float32")
    assert (status, err) == (0, "")
    assert {line.split("\t")[3] for line in out.splitlines()[1:]} == {"value", "gradient"}
    status, out, err = audit(*typed, "--gradient", "slope", dtype="float32")
    assert (status, out) == (2, "")
    assert err == "actcli: --gradient 'slope': give auto, none or MODULE:ATTR\n"


def test_what_takes_numbers_alone_is_called_with_them(audit):
    status, out, err = audit("math:tanh", dtype="float32")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "--call scalar" in err
    status, out, err = audit("math:tanh", "--call", "scalar", "--samples", 300, dtype="float32")
    assert (status, err) == (0, "math:tanh float32: it answers in float64\n")
    names, whole, *_ = (line.split("\t") for line in out.splitlines())
    row = dict(zip(names, whole, strict=True))
    assert row["inputs"] == row["correctly_rounded"]  # doubles, rounded once


@pytest.mark.parametrize("value", ["nan", "-1", "inf", "x"])
def test_limits_are_numbers(audit, value):
    status, out, err = audit("numpy:tanh", "--max-ulps", value)
    assert (status, out) == (2, "")
    assert f"{value!r} is no number >= 0" in err
