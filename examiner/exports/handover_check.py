"""What is wrong with a hand-over file, and what it withholds: checked without the casebook it comes from."""

from __future__ import annotations

import hashlib
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, BinaryIO, cast

from examiner.casebook.ledger import GENESIS, LedgerLine, canonical, line_hash
from examiner.casebook.verification import Keys, lines_wrong
from examiner.exports.handover import (
    ABOUT,
    FORMAT,
    LEDGER,
    MANIFEST,
    MAX_BYTES,
    MAX_MEMBERS,
    MAX_TEXT,
    OTHERS,
    PROPOSALS,
    UNSHOWN,
    HandoverError,
    original_name,
    originals_of,
)
from pipelines.errors import MarkingError

MAX_DIRECTORY = 1 << 23
"""Bytes of the zip's list of members, which is read before anything else."""

MAX_LINES = 1_000_000
MAX_LINE = 1 << 25
"""Bytes of one ledger line."""

_ORIGINAL = re.compile(r"originals/([0-9a-f]{2})/([0-9a-f]{64})(\.[a-z0-9]{1,10})?")
_EXPORTED = re.compile(r"exports/[^/\\]{1,120}")
_BARE = {"seq", "previous", "hash"}
_WHOLE = {field.name for field in fields(LedgerLine)}

_UNREADABLE = (
    *(OSError, EOFError, KeyError, IndexError, TypeError, ValueError, AttributeError, RuntimeError),
    *(OverflowError, RecursionError, struct.error, zipfile.BadZipFile, zlib.error, MarkingError),
)


@dataclass(frozen=True)
class HandoverCheck:
    """`wrong`: everything found wrong, the first thing first; `withheld`: what is withheld by design, who
    decided it and why; `notes`: what the check does not cover; `head`: the hash of the file's last line."""

    wrong: tuple[str, ...]
    withheld: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    head: str = ""


def checked_handover(path: Path, head: str | None = None, keys: Keys | None = None) -> HandoverCheck:
    """Checks a hand-over file. `head`: a hash noted earlier; the file's own covers everything in it, an
    earlier one the lines up to it. Raises nothing; what cannot be read is named.

    Writes nothing, unpacks nothing to the disk, and reads no more than MAX_BYTES.
    """
    try:
        with path.open("rb") as file:
            _refuse_many_members(file)
            with zipfile.ZipFile(file) as archive:
                return _checked(archive, head, keys)
    except HandoverError as error:
        return HandoverCheck((str(error),))
    except _UNREADABLE as error:
        said = f"{path.name}: cannot be read as a hand-over file ({type(error).__name__}: {error})"
        return HandoverCheck((said[:300],))


def _checked(archive: zipfile.ZipFile, head: str | None, keys: Keys | None) -> HandoverCheck:
    manifest, sha256 = _manifest(archive)
    entries = _entries(archive)
    wrong = list(_chain_wrong(entries, head))
    full = [LedgerLine(**entry) for entry in entries if entry.keys() == _WHOLE]
    kept = {int(seq): str(text) for seq, text in json.loads(archive.read(PROPOSALS)).items()}
    notes = []
    if "format" in manifest:
        wrong += _manifest_wrong(manifest, sha256, entries)
        wrong += _withheld_wrong(manifest, entries, full, kept)
        unshown = _numbers(manifest, UNSHOWN)
    else:
        wrong += _format_1_wrong(manifest, entries)
        unshown = {line.seq for line in full if line.kind == "proposal"} - kept.keys()
        notes.append(
            "made by an earlier version of the program: what must be in it is covered by no head. Have it "
            "made again from the casebook (`examiner export CASEBOOK --examination ID`)"
        )
    wrong += _files_wrong(manifest["files"], full)
    known = [line for line in full if line.kind != "proposal" or line.seq not in unshown]
    # Every original in the zip has the hash that its name says: `_refuse_members` read it.
    held = {Path(name): None for name in manifest["files"] if _ORIGINAL.fullmatch(name)}
    wrong += lines_wrong(known, kept, Path("originals"), keys, dict(held))
    last = str(entries[-1]["hash"])
    if head not in (None, GENESIS, last):
        covered = next((entry["seq"] for entry in entries if entry["hash"] == head), 0)
        notes.append(
            f"the noted head is that of line {covered}, an earlier one: the lines after it, and the list of "
            "what must be in this file, are not covered by it. Ask for the head of this file"
        )
    named = _withheld_words(manifest.get("withheld", ()))
    return HandoverCheck(tuple(wrong), tuple(named), tuple(notes), last)


