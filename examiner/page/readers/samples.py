"""The samples as examinations of the casebook: begun once, read once, the proposal remembered."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from examiner.casebook.casebook import Casebook
from examiner.examination.acts import Mode, Phase
from examiner.page.readers.folded_samples import Sample
from examiner.page.readers.queue import AHEAD, Readers, propose, remembered
from pipelines.types import Proposal


class Sampled:
    """`room`: the folder in which proposals are remembered."""

    def __init__(
        self, samples: Mapping[str, Sample], casebook: Casebook, readers: Readers, room: Path
    ) -> None:
        self._samples = samples
        self._casebook = casebook
        self._readers = readers
        self._room = room
        self._lock = threading.Lock()

    def prepare(self, actor: str) -> None:
        """Has the readers begin with the samples, the first one first; returns at once."""
        for name in self._samples:
            self._readers.order(partial(self.proposal, name, actor), AHEAD)

    def begun(self, name: str, actor: str) -> str:
        """The person's unsigned training examination of the sample, or a new one."""
        sample = self._samples[name]
        with self._lock:
            for entry in reversed(self._casebook.examinations()):
                unsigned = entry.mode is Mode.TRAINING and entry.phase is not Phase.SIGNED
                if entry.title == sample.title and unsigned and entry.reader == actor:
                    return entry.id
            return self._casebook.begin(Mode.TRAINING, sample.photos, actor, sample.title)

    def proposal(self, name: str, actor: str) -> Proposal:
        """What the readers make of the sample."""
        photos = self._casebook.photos(self.begun(name, actor))
        return remembered(
            self._room,
            [photo.sha256 for photo in photos],
            partial(propose, photos, [photo.name for photo in photos], name, []),
        )
