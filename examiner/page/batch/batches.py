"""Batches of the page: a folder of the server or uploaded files read apart from the page, and what is shown.

Nothing here is gradio's. A batch is read by worker processes; a thread of this process writes what comes.
"""

from __future__ import annotations

import base64
import json
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from examiner.casebook.casebook import Casebook
from examiner.casebook.originals import StoredPhoto
from examiner.folders.notices import duplicates, links_in, storage_in
from examiner.folders.overview.page import TRIAGE, pictures_folder, write_overview
from examiner.folders.overview.pictures import picture_names
from examiner.folders.progress import Tally
from examiner.folders.results.file import results_to
from examiner.folders.results.row import ResultRow, row_of, with_validation
from examiner.folders.run import Where, run
from examiner.folders.series import Options, Series, series_in
from examiner.page.uploads import Incoming, file_name
from examiner.validation.table import Validation
from pipelines.errors import ExitCode, MarkingError
from pipelines.photographs.photo import natural_order
from pipelines.types import Failure

SHOWN = 25
"""Series that the page shows at once."""

MOST_FOLDERS = 500

HELD = "withheld"

ORDERS: Mapping[str, Callable[[ResultRow], float]] = {
    "doubt": lambda row: row.confidence,
    "sure": lambda row: -row.confidence,
    "given": lambda _row: 0.0,
}


class BatchError(MarkingError):
    """A batch that cannot be begun."""

    kind = "batch"
    exit_code = ExitCode.USAGE


@dataclass(frozen=True)
class Progress:
    """How far a batch is: "reading", "stopping", "stopped", "done", or "broken" with `said` why."""

    state: str
    total: int
    tally: Tally
    said: str = ""
    rows: tuple[ResultRow, ...] = ()
    notices: tuple[Failure, ...] = ()


@dataclass
class Batch:
    """One batch with its folder; `owner`, by the name that acts are recorded under, alone may see it."""

    owner: str
    folder: Path
    began: float = field(default_factory=time.monotonic)
    changed: threading.Condition = field(default_factory=threading.Condition)
    progress: Progress = Progress("reading", 0, Tally())
    thread: threading.Thread | None = None

    def now(self, **change: Any) -> None:
        """Takes the change over and wakes who waits for one."""
        with self.changed:
            self.progress = replace(self.progress, **change)
            self.changed.notify_all()


