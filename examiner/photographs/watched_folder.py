"""A folder to which a tethered camera saves: which of its files are complete photographs, and when.

`after_listing`, a pure function, works out from successive listings which files are complete. `follow` makes
the listings and has every complete file taken. Nothing is ever written into the folder.
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
"""Seconds between two listings while no file is incomplete."""

WAITING_S = 0.3
"""Seconds between two listings while a file is incomplete: it is complete when two listings agree."""

MOST_TRIES = 8
"""How often a file that no longer changes but cannot be read is tried, with 1, 2, 4 … 64 listings between."""

_TEMPORARY = (".tmp", ".temp", ".part", ".partial", ".crdownload", ".download", ".filepart", ".swp", "~")
_CHUNK = 1 << 20


class EntryKind(StrEnum):
    FILE = "file"
    LINK = "link"
    FOLDER = "folder"
    OTHER = "other"


@dataclass(frozen=True)
class Entry:
    """What a listing says of one name: bytes, and time of the last change in nanoseconds."""

    kind: EntryKind
    size: int
    changed_ns: int


Listing = Mapping[str, Entry]


class Stage(StrEnum):
    WAITING = "waiting"
    """Not complete yet, as far as the listings tell."""
    TAKEN = "taken"
    LEFT = "left"
    """Named once, and left alone until it changes."""


@dataclass(frozen=True)
class WatchedFile:
    """`tries`: how often it could not be read; `pause`: listings to wait before the next try."""

    entry: Entry
    stage: Stage = Stage.WAITING
    tries: int = 0
    pause: int = 0


@dataclass(frozen=True)
class Watched:
    """What is known of a folder after some listings. Files that were taken are known by name and entry."""

    files: Mapping[str, WatchedFile] = field(default_factory=dict)
    there: bool = True


@dataclass(frozen=True)
class Complete:
    """A file that did not change from one listing to the next."""

    name: str


@dataclass(frozen=True)
class LeftAlone:
    """Something that is not taken, or not yet, and why; `name` is empty for the folder itself."""

    name: str
    why: str


Event = Complete | LeftAlone


def after_listing(watched: Watched, listing: Listing | None) -> tuple[Watched, list[Event]]:
    """What is known after one more listing (None: the folder is gone), and the events that follow from it.

    A file is named once until it changes. Complete files come in the order of their last change.
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


def with_taken(watched: Watched, names: Iterable[str]) -> Watched:
    """What is known after these files were taken: they are left alone until they change."""
    return _with(watched, {name: replace(watched.files[name], stage=Stage.TAKEN) for name in names})


def with_refused(watched: Watched, name: str, why: str) -> tuple[Watched, list[Event]]:
    """What is known after a complete file could not be read. The camera may still write it, so it is tried
    again."""
    file = watched.files[name]
    tries = file.tries + 1
    if tries < MOST_TRIES:
        return _with(watched, {name: replace(file, tries=tries, pause=1 << (tries - 1))}), []
    return _with(watched, {name: replace(file, tries=tries, stage=Stage.LEFT)}), [LeftAlone(name, why)]


def all_taken(listing: Listing | None) -> Watched:
    """What is known of a folder whose files count as taken already."""
    return Watched({name: WatchedFile(entry, Stage.TAKEN) for name, entry in (listing or {}).items()})


def waiting(watched: Watched) -> bool:
    """Whether a file is not complete yet."""
    return any(file.stage is Stage.WAITING for file in watched.files.values())


def pause_s(watched: Watched) -> float:
    """Seconds until the next listing."""
    return WAITING_S if waiting(watched) else INTERVAL_S


def listing_of(folder: Path) -> Listing | None:
    """The folder as it is now; links are not followed. None where it cannot be listed."""
    listing = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    status = entry.stat(follow_symlinks=False)
                except OSError:
                    continue  # The file went away; the next listing shows that.
                listing[entry.name] = Entry(_kind(status.st_mode), status.st_size, status.st_mtime_ns)
    except OSError:
        return None
    return listing


def follow(
    folder: Path,
    take: Callable[[Path], None],
    wait: Callable[[Watched], bool],
    *,
    watched: Watched | None = None,
    listing: Callable[[Path], Listing | None] = listing_of,
) -> Iterator[LeftAlone]:
    """Calls `take` for every complete photograph of the folder, and yields what is left alone. `wait` is
    called between two listings; when it returns False, this ends.

    `take` raises PhotoError for a file that cannot be read; it is tried again some times. It raises
    OrderError where no photograph may be taken now; the file is named once and tried again with every
    listing.
    """
    watched = watched or Watched()
    held: set[str] = set()
    while True:
        watched, events = after_listing(watched, listing(folder))
        for event in events:
            if isinstance(event, LeftAlone):
                yield event
                continue
            try:
                take(folder / event.name)
            except PhotoError as error:
                watched, named = with_refused(watched, event.name, str(error))
                yield from (event for event in named if isinstance(event, LeftAlone))
            except OrderError as error:
                if event.name not in held:
                    yield LeftAlone(event.name, f"waits: {error}")
                held.add(event.name)
            else:
                watched = with_taken(watched, [event.name])
                held.discard(event.name)
        if not wait(watched):
            return


@contextmanager
def own_copy(path: Path, room: Path) -> Iterator[Path]:
    """A private copy of a file under its own name, removed afterwards: what is checked is what is taken.

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
        # A link that took the file's place after the listing is not followed; a pipe does not block.
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


def _kind(mode: int) -> EntryKind:
    if stat.S_ISLNK(mode):
        return EntryKind.LINK
    if stat.S_ISDIR(mode):
        return EntryKind.FOLDER
    return EntryKind.FILE if stat.S_ISREG(mode) else EntryKind.OTHER


def _never(name: str, entry: Entry) -> str:
    """Why a file is left alone from the start; empty where it is not."""
    if entry.kind is EntryKind.LINK:
        return "is a link; only files saved in this folder are taken"
    if entry.kind is not EntryKind.FILE:
        return "is no file; sub-folders are not watched"
    if name.startswith(".") or name.lower().endswith(_TEMPORARY):
        return "is hidden or has a temporary name; it is taken when it has its final name"
    if extension_format(Path(name).suffix) not in PHOTO_FORMATS:
        return f"is no photograph by its name; expected {', '.join(PHOTO_FORMATS)}"
    return ""
