"""Starting the page for casework."""

from __future__ import annotations

import getpass
import logging
import shutil
import threading
from pathlib import Path

from starlette.middleware import Middleware

from examiner.casebook.casebook import Casebook
from examiner.casebook.laboratory import Laboratory, laboratory
from examiner.page.access.file_route import file_route
from examiner.page.access.sessions import LiveSessions
from examiner.page.environment import prepare_environment
from examiner.page.layout import build_page
from examiner.page.persons_desks import PersonsDesks
from examiner.page.shared import shared_by
from examiner.page.web_server import RunningPage, serve_blocks
from examiner.people import People, alone, people_file
from examiner.validation.table import Validation
from pipelines.errors import MarkingError

log = logging.getLogger(__name__)


def start(
    casebook_folder: Path,
    host: str,
    port: int | None,
    open_samples: bool,
    validation: Validation,
    watched: Path | None = None,
    words: Laboratory | None = None,
    archive: Path | None = None,
    served_as: str = "",
) -> RunningPage[PersonsDesks]:
    """Starts the server and returns once it answers. `port` None takes a free one; `watched`: the folder
    whose new photographs may join a series; `archive`: the one below which folders may be read as batches.
    Raises PageError where the port is taken."""
    cache = prepare_environment(casebook_folder)
    # Whatever an earlier run left in it belongs to nobody.
    for left in (*cache.iterdir(), casebook_folder.absolute() / "page" / "made" / "exports"):
        shutil.rmtree(left, ignore_errors=True)
    shared = shared_by(
        casebook_folder, cache, open_samples, validation, words or laboratory(), watched, archive
    )
    desks = PersonsDesks(shared, alone(getpass.getuser()), _accounts())
    running = serve_blocks(
        build_page(desks),
        desks,
        host,
        port,
        sign_in=desks.sign_in if desks.signing_in else None,
        served_as=served_as,
        uploads=shared.uploads,
        auth_message="Marking examination. After each wrong password you must wait longer.",
        blocked_paths=[str(casebook_folder.absolute() / "originals")],
        app={
            "routes": [file_route(desks)],
            "middleware": [Middleware(LiveSessions, desks=desks)],
        },
    )
    desks.prepare()
    threading.Thread(target=_learn, args=(shared.casebook,), name="learn", daemon=True).start()
    return running


def _learn(casebook: Casebook) -> None:
    """Works out what photographs of earlier versions show, in the background."""
    try:
        casebook.learn_photographs()
    except MarkingError as error:
        log.warning("what photographs of earlier versions show is not known: %s", error)


def _accounts() -> People | None:
    """The accounts, where somebody has made one; then the page asks everybody to sign in."""
    path = people_file()
    if not path.exists():
        return None
    people = People(path)
    if people.everybody():
        return people
    people.close()
    return None
