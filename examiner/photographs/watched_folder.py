"""A folder to which a tethered camera saves: which of its files are complete photographs, and when.

What is made of successive listings is a pure function (`looked`); `follow` does the looking and has every
complete file taken. Nothing in the folder is ever written to.
"""

from __future__ import annotations

import os
import stat
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from examiner.examination.acts import OrderError
from pipelines.errors import PhotoError, PhotoFormatError
from pipelines.photographs.file_checks import unreadable
from pipelines.photographs.formats import PHOTO_FORMATS, extension_format
from pipelines.photographs.photo import natural_order

INTERVAL_S = 1.0
"""Seconds between two listings while nothing is waited for."""

WAITING_S = 0.3
"""Seconds between two listings while a file is waited for: it is complete when two of them agree."""

MOST_TRIES = 8
"""Times that a file which stands still but cannot be read is tried, with 1, 2, 4 … 64 listings between."""

_TEMPORARY = (".tmp", ".temp", ".part", ".partial", ".crdownload", ".download", ".filepart", ".swp", "~")
_CHUNK = 1 << 20


class Kind(StrEnum):
    FILE = "file"
    LINK = "link"
    FOLDER = "folder"
    OTHER = "other"


@dataclass(frozen=True)
class Entry:
    """What a listing says of one name: bytes, and time of the last change in nanoseconds."""

    kind: Kind
    size: int
    changed_ns: int


Listing = Mapping[str, Entry]


class Stage(StrEnum):
    WAITING = "waiting"
    """Not complete yet, as far as can be told."""
    TAKEN = "taken"
    LEFT = "left"
    """Named once and left alone until it changes."""


@dataclass(frozen=True)
class WatchedFile:
    """`pause`: listings to pass before it is tried again, after `tries` in vain."""

    entry: Entry
    stage: Stage = Stage.WAITING
    tries: int = 0
    pause: int = 0


@dataclass(frozen=True)
class Watched:
    """What is known of a folder after some listings. Files taken before are known by name and entry."""

    files: Mapping[str, WatchedFile] = field(default_factory=dict)
    there: bool = True


@dataclass(frozen=True)
class Complete:
    """A file that stood still from one listing to the next."""

    name: str


@dataclass(frozen=True)
class LeftAlone:
    """Something that is not taken, or not yet, and why; the folder itself where `name` is empty."""

    name: str
    why: str


Event = Complete | LeftAlone


def looked(watched: Watched, listing: Listing | None) -> tuple[Watched, list[Event]]:
    """What is known after one more listing (None: the folder is gone) and what came of it.

    A name is named once until its file changes; complete files come in the order they were last changed.
    """
    if listing is None:
        gone: list[Event] = [LeftAlone("", "the folder is gone; waiting for it")] if watched.there else []
        return replace(watched, there=False), gone
    events: list[Event] = [] if watched.there else [LeftAlone("", "the folder is back")]
    files: dict[str, WatchedFile] = {}
    complete: list[str] = []
    for name, entry in listing.items():
        known = watched.files.get(name)
        why = _never(name, entry)
        if why:
            if known is None or (known.stage is not Stage.LEFT and known.entry != entry):
                events.append(LeftAlone(name, why))
            files[name] = WatchedFile(entry, Stage.LEFT)
        elif known is None or known.entry != entry:
            files[name] = WatchedFile(entry)
        elif known.stage is Stage.WAITING and known.pause:
            files[name] = replace(known, pause=known.pause - 1)
        else:
            files[name] = known
            if known.stage is Stage.WAITING:
                complete.append(name)
    events += [
        LeftAlone(name, "went away before it was complete")
        for name, known in watched.files.items()
        if name not in listing and known.stage is Stage.WAITING
    ]
    in_turn = sorted(complete, key=lambda name: (listing[name].changed_ns, natural_order(name)))
    return Watched(files), [*events, *map(Complete, in_turn)]


def taken(watched: Watched, names: Iterable[str]) -> Watched:
    """After these files were taken: they are left in peace until they change."""
    return _with(watched, {name: replace(watched.files[name], stage=Stage.TAKEN) for name in names})


def refused(watched: Watched, name: str, why: str) -> tuple[Watched, list[Event]]:
    """After a file that stood still could not be read. It may still be being written: it is tried again."""
    file = watched.files[name]
    tries = file.tries + 1
    if tries < MOST_TRIES:
        return _with(watched, {name: replace(file, tries=tries, pause=1 << (tries - 1))}), []
    return _with(watched, {name: replace(file, tries=tries, stage=Stage.LEFT)}), [LeftAlone(name, why)]


