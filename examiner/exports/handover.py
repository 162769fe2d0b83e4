"""One examination as a hand-over file: a zip that anyone can check without the casebook it comes from.

It holds the ledger (lines of other examinations as their hashes only), the originals, the proposals that
were shown, the files that were given out, and a manifest. The manifest names every one of them with its
SHA-256, and says what is withheld, who decided that and why. The last line of the ledger records the
manifest's SHA-256. So the hash of this line, the head of the file, covers everything in it. `handover_check`
checks such a file.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from examiner.casebook.case_file import KINDS
from examiner.casebook.casebook import Casebook
from examiner.casebook.ledger import LedgerLine, canonical
from examiner.casebook.originals import place_of
from examiner.casebook.replay import CasebookError, named_photographs

LEDGER = "ledger.jsonl"
PROPOSALS = "proposals.json"
MANIFEST = "manifest.json"
ABOUT = "READ ME.txt"
FORMAT = 2
"""The manifest's `format`. Files of format 1 had a manifest that no head covered."""

MAX_MEMBERS = 10_000
MAX_BYTES = 1 << 33
"""Of all members together, unpacked."""

MAX_TEXT = 1 << 27
"""Bytes of the ledger, the proposals, the manifest or the READ ME."""

OTHERS = "content of ledger lines about other examinations and cases"
UNSHOWN = "proposals of the readers that were not shown to anybody"

WHY: Mapping[str, str] = {
    OTHERS: "They are about other matters. Their hashes are here, so that the chain can be checked.",
    UNSHOWN: "Nobody has seen them in this examination. Their hashes are in the ledger.",
}
"""What a hand-over file withholds, and why."""

BY_RULE = "the program's rule for every hand-over file"

_EXPORTED = re.compile(r"exports/[^/\\]{1,120}")
_DATE = (1980, 1, 1, 0, 0, 0)

_WORDS = """This is a copy of the examination {id} and of what it rests on.

To check it, install the marking examination assistant and run

    examiner verify "<this file>" --head <hash>

<hash> is the head of this file. It was shown when the file was made. Ask for it on another way than the
one on which you got the file. The head that a report prints is an earlier one: it covers the acts up to the
report, but not the list of what must be in this file.

ledger.jsonl holds every act in its order; lines of other examinations appear as their hashes only.
originals/ holds the photographs as they were taken in, named by SHA-256. exports/ holds the files that were
given out; the ledger records the SHA-256 of each. manifest.json lists every file, and says what is withheld,
who decided that and why; the last line of the ledger records its SHA-256.
"""


class HandoverError(CasebookError):
    """A file that is no hand-over file, or one that cannot be made."""

    kind = "handover"


def handover(casebook: Casebook, examination_id: str, files: Mapping[str, bytes], actor: str) -> bytes:
    """The zip of one examination with its second reading and its case; the same bytes for the same record.

    `files`: what is given out with it, by name; each is recorded as an export first, the manifest and the zip
    after them. Raises HandoverError for a name that is none and for an examination that is too large,
    OriginalChangedError for an original that was changed, CasebookError.
    """
    for name, data in files.items():
        if not _EXPORTED.fullmatch(f"exports/{name}"):
            raise HandoverError(f"{name[:80]!r} is no name of a file to give out")
        casebook.record_export(examination_id, actor, name, data)
    members = {
        ABOUT: _WORDS.format(id=examination_id).encode(),
        PROPOSALS: canonical(casebook.shown_proposals(examination_id)).encode(),
        **{f"exports/{name}": data for name, data in files.items()},
    }
    with casebook.only_writer():
        every = casebook.every_line()
        chosen = {examination_id} | seconds_of(every, examination_id)
        last = _last_manifest(every, examination_id)
        manifest, kept, full = _manifest(every[:last], chosen, examination_id, members, actor)
        sha256 = hashlib.sha256(manifest).hexdigest()
        if last is None or every[last].value()["sha256"] != sha256 or _news(every[last:], chosen):
            manifest, kept, full = _manifest(every, chosen, examination_id, members, actor)
            casebook.record_export(examination_id, actor, MANIFEST, manifest)
        kept = casebook.every_line()[: len(kept) + 1]
    full.add(kept[-1].seq)
    members[LEDGER] = "".join(canonical(entry_of(line, line.seq in full)) + "\n" for line in kept).encode()
    members[MANIFEST] = manifest
    for extension, sha256 in sorted(originals_of([line for line in kept if line.seq in full])):
        members[original_name(sha256, extension)] = casebook.original(sha256, extension)
    _refuse_large(members)
    data = zipped(members)
    casebook.record_export(examination_id, actor, "handover.zip", data)
    return data


