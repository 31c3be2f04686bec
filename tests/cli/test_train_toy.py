import csv
import io
import json
import os
import signal
import struct
import threading
from contextlib import suppress

import numpy as np
import pytest
from processes import ENVIRONMENT, started

from actcli.toy import choices, experiments

QUICK = ("--epochs", "2", "--seeds", "2")


def test_records(toy):
    status, out, err = toy("relu", "tanh", *QUICK, "--json")
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert list(found[0]) == [
        "function", "seed", "epoch", "train_loss", "test_loss", "test_accuracy", "dead_fraction",
        "saturated_fraction", "gradient_norm_layer1", "gradient_norm_layer2",
        "gradient_norm_output",
    ]  # fmt: skip
    order = [(r["function"], r["seed"], r["epoch"]) for r in found]
    assert order == [(f, s, e) for f in ("relu", "tanh") for s in (0, 1) for e in (0, 1, 2)]


def test_tsv_without_a_terminal(toy):
    status, out, _ = toy("relu", *QUICK, "--every", "2")
    rows = list(csv.DictReader(io.StringIO(out), delimiter="\t"))
    assert status == 0
    assert [row["epoch"] for row in rows] == ["0", "2"] * 2


def test_table_and_sentence(toy):
    status, out, err = toy("relu", "logistic", "--epochs", "60", "-f", "table")
    assert (status, err) == (0, "")
    assert out.startswith("circle, 2-4-2-1, sgd with rate 0.03, 60 epochs, 5 seeds from 0\n")
    for fact in (
        "train loss", "test loss", "test accuracy", "test loss < 0.1: seeds",
        "test loss < 0.1: epoch", "dead, layer1", "saturated, layer2", "gradient norm, output",
    ):  # fmt: skip
        assert f"\n{fact}" in out
    assert "relu reached a test loss of 0.1 at epoch" in out
    assert "logistic did not in any seed." in " ".join(out.split())


def test_saturation_is_told_where_there_is_a_gradient(toy):
    args = ("--learner", "evolution", *QUICK)
    records = {}
    for name in ("step", "tanh", "step/tanh"):
        records[name] = json.loads(toy(name, *args, "--json")[1])
    assert {r["saturated_fraction"] for r in records["step"]} == {"NaN"}
    assert all(0 <= r["saturated_fraction"] <= 1 for r in records["tanh"] + records["step/tanh"])
    assert "saturated" not in toy("step", *args, "-f", "table")[1]
    mixed = toy("step/tanh", *args, "-f", "table")[1]
    assert "\nsaturated, layer2" in mixed
    assert "saturated, layer1" not in mixed


def test_the_longest_course_is_told(toy):
    args = ("relu", "logistic", "--stop-loss", "0.2", "--epochs", "40", "--seeds", "2")
    ends = {}
    for record in json.loads(toy(*args, "--json")[1]):
        ends[record["function"]] = record["epoch"]
    assert ends["relu"] < ends["logistic"] == 40
    assert ", 40 epochs, " in toy(*args, "-f", "table", "--save", "run.npz")[1].splitlines()[0]
    status, _, err = toy("--load", "run.npz", "--epochs", "30")
    assert status == 2
    assert "has 40 epochs already" in err


@pytest.mark.parametrize("data", ["recall", "karate", "patterns", "plane", "blocks", "wave"])
def test_every_kind_of_data(toy, data):
    status, out, err = toy("tanh", "--data", data, *QUICK, "-f", "table")
    assert (status, err) == (0, "")
    assert out.startswith(data)


