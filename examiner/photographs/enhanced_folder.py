"""Photographs enhanced by a recipe: each as on the page, with the record that repeats it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from pipelines.enhance.laboratory import read_recipe
from pipelines.enhance.recipe import (
    Recipe,
    fitted,
    image_sha256,
    recipe_toml,
    run_recipe,
    shipped_recipes,
)
from pipelines.errors import MarkingError, PhotoError, PhotoMissingError, RecipeError
from pipelines.photographs.photo import photo_paths, read_photo, upright_image
from pipelines.photographs.video import is_video, pick_frame_times, read_frames
from pipelines.types import Image, Photo

DEPTH = 65535
"""Enhanced photographs are written as PNG of 16 bits."""


def find_recipe(words: str, folder: Path | None = None) -> Recipe:
    """The recipe of this name, a shipped one or one in `folder`, or that of a TOML file.

    Raises RecipeError, which names the shipped recipes.
    """
    if words.endswith(".toml"):
        return read_recipe(Path(words))
    known = shipped_recipes()
    if words in known:
        return known[words]
    if folder is not None and words == Path(words).name and (folder / f"{words}.toml").exists():
        return read_recipe(folder / f"{words}.toml")
    raise RecipeError(f"there is no recipe {words!r}; the shipped ones are: {', '.join(known)}")


def photographs_of(paths: Sequence[Path]) -> list[Path]:
    """Files as they are, folders as the photographs that lie in them, in natural order; each once.

    Raises PhotoError where a folder cannot be listed or holds no photograph.
    """
    photographs: dict[Path, None] = {}
    for path in paths:
        inside = photo_paths(path) if path.is_dir() else [path]
        if not inside:
            raise PhotoMissingError(f"{path}: no photograph lies in this folder; name one that holds some")
        photographs |= dict.fromkeys(inside)
    return list(photographs)


def enhanced(
    paths: Sequence[Path],
    recipe: Recipe,
    out: Path | None,
    character: float | None = None,
    force: bool = False,
) -> Iterator[dict[str, Any]]:
    """For each photograph the record of its enhancement, ready for JSON.

    `character`: height of a character in pixels that sizes are fitted to. With `out` the result is written
    there as NAME.RECIPE.png, 16 bits, over a file only with `force`. A record has `file`, `sha256` of it,
    `frame_time_s` of a video's frame, `recipe` (as TOML, with the sizes used), `steps` with their hashes,
    `result_sha256` (see `pipelines.enhance.recipe.image_sha256`), `written`, `written_sha256` and `error`. A
    photograph that cannot be read or enhanced is named with its reason and does not stop the others.
    """
    names: set[str] = set()
    for path in paths:
        try:
            photos = (
                read_frames(path, pick_frame_times(path))
                if is_video(path)
                else [read_photo(path, damaged=True)]
            )
        except PhotoError as error:
            yield {"file": path.name, "error": {"kind": error.kind, "message": str(error)}}
            continue
        for photo in photos:
            yield _record(photo, path.name, recipe, out, character, names, force)


def _record(
    photo: Photo,
    name: str,
    recipe: Recipe,
    out: Path | None,
    character: float | None,
    names: set[str],
    force: bool,
) -> dict[str, Any]:
    record: dict[str, Any] = {"file": name, "sha256": photo.sha256, "frame_time_s": photo.frame_time_s}
    if photo.notices:
        record["notices"] = [asdict(notice) for notice in photo.notices]
    try:
        image = upright_image(photo)
        to_size = recipe if character is None else fitted(recipe, character, image.shape)
        result, steps = run_recipe(to_size, image)
        record |= {
            "recipe": recipe_toml(to_size),
            "steps": [asdict(step) for step in steps],
            "result_sha256": image_sha256(result),
        }
        if out is not None:
            record |= _written(result, out, _free_name(name, photo.frame_time_s, recipe.name, names), force)
    except (MarkingError, OSError) as error:
        kind = error.kind if isinstance(error, MarkingError) else "output"
        where = "" if str(error).startswith(name) else f"{name}: "
        return {**record, "error": {"kind": kind, "message": f"{where}{error}"}}
    return {**record, "error": None}


def _free_name(name: str, time_s: float | None, recipe: str, names: set[str]) -> str:
    """A name for the result that is not among `names`, with the extension of the photograph where needed."""
    frame = "" if time_s is None else f".{round(1000 * time_s)}ms"
    wanted = f"{Path(name).stem}{frame}.{recipe}.png"
    if wanted.casefold() in names:
        wanted = f"{name}{frame}.{recipe}.png"
    names.add(wanted.casefold())
    return wanted


def _written(image: Image, out: Path, name: str, force: bool) -> dict[str, str]:
    """The result as a PNG in one piece, and its hash. Raises FileExistsError where the name is taken and
    `force` is not set."""
    deep = np.round(image * np.float32(DEPTH)).astype(np.uint16)
    encoded, data = cv2.imencode(".png", deep if deep.ndim == 2 else deep[..., ::-1])
    if not encoded:
        raise OSError(f"{name}: the picture could not be encoded")
    if os.path.lexists(out / name) and not force:
        raise FileExistsError(f"{out / name} exists already; name an empty folder, or add --force")
    part = out / f".{name}.{os.getpid()}.part"
    part.write_bytes(data.tobytes())
    part.replace(out / name)
    return {"written": name, "written_sha256": hashlib.sha256(data.tobytes()).hexdigest()}


def line(record: dict[str, Any]) -> str:
    """A record as one line of JSON."""
    return json.dumps(record, ensure_ascii=False) + "\n"
