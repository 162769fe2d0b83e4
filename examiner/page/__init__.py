"""The page: a local Gradio interface for the examination. The only place that imports gradio."""

from __future__ import annotations

import os
from pathlib import Path

from examiner.laboratory import Laboratory
from examiner.validated_for import Validation, released_only
from pipelines.errors import MarkingError

PORT = 7860


class PageError(MarkingError):
    """The page cannot be served."""

    kind = "page"
    exit_code = 6


def launch(
    casebook_folder: str | Path | None = None,
    host: str = "127.0.0.1",
    port: int = PORT,
    open_samples: bool = True,
    validation: Validation = released_only,
    watched: Path | None = None,
    words: Laboratory | None = None,
    archive: Path | None = None,
) -> None:
    """Serves the page until it is interrupted; prints its address once it answers.

    Where no casebook is named, it is $EXAMINER_CASEBOOK or `casebook` in the current folder. Without
    `open_samples` no sample series is offered and the page opens with the newest examination. `validation`
    says what the proposals were validated on; `watched` is the folder to which a tethered camera saves;
    `words`: the laboratory's, by default those of $EXAMINER_LABORATORY or the shipped ones; `archive`: below
    which folder photographs may be read as batches.
    Raises PageError where the port is taken.
    """
    folder = Path(casebook_folder or os.environ.get("EXAMINER_CASEBOOK") or "casebook")
    prepare_environment(folder)
    # Gradio reads its switches from the environment when it is imported.
    from examiner.page.serving import serve

    serve(folder, host, port, open_samples, validation, watched, words, archive)


def prepare_environment(casebook_folder: Path) -> Path:
    """Turns every outgoing call of the page's libraries off and puts their files into a private folder.

    To be called before gradio is imported; returns that folder.
    """
    cache = casebook_folder.absolute() / "page" / "cache"
    for folder in (casebook_folder.absolute(), cache.parent, cache):
        if not folder.exists():
            # Of parents made on the way, mkdir would leave the mode to the umask.
            folder.mkdir(mode=0o700, parents=True)
    os.environ.update(
        GRADIO_ANALYTICS_ENABLED="False",
        HF_HUB_OFFLINE="1",
        HF_HUB_DISABLE_TELEMETRY="1",
        GRADIO_TEMP_DIR=str(cache),
        GRADIO_EXAMPLES_CACHE=str(cache / "examples"),
    )
    return cache