def test_one_function_per_layer(toy, refused):
    _, out, _ = toy("tanh/leaky_relu:slope=0.2", *QUICK, "--json")
    assert json.loads(out)[0]["function"] == "tanh/leaky_relu(slope=0.2)"
    labels = ("--label", "ours", "--label", "plain")
    _, out, _ = toy("tanh/relu", "gelu", *labels, *QUICK, "--save", "run.npz", "--json")
    assert {r["function"] for r in json.loads(out)} == {"ours", "plain"}
    assert toy("--load", "run.npz", "--json")[1] == out
    refused(toy, ("tanh/relu", "gelu", *labels[:2], *QUICK), "--label is given 1 time for 2")
    refused(toy, ("tanh/relu", "--label", "a\x1b[31m", *QUICK), "printable characters")
    _, out, _ = toy("x/(1+abs(x))", *QUICK, "--json")
    assert json.loads(out)[0]["function"] == "x/(1+abs(x))"
    _, out, _ = toy("swish", "-p", "beta=1,2", *QUICK, "--json")
    assert {r["function"] for r in json.loads(out)} == {"swish", "swish(beta=2)"}


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "Missing argument 'FUNCTION...', as in 'train-toy relu tanh'"),
        (("geluu",), "no activation is called 'geluu'; did you mean gelu?"),
        (("tanh/geluu",), "geluu"),
        (("tanh/relu/tanh",), "'tanh/relu/tanh' names 3 functions for 2 hidden layers"),
        (("tanh/relu", "-p", "beta=2"), "-p does not go with one function per layer"),
        (("step",), "step has gradient 0 everywhere: sgd cannot move"),
        (("relu", "--data", "circel"), "called 'circel'; did you mean circle?"),
        (("relu", "--data", "none.csv"), "none.csv"),
        (("relu", "--layers", "a"), "--layers 'a': give numbers of units"),
        (("relu", "--features", "z"), "there is no feature 'z'"),
        (("relu", "--gif", "a.png"), "--gif 'a.png' does not end in .gif"),
        (
            ("relu", "--data", "karate", "--gif", "a.gif", *QUICK),
            "--gif needs a feedforward network",
        ),
        (
            ("relu", "--data", "circle", "--load", "0.2"),
            "patterns per unit belong to --data patterns",
        ),
        (("--load", "none.npz"), "cannot read 'none.npz': No such file"),
        (("tanh", "--layers", "1000000,1000000"), "too many numbers for a toy"),
        (("tanh", "--seeds", "10000000"), "give fewer units, seeds or steps"),
        (("tanh", "--data", "recall", "--length", "10000000"), "or steps (--length)"),
        (("tanh", "--topology", "composite", "--length", "1000000"), "or steps (--length)"),
        (("tanh", "--stop-loss", "nan"), "--stop-loss is a positive number"),
        (("tanh", "-o", "a.jpg"), "-o 'a.jpg': a picture is .png, .svg or .pdf"),
        (("relu", "-o", "none/a.png", *QUICK), "there is no directory 'none'"),
    ],
)
def test_errors(toy, refused, args, message):
    refused(toy, args, message)


EVOLUTION = ("--learner", "evolution")
PATTERNS = ("--data", "patterns", "--layers", "30")
KARATE = ("--data", "karate")
GIVEN = {
    "--learning-rate": "0.5", "--batch-size": "7", "--train-share": "0.3", "--init": "he",
    "--length": "4", "--regularization": "l1", "--regularization-rate": "0.1",
}  # fmt: skip


@pytest.mark.parametrize(
    ("args", "option", "reason"),
    [
        (EVOLUTION, "--learning-rate", "evolution takes no steps along a gradient"),
        (PATTERNS, "--learning-rate", "hebbian takes no steps along a gradient"),
        (EVOLUTION, "--batch-size", "evolution takes all examples at once"),
        (KARATE, "--batch-size", "a graph is learned whole"),
        ((*KARATE, *EVOLUTION), "--batch-size", "evolution takes all examples at once"),
        (PATTERNS, "--train-share", "every pattern is stored and recalled"),
        (KARATE, "--train-share", "in karate two members are labelled"),
        (PATTERNS, "--init", "the patterns alone make the weights"),
        ((), "--length", "circle has no sequences, feedforward no rounds of messages"),
        ((), "--regularization", "its strength is 0; add --regularization-rate 0.001"),
        ((), "--regularization-rate", "no penalty is chosen; add --regularization l2"),
    ],
)
def test_an_option_without_effect_is_told(toy, args, option, reason):
    args = ("tanh", *args, *QUICK)
    plain = toy(*args)
    assert plain[::2] == (0, "")
    told = toy(*args, option, GIVEN[option])
    assert told == (0, plain[1], f"actcli: {option} has no effect: {reason}\n")
    assert toy(*args, option, GIVEN[option], "-q") == plain


