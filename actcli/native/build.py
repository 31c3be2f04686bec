"""Builds the compiled part beside its source: `python -m actcli.native.build`."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

from . import PATH

# No flag that changes what arithmetic means: contraction to fma would round differently by machine.
FLAGS = ["-std=c++17", "-O3", "-shared", "-fPIC", "-ffp-contract=off", "-fno-math-errno"]


def build(library: Path = Path(PATH)) -> Path:
    """Compiles kernel.cpp and gives the path of the library.

    The compiler is that of the environment variable CXX, or else c++. OSError says why there is no
    library; one that was there before is gone then.
    """
    library.unlink(missing_ok=True)
    made = library.with_name(f"{library.name}.{os.getpid()}")
    compiler = shlex.split(os.environ.get("CXX", "c++"))
    source = str(Path(PATH).with_name("kernel.cpp"))
    try:
        run = subprocess.run(
            [*compiler, *FLAGS, source, "-o", str(made)],
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            raise OSError(f"{compiler[0]} cannot compile {source}: {run.stderr.strip()[:300]}")
        made.replace(library)
    finally:
        made.unlink(missing_ok=True)
    return library


if __name__ == "__main__":
    try:
        build()
    except OSError as why:
        sys.exit(str(why))
