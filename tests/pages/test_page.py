"""Playing with a page: pointer, keys, sliders, boxes and the address."""

import numpy as np
import pytest
from browsing import QUANTITIES, Seen, cell, exact, move, paged, panel, settle, slider, view, x_of

SWISH, TANH, OWN = "swish", "hard_tanh", "x*tanh(new*x)(new=2)"
LABELS = [SWISH, TANH, OWN]


def swish(x, beta=1.0):
    """Value and gradient of x*sigmoid(beta*x)."""
    s = 1 / (1 + np.exp(-beta * x))
    return x * s, s + beta * x * s * (1 - s)


@pytest.fixture(scope="module")
def html():
    return str(paged(SWISH, TANH, "x*tanh(new*x):new=2"))


@pytest.fixture(scope="module")
def opened(browser, html):
    page = browser.open(html, height=1600)
    yield page
    page.context.close()


@pytest.fixture
def play(opened):
    """The page as it was made, the pointer elsewhere."""
    opened.mouse.move(1, 1)
    opened.locator("button", has_text="reset").first.click()
    opened.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    settle(opened)
    return opened


def test_hooks(play):
    assert play.locator("#x").get_attribute("type") == "text"
    assert x_of(play) == 1
    for quantity in QUANTITIES:
        svg = play.locator(f"svg[data-quantity={quantity}]")
        assert svg.count() == 1
        assert svg.get_attribute("tabindex") == "0"
        assert view(play) == [-5, 5]
        found = svg.locator("path[data-function]").evaluate_all(
            "paths => paths.map(p => p.dataset.function)"
        )
        assert found == LABELS
        for label in LABELS:
            assert cell(play, label, quantity).count() == 1
    for label, name in [(SWISH, "beta"), (TANH, "low"), (TANH, "high"), (OWN, "new")]:
        assert slider(play, label, name).get_attribute("step") == "any"
        assert slider(play, label, name, "number").count() == 1
    verdict = play.locator(f'tr[data-property=range] td[data-function="{SWISH}"]')
    assert verdict.text_content().split()[0] in ("proved", "refuted")
    titles = play.locator("section h2").all_text_contents()
    assert [t for name in ("curves", "depth", "properties") for t in titles if name in t.lower()]
    commands = play.locator("code").all_text_contents()
    assert len(commands) >= 4
    assert all(command.startswith("actcli ") for command in commands)
    assert play.locator("code + button[name=copy]").count() == len(commands)
    found = play.evaluate("[actcli.evaluate('swish', 2, {beta: 3}), actcli.evaluate('swish', 2)]")
    assert found[0][:2] == pytest.approx(swish(2.0, 3.0), rel=1e-14)
    assert found[1][:2] == pytest.approx(swish(2.0), rel=1e-14)


def test_curves_are_the_functions(play):
    for order, quantity in enumerate(QUANTITIES[:2]):
        seen = Seen(panel(play, quantity))
        ((x, y),) = seen.strokes(SWISH)
        assert x[0] == pytest.approx(-5, abs=0.02)
        assert x[-1] == pytest.approx(5, abs=0.02)
        assert len(x) >= 400
        assert np.abs(y - swish(x)[order]).max() < seen.pixel[1]
    ((x, y),) = Seen(panel(play, "difference")).strokes(TANH)
    assert np.abs(y - (np.clip(x, -1, 1) - swish(x)[0])).max() < 0.05


def test_x_follows_the_pointer_and_the_digits_are_those_of_table(play, program):
    svg = panel(play)
    box = svg.bounding_box()
    for share in (0.3, 0.8):
        play.mouse.move(box["x"] + share * box["width"], box["y"] + 40)
        settle(play)
        seen = Seen(svg)
        pointer = seen.at(share * box["width"], 0)[0]
        assert x_of(play) == pytest.approx(pointer, abs=2 * seen.pixel[0])
        here = [(x, y) for kind, _, x, y in seen.dots if kind.startswith("here")]
        assert here[0] == pytest.approx((x_of(play), swish(x_of(play))[0]), abs=0.05)
        at = play.locator("#x").get_attribute("data-exact")
        _, out, _ = program("table", *LABELS[:2], "x*tanh(new*x):new=2", f"--at={at}", "--order", 2)
        rows = [line.split("\t") for line in out.decode().splitlines()[1:]]
        for label, row in zip(LABELS, rows, strict=True):
            for quantity, number in zip(QUANTITIES, row[2:], strict=True):
                assert cell(play, label, quantity).text_content() == f"{float(number):.6g}"
                assert exact(play, label, quantity) == pytest.approx(float(number), rel=1e-13)