@pytest.mark.parametrize(
    ("args", "options"),
    [
        ((), ("--learning-rate", "--batch-size", "--train-share", "--init")),
        (EVOLUTION, ("--init", "--train-share")),
        (("--learner", "random-search"), ("--init",)),
        (("--data", "recall"), ("--length",)),
        (("--topology", "composite"), ("--length", "--learning-rate", "--init")),
        (("--data", "blocks"), ("--train-share",)),
        (("--regularization", "l1"), ("--regularization-rate",)),
    ],
)
def test_an_option_with_an_effect_is_not(toy, args, options):
    args = ("tanh", *args, *QUICK)
    plain = toy(*args, "-q")[1]
    for option in options:
        status, out, err = toy(*args, option, GIVEN[option])
        assert (status, err) == (0, "")
        assert out != plain


def test_an_option_without_effect_is_told_of_a_saved_run(toy):
    assert toy("tanh", *EVOLUTION, *QUICK, "--save", "run.npz", "-q")[0] == 0
    status, _, err = toy("--load", "run.npz", "--epochs", "3", "--learning-rate", "1")
    assert status == 0
    assert err == (
        "actcli: --learning-rate has no effect: evolution takes no steps along a gradient\n"
    )


def test_experiments(toy, refused):
    status, out, _ = toy("--experiment", "list")
    assert status == 0
    assert out.splitlines()[::2] == list(experiments.NAMES)
    assert all(line.startswith("  ") and line.endswith(" s") for line in out.splitlines()[1::2])
    rows = json.loads(toy("--experiment", "list", "--json")[1])
    assert [row["experiment"] for row in rows] == list(experiments.NAMES)
    assert [f"  {row['shows']}; about {row['seconds']} s" for row in rows] == out.splitlines()[1::2]
    assert {
        row["experiment"]: tuple(row["functions"].split()) for row in rows
    } == experiments.DEFAULTS
    status, out, err = toy("--experiment", "dead_relu", "--json")
    assert (status, err) == (0, "")
    columns = ["experiment", "setting", "measured", "low", "high", "reference", "source", "agrees"]
    assert all(list(record) == columns for record in json.loads(out))
    _, out, _ = toy("--experiment", "dead-relu", "-f", "table")
    assert "\nReference: " in out
    for args, message in (
        (("--seeds", "7"), "--seeds does not go with --experiment"),
        (("--save", "a.npz"), "--save does not go with --experiment"),
        (("-o", "a.png"), "-o 'a.png': an experiment prints a table"),
    ):
        refused(toy, ("--experiment", "edge-of-chaos", *args), message)
    refused(toy, ("--experiment", "born-ded"), "'born-ded'; did you mean born-dead?")


# -- files -----------------------------------------------------------------------------------------
def test_save_and_load(toy, refused):
    _, straight, _ = toy("tanh", "--epochs", "5", "--seeds", "2")
    status, _, err = toy("tanh", "--epochs", "3", "--seeds", "2", "--save", "run.npz")
    assert (status, err) == (0, "run.npz\n")
    _, shown, _ = toy("--load", "run.npz")
    assert straight.startswith(shown[: shown.index("tanh\t1")])
    assert toy("--load", "run.npz", "--epochs", "5") == (0, straight, "")
    for args, message in (
        (("relu",), "'run.npz' says what was trained; leave out 'relu'"),
        (("--data", "xor"), "--data cannot change in a saved run"),
        (("--epochs", "3"), "has 3 epochs already"),
        (("--learning-rate", "1"), "say how many with --epochs"),
    ):
        refused(toy, ("--load", "run.npz", *args), message)


