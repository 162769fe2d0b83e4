"""The page in a real browser: a whole case by keyboard alone, and what the first look shows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from examiner.casebook.casebook import Casebook
from examiner.examination.acts import Phase
from examiner.page.environment import prepare_environment
from examiner.page.readers.samples import sample_series
from examiner.validation.table import released_only

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium at /usr/bin/chromium")


@dataclass
class Seen:
    """A browser page and what went wrong in it."""

    page: Any
    errors: list[str]
    outside: list[str]


@pytest.fixture
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def seen(browser: Any) -> Seen:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    noted = Seen(page, [], [])
    page.on("console", lambda m: noted.errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: noted.errors.append(str(error)))
    page.on("request", lambda r: None if _local(r.url) else noted.outside.append(r.url))
    return noted


def _local(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:"))


def _run(folder: Path, samples: bool) -> Any:
    prepare_environment(folder)
    from examiner.page.server import start

    return start(folder, "127.0.0.1", None, samples, released_only)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Any]:
    running = _run(tmp_path / "casebook", samples=False)
    yield running
    running.stop()


@pytest.fixture
def sampled(tmp_path: Path) -> Iterator[Any]:
    if not sample_series():
        pytest.skip("the sample series are not here")
    running = _run(tmp_path / "casebook", samples=True)
    yield running
    running.stop()


def step_is(page: Any, words: str) -> None:
    page.wait_for_function(
        "words => { const b = document.querySelector('.phase-action');"
        " return b && !b.hidden && !b.disabled && b.textContent.includes(words); }",
        arg=words,
    )


def cells(page: Any, count: int) -> None:
    page.wait_for_function("n => document.querySelectorAll('.cell').length === n", arg=count)


def type_band(page: Any, fields: list[str]) -> None:
    """Reaches the fields with Tab from the top of the page and types the band."""
    page.locator("body").press("Tab")
    for _ in range(40):
        if page.evaluate("() => document.activeElement.name === 'x0'"):
            break
        page.keyboard.press("Tab")
    for number, value in enumerate(fields):
        if number:
            page.keyboard.press("Tab")
        page.keyboard.press("Control+a")
        page.keyboard.type(value)


def press_letter(page: Any, letter: str) -> None:
    """A key of a keyboard layout that playwright does not know."""
    page.evaluate(
        "key => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))",
        letter,
    )


def test_a_whole_case_by_keyboard(empty: Any, seen: Seen, photographs: list[Path], tmp_path: Path) -> None:
    page = seen.page
    page.goto(empty.address)
    page.wait_for_selector("#photographs input[type=file]", state="attached")
    hostile = tmp_path / "<img src=x onerror=alert(1)>.png"
    hostile.write_bytes(photographs[0].read_bytes())
    page.set_input_files("#photographs input[type=file]", [str(hostile)])
    page.wait_for_selector(".file-name >> text=<img src=x")

    # The photograph's own view must have arrived: an update of the page would empty half-typed fields.
    page.wait_for_function(
        "() => document.body.innerText.includes('Draw the band of one line of characters')"
    )
    type_band(page, ["100", "100", "300", "180", "0", "4"])
    page.wait_for_function("() => document.querySelector('input[name=count]').value === '4'")
    page.keyboard.press("Enter")
    cells(page, 4)
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
    page.keyboard.press("Enter")
    step_is(page, "Sign")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[data-file='reading.json']")
    page.locator("[data-file='reading.json']").focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    reading = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert reading["mode"] == "casework" and reading["phase"] == "signed"

    [entry] = Casebook(tmp_path / "casebook").examinations()
    examination = Casebook(tmp_path / "casebook").examination(entry.id)
    assert examination.phase is Phase.SIGNED
    assert [(p.own.state.value, p.own.reading, p.own.alternatives) for p in examination.positions] == [
        ("definite", "4", ()),
        ("alternatives", "", ("8", "3")),
        ("unreadable", "", ()),
        ("definite", "Я", ()),
    ]
    assert [p.final.reason for p in examination.positions] == [
        *["same as first read"] * 3,
        "tail of the Я seen in photograph 1",
    ]
    first = examination.positions[0].final
    assert (first.excluded, first.features) == (("1", "7"), "open at the top")
    assert [(p.final.state.value, p.final.reading) for p in examination.positions] == [
        ("probable", "4"),
        ("definite", "8"),
        ("no_character", ""),
        ("definite", "Я"),
    ]
    assert seen.errors == [] and seen.outside == []
    assert page.locator("img[src='x']").count() == 0


def test_the_first_look_shows_a_sample_read(sampled: Any, seen: Seen) -> None:
    page = seen.page
    page.goto(sampled.address)
    cells(page, 4)
    assert page.locator(".candidate").count() == 8
    assert page.locator(".overlay .box").count() == 4
    assert page.locator(".mode").inner_text() == "Training"
    assert page.locator(".banner").is_visible()
    assert page.locator(".choice option").count() >= 6
    lowest = page.evaluate("() => document.querySelector('.actions').getBoundingClientRect().bottom")
    assert lowest <= 900
    assert seen.errors == [] and seen.outside == []


def test_the_next_cell_has_the_focus_within_100_ms(sampled: Any, seen: Seen) -> None:
    page = seen.page
    page.goto(sampled.address)
    cells(page, 4)
    page.locator(".cell").first.focus()
    took = page.evaluate(
        """async () => {
          const start = performance.now(), cell = document.activeElement;
          cell.dispatchEvent(new KeyboardEvent("keydown", { key: "8", bubbles: true }));
          await new Promise((painted) => requestAnimationFrame(painted));
          return document.activeElement === cell ? 1e9 : performance.now() - start;
        }"""
    )
    assert took < 100


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
