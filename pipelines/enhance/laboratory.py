"""A laboratory's own recipes: TOML files in one folder, as anyone may have edited or put them there."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.enhance.recipe import Recipe, recipe_of, recipe_toml, shipped_recipes
from pipelines.errors import RecipeError

MOST_BYTES = 64 << 10
"""Size of a recipe's file."""

MOST_RECIPES = 500
"""Recipes of one folder."""

MOST_LETTERS = {"title": 100, "purpose": 500}

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])")
"""Names that Windows keeps for devices."""


@dataclass(frozen=True)
class Laboratory:
    """A folder's recipes by name, in order of name, and for each file that is no recipe what is wrong."""

    recipes: Mapping[str, Recipe]
    problems: tuple[str, ...]


def laboratory(folder: Path) -> Laboratory:
    """The recipes of a folder. A file that is none is named and does not stop the others; links are not
    followed. An empty result where there is no folder yet. Raises RecipeError where it cannot be listed."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".toml")
    except FileNotFoundError:
        return Laboratory({}, ())
    except OSError as error:
        raise RecipeError(f"{folder}: cannot be listed ({error.strerror})") from error
    recipes: dict[str, Recipe] = {}
    problems = []
    if len(paths) > MOST_RECIPES:
        problems.append(f"{folder}: {len(paths)} recipes; the first {MOST_RECIPES} are read")
    for path in paths[:MOST_RECIPES]:
        try:
            recipe = read_recipe(path)
            if recipe.name != path.stem:
                raise RecipeError(f"{path.name}: holds the recipe {recipe.name!r}; call the file the same")
            recipes[recipe.name] = recipe
        except RecipeError as error:
            problems.append(str(error))
    return Laboratory(recipes, tuple(problems))


def read_recipe(path: Path) -> Recipe:
    """One recipe of a laboratory. Raises RecipeError for what is no plain file of at most 64 KiB, is no
    recipe, or has a name or words that `save_recipe` would not write."""
    try:
        # Never a link, and never a pipe to wait for.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise RecipeError(f"{path.name}: is no plain file")
            data = file.read(MOST_BYTES + 1)
        text = data.decode("utf-8")
    except OSError as error:
        raise RecipeError(f"{path.name}: cannot be read as a recipe ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise RecipeError(f"{path.name}: cannot be read as a recipe: it is not UTF-8") from error
    if len(data) > MOST_BYTES:
        raise RecipeError(f"{path.name}: more than {MOST_BYTES >> 10} KiB; a recipe is smaller")
    try:
        recipe = recipe_of(text)
        _check(recipe)
    except RecipeError as error:
        raise RecipeError(f"{path.name}: {error}") from error
    return recipe


def save_recipe(folder: Path, recipe: Recipe, replacing: bool = False) -> Path:
    """Writes a recipe as NAME.toml, whole or not at all, and gives its path.

    Names are small Latin letters, digits, - and _, at most 60, and not those of shipped recipes. Raises
    RecipeError for another name, for words that are too long or hold control characters, where the name is
    taken unless `replacing`, and where the folder cannot be written.
    """
    _check(recipe)
    path = folder / f"{recipe.name}.toml"
    if not replacing and os.path.lexists(path):
        raise RecipeError(f"there is a recipe {recipe.name!r} already; take another name or replace it")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".{recipe.name}.{os.getpid()}.part"
        part.write_text(recipe_toml(recipe), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise RecipeError(f"{path}: cannot be written ({error.strerror})") from error
    return path


def _check(recipe: Recipe) -> None:
    if not _NAME.fullmatch(recipe.name) or _RESERVED.fullmatch(recipe.name):
        raise RecipeError(
            f"a recipe's name is 1 to 60 small Latin letters, digits, - and _, got {recipe.name[:80]!r}"
        )
    if recipe.name in shipped_recipes():
        raise RecipeError(f"{recipe.name!r} is the name of a shipped recipe; take another")
    for field, most in MOST_LETTERS.items():
        words = getattr(recipe, field)
        if len(words) > most or not words.isprintable():
            raise RecipeError(f"{field}: expected one line of at most {most} characters, got {words[:80]!r}")