def test_pictures_of_a_saved_run(toy, tmp_path):
    toy("tanh", *QUICK, "--save", "run.npz", "-o", "direct.svg", "-q")
    assert toy("--load", "run.npz", "-o", "later.svg", "-q")[0] == 0
    assert (tmp_path / "later.svg").read_bytes() == (tmp_path / "direct.svg").read_bytes()
    assert toy("--load", "run.npz", "--epochs", "4", "-o", "records.csv")[0] == 0
    assert (tmp_path / "records.csv").read_text().count("\n") == 1 + 2 * 5


def test_damaged_file(toy, refused, tmp_path):
    (tmp_path / "run.npz").write_bytes(b"PK\x03\x04 nothing")
    refused(toy, ("--load", "run.npz"), "'run.npz' is damaged or was not made by")


def test_load_of_the_memory(toy):
    few, many = (
        json.loads(toy("sign", "--load", load, "--layers", "60", *QUICK, "--json")[1])
        for load in ("0.03", "0.5")
    )
    assert few[-1]["test_accuracy"] > many[-1]["test_accuracy"]


@pytest.mark.parametrize("data", ["circle", "karate", "recall", "patterns"])
def test_picture(toy, tmp_path, data):
    status, _, err = toy("tanh", "relu", "--data", data, *QUICK, "-o", "a.png", "-q", "--dpi", "40")
    assert (status, err) == (0, "")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_looks_of_a_picture_that_is_not_drawn_have_no_effect(toy):
    err = toy("tanh", *QUICK, "--dpi", "90", "--style", "dark")[2]
    assert "--dpi, --style: no effect without a picture; add -o FILE.png\n" in err


def test_picture_when_every_seed_diverged(toy, tmp_path):
    args = ("square", "--data", "plane", "--learning-rate", "20", "--epochs", "5")
    status, out, err = toy(*args, "-o", "a.svg", "-q")
    assert (status, err) == (0, "")
    assert "square diverged in 5 of 5 seeds" in out
    panels = ("loss", "norms", "dead", "saturated")
    drawn = (tmp_path / "a.svg").read_text()
    assert drawn.count('id="nothing') == 2  # the losses, the gradient norms
    assert not any(f'id="{panel}"' in drawn for panel in panels)
    assert "no unit is" not in drawn


SMALL = ("--layers", "8,8", "--epochs", "5", "--seeds", "2")


@pytest.mark.parametrize(
    ("args", "panels"),
    [
        (("relu", "leaky_relu", *SMALL, "--learning-rate", "3"), {"dead"}),
        (("tanh(x + 6)", *SMALL), {"saturated"}),
        (("relu", "elu", *SMALL, "--learning-rate", "3"), {"dead", "saturated"}),
        (("identity", *SMALL), set()),
        (("identity", "--data", "karate", *QUICK), set()),
        (("identity", "--data", "recall", *QUICK), set()),
        (("step", "--data", "xor", *QUICK, "--learner", "evolution"), set()),
    ],
)
def test_idle_units_have_a_panel_where_there_are_some(toy, tmp_path, args, panels):
    records = json.loads(toy(*args, "-o", "a.svg", "--json", "-q")[1])
    drawn = (tmp_path / "a.svg").read_text()
    last = max(r["epoch"] for r in records)
    kinds = ("dead", "saturated")
    shares = {k: {r[f"{k}_fraction"] for r in records if r["epoch"] == last} for k in kinds}
    assert {k for k in kinds if shares[k] - {0, "NaN"}} == panels
    assert {k for k in kinds if f'id="{k}"' in drawn} == panels
    absent = " or ".join(k for k in kinds if shares[k] <= {0, "NaN"} and 0 in shares[k])
    assert f"gradient norm per layer{absent and '; no unit is ' + absent}</text>" in drawn


def test_the_memory_has_one_panel(toy, tmp_path):
    assert toy("sign", "--data", "patterns", *QUICK, "-o", "a.svg", "-q")[0] == 0
    drawn = (tmp_path / "a.svg").read_text()
    assert 'id="loss"' in drawn
    assert not any(f'id="{panel}"' in drawn for panel in ("norms", "dead", "saturated"))


