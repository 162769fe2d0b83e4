"""The recipes of the page: the shipped ones, the laboratory's own, and what lies on a person's bench."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipelines.enhance.laboratory import laboratory, save_recipe
from pipelines.enhance.recipe import Recipe, shipped_recipes
from pipelines.environment import RECIPES, path_in
from pipelines.errors import RecipeError

log = logging.getLogger(__name__)


def recipes_folder(casebook: Path) -> Path:
    """$EXAMINER_RECIPES, or `recipes` beside the casebook's database."""
    return path_in(RECIPES) or casebook / "recipes"


class Recipes(Mapping[str, Recipe]):
    """Shipped and the laboratory's own, shared by everybody. Safe to use from threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._recipes = dict(shipped_recipes())
        self._load()

    def __getitem__(self, name: str) -> Recipe:
        return self._recipes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._recipes))

    def __len__(self) -> int:
        return len(self._recipes)

    def save(self, recipe: Recipe, replacing: bool) -> None:
        """Writes a recipe into the laboratory's folder. Raises RecipeError as `save_recipe`."""
        with self._lock:
            save_recipe(self.folder, recipe, replacing)
            self._recipes = {**self._recipes, recipe.name: recipe}

    def _load(self) -> None:
        try:
            of_laboratory = laboratory(self.folder)
        except RecipeError as error:
            log.warning("%s", error)
            return
        for problem in of_laboratory.problems:
            log.warning("left out: %s", problem)
        self._recipes |= of_laboratory.recipes


class DeskRecipes(Mapping[str, Recipe]):
    """All recipes, and the chain on one person's bench where one was laid there."""

    def __init__(self, shared: Recipes) -> None:
        self._shared = shared
        self._on_bench: dict[str, Recipe] = {}

    def __getitem__(self, name: str) -> Recipe:
        return self._on_bench[name] if name in self._on_bench else self._shared[name]

    def __iter__(self) -> Iterator[str]:
        return iter([*self._shared, *self._on_bench])

    def __len__(self) -> int:
        return len(self._shared) + len(self._on_bench)

    def put_on_bench(self, recipe: Recipe) -> None:
        """Offers a chain to the page, in place of the one that was laid before."""
        self._on_bench = {recipe.name: recipe}

    def save(self, recipe: Recipe, replacing: bool) -> None:
        """As `Recipes.save`."""
        self._shared.save(recipe, replacing)
