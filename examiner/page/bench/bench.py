"""The enhancement bench: a chain that is edited while its result is looked at. No reader has a part in it.

Everything runs on the full resolution of the photograph, so that what is recorded is what
`examiner enhance` makes; the browser is sent lossless copies of at most 2000 pixels. Where the whole takes
long, the part in view comes first.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from examiner.casebook.casebook import Casebook
from examiner.casebook.originals import StoredPhoto
from examiner.examination.readings import RecordError
from examiner.page.access.served_files import ServedFiles
from examiner.page.bench.values import NAME, catalogue_value, chain_of, chain_value, recipe_values
from examiner.page.casework.browser_acts import is_whole
from examiner.page.pictures.images import PROXY_SIDE
from examiner.page.pictures.pixel_cache import PixelCache
from examiner.page.pictures.recipes import DeskRecipes
from examiner.page.readers.queue import finished
from examiner.page.shared import AS_TAKEN
from examiner.photographs.crops import Bytes, KeptPhoto, read_kept, shrunk, write_png
from pipelines.enhance.catalogue import expected_ms
from pipelines.enhance.chain import Box, ChainResult, Intermediates, on_crop
from pipelines.enhance.grinding import NOTCHES
from pipelines.enhance.recipe import Recipe, image_sha256
from pipelines.enhance.views import histogram, notch, spectrum
from pipelines.errors import MarkingError
from pipelines.photographs.photo import read_photo, upright_image, upright_matrix
from pipelines.types import Image, Matrix

SLOW_MS = 250.0
"""A chain that is expected to take longer shows the part in view first."""

KEPT_FILES = 120


BARE = -1
"""In place of a photograph's number: the bare plate."""


class Superseded(Exception):  # noqa: N818 - not an error: somebody asked for something newer
    """What was being made is no longer wanted."""


@dataclass(frozen=True, eq=False)
class UprightPhoto:
    """A photograph upright at full resolution, and the hash of its pixels."""

    image: Image
    sha256: str
    to_upright: Matrix


@cache
def bare_plate() -> UprightPhoto:
    """A simulated plate on which nothing ever stood: what shows there, the chain has made."""
    image = upright_image(read_photo(Path(str(files("examiner.page.bench") / "bare_plate.jpg"))))
    return UprightPhoto(image, image_sha256(image), np.eye(3))


