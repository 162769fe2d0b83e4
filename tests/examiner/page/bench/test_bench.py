"""The bench: a chain edited in the middle, in a real browser; what it answers, refuses and records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from examiner.casebook.casebook import Casebook
from examiner.casebook.view_replay import views_replayed
from examiner.examination.acts import DrawLine, Lock, Mode, Observe, Place
from examiner.examination.readings import CharacterReading, State
from examiner.page.access.served_files import ServedFiles
from examiner.page.bench.bench import BARE, Bench
from examiner.page.bench.measurements import noted
from examiner.page.bench.suggestions import suggested, suggesting
from examiner.page.bench.values import catalogue_value, chain_of, chain_value
from examiner.page.pictures.pixel_cache import PixelCache
from examiner.page.pictures.recipes import DeskRecipes, Recipes
from examiner.page.readers.queue import Readers
from pipelines.enhance import STEPS
from pipelines.enhance.chain import Intermediates
from pipelines.enhance.recipe import run_recipe, shipped_recipes
from pipelines.errors import RecipeError
from pipelines.photographs.photo import read_photo, upright_image
from pipelines.suggest import SuggestedPosition, Suggestion
from tests.examiner.page.in_browser import BrowserWindow, draw_band, open_photographs
from tests.examiner.page.machine_proposal import box

CHAIN = [
    {"step": "even_light", "parameters": {}},
    {"step": "median", "parameters": {"size": "5"}},
    {"step": "invert", "parameters": {}},
]


def steps_recorded(casebook: Casebook) -> list[list[str]]:
    [entry] = casebook.examinations()
    views = [line.value() for line in casebook.history(entry.id) if line.kind == "view"]
    return [[s["name"] for s in v["content"]["steps"]] for v in views if v["what"] == "enhancement"]


def test_a_chain_is_edited_in_the_middle(
    running: Any, browser_window: BrowserWindow, photographs: list[Path], tmp_path: Path
) -> None:
    page = browser_window.page
    open_photographs(page, running.address, photographs)
    draw_band(page)
    page.keyboard.press("F8")
    page.wait_for_selector(".entry-step")
    said = "words => document.querySelector('.bench-said').innerText.includes(words)"
    for number, step in enumerate(("even_light", "median", "invert"), 1):
        page.locator(".sought").fill(step.replace("_", " "))
        page.locator(f".entry-step[data-step={step}]").focus()
        page.keyboard.press("Enter")
        page.wait_for_function(said, arg=f"{number} steps, 1 computed")
    page.locator(".link").nth(1).focus()
    page.keyboard.press("Enter")
    page.wait_for_function(said, arg="3 steps, 0 computed")
    page.locator(".link select").select_option("5")
    page.wait_for_function(said, arg="3 steps, 2 computed")
    page.locator(".link").nth(1).focus()
    page.keyboard.press("Space")
    page.wait_for_function(said, arg="2 steps, 1 computed")
    page.keyboard.press("ArrowUp")
    page.wait_for_function("() => document.querySelector('.link .title').innerText === '1 Median'")
    page.locator(".want-spectrum").check()
    page.wait_for_function("() => document.querySelector('.spectrum img').naturalWidth === 256")
    page.locator(".left").select_option("before")
    page.locator("[data-do=save]").click()
    page.locator(".saving-as [name=name]").fill("our_own")
    page.locator(".saving-as [name=title]").fill("Our own")
    page.keyboard.press("Enter")
    page.wait_for_function(said, arg="Saved as our_own")
    page.locator("[data-do=side]").click()
    images = "[...document.querySelectorAll('.sides .plane img:not(.piece)')]"
    page.wait_for_function(f"() => {images}.filter(image => image.naturalWidth).length === 3")
    page.keyboard.press("Escape")
    page.wait_for_function(
        "() => document.querySelector('#recipe-choice').selectedOptions[0].text === 'Our own'"
    )
    assert not browser_window.errors and not browser_window.outside

    with Casebook(tmp_path / "casebook") as casebook:
        recorded = steps_recorded(casebook)
        assert ["even_light", "median", "invert"] in recorded and ["even_light", "invert"] in recorded
    assert (tmp_path / "casebook" / "recipes" / "our_own.toml").is_file()
    replayed = views_replayed(tmp_path / "casebook")
    assert replayed.same >= 4 and replayed.wrong == () and replayed.elsewhere == ()


@pytest.fixture
def made(tmp_path: Path, photographs: list[Path]) -> Iterator[tuple[Bench, Casebook, str]]:
    with Casebook(tmp_path / "book") as casebook:
        id = casebook.begin(Mode.CASEWORK, photographs, "eva", "series")
        recipes = DeskRecipes(Recipes(tmp_path / "recipes"))
        kept = (ServedFiles(), PixelCache(), Intermediates())
        bench = Bench(casebook, recipes, tmp_path / "pictures", "eva", *kept)
        yield bench, casebook, id
        bench.stop()


def ran(bench: Bench, id: str, **sent: Any) -> list[dict[str, Any]]:
    return list(bench.run(id, "window", {"photo": 0, "chain": CHAIN, "ticket": 1, **sent}))


def picture(bench: Bench, told: dict[str, Any]) -> Any:
    _, _, examination, kind, name = str(told["url"]).split("/")
    path = bench.served.path(examination, kind, name)
    assert path is not None
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)


def test_the_result_is_what_the_recipe_makes_of_the_original(
    made: tuple[Bench, Casebook, str], photographs: list[Path]
) -> None:
    bench, casebook, id = made
    told = ran(bench, id)[-1]
    image, records = run_recipe(chain_of(CHAIN), upright_image(read_photo(photographs[0])))
    assert told["hashes"] == [record.output_sha256 for record in records]
    shown = picture(bench, told["result"])
    assert np.array_equal(cv2.cvtColor(shown, cv2.COLOR_BGR2RGB), np.round(image * 255).astype(np.uint8))
    assert steps_recorded(casebook) == [["even_light", "median", "invert"]]
    ran(bench, id, ticket=2)
    assert len(steps_recorded(casebook)) == 1


def test_only_what_follows_an_edit_is_computed(made: tuple[Bench, Casebook, str]) -> None:
    bench, _, id = made
    assert ran(bench, id)[-1]["computed"] == 3
    middle = [CHAIN[0], {"step": "median", "parameters": {"size": "3"}}, CHAIN[2]]
    assert ran(bench, id, chain=middle, ticket=2)[-1]["computed"] == 2
    off = [CHAIN[0], {**CHAIN[1], "on": False}, CHAIN[2]]
    assert ran(bench, id, chain=off, ticket=3)[-1]["computed"] == 1


def test_a_slow_chain_shows_the_part_in_view_first(
    made: tuple[Bench, Casebook, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, _, id = made
    monkeypatch.setattr("examiner.page.bench.bench.SLOW_MS", -1.0)
    first, *_, last = ran(bench, id, box=[10, 20, 200, 150])
    assert first["part"]["box"] == (10, 20, 200, 150) and "result" in last
    assert picture(bench, first["part"]).shape[:2] == (130, 190)


def test_the_bare_plate_is_no_evidence(made: tuple[Bench, Casebook, str]) -> None:
    bench, casebook, id = made
    told = ran(bench, id, photo=BARE)[-1]
    assert told["result"]["width"] == 640 and steps_recorded(casebook) == []


@pytest.mark.parametrize(
    "sent",
    [
        {"photo": 7},
        {"photo": True},
        {"chain": [{"step": "no_such"}]},
        {"chain": [{"step": "median", "parameters": {"size": "9"}}]},
        {"chain": [{"step": "invert"}] * 31},
        {"chain": "invert"},
        {"chain": [3]},
    ],
)
def test_what_is_wrong_is_said(made: tuple[Bench, Casebook, str], sent: dict[str, Any]) -> None:
    bench, casebook, id = made
    assert ran(bench, id, **sent)[-1]["error"] and steps_recorded(casebook) == []


def test_who_asked_for_something_newer_gets_no_old_answer(made: tuple[Bench, Casebook, str]) -> None:
    bench, _, id = made
    ran(bench, id, ticket=9)
    assert ran(bench, id, ticket=3, chain=[{"step": "clahe"}, {"step": "invert"}]) == []


def test_a_recipe_is_saved_once_and_laid_on_the_page(made: tuple[Bench, Casebook, str]) -> None:
    bench, _, _ = made
    assert bench.keep({"chain": CHAIN})["name"] == "bench"
    sent = {"chain": CHAIN, "name": "ours", "title": "Ours", "purpose": ""}
    assert "ours" in [recipe["name"] for recipe in bench.keep(sent)["recipes"]]
    assert "already" in bench.keep(sent)["error"]
    assert "error" not in bench.keep({**sent, "replacing": True})
    assert bench.keep({**sent, "name": "../evil"})["error"]


def test_chains_come_back_as_they_were() -> None:
    for recipe in shipped_recipes().values():
        assert chain_of(json.loads(json.dumps(chain_value(recipe))), recipe.name).steps == recipe.steps
    with pytest.raises(RecipeError):
        chain_of([{"step": "perspective", "parameters": {"corners": [[0, 0], [1, 0]]}}])


def test_the_catalogue_says_of_every_step_when_it_lies() -> None:
    catalogue = catalogue_value()
    assert {entry["name"] for entry in catalogue} == set(STEPS)
    for entry in catalogue:
        assert entry["assumes"] and entry["lies"], entry["name"]
    json.dumps(catalogue)


def test_lengths_need_a_scale_and_carry_their_doubt(made: tuple[Bench, Casebook, str]) -> None:
    _, casebook, id = made
    two = {"photo": 0, "points": [[0, 0], [100, 0]]}
    assert "no scale" in noted(casebook, id, "eva", {**two, "measured": "distance"})["error"]
    told = noted(casebook, id, "eva", {**two, "measured": "scale", "mm": 10})
    assert told["scale"]["mm_per_px"] == pytest.approx(0.1)
    said = noted(casebook, id, "eva", {**two, "points": [[0, 0], [0, 50]], "measured": "distance"})["said"]
    assert said.startswith("5 ± ") and said.endswith("mm")
    right = {"photo": 0, "points": [[0, 0], [50, 0], [0, 50]], "measured": "angle"}
    assert noted(casebook, id, "eva", right)["said"].startswith("90 ±")
    assert noted(casebook, id, "eva", {**two, "measured": "scale", "mm": float("nan")})["error"]


def test_arrows_and_words_stay_beside_the_pixels(made: tuple[Bench, Casebook, str]) -> None:
    _, casebook, id = made
    marks = [
        {"kind": "arrow", "tail": [1, 2], "head": [3, 4], "text": "loop"},
        {"kind": "note", "at": [5, 6], "text": "<b>here</b>"},
    ]
    kept = noted(casebook, id, "eva", {"photo": 1, "annotations": marks})["annotations"]
    assert [one["text"] for one in kept] == ["loop", "<b>here</b>"]
    assert noted(casebook, id, "eva", {"photo": 1})["annotations"] == kept
    assert noted(casebook, id, "eva", {"photo": 0})["annotations"] == []
    wrong = [{"kind": "note", "at": [1], "text": "x"}]
    assert noted(casebook, id, "eva", {"photo": 1, "annotations": wrong})["error"]


@pytest.fixture
def readers() -> Iterator[Readers]:
    made = Readers()
    yield made
    made.stop()


def read_alone(casebook: Casebook, id: str) -> None:
    casebook.act(id, DrawLine(Place(0, box(100, 100, 300, 180)), 2), "eva")
    for position in (1, 2):
        casebook.act(id, Observe(position, CharacterReading(State.DEFINITE, "8")), "eva")


def test_recipes_are_suggested_after_the_lock_only_and_letters_after_the_reveal(
    made: tuple[Bench, Casebook, str], readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, casebook, id = made
    ranking = (Suggestion("even_light", 0.4, "why", (SuggestedPosition("8", 0.5, "B", 0.9),)),)
    monkeypatch.setattr("examiner.page.bench.suggestions.ranked", lambda *_: ranking)
    read_alone(casebook, id)
    [refused] = suggesting(casebook, readers, id, {"photo": 0})
    assert "locked" in refused["error"]
    casebook.act(id, Lock(), "eva")
    told = list(suggesting(casebook, readers, id, {"photo": 0}))[-1]
    assert told["ranked"][0]["title"] == "Even light" and told["ranked"][0]["positions"] == []
    [nowhere] = suggesting(casebook, readers, id, {"photo": 1})
    assert "positions are marked" in nowhere["error"]
    assert suggested(casebook, id, ranking)[0]["positions"] == []