def _refuse_many_members(file: BinaryIO) -> None:
    """Raises HandoverError for a zip whose list of members is too long to be read, before it is read."""
    size = file.seek(0, 2)
    file.seek(max(0, size - (1 << 16) - 22 - 20 - 56))
    tail = file.read()
    file.seek(0)
    end = tail.rfind(b"PK\5\6")
    if end < 0:
        raise zipfile.BadZipFile("it is no zip file")
    members, length = struct.unpack_from("<HI", tail, end + 10)
    large = tail.rfind(b"PK\6\6", 0, end)
    if tail[max(0, end - 20) : end][:4] == b"PK\6\7":
        if large < 0:
            raise zipfile.BadZipFile("the list of its members lies where none is read")
        members, length = struct.unpack_from("<QQ", tail, large + 32)
    if members > MAX_MEMBERS or length > MAX_DIRECTORY:
        raise HandoverError("the zip holds more than an examination can")


def _manifest(archive: zipfile.ZipFile) -> tuple[dict[str, Any], str]:
    """The manifest and its SHA-256, once every member is there, is named in it and has its hash. Raises
    HandoverError."""
    members = archive.infolist()
    if len(members) > MAX_MEMBERS or sum(info.file_size for info in members) > MAX_BYTES:
        raise HandoverError("the zip holds more than an examination can")
    if archive.comment or any(info.comment for info in members):
        raise HandoverError("the zip has comments, which a hand-over file has not")
    for info in members:
        stored = info.filename.startswith("originals/")
        if info.compress_type not in (zipfile.ZIP_STORED, *(() if stored else (zipfile.ZIP_DEFLATED,))):
            raise HandoverError("the zip is compressed in a way that a hand-over file is not")
        if info.file_size > MAX_TEXT and not (stored or info.filename.startswith("exports/")):
            raise HandoverError(f"{info.filename[:120]} is longer than {MAX_TEXT} bytes")
    text = archive.read(MANIFEST)
    manifest = json.loads(text)
    if manifest.get("format", 1) not in (1, FORMAT):
        raise HandoverError("the manifest is of a newer version of the program; use that version")
    if canonical(manifest).encode() != text:
        raise HandoverError("the manifest is not written as the program writes it")
    _refuse_members(archive, manifest["files"])
    return dict(manifest), hashlib.sha256(text).hexdigest()


def _refuse_members(archive: zipfile.ZipFile, files: Mapping[str, str]) -> None:
    """Raises HandoverError unless the zip holds just these files, the ledger and the manifest."""
    names = [info.filename for info in archive.infolist()]
    expected = {*files, LEDGER, MANIFEST}
    if len(set(names)) < len(names) or set(names) != expected:
        odd = sorted(set(names) ^ expected) or sorted(name for name in names if names.count(name) > 1)
        what = "is missing" if odd[0] in expected and odd[0] not in names else "does not belong there"
        raise HandoverError(f"the zip does not hold what its manifest says: {odd[0][:120]} {what}")
    for name, sha256 in files.items():
        original = _ORIGINAL.fullmatch(name)
        if not (original or name in (ABOUT, LEDGER, PROPOSALS) or _EXPORTED.fullmatch(name)):
            raise HandoverError(f"{name[:120]} does not belong in a hand-over file")
        if original and (original[2] != sha256 or original[1] != sha256[:2]):
            raise HandoverError(f"{name}: its name is not its hash")
        if _sha256(archive, name) != sha256:
            raise HandoverError(f"{name}: was changed, its hash is not that of the manifest")