def test_pngs_are_small_and_the_same_every_time(toy, tmp_path):
    for name in ("a.png", "b.png"):
        assert toy("relu", *QUICK, "-o", name, "-q", "--size", "9x6", "--dpi", "100")[0] == 0
    first = (tmp_path / "a.png").read_bytes()
    assert first == (tmp_path / "b.png").read_bytes()
    assert b"PLTE" in first[:60]
    assert struct.unpack(">II", first[16:24]) == (900, 600)
    assert len(first) < 60_000


def test_film(toy, tmp_path):
    status, _, err = toy("relu", *QUICK, "--gif", "a.gif")
    assert (status, err) == (0, "a.gif\n")
    assert (tmp_path / "a.gif").read_bytes().startswith(b"GIF8")


def test_a_file_of_rows(toy, tmp_path):
    random = np.random.default_rng(0)
    rows = [f"{a:.3f},{b:.3f},{'in' if a * a + b * b < 1 else 'out'}" for a, b in
            random.normal(size=(80, 2))]  # fmt: skip
    (tmp_path / "rows.csv").write_text("\n".join(["a,b,where", *rows]))
    status, out, _ = toy("tanh", "--data", "rows.csv", *QUICK, "-o", "a.svg", "-f", "table")
    assert status == 0
    assert out.startswith("rows.csv, 2-4-2-1")


def test_a_saved_run_holds_on_to_its_file(toy, tmp_path):
    def write(last):
        random = np.random.default_rng(0)
        rows = [f"{a:.3f},{b:.3f},{int(a * b > 0)}" for a, b in random.normal(size=(40, 2))]
        (tmp_path / "rows.csv").write_text("\n".join(["a,b,where", *rows, last]))

    write("0.5,0.5,1")
    assert toy("tanh", "--data", "rows.csv", *QUICK, "--save", "run.npz", "-q")[0] == 0
    longer = ("--load", "run.npz", "--epochs", "4")
    shown, trained = toy("--load", "run.npz"), toy(*longer)
    assert trained[::2] == (0, "")
    write("0.5,0.5,0")
    for args in (longer, ("--load", "run.npz", "-o", "a.png")):
        assert toy(*args) == (
            2, "", "actcli: 'rows.csv' has changed since the saved run was trained on it; put back "
            "what it was, or train afresh without --load\n",
        )  # fmt: skip
    assert toy("--load", "run.npz") == shown
    write("0.5,0.5,1")
    assert toy(*longer) == trained


def test_interruption(toy):
    timer = threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    status, out, err = toy("relu", "--epochs", "1000000", "-f", "table")
    assert status == 130
    assert "median over seeds" in out
    assert "actcli: interrupted at epoch" in err


