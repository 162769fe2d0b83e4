"""What everybody who uses a page shares: the casebook, the pictures, the readers, the laboratory's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from examiner.casebook.casebook import Casebook
from examiner.casebook.laboratory import Laboratory
from examiner.page.access.served_files import ServedFiles
from examiner.page.access.uploaded_files import UploadedFiles
from examiner.page.batch.batches import Batches
from examiner.page.pictures.images import Pictures
from examiner.page.pictures.pixel_cache import MOST_BYTES, PixelCache
from examiner.page.pictures.recipes import Recipes, recipes_folder
from examiner.page.readers.queue import Readers
from examiner.page.readers.samples import Sample, SampleExaminations, sample_series
from examiner.validation.table import Validation
from pipelines.enhance.chain import Intermediates
from pipelines.enhance.recipe import Recipe

AS_TAKEN = "as_taken"


@dataclass(frozen=True)
class Shared:
    """`cache`: the folder for uploads on their way; `made`: the one for pictures and files that are given
    out, which are served through `served` only; `batches`: photo folders that are read apart from
    examinations; `uploads`: whose each uploaded file is; `pixels` and `intermediates`: what is held in
    memory, whoever asked for it; `watched`: the folder of the tethered camera."""

    casebook: Casebook
    pictures: Pictures
    cache: Path
    made: Path
    served: ServedFiles
    recipes: Recipes
    samples: Mapping[str, Sample]
    readers: Readers
    sampled: SampleExaminations
    validation: Validation
    laboratory: Laboratory
    batches: Batches
    uploads: UploadedFiles
    pixels: PixelCache
    intermediates: Intermediates
    watched: Path | None = None

    @property
    def as_taken(self) -> Recipe:
        """The recipe without steps."""
        return self.recipes[AS_TAKEN]


def shared_by(
    folder: Path,
    cache: Path,
    samples: bool,
    validation: Validation,
    laboratory: Laboratory,
    watched: Path | None = None,
    archive: Path | None = None,
) -> Shared:
    """Opens the casebook of `folder` and starts the readers. Raises CasebookError."""
    casebook = Casebook(folder)
    made = folder.absolute() / "page" / "made"
    pixels = PixelCache()
    series = sample_series() if samples else {}
    readers = Readers()
    return Shared(
        casebook=casebook,
        pictures=Pictures(made / "pictures", pixels),
        cache=cache,
        made=made,
        served=ServedFiles(),
        recipes=Recipes(recipes_folder(folder)),
        samples=series,
        readers=readers,
        sampled=SampleExaminations(series, casebook, readers, folder / "page" / "proposals"),
        validation=validation,
        laboratory=laboratory,
        batches=Batches(
            folder / "page" / "batches",
            archive,
            validation,
            casebook,
        ),
        uploads=UploadedFiles(),
        pixels=pixels,
        intermediates=Intermediates(MOST_BYTES),
        watched=watched,
    )
