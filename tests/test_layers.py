"""Who may import whom, and what a light command leaves unloaded (DESIGN section 2)."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import actcli

ROOT = Path(actcli.__file__).parent

# part of the package -> the parts it may import; its own files are always allowed
ALLOWED = {
    "__init__": {"evaluate", "functions", "resolve"},
    "__main__": {"cli"},
    "cli": {
        "__version__", "comparing", "evaluate", "figures", "files", "formula", "functions", "inputs",
        "landmarks", "numbers", "properties", "relative", "resolve", "tables", "toy", "wording",
    },
    "resolve": {"evaluate", "formula", "functions", "outside"},
    "outside": {"evaluate", "numbers"},
    "landmarks": {"evaluate", "figures", "numbers"},
    "comparing": {"evaluate", "proofs", "numbers"},
    "relative": {"comparing", "evaluate", "proofs", "numbers", "seams"},
    "properties": {"comparing", "evaluate", "functions", "numbers", "primitives", "proofs"},
    "proofs": {"numbers", "primitives", "seams"},
    "toy": {"activation", "evaluate", "inputs", "wording"},
    # Python users ask f.properties()
    "domain": {"limits", "numbers", "proofs", "seams"},
    "evaluate": {"domain", "breakpoints", "limits", "numbers", "primitives", "properties"},
    "breakpoints": {"limits", "numbers", "proofs", "seams"},
    "limits": {"numbers", "proofs"},
    "seams": {"numbers", "primitives"},
    "formula": {"functions", "primitives", "numbers"},
    "functions": {"numbers", "primitives"},
    "primitives": {"numbers"},
    "numbers": set(),
    "figures": set(),
    "tables": {"wording"},
    "inputs": {"decimals", "wording"},
    "decimals": set(),
    "files": set(),
    "wording": set(),
}  # fmt: skip

# library -> the only places that may import it
HOMES = {
    "click": {"cli"},
    "matplotlib": {"figures"},
    "plotext": {"figures"},
    "rich": {"tables", "cli"},
    "scipy": {"numbers", "toy"},
    "ml_dtypes": {"cli", "properties"},
    "flint": {"comparing", "numbers", "proofs", "properties", "relative"},
}


def part_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Absolute module names of everything a file imports, at any depth of its code."""
    package = ("actcli", *path.relative_to(ROOT).parent.parts)
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            found |= {module} if node.module else {f"{module}.{a.name}" for a in node.names}
    return found


FILES = sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_stay_within_the_rules(path):
    part = part_of(path)
    for module in imports(path):
        if module.split(".")[0] == "actcli":
            target = [*module.split("."), ""][1]
            assert target == part or target in ALLOWED[part], f"{part} imports {module}"
        elif module.split(".")[0] in HOMES:
            assert part in HOMES[module.split(".")[0]], f"{part} imports {module}"


def test_every_part_has_a_rule():
    assert {part_of(p) for p in FILES} <= set(ALLOWED)


def loaded_by(*args: str) -> set[str]:
    """Top-level modules loaded by a command, whole process."""
    code = (
        "import sys, io; out = sys.stdout; sys.stdout = io.StringIO()\n"
        "from actcli.cli import run\n"
        "try: run(sys.argv[1:])\n"
        "except SystemExit as stop: status = stop.code\n"
        "sys.stdout = out; assert status == 0, status\n"
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *args], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


HEAVY = {"numpy", "scipy", "matplotlib", "rich", "plotext", "flint", "ml_dtypes"}


@pytest.mark.parametrize(
    ("args", "needed"),
    [
        (["--version"], set()),
        (["--help"], set()),
        (["plot", "--help"], set()),
        (["list", "-f", "json"], set()),
        (["list", "elu", "-f", "table"], set()),
        (["table", "relu", "--json"], {"numpy"}),
        (["table", "tanh", "-f", "tsv"], {"numpy"}),
        (["table", "relu", "--dtype", "float16"], {"numpy"}),
        (["table", "tanh", "--dtype", "bfloat16"], {"numpy", "ml_dtypes"}),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else "",
)
def test_a_light_command_loads_nothing_heavy(args, needed):
    assert loaded_by(*args) & HEAVY <= needed
