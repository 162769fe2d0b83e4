"""The training page as Gradio blocks: one part, apart from the page for casework."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import gradio as gr

from examiner.page import html_parts
from examiner.page.training.desk import TrainingDesk

DAY = 86400


def build_training(desk: TrainingDesk) -> gr.Blocks:
    """The page over one trainee's desk."""
    with gr.Blocks(
        title="Training", analytics_enabled=False, fill_width=True, delete_cache=(3600, DAY)
    ) as page:
        part = html_parts.training()

        def answer(told: Mapping[str, Any]) -> Mapping[str, str]:
            return {"text": json.dumps(told)}

        def on_open(event: gr.EventData) -> Mapping[str, str]:
            return answer(desk.open(_sent(event)))

        def on_watch(event: gr.EventData) -> Mapping[str, str]:
            return answer(desk.watch(_sent(event)))

        def on_begin(event: gr.EventData, request: gr.Request) -> Mapping[str, str]:
            return answer(desk.begin(str(request.session_hash), _sent(event)))

        def on_act(event: gr.EventData, request: gr.Request) -> Iterator[Mapping[str, str]]:
            for told in desk.act(str(request.session_hash), _sent(event)):
                yield answer(told)

        def on_enhance(event: gr.EventData, request: gr.Request) -> Mapping[str, str]:
            return answer(desk.enhance(str(request.session_hash), _sent(event)))

        def on_own(event: gr.EventData) -> Mapping[str, str]:
            return answer(desk.own_photograph(_sent(event)))

        common: dict[str, Any] = {
            "api_visibility": "private",
            "show_progress": "hidden",
            "trigger_mode": "multiple",
            "concurrency_limit": None,
        }
        part.open(on_open, None, part, queue=False, **common)
        part.watch_plate(on_watch, None, part, queue=False, **common)
        part.begin(on_begin, None, part, queue=False, **common)
        part.act(on_act, None, part, **common)
        part.enhance(on_enhance, None, part, queue=False, **common)
        part.own(on_own, None, part, queue=False, **common)
    return page


def _sent(event: gr.EventData) -> Mapping[str, Any]:
    data = event._data
    return data if isinstance(data, Mapping) else {}
