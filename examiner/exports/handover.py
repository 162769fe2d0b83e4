"""One examination as a hand-over file: a zip that anyone can check without the casebook it comes from.

It holds the ledger (lines of other examinations as their hashes only), the originals, the proposals that were
shown, and the files that were given out. The chain of hashes runs through all lines up to the head, so that
what it holds cannot have been changed without changing the head that the report prints.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from examiner.casebook.case_file import KINDS
from examiner.casebook.casebook import Casebook
from examiner.casebook.ledger import GENESIS, LedgerLine, canonical, line_hash
from examiner.casebook.originals import place_of
from examiner.casebook.replay import CasebookError, photo_entries
from examiner.casebook.verification import Keys, lines_wrong

LEDGER = "ledger.jsonl"
PROPOSALS = "proposals.json"
MANIFEST = "manifest.json"
ABOUT = "READ ME.txt"

MAX_MEMBERS = 20_000
MAX_BYTES = 1 << 36
MAX_TEXT = 1 << 28
"""Bytes of the ledger, the proposals or the manifest."""

_ORIGINAL = re.compile(r"originals/([0-9a-f]{2})/([0-9a-f]{64})(\.[a-z0-9]{1,10})?")
_EXPORTED = re.compile(r"exports/[^/\\]{1,120}")
_DATE = (1980, 1, 1, 0, 0, 0)

_WORDS = """This is a copy of the examination {id} and of what it rests on.

To check it, install the marking examination assistant and run

    examiner verify "<this file>" --head <hash>

where <hash> is the head that the report prints. ledger.jsonl holds every act in its order; lines of other
examinations appear as their hashes only. originals/ holds the photographs as they were taken in, named by
SHA-256. exports/ holds the files that were given out; the ledger records the SHA-256 of each.
"""


_UNREADABLE = (
    *(OSError, EOFError, KeyError, TypeError, ValueError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error),
)


class HandoverError(CasebookError):
    """A file that is no hand-over file, or that something is missing from."""

    kind = "handover"


def handover(casebook: Casebook, examination_id: str, files: Mapping[str, bytes], actor: str) -> bytes:
    """The zip of one examination with its second reading and its case; the same bytes for the same record.

    `files`: what is given out with it, by name; each is recorded as an export first. Raises HandoverError for
    a name that is none, OriginalChangedError for an original that was changed, CasebookError.
    """
    for name, data in files.items():
        if not _EXPORTED.fullmatch(f"exports/{name}"):
            raise HandoverError(f"{name[:80]!r} is no name of a file to give out")
        casebook.record_export(examination_id, actor, name, data)
    every = casebook.every_line()
    chosen = {examination_id} | _seconds_of(every, examination_id)
    cut = max(line.seq for line in every if line.examination in chosen)
    kept = [line for line in every if line.seq <= cut]
    full = _belonging(kept, chosen)
    members = {
        ABOUT: _WORDS.format(id=examination_id).encode(),
        LEDGER: "".join(canonical(_entry(line, line.seq in full)) + "\n" for line in kept).encode(
            "utf-8", "surrogateescape"
        ),
        PROPOSALS: canonical(casebook.shown_proposals(examination_id)).encode(),
        **{f"exports/{name}": data for name, data in files.items()},
    }
    for extension, sha256 in sorted(_originals([line for line in kept if line.seq in full])):
        place = place_of(Path("originals"), sha256, extension)
        members[place.as_posix()] = casebook.original(sha256, extension)
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    members[MANIFEST] = canonical({"head": kept[-1].hash, "files": hashes}).encode()
    return _zipped(members)


def handover_wrong(path: Path, head: str | None = None, keys: Keys | None = None) -> list[str]:
    """Everything found wrong with a hand-over file, the first thing first. `head` as in `casebook_wrong`.

    Photographs of examinations whose originals are not in it, and proposals that were not shown, are not
    missed. Raises nothing; what cannot be read is named.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = _checked_members(archive)
            entries = [json.loads(line) for line in _text(archive, LEDGER).splitlines()]
            kept = {int(seq): text for seq, text in json.loads(_text(archive, PROPOSALS)).items()}
            wrong = list(_chain_wrong(entries, head, manifest["head"]))
            full = [LedgerLine(**entry) for entry in entries if "content" in entry]
            wrong += _exports_wrong(full, manifest["files"])
            with tempfile.TemporaryDirectory(prefix="examiner-verify-") as room:
                for name in manifest["files"]:
                    if _ORIGINAL.fullmatch(name):
                        archive.extract(name, room)
                # Proposals that were never shown are not handed over.
                known = [line for line in full if line.kind != "proposal" or line.seq in kept]
                wrong += lines_wrong(known, kept, Path(room) / "originals", keys)
    except HandoverError as error:
        return [str(error)]
    except _UNREADABLE as error:
        return [f"{path.name}: cannot be read as a hand-over file ({type(error).__name__}: {error})"[:300]]
    return wrong