def test_one_bar_on_a_terminal(tmp_path):
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    process = started(
        "train-toy", "relu", "--epochs", "3000", "--every", "20", env=ENVIRONMENT | {"TERM": "xterm"},
        cwd=tmp_path, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    parts = []

    def read():  # all along: a terminal that nobody reads fills up
        with suppress(OSError):
            while part := os.read(ours, 1 << 16):
                parts.append(part)

    reader = threading.Thread(target=read)
    reader.start()
    out = process.communicate(timeout=120)[0]
    reader.join(10)
    os.close(ours)
    shown = b"".join(parts).decode()
    assert process.returncode == 0
    assert out.startswith(b"function\tseed")
    assert "loss 0." in shown
    assert "\x1b[2K" in shown  # it vanishes


# -- names that may be typed ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("option", "names"),
    [
        ("--data", tuple(choices.DATA_SETS)),
        ("--topology", tuple(choices.TOPOLOGIES)),
        ("--learner", choices.LEARNERS),
        ("--init", choices.SCHEMES),
        ("--experiment", (*experiments.NAMES, "list")),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_names_are_completed_and_told_in_help(toy, completed, option, names):
    for typed in ("", names[-1][:3]):
        found = completed("train-toy", option, typed)
        assert found == [name for name in names if name.startswith(typed)]
    if option != "--experiment":
        told = "".join(toy("--help")[1].split())
        assert all(name in told for name in names)


def test_learning_rates_and_layers_are_swept_as_blocks(toy):
    sweep = ("--learning-rate", "0.01,0.1", "--layers", "4,2", "--layers", "8", *QUICK)
    status, out, err = toy("relu", *sweep, "--json")
    assert status == 0, err
    records = json.loads(out)
    labels = list(dict.fromkeys(r["function"] for r in records))
    assert labels == [
        f"relu (learning rate {rate}; layers {layers})"
        for rate in ("0.01", "0.1") for layers in ("4,2", "8")
    ]  # fmt: skip
    for rate in ("0.01", "0.1"):
        alone = json.loads(
            toy("relu", "--learning-rate", rate, "--layers", "8", *QUICK, "--json")[1]
        )
        block = [r for r in records if r["function"] == f"relu (learning rate {rate}; layers 8)"]
        assert [r["test_loss"] for r in block] == [r["test_loss"] for r in alone]
        assert {r["gradient_norm_layer2"] for r in block} == {"NaN"}


@pytest.mark.parametrize(
    ("args", "part"),
    [
        (("--learning-rate", "a"), "give a number, or several as in 0.01,0.03,0.1"),
        (("--learning-rate", "1,1"), "--learning-rate names the same twice"),
        (("--layers", "4", "--layers", "4"), "--layers names the same twice"),
        (("--pairs",), "--pairs compares functions; name two"),
        (("--learn", "nosuch"), "no FUNCTION here has such a number"),
    ],
)
def test_sweeps_that_cannot_be_are_refused(toy, args, part):
    status, out, err = toy("relu", *args)
    assert (status, out) == (2, "")
    assert part in err


def test_learned_parameters_have_a_column_per_layer(toy):
    status, out, _ = toy("prelu", "swish", "--learn", "slope,beta", *QUICK, "--json")
    assert status == 0
    records = json.loads(out)
    assert list(records[0])[-4:] == ["slope_layer1", "slope_layer2", "beta_layer1", "beta_layer2"]
    first = {r["function"]: r for r in records if r["epoch"] == 0 and r["seed"] == 0}
    assert first["prelu"]["slope_layer1"] == 0.25
    assert first["swish"]["beta_layer2"] == 1.0
    assert first["swish"]["slope_layer1"] == "NaN"


# -- in the terminal -----------------------------------------------------------------------------------
def test_losses_are_drawn_below_the_table(toy, refused, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    args = ("relu", "tanh", *QUICK, "--terminal")
    status, out, err = toy(*args)
    assert (status, err) == (0, "")
    assert out.index("median over seeds") < out.index("test loss against epoch")
    assert max(map(len, out.splitlines())) <= 80
    assert "no effect in the terminal" in toy(*args, "--size", "3x3")[2]
    shown = toy(*args, "-o", "records.csv")[1]
    assert shown.splitlines()[0] == "⠒⠒ relu   ++ tanh"
    refused(toy, ("--experiment", "circle", "--terminal"), "--terminal does not go with")


def test_too_few_seeds_for_an_interval_are_said_to_be(toy):
    assert 2 * 0.5**5 > 0.05 > 2 * 0.5**6  # that all differences lie on one side of the median
    five = toy("relu", "tanh", "--pairs", "--epochs", "2", "--seeds", "5", "--json")
    assert five[2] == "low and high take 6 --seeds or more\n"
    assert {(row["low"], row["high"]) for row in json.loads(five[1])} == {("-Infinity", "Infinity")}
    six = toy("relu", "tanh", "--pairs", "--epochs", "2", "--seeds", "6", "--json")
    assert six[2] == ""
    assert all(row["low"] <= row["difference"] <= row["high"] for row in json.loads(six[1]))


def test_learn_per_goes_with_learn(toy, refused):
    refused(toy, ("relu", "--learn-per", "unit"), "add --learn NAME")
