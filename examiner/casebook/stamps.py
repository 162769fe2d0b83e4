"""Heads of the ledger stamped by an authority outside (RFC 3161), and the archive that keeps them.

Request and answer are files that a person carries: the machine needs no network. An archive is a folder with
three files for each head, of one name: `.json` says which line it is, `.tsq` is the request, `.tsr` the
answer. What is stamped is the ledger's line as canonical JSON; its SHA-256 is the head.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509

from examiner.casebook import database, ledger
from pipelines.errors import ExitCode, MarkingError

if TYPE_CHECKING:
    from rfc3161_client import TimeStampResponse

MOST_BYTES = 1 << 20
"""Of an answer, a request or a file of certificates."""

MOST_HEADS = 100_000

_STEM = re.compile(r"line-\d{6,12}-[0-9a-f]{16}")


class StampError(MarkingError):
    """A stamp, an archive or certificates that cannot be used."""

    kind = "stamp"
    exit_code = ExitCode.RECORD


@dataclass(frozen=True)
class ArchivedHead:
    """A head as the archive keeps it. `nonce`: the number, in hexadecimal, that an answer to its request
    repeats; `answer` is None until it was taken in."""

    stem: str
    head: str
    seq: int
    noted: str
    nonce: str
    request: Path
    answer: Path | None


@dataclass(frozen=True)
class ArchiveCheck:
    """`wrong`: heads that the ledger has no longer, and answers that prove nothing; `said`: what each head
    and answer shows, in words."""

    wrong: tuple[str, ...]
    said: tuple[str, ...]


def request_stamp(casebook: Path, archive: Path) -> Path:
    """Archives the casebook's head of now with a request for it; returns the request's file. A head that is
    archived already keeps its request. Raises StampError."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    line = _last_line(casebook)
    stem = f"line-{line.seq:06d}-{line.hash[:16]}"
    request = archive / f"{stem}.tsq"
    if request.exists():
        return request
    builder = TimestampRequestBuilder().data(ledger.line_bytes(line)).hash_algorithm(HashAlgorithm.SHA256)
    built = builder.cert_request(cert_request=True).nonce(nonce=True).build()
    about = {"head": line.hash, "seq": line.seq, "noted": line.time, "nonce": f"{built.nonce or 0:x}"}
    try:
        archive.mkdir(mode=0o700, parents=True, exist_ok=True)
        (archive / f"{stem}.json").write_text(ledger.canonical(about) + "\n", "utf-8")
        request.write_bytes(built.as_bytes())
    except OSError as error:
        raise StampError(f"{archive}: cannot be written to ({error.strerror or error})") from error
    return request


def take_answer(answer: Path, archive: Path) -> ArchivedHead:
    """Keeps an answer beside its request, which it is found by. Raises StampError where it answers none, or
    where the authority refused."""
    data = _bytes_of(answer)
    response = _decoded(data, answer)
    imprint = response.tst_info.message_imprint.message.hex()
    for head in heads_of(archive):
        if head.head == imprint and _nonce_fits(head, response):
            place = head.request.with_suffix(".tsr")
            if place.exists() and place.read_bytes() != data:
                raise StampError(f"{place.name}: this head has another answer already, which is kept")
            try:
                place.write_bytes(data)
            except OSError as error:
                raise StampError(f"{place}: cannot be written ({error.strerror or error})") from error
            return replace(head, answer=place)
    raise StampError(f"{answer.name}: answers no request of {archive}; it stamps {imprint[:64]}")


def heads_of(archive: Path) -> list[ArchivedHead]:
    """What an archive holds, in the order of the lines. Raises StampError for a file that says nothing."""
    paths = sorted(path for path in archive.glob("line-*.json") if _STEM.fullmatch(path.stem))
    if len(paths) > MOST_HEADS:
        raise StampError(f"{archive}: holds more than {MOST_HEADS} heads")
    heads = []
    for path in paths:
        try:
            about = json.loads(_bytes_of(path))
            words = (str(about["head"]), int(about["seq"]), str(about["noted"])[:40], str(about["nonce"]))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise StampError(f"{path.name}: is no archived head ({error})") from error
        answer = path.with_suffix(".tsr")
        kept = answer if answer.exists() else None
        heads.append(ArchivedHead(path.stem, *words, path.with_suffix(".tsq"), kept))
    return heads


def checked_archive(casebook: Path, archive: Path, authority: Sequence[x509.Certificate]) -> ArchiveCheck:
    """Checks the archived heads against the casebook, and their answers without a network.

    `authority`: certificates that an answer's certificate must lead to; without them no answer is checked.
    Raises StampError where archive or casebook cannot be read.
    """
    hashes = {line.seq: line.hash for line in _every_line(casebook)}
    wrong, said = [], []
    for head in heads_of(archive):
        if hashes.get(head.seq) != head.head:
            wrong.append(
                f"{head.stem}: the ledger's line {head.seq} has not this hash; lines were removed, or the "
                "ledger was written anew"
            )
        if head.answer is None:
            said.append(f"{head.stem}: noted {head.noted}; no answer of an authority yet")
        elif not authority:
            said.append(f"{head.stem}: its answer was not checked; give the authority's certificates")
        else:
            try:
                said.append(f"{head.stem}: existed at {_verified(head, head.answer, authority)}")
            except StampError as error:
                wrong.append(f"{head.stem}: {error}")
    return ArchiveCheck(tuple(wrong), tuple(said))


