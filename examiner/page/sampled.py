"""The samples as examinations of the casebook: begun once, read once, the proposal remembered."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from examiner.casebook import Casebook, ExaminationEntry
from examiner.page.proposing import AHEAD, Readers, propose, remembered
from examiner.page.samples import Sample
from examiner.page.view import Choice
from examiner.records import Mode, Phase
from pipelines.types import Proposal

SAMPLE = "sample:"
"""How the selector's entries for samples begin."""


def choices(samples: Mapping[str, Sample], kept: Sequence[ExaminationEntry]) -> list[Choice]:
    """The selector: the samples, and what the casebook holds besides, newest first."""
    listed = {sample.title for sample in samples.values()}
    return [
        *(
            Choice(SAMPLE + name, sample.words, "Samples (simulated plates)")
            for name, sample in samples.items()
        ),
        *(
            Choice(entry.id, f"{entry.title} · {entry.mode.value}", "Casebook")
            for entry in reversed(kept)
            if entry.title not in listed or entry.phase is Phase.SIGNED
        ),
    ]


class Sampled:
    """`room`: the folder in which proposals are remembered."""

    def __init__(
        self, samples: Mapping[str, Sample], casebook: Casebook, readers: Readers, actor: str, room: Path
    ) -> None:
        self._samples = samples
        self._casebook = casebook
        self._readers = readers
        self._actor = actor
        self._room = room
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Has the readers begin with the samples, the first one first; returns at once."""
        for name in self._samples:
            self._readers.order(partial(self.proposal, name), AHEAD)

    def begun(self, name: str) -> str:
        """The sample's unsigned training examination, or a new one."""
        sample = self._samples[name]
        with self._lock:
            for entry in reversed(self._casebook.examinations()):
                unsigned = entry.mode is Mode.TRAINING and entry.phase is not Phase.SIGNED
                if entry.title == sample.title and unsigned:
                    return entry.id
            return self._casebook.begin(Mode.TRAINING, sample.photos, self._actor, sample.title)

    def proposal(self, name: str) -> Proposal:
        """What the readers make of the sample."""
        photos = self._casebook.photos(self.begun(name))
        return remembered(
            self._room,
            [photo.sha256 for photo in photos],
            partial(propose, photos, [photo.name for photo in photos], name, []),
        )
