"""The page: a local Gradio interface for the examination. The only place that imports gradio."""

from __future__ import annotations

from pathlib import Path

from examiner.casebook.laboratory import Laboratory
from examiner.page.environment import prepare_environment
from examiner.validation.table import Validation, released_only
from pipelines.environment import CASEBOOK, network_threads, path_in

PORT = 7860


def launch(
    casebook_folder: str | Path | None = None,
    host: str = "127.0.0.1",
    port: int = PORT,
    open_samples: bool = True,
    validation: Validation = released_only,
    watched: Path | None = None,
    words: Laboratory | None = None,
    archive: Path | None = None,
    served_as: str = "",
) -> None:
    """Serves the page until it is interrupted; prints its address once it answers.

    Where no casebook is named, it is $EXAMINER_CASEBOOK or `casebook` in the current folder. Without
    `open_samples` no sample series is offered and the page opens with the newest examination. `validation`
    says what the proposals were validated on; `watched` is the folder to which a tethered camera saves;
    `words`: the laboratory's, by default those of $EXAMINER_LABORATORY or the shipped ones; `archive`: below
    which folder photographs may be read as batches; `served_as`: the origin (https://name) under which a
    reverse proxy serves the page.
    Raises PageError where the port is taken, VariableError where an environment variable cannot be used.
    """
    folder = Path(casebook_folder or path_in(CASEBOOK) or "casebook")
    network_threads()  # Found out now rather than at the first reading.
    prepare_environment(folder)
    # Gradio reads its switches from the environment when it is imported.
    from examiner.page.server import start

    running = start(folder, host, port, open_samples, validation, watched, words, archive, served_as)
    running.wait(f"Marking examination assistant: {running.address}\nCasebook: {folder}\n")
