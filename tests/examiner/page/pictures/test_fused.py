"""Fused pictures, the lamp, and photographs laid by hand, in a real browser."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from examiner.casebook.casebook import Casebook
from examiner.examination.acts import Conditions, DescribePhotos
from tests.examiner.page.in_browser import BrowserWindow, draw_band, open_photographs, wait_for_invitation


@pytest.fixture
def shots(tmp_path: Path) -> list[Path]:
    """Three photographs of one plate with a bump, lit from three sides, and one of another plate."""
    noise = np.random.default_rng(5).random((300, 400)).astype(np.float32)
    height = cv2.GaussianBlur(noise, (0, 0), 2) * 12
    cv2.circle(height, (200, 150), 40, 3.0, -1)
    height = cv2.GaussianBlur(height, (0, 0), 3)
    across, down = np.gradient(height, axis=1), np.gradient(height, axis=0)
    normals = np.dstack([-across, -down, np.ones_like(height)])
    normals /= np.linalg.norm(normals, axis=2, keepdims=True)
    paths = []
    for number, azimuth in enumerate((0, 120, 240)):
        turn = np.radians(azimuth)
        lamp = np.array([np.sin(turn), -np.cos(turn), 1.0]) / np.sqrt(2)
        paths.append(tmp_path / f"lit_{number + 1}.png")
        cv2.imwrite(
            str(paths[-1]), np.round(np.clip(normals @ lamp, 0, 1) ** (1 / 2.2) * 200).astype(np.uint8)
        )
    other = np.random.default_rng(6).random((300, 400)).astype(np.float32)
    paths.append(tmp_path / "other.png")
    cv2.imwrite(str(paths[-1]), (cv2.GaussianBlur(other, (0, 0), 2) * 255).astype(np.uint8))
    return paths


def contents(tmp_path: Path, kind: str) -> list[Any]:
    """What the ledger keeps of lines of this kind."""
    casebook = Casebook(tmp_path / "casebook")
    lines = casebook.history(casebook.examinations()[-1].id)
    return [json.loads(line.content) for line in lines if line.kind == kind]


def test_a_series_is_fused_before_the_lock_and_recorded(
    running: Any, browser_window: BrowserWindow, shots: list[Path], tmp_path: Path
) -> None:
    page = browser_window.page
    open_photographs(page, running.address, shots)
    draw_band(page)
    plain = page.locator("#strip .cell img").first.get_attribute("src")
    page.select_option("#recipe-choice", "fused:mean")
    page.wait_for_function("() => document.querySelector('#viewer .weights').innerText.includes('33 %')")
    words = page.locator("#viewer .weights").inner_text()
    assert "In the frame of photograph 1" in words and "Left out, not registered: 4" in words
    assert page.locator("#strip .cell img").first.get_attribute("src") != plain
    assert page.locator("#viewer .tag-right").inner_text() == "Mean"
    record = contents(tmp_path, "view")[-1]
    assert record["what"] == "fusion" and record["content"]["fusion"] == "mean"
    assert len(record["content"]["photographs"]) == 3

    # Another setting, and only two of the photographs.
    page.fill("#viewer .settings [name=photographs]", "1, 3-4")
    page.wait_for_function("() => document.querySelector('#viewer .weights').innerText.includes('50 %')")
    page.fill("#viewer .settings [name=photographs]", "1, 90")
    page.wait_for_selector("text=there is no photograph 90")
    assert not browser_window.errors and not browser_window.outside


def test_the_lamp_moves_by_mouse_and_keys_and_the_record_follows(
    running: Any, browser_window: BrowserWindow, shots: list[Path], tmp_path: Path
) -> None:
    page = browser_window.page
    open_photographs(page, running.address, shots[:3])
    wait_for_invitation(page)
    assert page.locator("option[value='fused:relight']").is_disabled()
    casebook = Casebook(tmp_path / "casebook")
    id = casebook.examinations()[-1].id
    for number, azimuth in enumerate((0, 120, 240)):
        said = Conditions(None, None, None, f"{azimuth} / 45", None)
        casebook.act(id, DescribePhotos((number,), said), getpass.getuser())
    page.locator(".thumb").nth(1).click()
    page.wait_for_selector("option[value='fused:relight']:not([disabled])", state="attached")
    page.select_option("#recipe-choice", "fused:relight")
    page.wait_for_selector("#viewer .lamp:not([hidden])")
    ball = page.locator("#viewer .ball")
    ball.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('#viewer [name=azimuth]').value === '320'")
    frame = ball.bounding_box()
    page.mouse.click(frame["x"] + frame["width"] * 0.9, frame["y"] + frame["height"] / 2)
    page.wait_for_function("() => document.querySelector('#viewer [name=azimuth]').value === '90'")
    page.wait_for_function("() => document.querySelector('#viewer .save-provenance').href.endsWith('.json')")
    with page.expect_response(lambda r: "fused-" in r.url and "small" in r.url and r.ok):
        page.keyboard.press("ArrowUp")
    looked = [one["content"] for one in contents(tmp_path, "view") if one["what"] == "fusion"]
    assert looked[-1]["fusion"] == "relight"
    assert {one["parameters"]["azimuth"] for one in looked} >= {315.0, 90.0}
    assert not browser_window.errors


def test_a_photograph_that_does_not_fit_is_laid_by_keyboard(
    running: Any, browser_window: BrowserWindow, shots: list[Path], tmp_path: Path
) -> None:
    page = browser_window.page
    open_photographs(page, running.address, [shots[0], shots[3]])
    wait_for_invitation(page)
    page.locator(".thumb").nth(1).click()
    page.wait_for_function(
        "() => document.querySelector('.thumb[aria-selected=true] span').innerText === '2'"
    )
    page.locator("#viewer .stage").focus()
    for number in ("2", "1"):
        page.keyboard.press("p")
        for moves in (("Shift+ArrowLeft", 4), ("Shift+ArrowRight", 4), ("Shift+ArrowUp", 4)):
            page.keyboard.press("Enter")
            for _ in range(moves[1]):
                page.keyboard.press(moves[0])
            page.keyboard.press("Enter")
        assert page.locator("#viewer .points .cross").count() == 3
        page.keyboard.press("Escape")
        if number == "2":
            page.keyboard.press("o")
            page.wait_for_function(
                "() => document.querySelector('.thumb[aria-selected=true] span').innerText === '1'"
            )
    page.locator("#viewer [data-do=register]").click()
    page.wait_for_function(
        "() => document.querySelector('#viewer .hand-hint').innerText.includes('by 3 points')"
    )
    registered = contents(tmp_path, "lay_photo")[-1]
    assert (registered["photo"], registered["other"], len(registered["pairs"])) == (0, 1, 3)
    page.select_option("#recipe-choice", "fused:mean")
    page.wait_for_function("() => document.querySelector('#viewer .weights').innerText.includes('50 %')")
    page.locator("#viewer [data-do=unregister]").click()
    page.wait_for_function("() => document.querySelector('#viewer .hand-hint').innerText === ''")
    assert contents(tmp_path, "lay_photo")[-1]["pairs"] == []
    assert not browser_window.errors