def _sha256(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as stream:
        return hashlib.file_digest(cast(zipfile.ZipExtFile, stream), "sha256").hexdigest()


def _entries(archive: zipfile.ZipFile) -> list[dict[str, Any]]:
    """The ledger's lines as they stand in the file: whole, or number and hashes. Raises HandoverError."""
    entries: list[dict[str, Any]] = []
    with archive.open(LEDGER) as stream:
        while line := stream.readline(MAX_LINE):
            if len(entries) >= MAX_LINES:
                raise HandoverError(f"the ledger has more than {MAX_LINES} lines")
            entry = json.loads(line)
            if entry.keys() not in (_WHOLE, _BARE) or canonical(entry).encode() + b"\n" != line:
                raise HandoverError(
                    f"ledger line {len(entries) + 1}: is not written as the program writes it"
                )
            entries.append(entry)
    if not entries:
        raise HandoverError("the ledger is empty: a hand-over file holds at least the line of its manifest")
    return entries


def _chain_wrong(entries: Sequence[Mapping[str, Any]], head: str | None) -> Iterator[str]:
    previous, met = GENESIS, head in (None, GENESIS)
    for number, entry in enumerate(entries, 1):
        if entry["seq"] != number or entry["previous"] != previous:
            yield f"ledger line {number}: the chain is broken there"
            return
        if entry.keys() == _WHOLE and line_hash(LedgerLine(**entry)) != entry["hash"]:
            yield f"ledger line {number}: its hash does not fit its content, the line was changed"
            return
        previous = entry["hash"]
        met = met or previous == head
    if not met:
        yield f"ledger: no line has the noted head hash {head}; lines are missing, or it was written anew"


def _manifest_wrong(
    manifest: Mapping[str, Any], sha256: str, entries: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """The last line records this manifest, of this examination, with all lines before it."""
    last = entries[-1]
    if manifest["lines"] != len(entries) - 1:
        yield f"ledger: {len(entries) - 1} lines before its last; the manifest says {manifest['lines']}"
    recorded = (
        last.keys() == _WHOLE
        and (last["kind"], last["examination"]) == ("export", manifest["examination"])
        and json.loads(last["content"]) == {"name": MANIFEST, "sha256": sha256}
    )
    if not recorded:
        yield f"{MANIFEST}: the ledger's last line does not record it; it was changed, or lines are missing"


def _format_1_wrong(manifest: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A file of the present format must not pass as one of the earlier, whose manifest no line records."""
    last = entries[-1]
    if last["hash"] != manifest["head"]:
        yield "ledger: does not end with the head that the manifest names"
    if last.keys() != _WHOLE or f'"name":"{MANIFEST}"' in last["content"]:
        yield f"{MANIFEST}: the last line of the ledger records another one; it was changed"


def _withheld_wrong(
    manifest: Mapping[str, Any],
    entries: Sequence[Mapping[str, Any]],
    full: Sequence[LedgerLine],
    kept: Mapping[int, str],
) -> Iterator[str]:
    """Lines without content and proposals that are not there, but are not named as withheld, or are named
    and there."""
    hidden = {entry["seq"] for entry in entries if entry.keys() == _BARE}
    for seq in sorted(hidden ^ _numbers(manifest, OTHERS)):
        how = (
            "its content is missing and not named as withheld"
            if seq in hidden
            else "is not there to withhold"
        )
        yield f"ledger line {seq}: {how}"
    proposals = {line.seq for line in full if line.kind == "proposal"}
    shown = {
        line.value()["proposal_sha256"]
        for line in full
        if line.kind == "reveal" and '"proposal_sha256"' in line.content
    }
    unshown = _numbers(manifest, UNSHOWN)
    for line in full:
        if line.kind == "proposal" and line.seq in unshown and line.value()["proposal_sha256"] in shown:
            yield f"proposal of ledger line {line.seq}: was shown, and is withheld"
    for seq in sorted(unshown - proposals):
        yield f"proposal of ledger line {seq}: is named as withheld, and there is none"
    for seq in sorted(unshown & kept.keys()):
        yield f"proposal of ledger line {seq}: is named as withheld, and is there"


def _files_wrong(files: Mapping[str, str], full: Sequence[LedgerLine]) -> Iterator[str]:
    """Files given out that no line records; originals that no line names."""
    recorded = {line.value()["sha256"] for line in full if line.kind == "export"}
    needed = {original_name(sha256, extension) for extension, sha256 in originals_of(full)}
    for name, sha256 in files.items():
        if name.startswith("exports/") and sha256 not in recorded:
            yield f"{name}: the ledger does not record this file"
        if name.startswith("originals/") and name not in needed:
            yield f"{name}: no line of the ledger names this photograph"
    for name in (ABOUT, PROPOSALS):
        if name not in files:
            yield f"{name}: is missing"


def _numbers(manifest: Mapping[str, Any], what: str) -> set[int]:
    """The lines that the manifest names as withheld."""
    runs = [run for told in manifest["withheld"] if told["what"] == what for run in told["lines"]]
    if any(not 0 < first <= last <= MAX_LINES for first, last in runs):
        raise HandoverError("the manifest names lines that there cannot be")
    if sum(last - first + 1 for first, last in runs) > MAX_LINES:
        raise HandoverError("the manifest names more lines than there can be")
    return {seq for first, last in runs for seq in range(first, last + 1)}


def _withheld_words(withheld: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for told in withheld:
        count = sum(last - first + 1 for first, last in told["lines"])
        yield f"{told['what']} ({count}). Decided by: {told['decided_by']}. Why: {told['why']}"[:600]
