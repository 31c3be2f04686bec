"""The Python API of the package: what the command line says, as objects that notebooks show."""

import base64
import json
import pickle
import re
import subprocess
import sys
from html import unescape
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

import actcli
from actcli.cli import run


@pytest.fixture
def said(capsysbinary):
    """The bytes that a command line writes to standard output."""

    def call(*args):
        with pytest.raises(SystemExit) as stopped:
            run(list(args))
        assert stopped.value.code in (0, None)
        return capsysbinary.readouterr().out

    return call


def finite(record):
    """A record as JSON would give it."""
    names = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}
    if isinstance(record, dict):
        return {key: finite(value) for key, value in record.items()}
    if isinstance(record, list | tuple):
        return [finite(value) for value in record]
    return names.get(repr(record), record) if isinstance(record, float) else record


@pytest.mark.parametrize(("low", "high"), [(None, None), (-2, 3)])
def test_compare_gives_the_records_of_the_command(said, low, high):
    limits = [] if low is None else ["-r", f"{low}:{high}"]
    found = actcli.compare("gelu", actcli.activation("x*sigmoid(b*x)", b=1.702), low=low, high=high)
    wanted = json.loads(said("compare", "gelu", "x*sigmoid(b*x):b=1.702", *limits, "--json"))
    assert finite(found) == wanted


def test_properties_are_the_records_of_the_command(said):
    found = actcli.activation("relu").properties(["range", "dead_zone", "convex"])
    wanted = json.loads(
        said("check-properties", "relu", "--only", "range,dead_zone,convex", "--json")
    )
    assert finite(found) == wanted
    html = found._repr_html_()
    assert html.count("<tr>") == 4
    assert "<th>verdict</th>" in html


@pytest.mark.parametrize("order", [0, 1, 2])
def test_plot_is_the_picture_of_the_command(said, order):
    figure = actcli.plot("gelu", "x*sigmoid(b*x):b=1.702", low=-4, high=4, order=order)
    assert isinstance(figure, Figure)
    drawn = said(
        "plot", "gelu", "x*sigmoid(b*x):b=1.702", "-r", "-4:4", "--order", str(order), "-o", "-"
    )
    assert figure._repr_png_() == drawn
    assert figure._repr_png_() == drawn  # again, and the same


def test_a_function_shows_its_formula_and_its_picture(said):
    f = actcli.activation("where(x < 1 and x > -1, x, sign(x))")
    shown = f._repr_mimebundle_()
    assert set(shown) == {"text/plain", "text/latex", "image/png", "text/html"}
    assert shown["text/latex"].startswith(r"$\displaystyle f(x) = \begin{cases}x & ")
    html = shown["text/html"]
    assert f._mime_() == ("text/html", html)
    assert not re.search("<(script|style)|style=", html)
    formula = ElementTree.fromstring(re.search("<math.*</math>", html)[0])
    assert [part.text for part in formula.iter() if part.tag.endswith("mi")].count("x") >= 4
    (drawn,) = re.findall(r'src="data:image/png;base64,([^"]*)"', html)
    assert base64.b64decode(drawn) == shown["image/png"]
    assert shown["image/png"] == said("plot", f.label, "-r", "-5:5", "-o", "-")
    assert f.plot()._repr_png_() == shown["image/png"]


def test_what_cannot_be_drawn_or_written_is_left_out():
    assert set(actcli.activation("log(x-100)")._repr_mimebundle_()) == {
        "text/plain", "text/latex", "text/html",
    }  # fmt: skip
    shown = actcli.activation("numpy:tanh").relabelled("<a> & $b$")._repr_mimebundle_()
    assert set(shown) == {"text/plain", "image/png", "text/html"}
    assert shown["text/html"].startswith("<p><b>&lt;a&gt; &amp; $b$</b></p>")


@pytest.mark.parametrize("name", ["gelu:approx=tanh", "x*tanh(b*x):b=2"])
def test_page_is_that_of_the_command(said, name, tmp_path):
    page = actcli.activation(name).page()
    assert str(page).encode() == said("page", name, "-o", "-")
    page.save(str(tmp_path / "page.html"))
    assert (tmp_path / "page.html").read_bytes() == str(page).encode()
    (inside,) = re.findall(r'<iframe srcdoc="([^"]*)"', page._repr_html_())
    assert unescape(inside) == str(page)


def test_text_of_a_function_can_be_typed_back():
    f = actcli.activation("elu", alpha=2)
    assert str(actcli.activation(f.formula).tree) == str(f.tree)
    assert f.about.startswith("The identity")
    assert f.parameters == {"alpha": 2.0}


def test_a_function_answers_all_in_the_process_that_unpickles_it():
    told = pickle.dumps(actcli.activation("x*tanh(b*x)", b=2).relabelled("ours"))
    code = (
        f"import pickle; f = pickle.loads({told!r}); assert f.label == 'ours', f.label\n"
        "assert f.properties('symmetry')[0]['verdict'] == 'proved'\n"
        "assert f.plot()._repr_png_()[1:4] == b'PNG'; assert pickle.loads(pickle.dumps(f)) == f"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        (lambda: actcli.plot(), "plot takes one function or more"),
        (lambda: actcli.plot("gelu", low=3, high=1), "low must be below high"),
        (lambda: actcli.plot("gelu", order=5), "order is 0, 1 or 2"),
        (lambda: actcli.plot("gelu", low=0, high=float("inf")), "too far apart"),
        (lambda: actcli.compare("gelu", "relu", low=1), "give both low and high"),
        (lambda: actcli.compare("gelu", "geluu"), "did you mean gelu?"),
        (lambda: actcli.activation("numpy:tanh").page(), "which no page can compute"),
        (lambda: actcli.activation("gelu").properties(["x"]), "no property is called 'x'"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_a_value_error(asked, part):
    with pytest.raises(ValueError, match=re.escape(part)):
        asked()
