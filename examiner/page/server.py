"""Starting and stopping the page's server, with everything that is not needed switched off."""

from __future__ import annotations

import getpass
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examiner.casebook.laboratory import Laboratory, laboratory
from examiner.page.desk import Desk
from examiner.page.desks import Desks
from examiner.page.environment import PageError, prepare_environment
from examiner.page.layout import build_page
from examiner.page.shared import shared_by
from examiner.page.theme import STYLE, instrument_theme
from examiner.people import People, alone, people_file
from examiner.validation.table import Validation

MOST_UPLOAD = "300mb"
WINDOWS = 64
"""Browser windows whose state is held at once."""


@dataclass(frozen=True)
class Running:
    """A page that answers at `address`."""

    address: str
    blocks: Any
    desks: Desks

    @property
    def desk(self) -> Desk:
        """The desk of who is alone on the own machine."""
        return self.desks.of(None)

    def stop(self) -> None:
        """Ends the server and the readers."""
        self.blocks.close(verbose=False)
        self.desks.close()


def start(
    casebook_folder: Path,
    host: str,
    port: int | None,
    open_samples: bool,
    validation: Validation,
    watched: Path | None = None,
    words: Laboratory | None = None,
    archive: Path | None = None,
) -> Running:
    """Starts the server and returns once it answers. `port` None takes a free one; `watched`: the folder
    whose new photographs may join a series; `archive`: the one below which folders may be read as batches."""
    # What the page writes holds evidence: nobody else on this machine may read it.
    os.umask(0o077)
    cache = prepare_environment(casebook_folder)
    shutil.rmtree(cache / "incoming", ignore_errors=True)
    shared = shared_by(
        casebook_folder, cache, open_samples, validation, words or laboratory(), watched, archive
    )
    desks = Desks(shared, alone(getpass.getuser()), _accounts())
    blocks = build_page(desks)
    try:
        launched(
            blocks,
            host,
            port,
            auth=desks.sign_in if desks.signing_in else None,
            auth_message="Marking examination. After wrong passwords, wait a little longer each time.",
            blocked_paths=[str(casebook_folder.absolute() / "originals")],
        )
    except OSError as error:
        raise PageError(
            f"the page cannot be served at {host}, port {port}: in use or not allowed; choose another port"
        ) from error
    desks.prepare()
    return Running(blocks.local_url, blocks, desks)


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


def launched(blocks: Any, host: str, port: int | None, **more: Any) -> None:
    """Starts the server of a page with everything that is not needed switched off. Raises OSError."""
    blocks.launch(
        **more,
        server_name=host,
        server_port=port,
        prevent_thread_lock=True,
        quiet=True,
        share=False,
        show_error=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        run_history=False,
        enable_monitoring=False,
        footer_links=[],
        allowed_paths=[],
        max_file_size=MOST_UPLOAD,
        state_session_capacity=WINDOWS,
        theme=instrument_theme(),
        css=STYLE,
        js=None,
    )


def serve(
    casebook_folder: Path,
    host: str,
    port: int,
    open_samples: bool,
    validation: Validation,
    watched: Path | None,
    words: Laboratory | None,
    archive: Path | None = None,
) -> None:
    """Starts the page, prints its address and waits until it is interrupted."""
    running = start(casebook_folder, host, port, open_samples, validation, watched, words, archive)
    sys.stdout.write(f"Marking examination assistant: {running.address}\nCasebook: {casebook_folder}\n")
    sys.stdout.flush()
    try:
        running.blocks.block_thread()
    except KeyboardInterrupt:
        pass  # The way to end the page.
    finally:
        running.stop()
