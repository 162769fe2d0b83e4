"""`examiner enhance`: the page's steps and hashes over a folder, photographs untouched, failures named."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from examiner.cli import application
from examiner.photographs.enhanced_folder import find_recipe
from pipelines.enhance.laboratory import save_recipe
from pipelines.enhance.recipe import fitted, make_recipe, replay, run_recipe, shipped_recipes
from pipelines.errors import RecipeError
from pipelines.photographs.photo import read_photo, upright_image
from pipelines.types import StepRecord

OWN = make_recipe("our_own", "Our own", "For brass.", [("even_light", {}), ("gamma", {"value": 0.8})])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photographs"
    folder.mkdir()
    rng = np.random.default_rng(1)
    deep = rng.integers(0, 65536, (50, 70), dtype=np.uint16)
    cv2.imwrite(str(folder / "a1.png"), deep)
    cv2.imwrite(str(folder / "a10.jpg"), rng.integers(0, 256, (60, 80, 3), dtype=np.uint8))
    cv2.imwrite(str(folder / "a2.jpg"), rng.integers(0, 256, (60, 80), dtype=np.uint8))
    (folder / "notes.txt").write_text("no photograph")
    return folder


def command(*words: str) -> tuple[int, list[dict[str, Any]], str]:
    done = CliRunner().invoke(application, ["enhance", *words])
    return done.exit_code, [json.loads(row) for row in done.stdout.splitlines()], done.stderr


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_every_photograph_with_the_steps_that_repeat_it(folder: Path, tmp_path: Path) -> None:
    before, out = digests(folder), tmp_path / "out"
    code, records, _ = command(str(folder), "--recipe", "grinding_lines", "--out", str(out))
    assert code == 0 and digests(folder) == before
    assert [record["file"] for record in records] == ["a1.png", "a2.jpg", "a10.jpg"]
    for record in records:
        image = upright_image(read_photo(folder / record["file"]))
        result, steps = run_recipe(shipped_recipes()["grinding_lines"], image)
        assert record["sha256"] == before[record["file"]]
        assert [StepRecord(**step) for step in record["steps"]] == list(steps)
        assert record["result_sha256"] == steps[-1].output_sha256
        again = replay([StepRecord(**step) for step in record["steps"]], image)
        np.testing.assert_array_equal(again, result)
        written = out / record["written"]
        assert hashlib.sha256(written.read_bytes()).hexdigest() == record["written_sha256"]
        shown = cv2.imread(str(written), cv2.IMREAD_UNCHANGED)
        assert shown.dtype == np.uint16
        shown = shown if shown.ndim == 2 else shown[..., ::-1]
        np.testing.assert_allclose(shown / 65535, result, atol=1 / 65535)
    assert {path.name for path in out.iterdir()} == {record["written"] for record in records}


def test_hashes_do_not_depend_on_the_number_of_threads(folder: Path) -> None:
    threads = cv2.getNumThreads()
    try:
        done = []
        for count in (1, 4):
            cv2.setNumThreads(count)
            done.append(command(str(folder), "--recipe", "strokes"))
    finally:
        cv2.setNumThreads(threads)
    assert done[0][0] == 0 and len(done[0][1]) == 3
    assert done[0] == done[1]


def test_sizes_are_fitted_to_the_character(folder: Path) -> None:
    _, records, _ = command(str(folder), "--recipe", "even_light", "--character", "10")
    own = fitted(shipped_recipes()["even_light"], 10, (50, 70))
    assert records[0]["steps"][0]["parameters"] == own.steps[0].parameters
    assert f"scale = {own.steps[0].parameters['scale']}" in records[0]["recipe"]


def test_what_cannot_be_read_is_named_and_stops_no_other(folder: Path) -> None:
    (folder / "a3.jpg").write_bytes((folder / "a2.jpg").read_bytes()[:200])
    code, records, said = command(str(folder), "--recipe", "even_light")
    assert code == 3 and len(records) == 4
    assert [record["error"] is None for record in records] == [True, True, False, True]
    assert "a3.jpg" in said and records[2]["error"]["kind"] == "truncated"


def test_nothing_is_written_over(folder: Path, tmp_path: Path) -> None:
    cv2.imwrite(str(folder / "a2.png"), np.zeros((9, 9), np.uint8))
    out = tmp_path / "out"
    code, records, _ = command(str(folder), "--recipe", "as_taken", "--out", str(out))
    assert code == 0 and len({record["written"] for record in records}) == 4
    before = digests(out)
    code, records, said = command(str(folder), "--recipe", "as_taken", "--out", str(out))
    assert code == 3 and digests(out) == before and "already" in said
    code, _, said = command(str(folder), "--recipe", "as_taken", "--out", str(folder))
    assert code == 2 and "holds originals" in said


def test_recipes_by_name_file_and_folder(folder: Path, tmp_path: Path) -> None:
    path = save_recipe(tmp_path / "recipes", OWN)
    assert find_recipe(str(path)) == find_recipe("our_own", tmp_path / "recipes") == OWN
    assert find_recipe("strokes") == shipped_recipes()["strokes"]
    for words in ("our_own", "../recipes/our_own", "none"):
        with pytest.raises(RecipeError, match="shipped ones are: as_taken"):
            find_recipe(words, None if words == "our_own" else tmp_path / "recipes")
    code, _, said = command(str(folder), "--recipe", "none")
    assert code == 2 and "there is no recipe" in said
    code, records, _ = command(str(folder), "--recipe", "our_own", "--recipes", str(path.parent))
    assert code == 0 and [step["name"] for step in records[0]["steps"]] == ["even_light", "gamma"]


def test_files_and_folders_are_taken_together_each_photograph_once(folder: Path) -> None:
    code, records, _ = command(str(folder / "a2.jpg"), str(folder), "--recipe", "as_taken")
    assert code == 0 and [record["file"] for record in records].count("a2.jpg") == 1
    assert records[0]["file"] == "a2.jpg" and len(records) == 3


def test_force_replaces_what_was_written(folder: Path, tmp_path: Path) -> None:
    arguments = (str(folder), "--recipe", "as_taken", "--out", str(tmp_path / "out"))
    assert command(*arguments)[0] == 0
    before = digests(tmp_path / "out")
    assert command(*arguments, "--force")[0] == 0
    assert digests(tmp_path / "out") == before


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    code, records, said = command(str(tmp_path), "--recipe", "as_taken")
    assert (code, records) == (2, []) and "no photograph lies in this folder" in said
