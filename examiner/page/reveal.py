"""Having the readers read for somebody who waits, and showing what they propose."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from examiner.examination.acts import RecordError
from examiner.examination.conditions import hand_registrations
from examiner.examination.order_of_work import may_reveal
from examiner.page.casework.view_model import Notice
from examiner.page.readers.queue import WAITED_FOR, drawn_rows, finished, propose
from examiner.page.shared import Shared
from pipelines.errors import MarkingError
from pipelines.types import Proposal

_showing = threading.Lock()


def revealing(
    shared: Shared, id: str, actor: str, work: Callable[[], Proposal] | None = None
) -> Iterator[str | Notice]:
    """Keeps and reveals the proposal of `work`, or of the readers; says meanwhile how long it takes, and at
    last what went wrong. Ends at once where it is shown already. Raises RecordError where it may not be."""
    examination = shared.casebook.examination(id)
    if examination.proposal_sha256 is not None:
        return
    refused = may_reveal(examination)
    if refused:
        raise RecordError(refused)
    photos = shared.casebook.photos(id)
    names = [photo.name for photo in photos]
    read = work or partial(
        propose,
        photos,
        names,
        "",
        drawn_rows(examination),
        by_hand=hand_registrations(examination.series),
        lying=examination.series.oriented,
    )
    future = shared.readers.order(read, WAITED_FOR)
    seconds = 0
    while not finished(future, 1.0 if seconds else 0.0):
        yield f"The readers are reading: {seconds} s." if seconds else "The readers are reading."
        seconds += 1
    try:
        proposal = future.result()
        proposal = replace(proposal, validation=shared.validation(proposal.readers))
        _reveal(shared, id, actor, proposal)
        if proposal.error:
            yield Notice("error", proposal.error.message)
    except MarkingError as error:
        yield Notice("error", str(error))


def _reveal(shared: Shared, id: str, actor: str, proposal: Proposal) -> None:
    with _showing:
        # Another window may have revealed it meanwhile.
        if shared.casebook.examination(id).proposal_sha256 is not None:
            return
        shared.casebook.keep_proposal(id, proposal)
        shared.casebook.reveal(id, actor)
