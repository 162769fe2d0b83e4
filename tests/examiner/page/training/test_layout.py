"""The training page: one exercise from start to score in a real browser, and what it never tells."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from examiner.exercises.course import make_course, results_from_json
from examiner.exercises.exercise import Exercise, ExerciseError
from examiner.exercises.own_photographs import own_photographs
from examiner.page.training.desk import TrainingDesk
from examiner.page.training.server import start_training
from examiner.people import alone
from tests.examiner.page.in_browser import BrowserWindow


@pytest.fixture(autouse=True)
def readers_that_answer_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("examiner.page.training.desk.proposed_for", lambda attempt: ["8"] * len(attempt.own))


def test_an_exercise_from_start_to_score(browser_window: BrowserWindow, tmp_path: Path) -> None:
    running = start_training(tmp_path / "training", None, make_course("Class", 4, 6))
    truth = make_course("Class", 4, 6).exercises[0].text
    page = browser_window.page
    try:
        page.goto(running.address)
        page.wait_for_selector(".why li")
        assert "not casework" in page.locator("header").inner_text()
        before = page.locator(".watched").get_attribute("src")
        page.locator(".watch [name=dwell]").focus()
        page.keyboard.press("End")
        page.wait_for_function("src => document.querySelector('.watched').src !== src", arg=before)
        page.locator("[data-tab=read]").click()
        page.locator(".choose button").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(".doing:not([hidden]) .now[src^=data]")
        assert truth not in page.content()
        page.locator(".work .strong").click()
        page.wait_for_selector(".taken img")
        page.locator(".cells").focus()
        page.keyboard.type(truth[:-1] + "?")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowUp")
        page.locator("[data-do=next]").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(".seen")
        page.locator("[data-do=next]:not([disabled])").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(".score table")
        score = page.locator(".score").inner_text()
        assert truth in score and "wrongly unreadable" in score and "Brier score" in score
        page.locator(".language").select_option("ru")
        page.wait_for_function("() => document.querySelector('[data-tab=lessons]').innerText === 'Уроки'")
        assert page.locator(".unchecked").is_visible()
        assert not browser_window.errors and not browser_window.outside
    finally:
        running.stop()
    [path] = (tmp_path / "training" / "results").glob("*.json")
    file = results_from_json(json.loads(path.read_text("utf-8")))
    [result] = file["results"]
    assert result["struck"] == truth and result["score"]["counts"]["right"] == len(truth) - 1
    assert result["final"][-1]["confidence"] == 0.85


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TrainingDesk]:
    made = TrainingDesk(tmp_path / "results", alone("eva"))
    yield made
    made.close()


def read_as(text: str) -> list[dict[str, Any]]:
    return [{"reading": {"state": "definite", "reading": c}, "confidence": 0.9} for c in text]


def test_the_truth_leaves_at_the_end_only(desk: TrainingDesk) -> None:
    truth = Exercise(5, 2).text
    told = [desk.begin("w", {"grade": 2, "seed": 5})]
    for act in ({"do": "photograph"}, {"do": "read", "readings": read_as("00000")}, {"do": "lock"}):
        told += list(desk.act("w", act))
    assert told[-1]["proposed"] == ["8"] * 5
    assert truth not in json.dumps(told) and '"seed"' not in json.dumps(told)
    [end] = desk.act("w", {"do": "finish", "readings": read_as("88888")})
    assert end["result"]["struck"] == truth and end["result"]["score"]["influence"]["kept"] == 0


def test_a_proficiency_test_shows_no_proposal(tmp_path: Path) -> None:
    desk = TrainingDesk(tmp_path / "results", alone("eva"), make_course("Test", 4, 6, proficiency=True))
    desk.begin("w", {})
    for act in ({"do": "photograph"}, {"do": "read", "readings": read_as("1")}):
        list(desk.act("w", act))
    [end] = desk.act("w", {"do": "lock"})
    assert end["stage"] == "done" and end["proposed"] == [] and end["course"]["done"] == 1
    desk.close()


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"grade": 9},
        {"lesson": "no such"},
        {"lesson": "light", "number": 7},
        {"lesson": "light", "number": True},
    ],
)
def test_what_is_no_exercise_is_refused(desk: TrainingDesk, sent: dict[str, Any]) -> None:
    assert desk.begin("w", sent)["error"]


def test_no_slider_says_more_than_it_can(desk: TrainingDesk) -> None:
    good = {"ground_mm": 0.1, "dwell": 10, "strength": 1, "azimuth": 0, "elevation": 20}
    assert desk.watch(good)["why"]
    for name, value in (("dwell", 1e9), ("elevation", float("nan")), ("azimuth", "0"), ("strength", True)):
        assert desk.watch({**good, name: value})["error"]


def test_own_photographs_are_read_and_scored_and_tell_nothing_before(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "one.png"), np.full((40, 60), 90, np.uint8))
    (tmp_path / "truth.csv").write_text("file,text\none.png,A4\n", encoding="utf-8")
    desk = TrainingDesk(tmp_path / "results", alone("eva"), own_photographs=own_photographs(tmp_path))
    asked = desk.own_photograph({"number": 0})
    assert asked["picture"].startswith("data:image/jpeg") and "A4" not in json.dumps({**asked, "picture": ""})
    told = desk.own_photograph({"number": 0, "at": 3, "readings": read_as("A7")})
    assert told["struck"] == "A4" and told["score"]["counts"]["wrong"] == 1
    for wrong in (
        {"number": 1},
        {"number": "0"},
        {"number": 0, "readings": [3]},
        {"number": 0, "readings": 5},
    ):
        assert desk.own_photograph(wrong)["error"]
    desk.close()


def test_exercises_are_not_kept_in_a_casebook(tmp_path: Path) -> None:
    (tmp_path / "casebook.sqlite").touch()
    with pytest.raises(ExerciseError, match="another folder"):
        start_training(tmp_path, None)
