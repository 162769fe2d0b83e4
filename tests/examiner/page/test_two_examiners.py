"""A whole case with two examiners who sign in, by keyboard: neither sees the other too early, both sign."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from examiner.casebook.casebook import Casebook
from examiner.casebook.verification import casebook_wrong
from examiner.examination.acts import Mode, Phase
from examiner.people import People, Role
from tests.examiner.page.in_browser import WAIT_MS, draw_band, step_is
from tests.examiner.page.machine_proposal import SECRET

PASSWORD = "four words and a 7"


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[People]:
    monkeypatch.setenv("EXAMINER_PEOPLE", str(tmp_path / "people.sqlite"))
    accounts = People(tmp_path / "people.sqlite")
    accounts.add("eva", "Eva Lind", [Role.EXAMINER], PASSWORD)
    accounts.add("max", "Max Berg", [Role.REVIEWER], PASSWORD)
    yield accounts
    accounts.close()


@pytest.fixture
def running(start_page: Callable[..., Any], people: People) -> Any:
    assert people.everybody()
    return start_page()


def signed_in(browser: Any, running: Any, name: str, password: str = PASSWORD) -> Any:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(running.address)
    page.locator("input[type=text], input:not([type=password])").first.fill(name)
    page.locator("input[type=password]").fill(password)
    page.keyboard.press("Enter")
    return page


def own_reading(page: Any, text: str) -> None:
    draw_band(page)
    page.keyboard.type(text)
    step_is(page, "Lock")
    page.keyboard.press("Control+Enter")


def tally_is(page: Any, words: str) -> None:
    page.wait_for_function("words => document.querySelector('.tally').innerText === words", arg=words)


def test_a_wrong_password_opens_nothing(browser: Any, running: Any) -> None:
    page = signed_in(browser, running, "eva", "something else")
    page.wait_for_selector("text=/incorrect|invalid/i")
    assert page.locator("#casebar").count() == 0
    assert page.request.get(running.address + "config").status == 401


def test_a_whole_case_with_two_examiners(
    browser: Any, running: Any, people: People, photographs: list[Path], tmp_path: Path
) -> None:
    eva = signed_in(browser, running, "eva")
    eva.wait_for_selector("#photographs input[type=file]", state="attached")
    eva.set_input_files("#photographs input[type=file]", [str(photographs[0])])
    own_reading(eva, "4837")
    step_is(eva, "Reveal")
    eva.keyboard.press("Control+Enter")
    eva.wait_for_selector(".candidate")
    eva.keyboard.press("Home")
    for character in "4837":
        eva.keyboard.type(character)
        eva.keyboard.press("Alt+1")
    step_is(eva, "Sign as eva")

    max_ = signed_in(browser, running, "max")
    max_.wait_for_selector("#casebar .choice option", state="attached")
    options = max_.locator("#casebar .choice option").all_inner_texts()
    assert "photo_1.png · of eva" in options
    max_.locator("#casebar .choice").select_option(label="photo_1.png · of eva")
    max_.wait_for_selector(".mode:text('Second examiner')")
    own_reading(max_, "4887")
    max_.wait_for_function("() => document.querySelector('.tally').innerText === '4 own readings locked'")
    everything = max_.content()
    assert SECRET not in everything and "same as first read" not in everything

    eva.keyboard.press("Home")
    eva.keyboard.type("4")
    step_is(eva, "Show the reading of max beside yours")
    eva.keyboard.press("Control+Enter")
    eva.wait_for_function("() => document.querySelectorAll('.cell.open').length === 1")
    assert eva.locator(".flag").count() == 1
    eva.keyboard.press("PageDown")
    eva.keyboard.type("/")
    eva.keyboard.type("3/8")
    eva.keyboard.press("Enter")
    tally_is(eva, "no reason of the first examiner at position 3 and 1 more")
    eva.keyboard.press("Alt+1")
    tally_is(eva, "no reason of max at position 3")
    assert eva.locator(".phase-action").is_disabled()

    casebook = Casebook(tmp_path / "casebook")
    [first, second] = casebook.examinations()
    assert (first.reader, second.reader, second.mode) == ("eva", "max", Mode.SECOND)
    max_.reload()
    max_.wait_for_selector("#casebar .choice option", state="attached")
    max_.locator("#casebar .choice").select_option(value=first.id)
    tally_is(max_, "no reason of max at position 3")
    max_.keyboard.press("Home")
    for _ in range(2):
        max_.keyboard.press("ArrowRight")
    assert "eva: same as first read" in max_.locator("p.told:not([role])").inner_text()
    max_.keyboard.press("F2")
    max_.keyboard.type("the left side is open in one photograph")
    max_.keyboard.press("Enter")
    step_is(max_, "Sign as max")
    max_.keyboard.press("Control+Enter")
    max_.wait_for_selector("text=the other signature is missing")
    eva.reload()
    eva.wait_for_selector("#casebar .choice option", state="attached")
    eva.locator("#casebar .choice").select_option(value=first.id)
    step_is(eva, "Sign as eva")
    eva.keyboard.press("Control+Enter")
    eva.wait_for_selector("[data-file='reading.json']")
    with eva.expect_download() as download:
        eva.locator("[data-file='reading.json']").click()
    reading = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))

    assert casebook.examination(first.id).phase is Phase.SIGNED
    assert [line["string"] for line in reading["final"]] == ["4837"]
    assert [line["string"] for line in reading["second"]["lines"]] == ["4887"]
    assert [line["string"] for line in reading["agreed"]] == ["48[3/8]7"]
    assert reading["positions"][2]["settled"]["why"] == [
        {"by": "eva", "reason": "same as first read"},
        {"by": "max", "reason": "the left side is open in one photograph"},
    ]
    assert [one["by"] for one in reading["signatures"]] == ["max", "eva"]
    assert reading["persons"]["eva"]["full_name"] == "Eva Lind"
    assert casebook_wrong(tmp_path / "casebook", casebook.head(), people.public_keys()) == []


def test_a_reviewer_begins_no_examination_and_changes_none(
    browser: Any, running: Any, photographs: list[Path], tmp_path: Path
) -> None:
    page = signed_in(browser, running, "max")
    page.wait_for_selector("#photographs input[type=file]", state="attached")
    page.set_input_files("#photographs input[type=file]", [str(photographs[0])])
    page.wait_for_selector("text=may not examine here")
    assert Casebook(tmp_path / "casebook").examinations() == []