class Bench:
    """What one person makes on the bench. Answers are plain values for the browser, marked by `kind`."""

    def __init__(
        self,
        casebook: Casebook,
        recipes: DeskRecipes,
        folder: Path,
        actor: str,
        served: ServedFiles,
        cache: PixelCache,
        intermediates: Intermediates,
    ) -> None:
        self._casebook = casebook
        self._recipes = recipes
        self._folder = folder
        self.served = served
        self._actor = actor
        self._intermediates = intermediates
        self._cache = cache
        self._files: OrderedDict[Path, None] = OrderedDict()
        self._recorded: set[tuple[str, int, str]] = set()
        self._newest: dict[str, int] = {}
        self._lock = threading.RLock()
        self._work = ThreadPoolExecutor(1, thread_name_prefix="bench")

    def stop(self) -> None:
        """Ends what is being made once its step is done."""
        with self._lock:
            self._newest = dict.fromkeys(self._newest, 1 << 53)
        self._work.shutdown(cancel_futures=True)

    def open(self, examination: str, photo: int, recipe: str) -> dict[str, Any]:
        """The bench as it is first shown: the catalogue, the recipes, the chain of the recipe in view."""
        chain = self._recipes[recipe] if recipe in self._recipes else self._recipes[AS_TAKEN]
        return {
            "kind": "opened",
            "examination": examination,
            "photo": photo,
            "photos": [photo.name for photo in self._casebook.photos(examination)] if examination else [],
            "catalogue": catalogue_value(),
            "recipes": recipe_values(self._recipes),
            "chain": chain_value(chain),
            "title": chain.title,
        }

    def run(self, examination: str, window: str, sent: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The result of a chain: a part first where the whole takes long, then the whole, which is recorded.

        Ends without an answer where the same window has asked for something newer.
        """
        ticket = sent.get("ticket")
        number = ticket if is_whole(ticket) else 0
        with self._lock:
            self._newest[window] = max(number, self._newest.get(window, 0))
        said = {"kind": "ran", "ticket": number}
        try:
            bare = sent.get("photo") == BARE
            photo = None if bare else self._photo(examination, sent.get("photo"))
            recipe = chain_of(sent.get("chain"))
            upright = bare_plate() if photo is None else self._upright(photo)
            yield from self._run(examination, window, sent, said, photo, recipe, upright)
        except Superseded:
            return
        except (MarkingError, ValueError) as error:
            yield {**said, "error": str(error)}

    def _run(
        self,
        examination: str,
        window: str,
        sent: Mapping[str, Any],
        said: Mapping[str, Any],
        photo: StoredPhoto | None,
        recipe: Recipe,
        upright: UprightPhoto,
    ) -> Iterator[dict[str, Any]]:
        done = [0]

        def progress(steps: int, _: int) -> None:
            done[0] = steps
            if self._newest.get(window, 0) > said["ticket"]:
                raise Superseded

        begun = time.perf_counter()
        kept, _ = self._intermediates.kept(recipe, upright.sha256)
        slow = sum(expected_ms(entry.step, upright.image) for entry in recipe.run[kept:]) > SLOW_MS
        box = _box(sent.get("box"))
        if slow and box is not None:
            crop = self._order(
                lambda: on_crop(recipe, upright.image, box, self._intermediates, upright.sha256)
            )
            part = crop.result()
            yield {
                **said,
                "part": {
                    "url": self._file(examination, part.image, PROXY_SIDE),
                    "box": part.box,
                    "exact": part.exact,
                },
            }
        future = self._order(lambda: self._intermediates.run(recipe, upright.image, upright.sha256, progress))
        while not finished(future, 0.4):
            yield {**said, "progress": f"step {min(done[0] + 1, len(recipe.run))} of {len(recipe.run)}"}
        result = future.result()
        if photo is not None:
            self._record(examination, sent["photo"], photo, result)
        before = self._before(recipe, upright, sent.get("selected"))
        yield {
            **said,
            "seconds": round(time.perf_counter() - begun, 3),
            "computed": result.computed,
            "result": self._picture(examination, result.image, _sha256(result, upright)),
            "taken": self._picture(examination, upright.image, upright.sha256),
            "to_upright": [float(value) for value in upright.to_upright.ravel()],
            "to_stored": [float(value) for value in np.linalg.inv(upright.to_upright).ravel()],
            "before": None
            if before is None
            else self._picture(examination, before.image, _sha256(before, upright)),
            "details": self._details(examination, sent.get("detail"), result.image, upright.image, before),
            "hashes": [record.output_sha256 for record in result.records],
            **self._looks(examination, recipe, upright, result, sent),
        }

    def compare(self, examination: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Up to three recipes on the same photograph. Each is recorded as looked at."""
        try:
            photo = self._photo(examination, sent.get("photo"))
            upright = self._upright(photo)
            wanted = sent.get("recipes")
            names = wanted[:3] if isinstance(wanted, list) else []
            panes = []
            for name in names:
                if not isinstance(name, str) or name not in self._recipes:
                    raise RecordError(f"there is no recipe {str(name)[:60]!r}")
                recipe = self._recipes[name]
                result = self._intermediates.run(recipe, upright.image, upright.sha256)
                self._record(examination, sent["photo"], photo, result, recipe.name)
                panes.append(
                    {
                        "title": recipe.title,
                        **self._picture(examination, result.image, _sha256(result, upright)),
                    }
                )
        except (MarkingError, ValueError) as error:
            return {"kind": "compared", "panes": [], "error": str(error)}
        return {"kind": "compared", "panes": panes}

    def keep(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Puts the chain among the recipes of the page, under a name of its own where one is given."""
        try:
            if sent.get("name"):
                words = [sent.get(key, "") for key in ("name", "title", "purpose")]
                if not all(isinstance(text, str) for text in words):
                    raise RecordError("name, title and purpose are texts")
                name, title, purpose = words
                recipe = chain_of(sent.get("chain"), name, title or name, purpose)
                self._recipes.save(recipe, sent.get("replacing") is True)
            else:
                recipe = chain_of(sent.get("chain"))
                self._recipes.put_on_bench(recipe)
        except MarkingError as error:
            return {"kind": "kept", "error": str(error)}
        return {"kind": "kept", "name": recipe.name, "recipes": recipe_values(self._recipes)}

    # Inside

    def _photo(self, examination: str, index: Any) -> StoredPhoto:
        photos: Sequence[StoredPhoto] = self._casebook.photos(examination) if examination else ()
        if not is_whole(index) or not 0 <= index < len(photos):
            raise RecordError("there is no such photograph in the open examination")
        return photos[index]

    def _upright(self, photo: KeptPhoto) -> UprightPhoto:
        def read() -> UprightPhoto:
            kept = read_kept(photo)
            image = upright_image(kept)
            return UprightPhoto(image, image_sha256(image), upright_matrix(kept))

        key = ("upright", photo.sha256, photo.frame_time_s)
        return self._cache.get(key, read, lambda upright: upright.image.nbytes)

    def _order(self, work: Any) -> Future[Any]:
        return self._work.submit(work)

    def _before(self, recipe: Recipe, upright: UprightPhoto, selected: Any) -> ChainResult | None:
        """The picture that the selected step is given, None where it is the photograph as taken."""
        if not is_whole(selected) or not 0 < selected < len(recipe.steps):
            return None
        first = replace(recipe, steps=recipe.steps[:selected])
        if not first.run:
            return None
        return self._intermediates.run(first, upright.image, upright.sha256)

    def _details(
        self, examination: str, wanted: Any, result: Image, upright: Image, before: ChainResult | None
    ) -> dict[str, Any]:
        """Parts of the two pictures at full resolution, where the browser's copies are too small."""
        if not isinstance(wanted, Mapping):
            return {}
        left = before.image if wanted.get("what") == "before" and before is not None else upright
        return {
            name: part
            for name, image in (("result", result), ("left", left))
            if (part := self._part(examination, image, _box(wanted.get(name)))) is not None
        }

    def _part(self, examination: str, image: Image, box: Box | None) -> dict[str, Any] | None:
        if box is None or box[2] > image.shape[1] or box[3] > image.shape[0]:
            return None
        left, top, right, bottom = box
        return {"url": self._file(examination, image[top:bottom, left:right], PROXY_SIDE), "box": list(box)}

    def _looks(
        self,
        examination: str,
        recipe: Recipe,
        upright: UprightPhoto,
        result: ChainResult,
        sent: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Histogram and spectrum of the result, where they are wanted; the notch of the selected step."""
        looks: dict[str, Any] = {}
        if sent.get("histogram") is True:
            counted = histogram(result.image, 128)
            looks["histogram"] = {
                "counts": counted.counts.tolist(),
                "black": counted.black,
                "white": counted.white,
            }
        if sent.get("spectrum") is True:
            selected = sent.get("selected")
            at = selected if is_whole(selected) and 0 <= selected < len(recipe.steps) else None
            before, notched = result.image, None
            if at is not None and recipe.steps[at].step in NOTCHES:
                first = replace(recipe, steps=recipe.steps[:at])
                before = self._intermediates.run(first, upright.image, upright.sha256).image
                notched = notch(recipe.steps[at].step, recipe.steps[at].parameters, before, 256)
            looks["spectrum"] = self._file(examination, spectrum(before, 256), 256)
            looks["notch"] = None if notched is None else self._file(examination, notched, 256)
        return looks

    def _picture(self, examination: str, image: Image, sha256: str) -> dict[str, Any]:
        height, width = image.shape[:2]
        return {"url": self._file(examination, image, PROXY_SIDE, sha256), "width": width, "height": height}

    def _file(self, examination: str, image: Image, side: int, sha256: str = "") -> str:
        """Address of a lossless copy, its longer side at most `side`; made once. `sha256`: of the image,
        where it is known."""
        digest = hashlib.sha256(f"{sha256 or image_sha256(image)} {side}".encode()).hexdigest()
        path = self._folder / f"bench-{digest[:40]}.png"
        if not path.exists():
            write_png(path, shrunk(_bytes(image), side), 0)
        with self._lock:
            self._files[path] = None
            self._files.move_to_end(path)
            while len(self._files) > KEPT_FILES:
                self._files.popitem(last=False)[0].unlink(missing_ok=True)
        return self.served.pictures(examination)(path)

    def _record(
        self, examination: str, index: int, photo: StoredPhoto, result: ChainResult, name: str = NAME
    ) -> None:
        """Writes that the whole result was looked at, once while the page runs."""
        if not result.records:
            return
        key = (examination, index, result.records[-1].output_sha256)
        with self._lock:
            if key in self._recorded:
                return
            self._recorded.add(key)
        content = {
            "photo": index,
            "sha256": photo.sha256,
            "recipe": name,
            "steps": [asdict(record) for record in result.records],
        }
        self._casebook.record_view(examination, self._actor, "enhancement", content)


def _sha256(result: ChainResult, upright: UprightPhoto) -> str:
    return result.records[-1].output_sha256 if result.records else upright.sha256


def _bytes(image: Image) -> Bytes:
    return np.asarray(np.round(np.clip(image, 0, 1) * 255), np.uint8)


def _box(value: Any) -> Box | None:
    if not isinstance(value, list) or len(value) != 4 or not all(map(is_whole, value)):
        return None
    left, top, right, bottom = (max(0, number) for number in value)
    return (left, top, right, bottom) if left < right and top < bottom else None
