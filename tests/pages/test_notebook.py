"""A notebook with a function, its picture, records and its page, run by a kernel."""

import base64
import json
import sys

import pytest
from browsing import exact, move, settle
from processes import finished

CELLS = [
    "import actcli\nf = actcli.activation('leaky_relu', slope=0.25)\nf",
    "f.plot()",
    "f.properties(only=['range', 'symmetry'])",
    "actcli.compare(f, 'relu')",
    "f.page()",
]
RUN = """
import json, sys
from nbclient import NotebookClient
from nbformat import v4
book = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in json.loads(sys.argv[1])])
NotebookClient(book, timeout=120, kernel_name="python3").execute()
print(json.dumps([cell["outputs"] for cell in book["cells"]]))
"""


@pytest.fixture(scope="module")
def notebook():
    """What each cell shows, by media type."""
    done = finished(RUN, json.dumps(CELLS), command=(sys.executable, "-c"))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert [len(outputs) for outputs in told] == [1] * len(CELLS)
    return [outputs[0]["data"] for outputs in told]


def test_what_cells_show(notebook):
    function, plot, properties, difference, page = notebook
    assert set(function) == {"text/plain", "text/latex", "image/png", "text/html"}
    assert "0.25" in function["text/latex"]
    assert base64.b64decode(function["image/png"]).startswith(b"\x89PNG")
    assert "<math" in function["text/html"]
    assert "<script" not in function["text/html"]
    assert base64.b64decode(plot["image/png"]).startswith(b"\x89PNG")
    assert properties["text/html"].count("<tr>") == 3
    assert "<th>max_difference</th>" in difference["text/html"]
    assert page["text/html"].startswith("<iframe srcdoc=")


def test_sliders_live_on_in_the_exported_file(notebook, browser):
    """Which holds what the cells show as HTML, one below the other."""
    exported = "".join(
        f"<div>{shown['text/html']}</div>" for shown in notebook if "text/html" in shown
    )
    opened = browser.open(f"<!DOCTYPE html><title>exported</title>{exported}")
    try:
        assert opened.locator("math").count() >= 1
        shown = opened.locator("img[alt='value and gradient of leaky_relu(slope=0.25)']")
        assert shown.evaluate("image => image.naturalWidth") == 1500
        frame = opened.frames[1]
        frame.wait_for_selector("td[data-quantity=value][data-exact]")
        label = "leaky_relu(slope=0.25)"
        frame.locator("#x").fill("-2")
        frame.locator("#x").press("Enter")
        settle(frame)
        assert exact(frame, label) == -0.5
        move(frame, label, "slope", 0.75)
        assert exact(frame, label) == -1.5
    finally:
        opened.context.close()