class Batches:
    """The batches of a page. `room`: where results, pictures and uploads lie, a folder for each batch.

    `archive`: the folder of the server below which folders may be read; None where only uploads are.
    `casebook`: says of which photographs nothing that a reader made may be shown to whom, and records who was
    shown what.
    """

    def __init__(
        self,
        room: Path,
        archive: Path | None,
        validation: Validation,
        casebook: Casebook,
        workers: int = 1,
    ) -> None:
        self._room, self._archive = room, None if archive is None else archive.resolve()
        self._validation, self._workers, self._casebook = validation, workers, casebook
        self._batches: dict[str, Batch] = {}
        self._lock = threading.Lock()

    def folders(self) -> list[str]:
        """The archive's folders, two levels deep, as they are named to `begin_folder`; "." is the whole."""
        if self._archive is None:
            return []
        names = ["."]
        for level in ("*", "*/*"):
            for path in sorted(self._archive.glob(level), key=lambda p: natural_order(str(p))):
                hidden = any(part.startswith(".") for part in path.relative_to(self._archive).parts)
                if len(names) < MOST_FOLDERS and path.is_dir() and not path.is_symlink() and not hidden:
                    names.append(path.relative_to(self._archive).as_posix())
        return names

    def begin_folder(self, owner: str, folder: str, each_photo: bool) -> str:
        """Begins to read a folder of the archive; the batch's id. Raises BatchError."""
        if self._archive is None:
            raise BatchError("this page was started without a folder of photographs to read from")
        try:
            path = (self._archive / folder).resolve(strict=True)
        except (OSError, RuntimeError, ValueError) as error:
            raise BatchError(f"{folder[:200]}: there is no such folder in the archive") from error
        if not path.is_relative_to(self._archive) or not path.is_dir():
            raise BatchError(f"{folder[:200]}: is not a folder of the archive")
        return self._begin(owner, path, each_photo, None)

    def begin_uploaded(self, owner: str, files: Sequence[Incoming], each_photo: bool) -> str:
        """Begins to read uploaded files, which are moved into the batch's folder; the batch's id."""
        if not files:
            raise BatchError("no file was uploaded")
        batch_id = uuid.uuid4().hex
        uploaded = self._room / batch_id / "uploaded"
        uploaded.mkdir(mode=0o700, parents=True)
        for file in files:
            name = file_name(file.name)
            used = {entry.name.casefold() for entry in uploaded.iterdir()}
            number = 2
            while name.casefold() in used:
                name, number = f"{number}-{file_name(file.name)}", number + 1
            shutil.move(file.path, uploaded / name)
        return self._begin(owner, uploaded, each_photo, batch_id)

    def stop(self, owner: str, batch_id: str) -> None:
        """Has a batch end after the series that are being read."""
        batch = self._of(owner, batch_id)
        if batch.progress.state == "reading":
            batch.now(state="stopping")

    def follow(self, owner: str, batch_id: str) -> Iterator[Progress]:
        """How far a batch is, again with each change, until it ends."""
        batch = self._of(owner, batch_id)
        with batch.changed:
            progress = batch.progress
        yield progress
        while progress.state in ("reading", "stopping"):
            with batch.changed:
                if batch.progress is progress:
                    batch.changed.wait(timeout=30)
                progress = batch.progress
            yield progress

    def view(self, owner: str, batch_id: str, look: Mapping[str, Any]) -> dict[str, Any]:
        """What the page shows of a batch; records that the owner was shown it. `look`: `order` (of ORDERS)
        and `page` from 0, as the browser says."""
        batch = self._of(owner, batch_id)
        progress = batch.progress
        order = ORDERS.get(str(look.get("order")), ORDERS["doubt"])
        held = self._casebook.held_machine(owner, [_photographs(row) for row in progress.rows])
        # Before they are sorted: a place in the order of doubt says something as well.
        rows = sorted(
            (
                _without_proposal(row, why) if why else row
                for row, why in zip(progress.rows, held, strict=True)
            ),
            key=order,
        )
        wanted = look.get("page")
        last = max(0, (len(rows) - 1) // SHOWN)
        page = min(max(wanted, 0), last) if isinstance(wanted, int) else 0
        in_view = rows[page * SHOWN : (page + 1) * SHOWN]
        hashes = [photo.sha256 for row in in_view if row.state != HELD for photo in _photographs(row)]
        self._casebook.record_shown_batch(owner, hashes)
        tally = progress.tally
        seconds = max(time.monotonic() - batch.began, 1e-9)
        left = seconds / tally.series * (progress.total - tally.series) if tally.series else None
        return {
            "batch": batch_id,
            "state": progress.state,
            "said": progress.said,
            "triage": TRIAGE,
            "total": progress.total,
            "done": tally.series,
            "failed": tally.failed,
            "photographs": tally.photographs,
            "a_minute": round(60 * tally.photographs / seconds, 1),
            "left_s": None if left is None else round(left),
            "page": page,
            "pages": last + 1,
            "rows": [_row(row, batch.folder) for row in in_view],
            "notices": [notice.message for notice in progress.notices],
            "overview": str(batch.folder) if progress.state in ("done", "stopped") and not any(held) else "",
        }

    def close(self) -> None:
        """Stops all batches; waits for what is being read."""
        for batch in self._batches.values():
            if batch.progress.state == "reading":
                batch.now(state="stopping")
        for batch in self._batches.values():
            if batch.thread is not None:
                batch.thread.join()

    def _of(self, owner: str, batch_id: str) -> Batch:
        batch = self._batches.get(batch_id)
        if batch is None or batch.owner != owner:
            raise BatchError("there is no such batch; begin a new one")
        return batch

    def _begin(self, owner: str, path: Path, each_photo: bool, batch_id: str | None) -> str:
        batch_id = batch_id or uuid.uuid4().hex
        folder = self._room / batch_id
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        batch = Batch(owner, folder)
        batch.thread = threading.Thread(target=self._read, args=(batch, path, each_photo), daemon=True)
        with self._lock:
            self._batches[batch_id] = batch
        batch.thread.start()
        return batch_id

    def _read(self, batch: Batch, path: Path, each_photo: bool) -> None:
        options = Options()
        try:
            every = series_in([path], each_photo, options)
            batch.now(total=len(every), notices=(*links_in([path]), *storage_in([path]), *duplicates(every)))
            self._read_series(batch, every, options)
            write_overview(batch.folder, batch.progress.rows, batch.progress.notices)
        except (MarkingError, OSError) as error:
            batch.now(state="broken", said=str(error))
        else:
            batch.now(state="stopped" if batch.progress.state == "stopping" else "done")

    def _read_series(self, batch: Batch, every: Sequence[Series], options: Options) -> None:
        steps = run(every, options, Where(self._workers, apart=True), pictures=pictures_folder(batch.folder))
        with results_to(batch.folder / "results.jsonl", resume=True) as results:
            try:
                for step in steps:
                    if step.result is not None:
                        result = with_validation(step.result, self._validation(step.result.proposal.readers))
                        results.write(result)
                        row = row_of(result)
                        self._casebook.learn(_photographs(row))
                        tally = batch.progress.tally.after(step.photographs, row.state != "read")
                        batch.now(tally=tally, rows=(*batch.progress.rows, row))
                    if batch.progress.state == "stopping":
                        break
            finally:
                steps.close()


def _photographs(row: ResultRow) -> list[StoredPhoto]:
    """The photographs of a series that could be read, where they lie."""
    return [
        StoredPhoto(Path(photo["path"]).name, Path(photo["path"]), photo["sha256"], photo["frame_time_s"])
        for photo in json.loads(row.photographs)
        if photo["sha256"] is not None
    ]


def _without_proposal(row: ResultRow, why: str) -> ResultRow:
    """The row, with nothing that a reader made."""
    message = f"{why}; nothing is shown of it"
    failures = json.dumps([{"kind": "withheld", "message": message, "path": row.series}])
    return replace(
        row, state=HELD, text="", best="", confidence=0.0, lines=0, seconds=0.0, failures=failures, key=""
    )


def _row(row: ResultRow, folder: Path) -> dict[str, Any]:
    """A row for the browser, which puts it into the document as text; pictures as data."""
    names = picture_names(row.series, row.key)
    return {
        "series": Path(row.series).name,
        "state": row.state,
        "text": row.text,
        "best": row.best,
        "lines": row.lines,
        "sure": row.confidence,
        "photographs": len(json.loads(row.photographs)),
        "failures": [failure["message"] for failure in json.loads(row.failures)],
        "picture": _data(folder / "pictures" / names.photograph),
        "line": _data(folder / "pictures" / names.line),
    }


def _data(path: Path) -> str:
    try:
        return f"data:image/jpeg;base64,{base64.b64encode(path.read_bytes()).decode()}"
    except OSError:
        return ""