def certificates_in(path: Path) -> list[x509.Certificate]:
    """The certificates of a PEM file. Raises StampError."""
    try:
        return x509.load_pem_x509_certificates(_bytes_of(path))
    except ValueError as error:
        raise StampError(f"{path}: holds no certificates (PEM): {error}") from error


def _verified(head: ArchivedHead, answer: Path, authority: Sequence[x509.Certificate]) -> str:
    """The time that an answer states, in words. Raises StampError where it proves nothing."""
    from rfc3161_client import VerificationError, VerifierBuilder

    response = _decoded(_bytes_of(answer), answer)
    if not _nonce_fits(head, response):
        raise StampError("the answer is not one to its request")
    try:
        VerifierBuilder(roots=[*authority]).build().verify(response, bytes.fromhex(head.head))
    except (VerificationError, ValueError) as error:
        raise StampError(f"the answer proves nothing ({error})") from error
    policy = response.tst_info.policy.dotted_string
    time, number = response.tst_info.gen_time.isoformat(), response.tst_info.serial_number
    return f"{time} (stamp {number}, policy {policy})"


def _nonce_fits(head: ArchivedHead, response: TimeStampResponse) -> bool:
    """Whether the answer repeats the number that only its request knew."""
    return response.tst_info.nonce is not None and f"{response.tst_info.nonce:x}" == head.nonce


def _decoded(data: bytes, path: Path) -> TimeStampResponse:
    from rfc3161_client import decode_timestamp_response

    try:
        response = decode_timestamp_response(with_sorted_certificates(data))
        status = int(response.status)
        if status not in (0, 1):
            raise StampError(
                f"{path.name}: the authority refused (status {status}: {', '.join(response.status_string)})"
            )
        _ = response.tst_info
    except ValueError as error:
        raise StampError(f"{path.name}: is no answer of a time-stamping authority ({error})") from error
    return response


def with_sorted_certificates(answer: bytes) -> bytes:
    """The answer with its certificates in the order that DER asks for; nothing signs that order.

    OpenSSL and others write the signer first, which the library refuses. An answer of another form comes back
    as it is. RFC 3161, section 2.4.2; RFC 5652, section 5.1; X.690, section 11.6.
    """
    try:
        _, token = _elements(answer, *_inside(answer, 0))
        _, content = _elements(answer, *_inside(answer, token[0]))
        signed = _elements(answer, *_inside(answer, _inside(answer, content[0])[0]))
        [place] = [start for start, _ in signed[3:] if answer[start] == _CERTIFICATES]
        begin, end = _inside(answer, place)
        members = sorted(answer[start:stop] for start, stop in _elements(answer, begin, end))
    except (ValueError, IndexError):
        return answer
    return answer[:begin] + b"".join(members) + answer[end:]


_CERTIFICATES = 0xA0


def _inside(data: bytes, start: int) -> tuple[int, int]:
    """Where the content of the DER element at `start` begins and ends."""
    length, begin = data[start + 1], start + 2
    if length >= 0x80:
        count = length - 0x80
        if not 1 <= count <= 4:
            raise ValueError("no length of DER")
        length, begin = int.from_bytes(data[begin : begin + count], "big"), begin + count
    if begin + length > len(data):
        raise ValueError("an element longer than the data")
    return begin, begin + length


def _elements(data: bytes, begin: int, end: int) -> list[tuple[int, int]]:
    """Start and end of each DER element between two places."""
    places = []
    while begin < end:
        _, stop = _inside(data, begin)
        if stop > end:
            raise ValueError("an element longer than the one around it")
        places.append((begin, stop))
        begin = stop
    return places


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise StampError(f"{path}: cannot be read ({error.strerror or error})") from error
    if len(data) > MOST_BYTES:
        raise StampError(f"{path}: is longer than {MOST_BYTES} bytes")
    return data


def _last_line(casebook: Path) -> ledger.LedgerLine:
    lines = list(_every_line(casebook))
    if not lines:
        raise StampError(f"{casebook}: the ledger has no line yet")
    return lines[-1]


def _every_line(casebook: Path) -> Iterator[ledger.LedgerLine]:
    try:
        with closing(database.opened_for_reading(casebook)) as connection:
            yield from ledger.lines(connection)
    except (sqlite3.Error, OSError, UnicodeError) as error:
        raise StampError(f"{casebook}: its ledger cannot be read ({error})") from error


def head_as_json(head: ArchivedHead) -> dict[str, Any]:
    """Plain values of an archived head."""
    return {"line": head.seq, "head": head.head, "noted": head.noted, "answered": head.answer is not None}
