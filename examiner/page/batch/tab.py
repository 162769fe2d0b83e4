"""The batch tab: built into whatever gr.Blocks or gr.Tab is open, with all that it answers to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import gradio as gr

from examiner.examination.acts import OrderError
from examiner.examination.permissions import Deed
from examiner.examination.readings import RecordError
from examiner.folders.overview.page import TRIAGE
from examiner.page import html_parts
from examiner.page.batch.batches import BatchError, Batches
from examiner.page.persons_desks import PersonsDesks

DAY = 86400

BatchLook = Mapping[str, Any]
"""What a window has open: `batch`, `order`, `page`."""


def batch_part(desks: PersonsDesks) -> None:
    """The tab's parts and events. Each person sees their own batches, where the role allows batches."""
    batches = desks.shared.batches

    def permitted(request: gr.Request) -> str:
        desk = desks.of(request.username)
        desk.permit(Deed.BATCH, "")
        return desk.actor

    look = gr.State({}, time_to_live=DAY)
    upload = gr.File(
        label="Read uploaded photographs, each separately",
        file_count="multiple",
        type="filepath",
        show_label=False,
        container=False,
        elem_id="batch-upload",
        height=44,
    )
    view = html_parts.batch()
    upload.preprocess = html_parts.incoming_of

    def on_load(request: gr.Request) -> Mapping[str, str]:
        try:
            permitted(request)
        except OrderError as error:
            return _refused(str(error))
        return _idle(batches)

    def on_begin(
        before: BatchLook, event: gr.EventData, request: gr.Request
    ) -> Iterator[tuple[BatchLook, Mapping[str, str]]]:
        sent = event._data if isinstance(event._data, Mapping) else {}
        try:
            owner = permitted(request)
            batch = batches.begin_folder(owner, str(sent.get("folder", "")), bool(sent.get("each")))
        except OrderError as error:
            yield before, _refused(str(error))
        except BatchError as error:
            yield before, _idle(batches, str(error))
        else:
            yield from _followed(batches, owner, batch)

    def on_upload(
        files: list[Any], request: gr.Request
    ) -> Iterator[tuple[BatchLook, None, Mapping[str, str]]]:
        try:
            owner = permitted(request)
            room = desks.shared.cache / "incoming"
            with desks.shared.uploads.opened(request.username or "", files or [], room) as mine:
                batch = batches.begin_uploaded(owner, mine, each_photo=True)
        except OrderError as error:
            yield {}, None, _refused(str(error))
        except (BatchError, RecordError, OSError) as error:
            yield {}, None, _idle(batches, str(error))
        else:
            for now, value in _followed(batches, owner, batch):
                yield now, None, value

    def on_stop(before: BatchLook, request: gr.Request) -> Mapping[str, str]:
        try:
            owner = permitted(request)
            batches.stop(owner, str(before.get("batch", "")))
            return _view(batches, owner, before)
        except OrderError as error:
            return _refused(str(error))
        except BatchError as error:
            return _idle(batches, str(error))

    def on_look(
        before: BatchLook, event: gr.EventData, request: gr.Request
    ) -> tuple[BatchLook, Mapping[str, str]]:
        sent = event._data if isinstance(event._data, Mapping) else {}
        now = {**before, "order": sent.get("order"), "page": sent.get("page")}
        try:
            return now, _view(batches, permitted(request), now)
        except OrderError as error:
            return before, _refused(str(error))
        except BatchError as error:
            return before, _idle(batches, str(error))

    common: dict[str, Any] = {
        "api_visibility": "private",
        "show_progress": "hidden",
        "concurrency_limit": None,
    }
    gr.context.Context.root_block.load(on_load, None, view, queue=False, **common)
    view.begin(on_begin, look, [look, view], trigger_mode="once", **common)
    upload.upload(on_upload, upload, [look, upload, view], trigger_mode="once", **common)
    view.stop(on_stop, look, view, queue=False, trigger_mode="multiple", **common)
    view.look(on_look, look, [look, view], queue=False, trigger_mode="multiple", **common)


def _followed(batches: Batches, owner: str, batch: str) -> Iterator[tuple[BatchLook, Mapping[str, str]]]:
    """The batch again with each change, the most doubtful series first, until it ends."""
    look: BatchLook = {"batch": batch, "order": "doubt", "page": 0}
    for _ in batches.follow(owner, batch):
        yield look, _view(batches, owner, look)


def _view(batches: Batches, owner: str, look: BatchLook) -> Mapping[str, str]:
    return _text({**batches.view(owner, str(look.get("batch", "")), look), "folders": batches.folders()})


def _idle(batches: Batches, wrong: str = "") -> Mapping[str, str]:
    return _text({"batch": "", "wrong": wrong, "folders": batches.folders(), "triage": TRIAGE})


def _refused(wrong: str) -> Mapping[str, str]:
    return _text({"batch": "", "wrong": wrong, "folders": [], "triage": TRIAGE})


def _text(value: Mapping[str, Any]) -> Mapping[str, str]:
    """As one: Gradio's page watches every part of what it is given."""
    return {"text": json.dumps(value)}
