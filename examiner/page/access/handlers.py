"""Registers what the page's events call. Each names its deed; none is called before the table was asked."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from examiner.examination.permissions import Deed
from examiner.page.access.deeds import Sent
from examiner.page.desk import Desk
from examiner.page.persons_desks import PersonsDesks
from examiner.page.window_state import Opened, WindowLooks
from pipelines.errors import MarkingError

Answer = tuple[Any, ...]
"""One value for each output."""

Work = Callable[..., Any]
"""`work(desk, before, sent)`: what an event does; gives an Answer, or yields several."""

Refused = Callable[[Desk, Opened, Sent, str], Answer]
"""What is answered where the table refuses."""

COMMON: Mapping[str, Any] = {
    "api_visibility": "private",
    "show_progress": "hidden",
    "trigger_mode": "multiple",
    "concurrency_limit": None,
}


@dataclass(frozen=True)
class Handlers:
    """`opened`: the state of a window, which every event is given."""

    desks: PersonsDesks
    opened: gr.State
    looks: WindowLooks = field(default_factory=WindowLooks)

    def on(
        self,
        event: Callable[..., Any],
        deed_of: Callable[[Sent], Deed],
        work: Work,
        outputs: Sequence[Any],
        refused: Refused,
        queue: bool = True,
    ) -> None:
        """Has `event` answered by `work`, where the person who sends it may do this now."""

        def permitted(before: Opened, sent: Sent, request: gr.Request) -> tuple[Desk, str]:
            desk = self.desks.of(request.username)
            try:
                desk.permit(deed_of(sent), before.examination)
            except MarkingError as error:
                return desk, str(error)
            return desk, ""

        def answer(state: Opened, data: gr.EventData, request: gr.Request) -> Any:
            sent = sent_by(data)
            before = self.looks.of(request.username, request.session_hash, state, sent.get("examination"))
            desk, why = permitted(before, sent, request)
            return as_outputs(refused(desk, before, sent, why) if why else work(desk, before, sent))

        def answers(state: Opened, data: gr.EventData, request: gr.Request) -> Iterator[Any]:
            sent = sent_by(data)
            before = self.looks.of(request.username, request.session_hash, state, sent.get("examination"))
            desk, why = permitted(before, sent, request)
            if why:
                yield as_outputs(refused(desk, before, sent, why))
            else:
                yield from map(as_outputs, work(desk, before, sent))

        handler = answers if inspect.isgeneratorfunction(work) else answer
        event(handler, self.opened, [*outputs], queue=queue, **COMMON)


def as_outputs(answer: Answer) -> Any:
    """One value for one output, a tuple for several, as Gradio wants it."""
    return answer[0] if len(answer) == 1 else answer


def sent_by(event: gr.EventData) -> Sent:
    """What the browser's script sent; anything but an object counts as nothing."""
    data = event._data
    return data if isinstance(data, Mapping) else {}
