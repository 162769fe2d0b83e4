"""What a casebook knows of photographs across examinations: which show the same, which examinations share
one, and who was shown something of a machine of it. Replayed from the ledger; what photographs show is kept
in a table of its own, which can be made again from the originals.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from examiner.casebook.database import Database
from examiner.photographs.crops import KeptPhoto, read_kept
from examiner.photographs.exposures import SIDE, ShownPicture, same_pictures, shown_picture
from pipelines.errors import MarkingError

SHOWN = "shown"
"""The kind of the lines that say who was shown something of a machine, and of which photographs."""

_KINDS = ("begin", "add_photos", "reveal", "take_second", SHOWN)

_NO_TIME = -1.0
"""In place of the time of a video's frame, for a photograph."""

Key = tuple[str, float]
"""A photograph: the SHA-256 of its file, and the time of a video's frame or _NO_TIME."""

Node = tuple[str, object]
"""What photographs can have in common: a file, pixels, or a picture of the table."""


@dataclass(frozen=True)
class ShownBefore:
    """When and where a person was first shown something of a machine of a photograph. `examination` is empty
    for a batch; `time` is UTC, ISO 8601."""

    examination: str
    what: str
    time: str


def key_of(photo: KeptPhoto) -> Key:
    """What the photograph is known by here."""
    return photo.sha256, _NO_TIME if photo.frame_time_s is None else photo.frame_time_s


