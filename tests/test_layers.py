"""Who may import whom, and what a light command leaves unloaded (DESIGN section 2)."""

import ast
from functools import cache
from pathlib import Path

import pytest
from processes import printed

import actcli
from actcli.cli import COMMANDS

ROOT = Path(actcli.__file__).parent

# the parts, from the ground up: each may import those before it in this list, and itself;
# a node of an expression is the number that primitives make numbers in formulas of
FLOORS = (
    "version", "wording", "property_meanings", "files", "native", "numbers", "expressions.node",
    "primitives", "functions", "expressions",
    "proofs", "evaluation", "properties", "inputs", "tables", "figures", "sampling", "toy", "design",
    "pictures", "pages", "audits", "__init__", "cli", "__main__",
)  # fmt: skip
# library -> the only places that may import it
HOMES = {
    "click": {"cli"},
    "matplotlib": {"figures"},
    "rich": {"tables", "cli"},
    "latex2mathml": {"pages"},
    "scipy": {"design", "numbers", "toy"},
    "ml_dtypes": {"audits", "evaluation", "properties"},
    "flint": {"audits", "design", "expressions", "numbers", "proofs", "properties"},
}


def part_of(module: str) -> str:
    """The part of the package that a module "actcli.part.file" or a name in it belongs to."""
    parts = [*module.split("."), "__init__"][1:]
    return ".".join(parts[:2]) if ".".join(parts[:2]) in FLOORS else parts[0]


def module_of(path: Path) -> str:
    return ".".join(("actcli", *path.relative_to(ROOT).with_suffix("").parts))


@cache
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
            found |= {f"{module}.{a.name}" for a in node.names}
    return found


FILES = sorted(ROOT.rglob("*.py"))


def test_imports_stay_within_the_rules():
    floor = {part: number for number, part in enumerate(FLOORS)}
    wrong = []
    for path in FILES:
        part = part_of(module_of(path))
        for module in imports(path):
            library = module.split(".")[0]
            own = library == "actcli" and floor[part_of(module)] > floor[part]
            if own or part not in HOMES.get(library, {part}):
                wrong.append(f"{path.relative_to(ROOT)} imports {module}")
    assert wrong == []


def test_no_file_imports_itself_in_a_circle():
    names = {module_of(p): p for p in FILES}
    names = {name.removesuffix(".__init__"): path for name, path in names.items()}
    graph = {
        name: {m if m in names else m.rpartition(".")[0] for m in imports(path)}
        & names.keys() - {name}
        for name, path in names.items()
    }
    while free := {name for name, needs in graph.items() if not needs & graph.keys()}:
        graph = {name: needs for name, needs in graph.items() if name not in free}
    while ends := {n for n in graph if not any(n in needs for needs in graph.values())}:
        graph = {name: needs for name, needs in graph.items() if name not in ends}
    assert not graph, {name: sorted(needs & graph.keys()) for name, needs in graph.items()}


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
    return set(printed(code, *args).split())


HEAVY = {
    "numpy", "scipy", "matplotlib", "rich", "flint", "ml_dtypes", "multiprocessing",
    "tempfile",
}  # fmt: skip


@pytest.mark.parametrize(
    ("args", "needed"),
    [
        (["--version"], set()),
        (["--help"], set()),
        *(([name, "--help"], set()) for name in COMMANDS),
        (["list", "-f", "json"], set()),
        (["list", "elu", "-f", "table"], set()),
        (["plot", "tanh", "--terminal"], {"numpy", "flint"}),
        (["neuron", "relu", "-w", "1", "--at", "2"], {"numpy"}),
        (["table", "relu", "--json"], {"numpy"}),
        (["table", "tanh", "-f", "tsv"], {"numpy"}),
        (["table", "relu", "--dtype", "float16"], {"numpy"}),
        (["table", "tanh", "--dtype", "bfloat16"], {"numpy", "ml_dtypes"}),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else "",
)
def test_a_light_command_loads_nothing_heavy(args, needed):
    assert loaded_by(*args) & HEAVY <= needed
