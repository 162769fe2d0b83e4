"""A photograph turned and mirrored by keyboard: shown so, recorded, and bands in it run as it is read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from examiner.examination.conditions import Lying
from examiner.page.pictures.images import shown_lying, upright_degrees
from tests.examiner.page.in_browser import (
    BrowserWindow,
    open_photographs,
    wait_for_cells,
    wait_for_invitation,
)
from tests.examiner.page.pictures.test_fused import contents

WIDE, HIGH = 640, 400


def photograph(folder: Path) -> Path:
    """White in its top left corner only, so that every way to lie looks different."""
    picture = np.full((HIGH, WIDE), 90, np.uint8)
    picture[:80, :160] = 250
    path = folder / "corner.png"
    cv2.imwrite(str(path), picture)
    return path


def bright_corner(page: Any) -> tuple[str, str]:
    """In which corner of the shown photograph its bright part lies."""
    seen = page.locator("#viewer .stage").screenshot()
    picture = cv2.imdecode(np.frombuffer(seen, np.uint8), cv2.IMREAD_GRAYSCALE)
    inside = np.argwhere(picture > 60)
    (top, left), (bottom, right) = inside.min(axis=0), inside.max(axis=0)
    y, x = np.median(np.argwhere(picture[top : bottom + 1, left : right + 1] > 240), axis=0)
    return "left" if x < (right - left) / 2 else "right", "top" if y < (bottom - top) / 2 else "bottom"


def test_a_photograph_is_turned_and_mirrored_by_keyboard(
    running: Any, browser_window: BrowserWindow, tmp_path: Path
) -> None:
    page = browser_window.page
    open_photographs(page, running.address, [photograph(tmp_path)])
    wait_for_invitation(page)
    stage = page.locator("#viewer .stage")
    stage.focus()
    page.keyboard.press("x")
    assert bright_corner(page) == ("left", "top")
    page.keyboard.press("Alt+m")
    page.wait_for_function("() => document.querySelector('#viewer .lying').innerText === 'shown mirrored'")
    assert bright_corner(page) == ("right", "top")
    stage.focus()
    page.keyboard.press("Alt+r")
    page.wait_for_function("() => document.querySelector('#viewer .plane').style.width === '400px'")
    assert bright_corner(page) == ("left", "top")
    if os.environ.get("SHOTS"):
        page.screenshot(path=str(Path(os.environ["SHOTS"]) / "lying.png"))
    page.locator("#viewer [data-do=draw]").click()
    box = stage.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(middle[0] - 60, middle[1] - 20)
    page.mouse.down()
    page.mouse.move(middle[0] + 60, middle[1] + 20, steps=4)
    page.mouse.up()
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    wait_for_cells(page, 4)
    if os.environ.get("SHOTS"):
        page.screenshot(path=str(Path(os.environ["SHOTS"]) / "lying_band.png"))
    said = [(a["photos"], a["quarter_turns"], a["mirrored"]) for a in contents(tmp_path, "orient_photos")]
    assert said == [([0], 0, True), ([0], 1, True)]
    (a, b, _, d) = np.asarray(contents(tmp_path, "draw_line")[-1]["place"]["quad"])
    # Turned by a quarter and mirrored then, what runs right runs down in the file, what runs down runs right.
    assert (b - a) @ (0, 1) > 50 and abs((b - a)[0]) < 1
    assert (d - a) @ (1, 0) > 10 and abs((d - a)[1]) < 1
    # Once a band says where a row begins, how the photograph lies is settled.
    stage.focus()
    page.keyboard.press("Alt+r")
    page.wait_for_function(
        "() => document.querySelector('#strip .notice-text').innerText.includes('before you draw bands')"
    )
    assert len(contents(tmp_path, "orient_photos")) == 2
    assert not browser_window.errors


def test_pictures_go_where_the_act_says() -> None:
    for turns in range(4):
        for mirrored in (False, True):
            matrix = shown_lying(Lying(turns, mirrored), WIDE, HIGH)
            picture = np.arange(WIDE * HIGH).reshape(HIGH, WIDE)
            shown = np.rot90(picture, -turns)
            shown = shown[:, ::-1] if mirrored else shown
            x, y, _ = np.rint(matrix @ (37, 11, 1)).astype(int)
            assert shown[y, x] == picture[11, 37]
            assert upright_degrees(matrix) == 90 * turns