class Knowledge:
    """Of one casebook as of the last `catch_up`, lines of other processes included. Usable from threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._uncertain: int | None = None
        """The number of failed transactions when lines were last read inside an open one, which may fail."""
        self._forget()

    def _forget(self) -> None:
        self._seq = 0
        self._picture = 0
        self._above: dict[Node, Node] = {}
        self._photos: dict[str, list[Key]] = {}
        self._examinations_at: dict[Node, set[str]] = {}
        self._shown_at: dict[Node, dict[str, ShownBefore]] = {}
        self._revealed: set[str] = set()
        self._taken: set[str] = set()
        self._small = np.empty((0, SIDE * SIDE), np.float32)
        self._small_ids: list[int] = []

    def learn(self, photos: Iterable[KeptPhoto]) -> None:
        """Works out what these photographs show, where that is not known. One that cannot be read is known by
        its bytes alone."""
        for photo in photos:
            sha256, time = key_of(photo)
            with self._database.reading() as connection:
                known = connection.execute(
                    "SELECT 1 FROM exposures WHERE sha256 = ? AND frame_time_s = ?", (sha256, time)
                ).fetchone()
            if known is not None:
                continue
            try:
                picture = shown_picture(read_kept(photo))
            except MarkingError:
                continue
            self._keep((sha256, time), picture)

    def unlearnt(self) -> list[str]:
        """The examinations with a photograph of which only the bytes are known."""
        with self._database.reading() as connection:
            self._catch_up()
            rows = connection.execute("SELECT sha256, frame_time_s FROM exposures")
            known = {(str(sha256), float(time)) for sha256, time in rows}
        return [id for id, keys in self._photos.items() if not known.issuperset(keys)]

    def catch_up(self) -> None:
        """Reads what was added since; to be called before questions are asked."""
        with self._database.reading():
            self._catch_up()

    def sharing(self, keys: Iterable[Key]) -> set[str]:
        """The examinations with a photograph that shows the same as one of these."""
        with self._database.lock:
            roots = {self._root(("file", key[0])) for key in keys}
            return {id for root in roots for id in self._examinations_at.get(root, ())}

    def photographs(self, examination: str) -> Sequence[Key]:
        """The photographs of an examination."""
        with self._database.lock:
            return tuple(self._photos.get(examination, ()))

    def shown_before(self, person: str, keys: Iterable[Key]) -> ShownBefore | None:
        """Where the person was first shown something of a machine of one of these photographs, or None."""
        with self._database.lock:
            roots = {self._root(("file", key[0])) for key in keys}
            shown = [at[person] for root in roots if person in (at := self._shown_at.get(root, {}))]
        return min(shown, key=lambda before: before.time, default=None)

    def revealed(self, examination: str) -> bool:
        """Whether a proposal was shown in it."""
        with self._database.lock:
            return examination in self._revealed

    def taken(self, examination: str) -> bool:
        """Whether it is a second reading that was set beside the first."""
        with self._database.lock:
            return examination in self._taken

    # Inside

    def _keep(self, key: Key, picture: ShownPicture) -> None:
        with self._database.writing() as connection:
            self._catch_up()
            matches = [
                id
                for id, same in zip(self._small_ids, same_pictures(picture, self._small), strict=True)
                if same
            ]
            connection.execute(
                "INSERT OR IGNORE INTO exposures (sha256, frame_time_s, pixels, small, matches)"
                " VALUES (?, ?, ?, ?, ?)",
                (*key, picture.pixels, picture.small.tobytes(), json.dumps(matches)),
            )

    def _catch_up(self) -> None:
        connection = self._database.connection
        if self._uncertain not in (None, self._database.rollbacks):
            self._forget()
        self._uncertain = self._database.rollbacks if connection.in_transaction else None
        rows = connection.execute(
            "SELECT id, sha256, frame_time_s, pixels, small, matches FROM exposures WHERE id > ? ORDER BY id",
            (self._picture,),
        ).fetchall()
        for id, sha256, _, pixels, _, matches in rows:
            self._picture = id
            self._join(("file", sha256), ("pixels", pixels))
            self._join(("file", sha256), ("picture", id))
            for other in json.loads(matches):
                self._join(("picture", id), ("picture", other))
        if rows:
            new = np.stack([np.frombuffer(row[4], np.float32) for row in rows])
            self._small = np.concatenate([self._small, new])
            self._small_ids += [row[0] for row in rows]
        last = connection.execute("SELECT max(seq) FROM ledger").fetchone()[0] or 0
        marks = ", ".join("?" * len(_KINDS))
        lines = connection.execute(
            "SELECT examination, time, actor, kind, content FROM ledger"
            f" WHERE seq > ? AND seq <= ? AND +kind IN ({marks}) ORDER BY seq",
            (self._seq, last, *_KINDS),
        ).fetchall()
        self._seq = last
        for examination, time, actor, kind, content in lines:
            self._take(examination or "", time, actor, kind, json.loads(content))

    def _take(self, examination: str, time: str, actor: str, kind: str, content: dict[str, object]) -> None:
        match kind:
            case "begin" | "add_photos":
                entries = content["photos" if kind == "begin" else "added"]
                assert isinstance(entries, list)
                keys = [
                    (e["sha256"], _NO_TIME if e["frame_time_s"] is None else e["frame_time_s"])
                    for e in entries
                ]
                self._photos.setdefault(examination, []).extend(keys)
                for key in keys:
                    self._examinations_at.setdefault(self._root(("file", key[0])), set()).add(examination)
            case "take_second":
                self._taken.add(str(content["examination"]))
            case "reveal":
                self._revealed.add(examination)
                self._was_shown(self._photos[examination], actor, ShownBefore(examination, "proposal", time))
            case _:
                named = content.get("photos")
                keys = (
                    [(str(sha256), _NO_TIME) for sha256 in named]
                    if isinstance(named, list)
                    else self._photos[examination]
                )
                self._was_shown(keys, actor, ShownBefore(examination, str(content["what"]), time))

    def _was_shown(self, keys: Iterable[Key], person: str, before: ShownBefore) -> None:
        for key in keys:
            self._shown_at.setdefault(self._root(("file", key[0])), {}).setdefault(person, before)

    def _root(self, node: Node) -> Node:
        above = self._above
        while (upper := above.get(node, node)) != node:
            above[node] = above.get(upper, upper)
            node = upper
        return node

    def _join(self, one: Node, other: Node) -> None:
        lower, upper = self._root(one), self._root(other)
        if lower == upper:
            return
        self._above[lower] = upper
        self._examinations_at.setdefault(upper, set()).update(self._examinations_at.pop(lower, ()))
        shown = self._shown_at.setdefault(upper, {})
        for person, before in self._shown_at.pop(lower, {}).items():
            if person not in shown or before.time < shown[person].time:
                shown[person] = before
