"""Case, item, marking and procedure on the page: filed by keyboard in a real browser, refused where wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from examiner.casebook.case_file import Origin, StepKind
from examiner.casebook.casebook import Casebook
from examiner.casebook.laboratory import shipped
from examiner.examination.acts import Mode
from examiner.examination.permissions import Asking, Deed, general_refusal
from examiner.page.case_panel.panel import NEW, CasePanel
from examiner.people import Person, Role
from tests.examiner.page.in_browser import BrowserWindow, draw_band, open_photographs

EVA = Person("eva", "Eva Lind", frozenset([Role.EXAMINER]))


def filled(page: Any, kind: str, fields: dict[str, str]) -> None:
    form = page.locator(f".case-panel [data-kind={kind}] form")
    for name, text in fields.items():
        field = form.locator(f"[data-name={name}] :is(input, select, textarea)").first
        if field.evaluate("node => node.tagName") == "SELECT":
            field.select_option(text)
        else:
            field.fill(text)
    form.locator(".file-it").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('.told[role=status]').innerText === 'Filed.'")


def test_a_series_is_filed_under_case_item_and_marking(
    running: Any, browser_window: BrowserWindow, photographs: list[Path], tmp_path: Path
) -> None:
    page = browser_window.page
    open_photographs(page, running.address, photographs)
    draw_band(page)
    page.keyboard.press("F7")
    page.wait_for_selector(".case-panel [data-kind=case] form input")
    assert page.evaluate("() => document.activeElement.closest('[data-name]').dataset.name") == "reference"
    filled(page, "case", {"reference": "AKT 7/26", "title": "<b>seized</b> car"})
    page.locator(".add-sign").click()
    sign = page.locator(".sign")
    sign.locator("select").select_option("weld seam")
    sign.locator("input").nth(0).fill("left of the slide")
    sign.locator("input").nth(1).fill("2")
    filled(page, "item", {"name": "pistol", "origin": "converted"})
    filled(
        page,
        "marking",
        {"name": "frame, left", "made": "laser", "metal": "carbon steel", "status": "obliterated"},
    )
    page.locator("[data-kind=procedure] [data-name=kind] select").select_option("etch")
    page.wait_for_selector(".warning:has-text('etching destroys it')")
    assert not page.locator("[data-kind=procedure] [data-name=grit]").is_visible()
    filled(page, "procedure", {"reagent": "Vinella's", "dwell_s": "1,5"})
    page.wait_for_selector(".log .against")
    page.locator(".attach").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('.filed').innerText.includes('AKT 7/26')")
    page.keyboard.press("Escape")
    assert page.evaluate("() => document.activeElement.classList.contains('cell')")
    assert not browser_window.errors and not browser_window.outside

    with Casebook(tmp_path / "casebook") as casebook:
        file = casebook.cases.file()
        [entry] = casebook.examinations()
        [case], [item], [marking] = file.cases.values(), file.items.values(), file.markings.values()
        [step] = file.procedure.values()
        [sign_kept] = item.signs
        assert case.title == "<b>seized</b> car" and case.laboratory == shipped()
        assert item.origin is Origin.CONVERTED and sign_kept.photos[0].name == "photo_2.png"
        assert (step.kind, step.dwell_s, step.reagent) == (StepKind.ETCH, 1.5, "Vinella's")
        assert file.series == {entry.id: marking.id}
        assert casebook.verify() == []


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[tuple[CasePanel, Casebook]]:
    with Casebook(tmp_path / "book") as casebook:
        yield CasePanel(casebook, shipped(), lambda: EVA), casebook


def test_what_is_wrong_is_said_and_nothing_is_filed(panel: tuple[CasePanel, Casebook]) -> None:
    page, casebook = panel
    before = casebook.head()
    for sent in (
        {"kind": "case", "value": {"reference": ""}},
        {"kind": "case", "value": {"reference": "a\x00b"}},
        {"kind": "case", "value": "no object"},
        {"kind": "item", "value": {"name": "pistol", "case": "nowhere"}},
        {
            "kind": "item",
            "value": {"name": "pistol", "case": "x", "signs": [{"kind": "insert", "photos": [0]}]},
        },
        {"kind": "procedure", "value": {"kind": "etch", "marking": "m", "dwell_s": "long"}},
        {"kind": "series", "marking": "nowhere"},
        {"kind": "person", "value": {}},
        {},
    ):
        told = page.file("", sent)
        assert told["wrong"] and told["notice"], sent
    assert casebook.head() == before


def test_what_is_filed_is_changed_by_another_line_and_keeps_the_words_of_its_day(
    panel: tuple[CasePanel, Casebook],
) -> None:
    page, casebook = panel
    first = page.file("", {"kind": "case", "value": {"reference": "A"}})["chosen"]
    second = page.file(
        "", {"kind": "case", "value": {"id": first["case"], "reference": "B"}, "chosen": first}
    )
    assert not second["wrong"], second["notice"]
    [case] = casebook.cases.file().cases.values()
    assert (case.id, case.reference, case.laboratory) == (first["case"], "B", shipped())
    assert second["chosen"] == {"case": case.id, "item": NEW, "marking": NEW}


def test_who_only_trains_files_nothing() -> None:
    trainer, reviewer = (Asking("tom", frozenset([role])) for role in (Role.TRAINER, Role.REVIEWER))
    assert "tom (trainer) may not" in general_refusal(trainer, Deed.FILE)
    assert general_refusal(reviewer, Deed.FILE) == ""


def test_an_examination_shows_where_it_is_filed(
    panel: tuple[CasePanel, Casebook], photographs: list[Path]
) -> None:
    page, casebook = panel
    id = casebook.begin(Mode.CASEWORK, photographs, "eva", "series")
    assert page.words(id) == ""
    chosen = page.file(id, {"kind": "case", "value": {"reference": "A"}})["chosen"]
    for kind, above in (("item", "case"), ("marking", "item")):
        value = {"name": kind, above: chosen[above]}
        chosen = page.file(id, {"kind": kind, "value": value, "chosen": chosen})["chosen"]
    told = page.file(id, {"kind": "series", "marking": chosen["marking"], "chosen": chosen})
    assert told["filed_here"], told["notice"]
    assert page.words(id) == "A · item · marking"
    assert page.ask(id, {})["chosen"] == chosen