def test_typed_x(play):
    box = play.locator("#x")
    box.fill("1e-3")
    box.press("Enter")
    settle(play)
    assert x_of(play) == 1e-3
    assert exact(play, SWISH) == pytest.approx(swish(1e-3)[0], rel=1e-14)
    box.fill("−2.5")  # with the minus sign of printed text
    box.press("Enter")
    settle(play)
    assert x_of(play) == -2.5
    for words in ("two", "", "1e999", "nan"):
        box.fill(words)
        box.press("Enter")
        settle(play)
        assert x_of(play) == -2.5
        assert box.get_attribute("aria-invalid") is not None
    box.fill("40")
    box.press("Enter")
    settle(play)
    assert box.get_attribute("aria-invalid") is None
    low, high = view(play)
    assert low < 40 < high
    assert high - low == pytest.approx(10)


def test_drag_pans(play):
    svg = panel(play)
    box = svg.bounding_box()
    pixel = Seen(svg).pixel[0]
    play.mouse.move(box["x"] + 200, box["y"] + 60)
    settle(play)
    before = x_of(play)
    play.mouse.down()
    play.mouse.move(box["x"] + 150, box["y"] + 60, steps=3)
    play.mouse.move(box["x"] + 100, box["y"] + 60, steps=3)
    settle(play)
    play.mouse.up()
    low, high = view(play)
    assert low == pytest.approx(-5 + 100 * pixel, abs=0.05)
    assert high - low == pytest.approx(10)
    assert x_of(play) == before
    svg.dblclick()
    settle(play)
    assert view(play) == [-5, 5]


def test_x_follows_a_finger(browser, html):
    page = browser.open(html, height=1400, has_touch=True)
    try:
        box = panel(page).bounding_box()
        session = page.context.new_cdp_session(page)
        for kind, share in [("touchStart", 0.5), ("touchMove", 0.6), ("touchMove", 0.75)]:
            point = {"x": box["x"] + share * box["width"], "y": box["y"] + 60}
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
        settle(page)
        wanted = Seen(panel(page)).at(0.75 * box["width"], 0)[0]
        assert x_of(page) == pytest.approx(wanted, abs=0.1)
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        settle(page)
        assert x_of(page) == pytest.approx(wanted, abs=0.1)
        assert view(page) == [-5, 5]
    finally:
        page.context.close()


def test_wheel_zooms_where_it_is_asked_to(play):
    svg = panel(play)
    box = svg.bounding_box()
    play.mouse.move(box["x"] + 300, box["y"] + 60)
    settle(play)
    under = x_of(play)
    play.mouse.wheel(0, -100)  # scrolls the page, if anything
    settle(play)
    assert view(play) == [-5, 5]
    play.keyboard.down("Control")
    play.mouse.wheel(0, -100)
    play.keyboard.up("Control")
    settle(play)
    low, high = view(play)
    assert high - low < 9.5
    assert (under - low) / (high - low) == pytest.approx((under + 5) / 10, abs=0.01)
    svg.focus()
    play.mouse.wheel(0, 100)
    settle(play)
    assert np.subtract(*view(play)[::-1]) == pytest.approx(10, rel=1e-6)


def test_keys(play):
    svg = panel(play)
    svg.focus()

    def press(key):
        svg.press(key)
        settle(play)
        return x_of(play)

    assert press("ArrowRight") == pytest.approx(1.1)
    assert press("Shift+ArrowRight") == pytest.approx(2.1)
    assert press("ArrowLeft") == pytest.approx(2.0)
    assert press("Shift+ArrowLeft") == pytest.approx(1.0)
    assert press("Home") == -5
    press("ArrowLeft")
    assert view(play)[0] < x_of(play) == pytest.approx(-5.1)
    assert press("End") == view(play)[1]
    press("0")
    assert (x_of(play), view(play)) == (1, [-5, 5])
    press("+")
    near = view(play)
    assert near[1] - near[0] < 9
    assert near[0] < 1 < near[1]
    press("-")
    assert view(play) == pytest.approx([-5, 5])
    before = x_of(play)
    assert press("Control+ArrowRight") == before  # the browser's