def _entry(line: LedgerLine, whole: bool) -> dict[str, Any]:
    return asdict(line) if whole else {"seq": line.seq, "previous": line.previous, "hash": line.hash}


def _seconds_of(lines: Sequence[LedgerLine], examination_id: str) -> set[str]:
    return {
        line.examination
        for line in lines
        if line.kind == "begin" and line.examination and line.value().get("second_of") == examination_id
    }


def _belonging(lines: Sequence[LedgerLine], chosen: set[str]) -> set[int]:
    """Numbers of the lines that are about these examinations: their own, their case's, their persons'."""
    full = {line.seq for line in lines if line.examination in chosen}
    actors = {line.actor for line in lines if line.seq in full}
    filed: dict[str, dict[str, Any]] = {}
    marking = ""
    for line in lines:
        value = line.value() if line.examination is None or line.kind == "begin" else {}
        if line.kind in KINDS:
            filed[value["id"]] = {"kind": line.kind, **value}
        elif line.kind == "begin" and line.examination in chosen:
            marking = value.get("marking") or marking
        elif line.kind == "series" and value["examination"] in chosen:
            marking = value["marking"]
            full.add(line.seq)
        elif line.kind == "person" and line.actor in actors:
            full.add(line.seq)
    item = filed.get(marking, {}).get("item", "")
    case = filed.get(item, {}).get("case", "")
    belongs = {marking, item, case} - {""}
    for line in lines:
        if line.kind in KINDS:
            value = line.value()
            if value["id"] in belongs or (line.kind == "procedure" and value["marking"] == marking):
                full.add(line.seq)
    return full


def _originals(lines: Sequence[LedgerLine]) -> set[tuple[str, str]]:
    """Extension and SHA-256 of what these lines name."""
    entries = list(photo_entries(lines))
    for line in lines:
        if line.kind == "item":
            entries += [photo for sign in line.value()["signs"] for photo in sign["photos"]]
    return {(entry["extension"], entry["sha256"]) for entry in entries}


def _zipped(members: Mapping[str, bytes]) -> bytes:
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, _DATE)
            info.compress_type = zipfile.ZIP_STORED if name.startswith("originals/") else zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return room.getvalue()


def _checked_members(archive: zipfile.ZipFile) -> dict[str, Any]:
    """The manifest, once every member is there, is named in it and has its hash. Raises HandoverError."""
    members = archive.infolist()
    if len(members) > MAX_MEMBERS or sum(info.file_size for info in members) > MAX_BYTES:
        raise HandoverError("the zip holds more than an examination can")
    if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in members):
        raise HandoverError("the zip is compressed in a way that a hand-over file is not")
    names = [info.filename for info in members]
    manifest = json.loads(_text(archive, MANIFEST))
    expected = {*manifest["files"], MANIFEST}
    if len(set(names)) < len(names) or set(names) != expected:
        odd = sorted(set(names) ^ expected) or names
        raise HandoverError(f"the zip does not hold what its manifest says: {odd[0][:120]}")
    for name, sha256 in manifest["files"].items():
        if not (name in (ABOUT, LEDGER, PROPOSALS) or _ORIGINAL.fullmatch(name) or _EXPORTED.fullmatch(name)):
            raise HandoverError(f"{name[:120]} does not belong in a hand-over file")
        if _sha256(archive, name) != sha256:
            raise HandoverError(f"{name}: was changed, its hash is not that of the manifest")
    return dict(manifest)


def _sha256(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as stream:
        return hashlib.file_digest(cast(zipfile.ZipExtFile, stream), "sha256").hexdigest()


def _text(archive: zipfile.ZipFile, name: str) -> str:
    if archive.getinfo(name).file_size > MAX_TEXT:
        raise HandoverError(f"{name} is longer than {MAX_TEXT} bytes")
    return archive.read(name).decode("utf-8", "surrogateescape")


def _chain_wrong(entries: Sequence[Mapping[str, Any]], head: str | None, last: str) -> Iterator[str]:
    previous, met = GENESIS, head in (None, GENESIS)
    for number, entry in enumerate(entries, 1):
        if entry["seq"] != number or entry["previous"] != previous:
            yield f"ledger line {number}: the chain is broken there"
            return
        if "content" in entry and line_hash(LedgerLine(**entry)) != entry["hash"]:
            yield f"ledger line {number}: its hash does not fit its content, the line was changed"
            return
        previous = entry["hash"]
        met = met or previous == head
    if previous != last:
        yield "ledger: does not end with the head that the manifest names"
    if not met:
        yield f"ledger: no line has the noted head hash {head}; lines are missing, or it was written anew"


def _exports_wrong(lines: Sequence[LedgerLine], files: Mapping[str, str]) -> Iterator[str]:
    """Files given out that no ledger line records."""
    recorded = {line.value()["sha256"] for line in lines if line.kind == "export"}
    for name, sha256 in files.items():
        if name.startswith("exports/") and sha256 not in recorded:
            yield f"{name}: the ledger does not record this file"
