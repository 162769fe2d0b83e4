"""A laboratory's folder of recipes: what is written comes back, what is hostile is named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipelines.enhance.laboratory import MOST_BYTES, laboratory, read_recipe, save_recipe
from pipelines.enhance.recipe import Recipe, make_recipe, recipe_toml
from pipelines.errors import RecipeError


def own(name: str = "our_own", title: str = "Our own", purpose: str = "Für Messing.") -> Recipe:
    return make_recipe(name, title, purpose, [("even_light", {}), ("gamma", {"value": 0.8})])


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "recipes"
    assert laboratory(folder) == laboratory(tmp_path)
    path = save_recipe(folder, own())
    assert read_recipe(path) == own()
    assert laboratory(folder).recipes == {"our_own": own()}
    assert laboratory(folder).problems == ()
    assert [entry.name for entry in folder.iterdir()] == ["our_own.toml"]


def test_nothing_is_written_over_unless_asked(tmp_path: Path) -> None:
    save_recipe(tmp_path, own())
    changed = own(title="Another")
    with pytest.raises(RecipeError, match="already"):
        save_recipe(tmp_path, changed)
    assert laboratory(tmp_path).recipes["our_own"] == own()
    save_recipe(tmp_path, changed, replacing=True)
    assert laboratory(tmp_path).recipes["our_own"] == changed


@pytest.mark.parametrize(
    "name",
    ["", "../out", "a/b", "A", "con", "lpt1", ".hidden", "x" * 61, "a.b", "a b", "a\n", "рецепт", "as_taken"],
)
def test_names_that_are_no_file_names_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="name"):
        save_recipe(tmp_path, own(name))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", ["two\nlines", "\u202egnorw", "x" * 501, "\x1b[31mred"])
def test_words_that_would_not_be_shown_as_they_are_are_refused(words: str, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="one line"):
        save_recipe(tmp_path, own(purpose=words))


def recipe_of_steps(name: str, *steps: str) -> bytes:
    head = f'name = "{name}"\ntitle = "t"\npurpose = "p"\n'
    return (head + "".join(f"\n[[steps]]\n{step}\n" for step in steps)).encode()


PERSPECTIVE = 'step = "perspective"\ncorners = [[0, 0], [1, 0], [1, 1], [0, 1]]'

HOSTILE = {
    "empty": b"",
    "not_utf8": b"\xff\xfe",
    "binary": bytes(range(256)),
    "too_large": b"#" * (MOST_BYTES + 1),
    "deep": b"name = " + b"[" * 30_000,
    "huge_number": recipe_toml(own("huge_number")).replace("0.8", "1" + "0" * 400).encode(),
    "endless_number": recipe_toml(own("endless_number")).replace("0.8", "1" * 6000).encode(),
    "huge_corner": recipe_of_steps("huge_corner", PERSPECTIVE.replace("0, 0", f"1{'0' * 400}, 0")),
    "not_a_number": recipe_toml(own("not_a_number")).replace("0.8", "nan").encode(),
    "many_steps": recipe_of_steps("many_steps", *['step = "invert"'] * 100),
    "other_name": recipe_toml(own()).encode(),
    "a_path": b"our_own.toml",
    "a_path_in_a_comment": b"# ./our_own.toml",
    "unknown_step": recipe_toml(own("unknown_step")).replace("even_light", "os.system").encode(),
}


def test_recipes_written_by_hand_are_read_up_to_the_most_steps(tmp_path: Path) -> None:
    steps = [PERSPECTIVE, *['step = "invert"'] * 59]
    (tmp_path / "ours.toml").write_bytes(recipe_of_steps("ours", *steps))
    assert len(laboratory(tmp_path).recipes["ours"].steps) == 60


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_named_and_stops_no_other(name: str, tmp_path: Path) -> None:
    (tmp_path / f"{name}.toml").write_bytes(HOSTILE[name])
    save_recipe(tmp_path, own())
    found = laboratory(tmp_path)
    assert set(found.recipes) == {"our_own"}
    assert len(found.problems) == 1 and f"{name}.toml" in found.problems[0]


def test_links_folders_and_pipes_are_not_read(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    secret = save_recipe(elsewhere, own("linked"))
    folder = tmp_path / "recipes"
    folder.mkdir()
    (folder / "linked.toml").symlink_to(secret)
    (folder / "folder.toml").mkdir()
    os.mkfifo(folder / "pipe.toml")
    found = laboratory(folder)
    assert not found.recipes and len(found.problems) == 3
