"""The page in a real browser: a whole case by keyboard alone, and what the first look shows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from examiner.casebook.casebook import Casebook
from examiner.examination.acts import Phase
from examiner.page.readers.samples import sample_series
from tests.examiner.page.in_browser import (
    BrowserWindow,
    draw_band,
    open_photographs,
    press_letter,
    step_is,
    wait_for_cells,
)


@pytest.fixture
def page_with_samples(start_page: Callable[..., Any]) -> Any:
    if not sample_series():
        pytest.skip("the sample series are not here")
    return start_page(samples=True)


def test_a_whole_case_by_keyboard(
    running: Any, browser_window: BrowserWindow, photographs: list[Path], tmp_path: Path
) -> None:
    page = browser_window.page
    hostile = tmp_path / "<img src=x onerror=alert(1)>.png"
    hostile.write_bytes(photographs[0].read_bytes())
    open_photographs(page, running.address, [hostile])
    page.wait_for_selector(".file-name >> text=<img src=x")

    draw_band(page)
    assert page.locator(".candidate").count() == 0
    page.keyboard.type("4")
    page.keyboard.type("/")
    page.keyboard.type("8/3")
    page.keyboard.press("Enter")
    page.keyboard.type("?")
    press_letter(page, "я")
    step_is(page, "Lock")
    page.keyboard.press("Control+Enter")
    step_is(page, "Reveal")
    assert page.locator(".candidate").count() == 0
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".candidate")
    assert page.locator(".flag").count() >= 1
    page.keyboard.press("Home")
    page.keyboard.type("4")
    page.keyboard.press("!")
    page.keyboard.type("8")
    page.keyboard.press("Backspace")
    page.wait_for_function("() => document.querySelectorAll('.cell.open').length === 3")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("8")
    page.keyboard.type("_")
    press_letter(page, "Я")
    page.wait_for_function("() => document.querySelector('.tally').innerText === '4 without a reason'")
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("Alt+1")
        page.keyboard.press("ArrowRight")
    page.keyboard.press("F2")
    page.keyboard.type("tail of the Я seen in photograph 1")
    page.keyboard.press("Enter")
    page.keyboard.press("Home")
    page.keyboard.press("F3")
    page.keyboard.type("1/7")
    page.keyboard.press("Tab")
    page.keyboard.type("open at the top")
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.id") == "over-field"
    page.keyboard.type("6")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('.cell .final').innerText.includes('<4^6>')")
    assert "4, probable, 6 struck over it" in page.locator(".what").inner_text()
    step_is(page, "Sign")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[data-file='reading.json']")
    page.locator("[data-file='reading.json']").focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    reading = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert reading["mode"] == "casework" and reading["phase"] == "signed"
    # However many files are offered, they move nothing but themselves.
    before = page.locator("#casebar").bounding_box()
    page.locator("[data-file='handover.zip']").focus()
    box = page.locator("[data-file='handover.zip']").bounding_box()
    assert page.locator("#casebar").bounding_box() == before
    assert box is not None and box["x"] + box["width"] <= page.viewport_size["width"]

    [entry] = Casebook(tmp_path / "casebook").examinations()
    examination = Casebook(tmp_path / "casebook").examination(entry.id)
    assert examination.phase is Phase.SIGNED
    before = [position.own for position in examination.positions if position.own]
    after = [position.final for position in examination.positions if position.final]
    assert [(r.state.value, r.reading, r.alternatives) for r in before] == [
        ("definite", "4", ()),
        ("alternatives", "", ("8", "3")),
        ("unreadable", "", ()),
        ("definite", "Я", ()),
    ]
    assert [reading.reason for reading in after] == [
        *["same as first read"] * 3,
        "tail of the Я seen in photograph 1",
    ]
    assert (after[0].excluded, after[0].features) == (("1", "7"), "open at the top")
    assert [answer.over_stamp for answer in after] == ["6", "", "", ""]
    assert reading["agreed"][0]["string"].startswith("<[4]^6>")
    assert [(r.state.value, r.reading) for r in after] == [
        ("probable", "4"),
        ("definite", "8"),
        ("no_character", ""),
        ("definite", "Я"),
    ]
    assert browser_window.errors == [] and browser_window.outside == []
    assert page.locator("img[src='x']").count() == 0


def test_the_first_look_shows_a_sample_read(page_with_samples: Any, browser_window: BrowserWindow) -> None:
    page = browser_window.page
    page.goto(page_with_samples.address)
    wait_for_cells(page, 4)
    assert page.locator(".candidate").count() == 8
    assert page.locator(".overlay .box").count() == 4
    assert page.locator(".mode").inner_text() == "Training"
    assert page.locator(".banner").is_visible()
    assert page.locator(".choice option").count() >= 6
    lowest = page.evaluate("() => document.querySelector('.actions').getBoundingClientRect().bottom")
    assert lowest <= 900
    assert browser_window.errors == [] and browser_window.outside == []


def test_the_next_cell_has_the_focus_before_the_server_answers(
    page_with_samples: Any, browser_window: BrowserWindow
) -> None:
    page = browser_window.page
    page.goto(page_with_samples.address)
    wait_for_cells(page, 4)
    page.locator(".cell").first.focus()
    moved = page.evaluate(
        """() => {
          const cell = document.activeElement;
          cell.dispatchEvent(new KeyboardEvent("keydown", { key: "8", bubbles: true }));
          return document.activeElement === cell.nextElementSibling;
        }"""
    )
    assert moved


def test_scripts_put_no_data_into_markup() -> None:
    page = Path(__file__).parents[3] / "examiner" / "page"
    scripts = list(page.rglob("*.js"))
    templates = [*page.rglob("*.html"), *page.rglob("*.css")]
    assert scripts and templates
    for script in scripts:
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", script.read_text("utf-8")
        )
    for template in templates:
        assert "${" not in template.read_text("utf-8") and "{{" not in template.read_text("utf-8")