def head_of(data: bytes) -> str:
    """The head of a hand-over file that was just made: what is told on another way than the file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return str(json.loads(archive.read(LEDGER).splitlines()[-1])["hash"])


def entry_of(line: LedgerLine, whole: bool) -> dict[str, Any]:
    """A line as the file holds it: whole, or number and hashes only."""
    return asdict(line) if whole else {"seq": line.seq, "previous": line.previous, "hash": line.hash}


def original_name(sha256: str, extension: str) -> str:
    """The name of an original in the zip."""
    return place_of(Path("originals"), sha256, extension).as_posix()


def withheld(lines: Sequence[LedgerLine], full: set[int], shown: Iterable[int], actor: str) -> list[Any]:
    """What a file with these lines withholds. `full`: the lines whose content is in it; `shown`: the lines
    whose proposals are in it."""
    numbers = {
        OTHERS: [line.seq for line in lines if line.seq not in full],
        UNSHOWN: sorted(
            {line.seq for line in lines if line.kind == "proposal" and line.seq in full} - {*shown}
        ),
    }
    return [
        {"what": what, "lines": ranges(seqs), "why": WHY[what], "decided_by": f"{BY_RULE}; made by {actor}"}
        for what, seqs in numbers.items()
        if seqs
    ]


def ranges(numbers: Sequence[int]) -> list[list[int]]:
    """Rising numbers as first and last of each run."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return runs


def _manifest(
    lines: Sequence[LedgerLine],
    chosen: set[str],
    examination_id: str,
    members: Mapping[str, bytes],
    actor: str,
) -> tuple[bytes, Sequence[LedgerLine], set[int]]:
    """The manifest of a file that holds these lines, the lines, and the numbers of those with content."""
    full = belonging(lines, chosen)
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    within = originals_of([line for line in lines if line.seq in full])
    hashes |= {original_name(sha256, extension): sha256 for extension, sha256 in within}
    shown = [int(seq) for seq in json.loads(members[PROPOSALS])]
    value = {
        "format": FORMAT,
        "examination": examination_id,
        "lines": len(lines),
        "files": hashes,
        "withheld": withheld(lines, full, shown, actor),
    }
    return canonical(value).encode(), lines, full


def _last_manifest(every: Sequence[LedgerLine], examination_id: str) -> int | None:
    """The index of the line that records the last manifest of the examination, None where there is none."""
    places = [
        place
        for place, line in enumerate(every)
        if (line.examination, line.kind) == (examination_id, "export") and line.value()["name"] == MANIFEST
    ]
    return places[-1] if places else None


def _news(later: Sequence[LedgerLine], chosen: set[str]) -> bool:
    """Whether lines after a manifest say more of the examination than that files were given out."""
    return any(line.examination in chosen and line.kind not in ("export", "fetch") for line in later)


def _refuse_large(members: Mapping[str, bytes]) -> None:
    """A file that a check would refuse is not made."""
    if len(members) > MAX_MEMBERS or sum(map(len, members.values())) > MAX_BYTES:
        raise HandoverError(
            f"this examination is too large for a hand-over file: at most {MAX_MEMBERS} files with "
            f"{MAX_BYTES >> 30} GiB; hand over a copy of the casebook (`examiner export CASEBOOK`)"
        )
    for name in (ABOUT, LEDGER, PROPOSALS, MANIFEST):
        if len(members[name]) > MAX_TEXT:
            raise HandoverError(f"{name} would be longer than {MAX_TEXT >> 20} MiB; hand over a copy")


def seconds_of(lines: Sequence[LedgerLine], examination_id: str) -> set[str]:
    """The second readings of an examination."""
    return {
        line.examination
        for line in lines
        if line.kind == "begin" and line.examination and line.value().get("second_of") == examination_id
    }


def belonging(lines: Sequence[LedgerLine], chosen: set[str]) -> set[int]:
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


def originals_of(lines: Sequence[LedgerLine]) -> set[tuple[str, str]]:
    """Extension and SHA-256 of what these lines name."""
    entries = [entry for line in lines for entry in named_photographs(line)]
    return {(entry["extension"], entry["sha256"]) for entry in entries}


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A zip of these files by name; the same bytes for the same files."""
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, _DATE)
            info.compress_type = zipfile.ZIP_STORED if name.startswith("originals/") else zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return room.getvalue()
