"""The time strip and the watched folder in a real browser, by keyboard alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from examiner.casebook.casebook import Casebook
from examiner.examination.state import Examination
from tests.examiner.page.in_browser import BrowserWindow, draw_band, open_photographs, step_is, wait_for_cells
from tests.examiner.page.machine_proposal import proposal_of


@pytest.fixture
def camera(tmp_path: Path) -> Path:
    """The folder to which a tethered camera saves."""
    folder = tmp_path / "camera"
    folder.mkdir()
    return folder


@pytest.fixture
def running(start_page: Callable[..., Any], camera: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("examiner.photographs.watched_folder.INTERVAL_S", 0.05)
    monkeypatch.setattr("examiner.photographs.watched_folder.WAITING_S", 0.05)
    return start_page(watched=camera)


@pytest.fixture
def shots(tmp_path: Path) -> list[Path]:
    """Three photographs of one plate, each moved a little."""
    noise = np.random.default_rng(5).random((300, 400)).astype(np.float32)
    plate = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 2), None, 40, 210, cv2.NORM_MINMAX)
    paths = [tmp_path / f"shot_{number}.png" for number in (1, 2, 3)]
    for number, path in enumerate(paths):
        by = np.array([(1, 0, 3.0 * number), (0, 1, -2.0 * number)])
        shot = cv2.warpAffine(plate, by, (400, 300), borderMode=cv2.BORDER_REFLECT)
        cv2.imwrite(str(path), shot.astype(np.uint8))
    return paths


def laid_out(page: Any, rows: int, columns: int) -> None:
    page.wait_for_function(
        "n => document.querySelectorAll('#timestrip .crop').length === n", arg=rows * columns
    )


def examination(tmp_path: Path) -> tuple[Casebook, str, Examination]:
    casebook = Casebook(tmp_path / "casebook")
    id = casebook.examinations()[-1].id
    return casebook, id, casebook.examination(id)


def test_the_time_strip_by_keyboard(
    running: Any, browser_window: BrowserWindow, shots: list[Path], tmp_path: Path
) -> None:
    page = browser_window.page
    open_photographs(page, running.address, shots)
    draw_band(page)
    page.keyboard.press("F4")
    laid_out(page, 3, 4)
    assert not page.locator("#strip .board").is_visible()
    assert page.locator("#timestrip .shade option").all_inner_texts() == ["sharpness", "contrast", "glare"]
    assert page.locator("#timestrip .best").count() == 0

    # A cell: that photograph, at that place.
    page.wait_for_function("() => document.activeElement.dataset.column === '0'")
    for key in ("ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    page.wait_for_function(
        "() => document.querySelector('.thumb[aria-selected=true] span').innerText === '2'"
    )
    assert page.locator("#viewer .place .number").text_content() == "2"
    assert "Position 2, photograph 2" in page.evaluate("() => document.activeElement.ariaLabel")

    # Two photographs described at once, then laid out anew.
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("F2")
    page.keyboard.type("etched")
    page.keyboard.press("Tab")
    page.keyboard.type("<i>Fry's</i>")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => [...document.querySelectorAll('#timestrip .words')].map((n) => n.innerText).join()"
        " === \"etched · <i>Fry's</i>,etched · <i>Fry's</i>\""
    )
    page.wait_for_function("() => document.activeElement.dataset.column === '1'")
    page.keyboard.press("Alt+ArrowUp")
    page.wait_for_function(
        "() => [...document.querySelectorAll('#timestrip .name')].map((n) => n.innerText[5]).join()"
        " === '1,3,2'"
    )
    _, _, now = examination(tmp_path)
    assert [said.method for said in now.series.conditions] == ["", "etched", "etched"]
    assert now.series.own_order == (0, 2, 1)

    page.keyboard.press("F4")
    page.locator("#strip .cell").first.focus()
    page.keyboard.type("4831")
    step_is(page, "Lock")
    page.keyboard.press("Control+Enter")
    step_is(page, "Reveal")
    page.keyboard.press("F4")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#timestrip .cell.best")
    assert page.locator("#timestrip .cell.best").count() == 4
    assert page.locator("#timestrip .shade").input_value() == "evidence"
    assert browser_window.errors == [] and browser_window.outside == []


def test_a_cell_of_the_photograph_in_view_answers_in_the_browser_itself(
    running: Any, browser_window: BrowserWindow, shots: list[Path]
) -> None:
    page = browser_window.page
    open_photographs(page, running.address, shots)
    draw_band(page)
    page.keyboard.press("F4")
    laid_out(page, 3, 4)
    number = page.evaluate(
        """() => {
          document.querySelector('#timestrip [data-column="2"]').click();
          return document.querySelector('#viewer .place .number').textContent;
        }"""
    )
    assert number == "3"


def test_what_the_camera_saves_joins_the_series(
    running: Any, browser_window: BrowserWindow, shots: list[Path], camera: Path, tmp_path: Path
) -> None:
    page = browser_window.page
    shutil.copy(shots[2], camera / "earlier.png")
    open_photographs(page, running.address, shots[:1])
    draw_band(page)
    page.keyboard.press("F4")
    laid_out(page, 1, 4)
    page.locator("#timestrip button.live").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#timestrip button.live[aria-pressed=true]")
    shutil.copy(shots[1], camera / "<img src=x onerror=alert(1)>.png")
    (camera / "cut.jpg.part").write_bytes(b"half")
    laid_out(page, 2, 4)
    page.wait_for_function("() => document.querySelectorAll('.thumb').length === 2")
    page.wait_for_function(
        "() => document.querySelector('#timestrip .notice-text').innerText.includes('cut.jpg.part')"
    )
    casebook, id, now = examination(tmp_path)
    assert now.photos == 2
    names = [photo.name for photo in casebook.photos(id, check=True)]
    assert names == ["shot_1.png", "<img src=x onerror=alert(1)>.png"]
    assert page.locator("#timestrip .hint").inner_text() == ""
    assert page.locator("img[src='x']").count() == 0
    assert (camera / "earlier.png").read_bytes() == shots[2].read_bytes()
    assert browser_window.errors == [] and browser_window.outside == []


def test_in_training_a_photograph_that_joins_is_read_and_what_it_shows_best_is_said(
    running: Any,
    browser_window: BrowserWindow,
    shots: list[Path],
    camera: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def proposal(sources: Any, **_: Any) -> Any:
        made = proposal_of(sources)
        (line,) = made.lines
        newest = len(made.photos) - 1
        best = {0: 0, 1: 0, 2: newest, 3: 0}
        positions = tuple(
            replace(p, photos=tuple((k, 9.0 if k == best[i] else 4.0) for k in range(newest + 1)))
            for i, p in enumerate(line.positions)
        )
        return replace(made, lines=(replace(line, positions=positions),))

    monkeypatch.setattr("examiner.page.readers.queue.propose_series", proposal)
    page = browser_window.page
    open_photographs(page, running.address, shots[:1], "training")
    wait_for_cells(page, 4)
    page.keyboard.press("F4")
    page.wait_for_selector("#timestrip .cell.best")
    page.locator("#timestrip button.live").click()
    page.wait_for_selector("#timestrip button.live[aria-pressed=true]")
    shutil.copy(shots[1], camera / "next.png")
    page.wait_for_function(
        "() => document.querySelector('#timestrip .hint').innerText === 'character 3 is best now'"
    )
    laid_out(page, 2, 4)
    assert page.locator("#strip .cell").count() == 4
    assert browser_window.errors == []
