"""The sample series that come with the product, simulated plates, as training examinations of the casebook:
begun once, read once, the proposal remembered."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path

from examiner.casebook.casebook import Casebook
from examiner.casebook.originals import StoredPhoto
from examiner.examination.acts import Mode, Phase
from examiner.page.readers.queue import AHEAD, Readers, propose, remembered
from pipelines.photographs.file_checks import file_sha256
from pipelines.photographs.photo import natural_order
from pipelines.types import Proposal

TITLE = "Sample: "


@dataclass(frozen=True)
class Sample:
    """One series of photographs of a simulated plate."""

    name: str
    photos: tuple[Path, ...]

    @property
    def title(self) -> str:
        """How its examinations are titled in the casebook."""
        return f"{TITLE}{self.words} (simulated)"

    @property
    def words(self) -> str:
        """How it is listed."""
        return self.name.replace("_", " ").lstrip("0123456789 ").capitalize() or self.name


def sample_series() -> dict[str, Sample]:
    """The samples by name, in natural order; empty where they are not installed."""
    try:
        roots = [Path(str(entry)) for entry in files("sample_images").iterdir()]
    except ModuleNotFoundError:
        return {}
    series = (Sample(root.name, _frames(root)) for root in roots if root.is_dir())
    return {
        sample.name: sample for sample in sorted(series, key=lambda s: natural_order(s.name)) if sample.photos
    }


class SampleExaminations:
    """`room`: the folder in which proposals are remembered."""

    def __init__(
        self, samples: Mapping[str, Sample], casebook: Casebook, readers: Readers, room: Path
    ) -> None:
        self._samples = samples
        self._casebook = casebook
        self._readers = readers
        self._room = room
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Has the readers begin with the samples, the first one first; returns at once."""
        for name in self._samples:
            self._readers.order(partial(self.proposal, name), AHEAD)

    def begun(self, name: str, actor: str) -> str:
        """The person's unsigned training examination of the sample, or a new one."""
        sample = self._samples[name]
        with self._lock:
            for entry in reversed(self._casebook.examinations()):
                unsigned = entry.mode is Mode.TRAINING and entry.phase is not Phase.SIGNED
                if entry.title == sample.title and unsigned and entry.reader == actor:
                    return entry.id
            return self._casebook.begin(Mode.TRAINING, sample.photos, actor, sample.title)

    def proposal(self, name: str) -> Proposal:
        """What the readers make of the sample; no examination needs to be begun."""
        paths = self._samples[name].photos
        photos = [StoredPhoto(path.name, path, file_sha256(path)) for path in paths]
        return remembered(
            self._room,
            [photo.sha256 for photo in photos],
            partial(propose, photos, [photo.name for photo in photos], name, []),
        )


def _frames(folder: Path) -> tuple[Path, ...]:
    frames = [path for path in folder.iterdir() if path.name.startswith("frame_") and path.suffix == ".jpg"]
    return tuple(sorted(frames, key=lambda path: natural_order(path.name)))
