"""A character beside another one, in a real browser by keyboard; and what may be laid beside it."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from examiner.casebook.casebook import Casebook
from examiner.exports.reading_json import reading_json
from tests.examiner.page.in_browser import BrowserWindow, draw_band, open_photographs
from tests.examiner.page.machine_proposal import SECRET, box


def test_a_character_is_compared_and_kept_by_keyboard_before_the_lock(
    running: Any, browser_window: BrowserWindow, photographs: list[Path], tmp_path: Path
) -> None:
    page = browser_window.page
    open_photographs(page, running.address, photographs)
    draw_band(page)
    page.locator("#strip .cell").first.focus()
    page.keyboard.type("838")
    page.wait_for_function("() => document.querySelector('.tally').innerText.startsWith('3 of 4')")
    page.keyboard.press("Home")
    page.keyboard.press("F6")
    page.wait_for_function("() => document.querySelector('.compare .first img').naturalWidth === 320")
    assert page.locator(".compare .title").inner_text() == "Position 1, read 8"
    options = page.locator(".compare .beside option").all_inner_texts()
    assert options[0] == "position 3, read 8" and "8 in drawn, gothic" in options
    for key, pressed in (("2", "Overlay"), ("3", "Blink"), ("4", "Difference"), ("1", "Side by side")):
        page.keyboard.press(key)
        assert page.locator(".compare [aria-pressed=true]").inner_text().startswith(pressed)
    page.keyboard.press("2")
    before = page.locator(".compare .first img").get_attribute("src")
    page.keyboard.press("ArrowDown")
    page.wait_for_function(
        "src => document.querySelector('.compare .first img').src.split('=').pop() !== src.split('=').pop()",
        arg=before,
    )
    page.keyboard.press("n")
    page.keyboard.type("the <b>waist</b> lies higher")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Kept in the record.")
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.querySelector('.compare').open")

    casebook = Casebook(tmp_path / "casebook")
    id = casebook.examinations()[-1].id
    (kept,) = reading_json(casebook, id)["comparisons"]
    assert kept["note"] == "the <b>waist</b> lies higher" and kept["view"] == "overlay"
    assert kept["one"]["photo"] == kept["other"]["photo"] and len(kept["to_one"]) == 9
    # Typing in the note changed no reading.
    readings = [one.own.reading if one.own else None for one in casebook.examination(id).positions]
    assert readings == ["8", "3", "8", None]
    assert casebook.verify() == []
    assert not browser_window.errors and not browser_window.outside


def test_nothing_of_a_reader_and_nothing_of_the_same_photographs_is_laid_beside(
    running: Any, photographs: list[Path], tmp_path: Path
) -> None:
    """Another examiner's reading of the same marking must not be seen from here."""
    desk = running.behind.of(None)
    casebook = desk.casebook
    from examiner.examination.acts import DrawLine, Mode, Observe, Place
    from examiner.examination.readings import CharacterReading, State

    another = tmp_path / "another.png"
    cv2.imwrite(str(another), np.random.default_rng(9).integers(60, 190, (300, 400, 3)).astype(np.uint8))
    ids = []
    for paths in (photographs, photographs[:1], [another]):
        id = casebook.begin(Mode.CASEWORK, paths, getpass.getuser(), "x")
        casebook.act(id, DrawLine(Place(0, box(100, 100, 300, 180)), 2), getpass.getuser())
        for position in casebook.examination(id).positions:
            casebook.act(id, Observe(position.id, CharacterReading(State.DEFINITE, "8")), getpass.getuser())
        ids.append(id)
    first, same, other = ids
    position = casebook.examination(same).positions[0].id
    shown = desk.comparing.show(same, {"examination": same, "position": position})
    keys = [json.loads(choice["key"]) for choice in shown["choices"]]
    assert first not in {key[1] for key in keys} and other in {key[1] for key in keys}
    assert SECRET not in json.dumps(shown)
    for hostile in ({}, {"examination": other, "position": position}, {"examination": same, "position": "1"}):
        assert desk.comparing.show(same, hostile)["wrong"]
    refused = desk.comparing.keep(
        same, {"examination": same, "position": position, "view": "side", "note": 7}
    )
    assert "note" in refused["wrong"]
