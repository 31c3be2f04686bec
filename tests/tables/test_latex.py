"""LaTeX as a journal's document takes it: well formed, nothing raw, and compiled where that is possible."""

import re
import shutil
import subprocess

import pytest
from matplotlib.mathtext import MathTextParser
from processes import told

NASTY = r"50% of a_b & {c} ~ #1 $x^2$ \end{tabular} <|> [*] − ∞"
COMMANDS = {
    "list": ["list"],
    "primitives": ["list", "--primitives"],
    "table": ["table", "gelu", "relu", "--at", "nan,-inf,1e-300,-1e300,0.1", "--order", "2"],
    "label": ["table", "gelu", "--label", NASTY, "--digits", "3"],
    "starred": ["table", "gelu", "--label", "* [x]", "-n", "2"],
    "compare": ["compare", "elu", "x*sigmoid(b*x)", "-p", "b=1,2", "x**3",
                "--digits", "4"],
    "facts": ["compare", "softplus", "hard_shrink", "--facts"],
    "check-properties": ["check-properties", "relu", "x*tanh(x)"],
    "neuron": ["neuron", "tanh", "-w", "1,2", "--at", "1,2", "--digits", "5"],
    "train-toy": ["train-toy", "relu", "tanh", "--epochs", "2", "--seeds", "2", "--summary"],
}  # fmt: skip


@pytest.fixture(scope="module", params=COMMANDS)
def latex(request):
    status, out, err = told(*COMMANDS[request.param], "-f", "latex", "-q")
    assert status == 0, err
    return out


def cells(table):
    """The rows of a tabular as lists of cells, and how many columns it has."""
    spec = re.search(r"\\begin\{tabular\}\{((?:[lr]|p\{[\d.]+\\linewidth\})+)\}\n", table)
    body = table[spec.end() :].replace(r"\toprule", "").replace(r"\midrule", "")
    body = re.sub(r"\\shortstack\[[lr]\]\{([^{}]|\\_)*?\\\\[^{}]*\}", "head", body)
    body = re.sub(r"\\begin\{cases\}.*?\\end\{cases\}", "CASES", body)
    rows = [row.strip() for row in body.split("\\\\\n")[:-1]]
    columns = len(re.sub(r"p\{[^}]*\}", "p", spec[1]))
    return [re.split(r"(?<!\\)&", row) for row in rows], columns


def tables(text):
    return re.findall(r"\\begin\{tabular\}.*?\\end\{tabular\}\n", text, re.DOTALL)


def test_environments_and_braces_are_balanced(latex):
    open_ = []
    for kind, name in re.findall(
        r"\\(begin|end)\{(\w+)\}", latex.replace(r"\textbackslash{}end", "")
    ):
        if kind == "begin":
            open_.append(name)
        else:
            assert open_.pop() == name
    assert not open_
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", latex):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0
    assert "".join(tables(latex)).split() == latex.split()
    for rule in ("toprule", "midrule", "bottomrule"):
        assert latex.count(f"\\{rule}\n") == len(tables(latex)) > 0


def test_every_row_has_every_column(latex):
    for table in tables(latex):
        rows, columns = cells(table)
        assert len(rows) > 1
        assert {len(row) for row in rows} == {columns}


def test_nothing_raw_is_left_in_texts(latex):
    for table in tables(latex):
        for row in cells(table)[0]:
            for cell in row:
                text = re.sub(r"(?<!\\)\$.*?(?<!\\)\$", "", cell)
                text = re.sub(
                    r"\\text(backslash|asciitilde|asciicircum|less|greater|bar)\{\}", "", text
                )
                text = re.sub(r"\\dots\{\}|\{\[\}|\{\*\}|\\[&%$#_{}]", "", text)
                assert not re.search(r"[\\&%$#_{}~^<>|∞−≤≥×]", text), cell


def test_formulas_are_such_that_another_program_reads_them(latex):
    parser = MathTextParser("path")
    for table in tables(latex):
        for formula in re.findall(r"(?<!\\)\$(.+?)(?<!\\)\$", table):
            found = re.fullmatch(r"(.*)\\begin\{cases\}(.*)\\end\{cases\}(.*)", formula)
            parts = [formula]
            if found:
                branches = re.split(r" \\\\ | & ", found[2])
                parts = [b for b in branches if "cases" not in b and r"\text{" not in b]
            for part in parts:
                if "{cases}" not in part:
                    parser.parse(f"${part}$")


COMPILER = next(filter(None, map(shutil.which, ("pdflatex", "lualatex", "tectonic"))), None)


@pytest.mark.skipif(COMPILER is None, reason="there is no LaTeX here")
def test_a_document_compiles(latex, tmp_path):
    (tmp_path / "a.tex").write_text(
        "\\documentclass{article}\n\\usepackage{amsmath,booktabs}\n\\begin{document}\n"
        f"{latex}\n\\end{{document}}\n"
    )
    batch = [] if "tectonic" in COMPILER else ["-interaction=batchmode", "-halt-on-error"]
    done = subprocess.run(
        [COMPILER, *batch, "a.tex"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout
