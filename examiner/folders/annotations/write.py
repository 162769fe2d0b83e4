"""Writes the files for other programs, from proposals in any order: the same results give the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from examiner.folders.annotations.alto import alto_xml
from examiner.folders.annotations.boxes import AnnotatedPhotograph, annotated_photographs, left_out
from examiner.folders.annotations.coco import coco_json
from examiner.folders.annotations.label_studio import label_studio_json
from examiner.folders.annotations.page_xml import page_xml
from examiner.folders.results.row import printable
from pipelines.types import Proposal


@dataclass(frozen=True)
class Targets:
    """Where the files go; None: not written. Folders are made, files replaced."""

    page_xml: Path | None = None
    alto: Path | None = None
    coco: Path | None = None
    label_studio: Path | None = None

    def __bool__(self) -> bool:
        return any((self.page_xml, self.alto, self.coco, self.label_studio))


@dataclass(frozen=True)
class Written:
    """Numbers of photographs that are in the files, and of those that could be read and are not."""

    photographs: int
    left_out: int


class ProposalStore:
    """Proposals on the disk, in a database that is removed when it is closed."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("")
        self._database.execute("CREATE TABLE proposals (series TEXT PRIMARY KEY, proposal TEXT)")

    def add(self, proposal: Proposal) -> None:
        """Keeps a proposal; it takes the place of one of the same series."""
        self._database.execute(
            "INSERT OR REPLACE INTO proposals VALUES (?, ?)",
            (printable(proposal.series), json.dumps(proposal.to_json())),
        )

    def by_series(self) -> Iterator[Proposal]:
        """All proposals, by the name of the series."""
        for (text,) in self._database.execute("SELECT proposal FROM proposals ORDER BY series"):
            yield Proposal.from_json(json.loads(text))

    def close(self) -> None:
        self._database.close()


def write_annotations(proposals: Iterable[Proposal], targets: Targets) -> Written:
    """Writes the files. Memory does not grow with the number of proposals. Raises OSError."""
    with closing(ProposalStore()) as store:
        for proposal in proposals:
            store.add(proposal)
        return _write_stored(store, targets)


def _write_stored(store: ProposalStore, targets: Targets) -> Written:
    def photographs() -> Iterator[AnnotatedPhotograph]:
        for proposal in store.by_series():
            yield from annotated_photographs(proposal)

    for folder, document in ((targets.page_xml, page_xml), (targets.alto, alto_xml)):
        if folder is not None:
            _write_documents(folder, photographs(), document)
    if targets.coco is not None:
        _write(targets.coco, (piece.encode() for piece in coco_json(photographs)))
    if targets.label_studio is not None:
        _write(targets.label_studio, (piece.encode() for piece in label_studio_json(photographs())))
    count = sum(1 for _ in photographs())
    return Written(count, sum(left_out(proposal) for proposal in store.by_series()))


def document_path(photograph: AnnotatedPhotograph) -> str:
    """Where the XML of a photograph lies below its folder: one of 256 folders, then the name of the
    photograph and a part of a hash of its path and series."""
    digest = hashlib.sha256(json.dumps([photograph.series, photograph.path]).encode()).hexdigest()
    words = re.sub(r"[^\w.-]+", "_", Path(photograph.path).stem)[:60].strip("._-") or "photograph"
    return f"{digest[:2]}/{words}-{digest[2:14]}.xml"


def _write_documents(
    folder: Path,
    photographs: Iterable[AnnotatedPhotograph],
    document: Callable[[AnnotatedPhotograph], bytes],
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for photograph in photographs:
        path = folder / document_path(photograph)
        path.parent.mkdir(exist_ok=True)
        _write(path, (document(photograph),))


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.writelines(pieces)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