def test_sliders_and_boxes(play):
    move(play, SWISH, "beta", 2.25)
    assert exact(play, SWISH) == pytest.approx(swish(1.0, 2.25)[0], rel=1e-14)
    assert slider(play, SWISH, "beta", "number").input_value() == "2.25"
    ((x, y),) = Seen(panel(play)).strokes(SWISH)
    assert np.abs(y - swish(x, 2.25)[0]).max() < 0.05
    assert play.locator("[data-part=made]").first.is_visible()
    box = slider(play, OWN, "new", "number")
    box.fill("123.5")  # beyond the slider
    box.press("Enter")
    settle(play)
    assert exact(play, OWN) == pytest.approx(np.tanh(123.5), rel=1e-14)
    assert float(slider(play, OWN, "new").input_value()) == 123.5
    play.locator("button", has_text="reset").first.click()
    settle(play)
    assert float(slider(play, OWN, "new").input_value()) == 2
    assert exact(play, SWISH) == pytest.approx(swish(1.0)[0], rel=1e-14)
    assert play.locator("[data-part=made]").first.is_hidden()
    slider(play, SWISH, "beta").focus()
    play.keyboard.press("ArrowRight")
    settle(play)
    moved = float(slider(play, SWISH, "beta").input_value())
    assert moved > 1
    assert exact(play, SWISH) == pytest.approx(swish(1.0, moved)[0], rel=1e-14)


def test_a_slider_stops_at_its_partner(play):
    move(play, TANH, "low", 2.5)
    assert float(slider(play, TANH, "low").input_value()) == 1  # that is high
    move(play, TANH, "low", 0.25)
    move(play, TANH, "high", -3)
    assert float(slider(play, TANH, "high").input_value()) == 0.25
    assert exact(play, TANH) == 0.25
    box = slider(play, TANH, "low", "number")
    box.fill("7")
    box.press("Enter")
    settle(play)
    assert float(box.input_value()) == 0.25


def test_tangent(play):
    play.locator("input[type=checkbox]").first.check()
    settle(play)
    seen = Seen(panel(play))
    d = panel(play).locator("path.tangent.c0").get_attribute("d")
    ends = [seen.at(*map(float, p.split())) for p in d[1:].split("L")]
    slope = (ends[1][1] - ends[0][1]) / (ends[1][0] - ends[0][0])
    assert slope == pytest.approx(swish(1.0)[1], abs=0.01)
    play.locator("input[type=checkbox]").first.uncheck()
    settle(play)
    assert panel(play).locator("path.tangent").count() == 0


def test_places_of_properties_set_x(play):
    button = play.locator("tr[data-property=range] button[data-x]").first
    where = float(button.get_attribute("data-x"))
    button.click()
    settle(play)
    assert x_of(play) == where
    assert view(play)[0] <= where <= view(play)[1]


def test_copy_buttons_copy(play):
    play.context.grant_permissions(["clipboard-read", "clipboard-write"])
    play.locator("code + button[name=copy]").first.click()
    said = play.evaluate("navigator.clipboard.readText()")
    assert said == play.locator("code").first.text_content()


def test_the_address_keeps_what_is_seen(play, browser, html):
    move(play, SWISH, "beta", 2.75)
    move(play, TANH, "high", 1.5)
    panel(play).focus()
    panel(play).press("+")
    panel(play).press("ArrowRight")
    settle(play)
    play.wait_for_timeout(300)
    kept = play.evaluate("location.hash")
    assert "2.75" in kept
    again = browser.open(html, hash_=kept)
    try:
        assert (x_of(again), view(again)) == (x_of(play), view(play))
        assert float(slider(again, SWISH, "beta").input_value()) == 2.75
        assert float(slider(again, TANH, "high", "number").input_value()) == 1.5
        assert exact(again, SWISH) == exact(play, SWISH)
        for bad in ("beta=junk&x=", "x=1e999&r=5:1&low=9", "__proto__=1&%%%", "r=:&beta="):
            again.evaluate("hash => { location.hash = hash; }", bad)
            settle(again)
            assert np.isfinite([x_of(again), *view(again), exact(again, SWISH)]).all()
    finally:
        again.context.close()


def test_sliders_live_in_a_frame(browser, html):
    """history.replaceState throws there, and the frame may not look at what is around it."""
    frame = paged(SWISH)._repr_html_()
    around = browser.open(f"<!DOCTYPE html><title>exported</title>{frame}")
    inside = around.frames[1]
    try:
        inside.wait_for_selector("td[data-quantity=value][data-exact]")
        move(inside, SWISH, "beta", 3)
        assert exact(inside, SWISH) == pytest.approx(swish(1.0, 3.0)[0], rel=1e-14)
        around.wait_for_timeout(300)  # when the state would be written
        inside.locator("#x").fill("2")
        inside.locator("#x").press("Enter")
        settle(inside)
        assert exact(inside, SWISH) == pytest.approx(swish(2.0, 3.0)[0], rel=1e-14)
    finally:
        around.context.close()