def present(listing: Listing | None) -> Watched:
    """Of a folder whose files are all known already."""
    return Watched({name: WatchedFile(entry, Stage.TAKEN) for name, entry in (listing or {}).items()})


def waiting(watched: Watched) -> bool:
    """Whether a file is still being waited for."""
    return any(file.stage is Stage.WAITING for file in watched.files.values())


def pause_s(watched: Watched) -> float:
    """Seconds until the next listing."""
    return WAITING_S if waiting(watched) else INTERVAL_S


def listing_of(folder: Path) -> Listing | None:
    """The folder as it is now, links not followed; None where it cannot be listed."""
    found = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    status = entry.stat(follow_symlinks=False)
                except OSError:
                    continue  # Went away in between: the next listing says so.
                found[entry.name] = Entry(_kind(status.st_mode), status.st_size, status.st_mtime_ns)
    except OSError:
        return None
    return found


def follow(
    folder: Path,
    take: Callable[[Path], None],
    wait: Callable[[Watched], bool],
    *,
    watched: Watched | None = None,
    listing: Callable[[Path], Listing | None] = listing_of,
) -> Iterator[LeftAlone]:
    """Has every complete photograph of the folder taken, and names what is left alone, until `wait` (called
    between two listings) says no.

    `take` raises PhotoError for a file that cannot be read, which is tried again some times, and OrderError
    where no photograph may be taken now: it is tried again with every listing and named once.
    """
    watched = watched or Watched()
    held: set[str] = set()
    while True:
        watched, events = looked(watched, listing(folder))
        for event in events:
            if isinstance(event, LeftAlone):
                yield event
                continue
            try:
                take(folder / event.name)
            except PhotoError as error:
                watched, named = refused(watched, event.name, str(error))
                yield from (one for one in named if isinstance(one, LeftAlone))
            except OrderError as error:
                if event.name not in held:
                    yield LeftAlone(event.name, f"waits: {error}")
                held.add(event.name)
            else:
                watched = taken(watched, [event.name])
                held.discard(event.name)
        if not wait(watched):
            return


@contextmanager
def own_copy(path: Path, room: Path) -> Iterator[Path]:
    """A private copy of a file under its own name, gone afterwards: what is checked is what is taken.

    Raises PhotoError where it is a link, no ordinary file, or cannot be read.
    """
    folder = room / uuid.uuid4().hex
    folder.mkdir(mode=0o700, parents=True)
    copy = folder / path.name
    try:
        _copied(path, copy)
        yield copy
    finally:
        copy.unlink(missing_ok=True)
        folder.rmdir()


def _copied(path: Path, copy: Path) -> None:
    try:
        # A link put in the file's place after the listing is not followed; a pipe does not block.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        source = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise unreadable(path, error) from error
    with os.fdopen(source, "rb") as stream, copy.open("xb") as target:
        if not stat.S_ISREG(os.fstat(source).st_mode):
            raise PhotoFormatError(f"{path.name}: is not an ordinary file")
        try:
            while chunk := stream.read(_CHUNK):
                target.write(chunk)
        except OSError as error:
            raise unreadable(path, error) from error


def _with(watched: Watched, files: Mapping[str, WatchedFile]) -> Watched:
    return replace(watched, files={**watched.files, **files})


def _kind(mode: int) -> Kind:
    if stat.S_ISLNK(mode):
        return Kind.LINK
    if stat.S_ISDIR(mode):
        return Kind.FOLDER
    return Kind.FILE if stat.S_ISREG(mode) else Kind.OTHER


def _never(name: str, entry: Entry) -> str:
    """Why a name is not waited for at all; empty where it is."""
    if entry.kind is Kind.LINK:
        return "is a link; only files saved in this folder are taken"
    if entry.kind is not Kind.FILE:
        return "is no file; sub-folders are not watched"
    if name.startswith(".") or name.lower().endswith(_TEMPORARY):
        return "is hidden or has a temporary name; it is taken once it has its own"
    if extension_format(Path(name).suffix) not in PHOTO_FORMATS:
        return f"is no photograph by its name; expected {', '.join(PHOTO_FORMATS)}"
    return ""
