"""The page as Gradio blocks: its parts and what their events call."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import gradio as gr

from examiner.examination.acts import Mode
from examiner.page import html_parts
from examiner.page.batch.tab import batch_part
from examiner.page.desk import Desk, Views
from examiner.page.persons_desks import PersonsDesks
from examiner.page.window_state import Opened

DAY = 86400

Row = tuple[Any, ...]


def build_page(desks: PersonsDesks) -> gr.Blocks:
    """The page. Each request is answered from the desk of who sent it."""

    def desk_of(request: gr.Request) -> Desk:
        return desks.of(request.username)

    with gr.Blocks(
        title="Marking examination", analytics_enabled=False, fill_width=True, delete_cache=(3600, DAY)
    ) as page:
        opened = gr.State(Opened(), time_to_live=DAY)
        mode = gr.State(Mode.CASEWORK.value, time_to_live=DAY)
        with gr.Row(elem_id="top"):
            bar = html_parts.case_bar(scale=1, min_width=600)
            upload = html_parts.photograph_upload()
        viewer = html_parts.viewer()
        time_strip = html_parts.time_strip()
        strip = html_parts.strip()
        compare = html_parts.compare()
        case_panel = html_parts.case_panel()
        bench = html_parts.bench()
        shown = [bar, viewer, strip]

        def on_load(request: gr.Request) -> Iterator[Row]:
            for seen, views in desk_of(request).begin_page():
                yield seen, *_row(views)

        def on_open(before: Opened, event: gr.EventData, request: gr.Request) -> Iterator[Row]:
            for seen, views in desk_of(request).open(before, _sent(event).get("choice")):
                yield seen, *_row(views)

        def on_mode(event: gr.EventData) -> Any:
            return _sent(event).get("mode")

        def on_upload(before: Opened, files: list[Any], chosen: str, request: gr.Request) -> Iterator[Row]:
            for seen, views in desk_of(request).upload(before, files or [], chosen):
                yield seen, None, *_row(views)

        def on_look(before: Opened, event: gr.EventData, request: gr.Request) -> Row:
            seen, views = desk_of(request).look(before, _sent(event))
            return seen, *_row(views)

        def on_fuse(before: Opened, event: gr.EventData, request: gr.Request) -> Iterator[Row]:
            for seen, views in desk_of(request).fuse(before, _sent(event)):
                yield seen, *_row(views)

        def on_act(before: Opened, event: gr.EventData, request: gr.Request) -> Row:
            return _row(desk_of(request).act(before, _sent(event)))

        def on_step(before: Opened, event: gr.EventData, request: gr.Request) -> Iterator[Row]:
            for views in desk_of(request).step(before, _sent(event)):
                yield _row(views)

        def on_refresh(before: Opened, event: gr.EventData, request: gr.Request) -> Row:
            views, time_view = desk_of(request).refresh(before, _sent(event))
            parts_shown = (gr.skip(),) * len(shown) if views is None else _row(views)
            return *parts_shown, gr.skip() if time_view is None else _text(time_view)

        def on_time_act(before: Opened, event: gr.EventData, request: gr.Request) -> Mapping[str, Any]:
            return _text(desk_of(request).time_act(before, _sent(event)))

        def on_live(before: Opened, event: gr.EventData, request: gr.Request) -> Mapping[str, Any]:
            return _text(desk_of(request).set_live(before, _sent(event)))

        def on_ask(before: Opened, event: gr.EventData, request: gr.Request) -> Mapping[str, Any]:
            return _text(desk_of(request).comparing.show(before.examination, _sent(event)))

        def on_keep(before: Opened, event: gr.EventData, request: gr.Request) -> Mapping[str, Any]:
            return _text(desk_of(request).comparing.keep(before.examination, _sent(event)))

        def on_give_out(before: Opened, event: gr.EventData, request: gr.Request) -> Iterator[Row]:
            for views in desk_of(request).give_out(before, _sent(event)):
                yield _row(views)

        def on_ask_case(before: Opened, event: gr.EventData, request: gr.Request) -> Mapping[str, Any]:
            return _text(desk_of(request).case_panel.ask(before.examination, _sent(event)))

        def on_file(before: Opened, event: gr.EventData, request: gr.Request) -> Row:
            desk = desk_of(request)
            told = desk.case_panel.file(before.examination, _sent(event))
            return *_row(desk.show(before)), _text(told)

        def on_bench(before: Opened, request: gr.Request) -> Mapping[str, Any]:
            bench_of = desk_of(request).bench
            return _text(bench_of.open(before.examination, before.photo, before.recipe))

        def on_run(before: Opened, event: gr.EventData, request: gr.Request) -> Iterator[Mapping[str, Any]]:
            bench_of = desk_of(request).bench
            for said in bench_of.run(before.examination, before.window, _sent(event)):
                yield _text(said)

        def on_side(before: Opened, event: gr.EventData, request: gr.Request) -> Mapping[str, Any]:
            return _text(desk_of(request).bench.compare(before.examination, _sent(event)))

        def on_use(before: Opened, event: gr.EventData, request: gr.Request) -> Row:
            seen, views, kept = desk_of(request).use(before, _sent(event))
            return seen, *_row(views), _text(kept)

        def on_note(before: Opened, event: gr.EventData, request: gr.Request) -> Mapping[str, Any]:
            return _text(desk_of(request).note(before, _sent(event)))

        def on_suggest(
            before: Opened, event: gr.EventData, request: gr.Request
        ) -> Iterator[Mapping[str, Any]]:
            for said in desk_of(request).suggest(before, _sent(event)):
                yield _text(said)

        common: dict[str, Any] = {
            "api_visibility": "private",
            "show_progress": "hidden",
            "trigger_mode": "multiple",
            "concurrency_limit": None,
        }
        page.load(on_load, None, [opened, *shown], **common)
        bar.open(on_open, opened, [opened, *shown], **common)
        bar.mode(on_mode, None, mode, queue=False, **common)
        upload.upload(on_upload, [opened, upload, mode], [opened, upload, *shown], **common)
        viewer.look(on_look, opened, [opened, *shown], queue=False, **common)
        viewer.fuse(on_fuse, opened, [opened, *shown], **common)
        viewer.draw(on_act, opened, shown, queue=False, **common)
        strip.act(on_act, opened, shown, queue=False, **common)
        strip.step(on_step, opened, shown, **common)
        strip.give_out(on_give_out, opened, shown, **common)
        time_strip.refresh(on_refresh, opened, [*shown, time_strip], queue=False, **common)
        time_strip.act(on_time_act, opened, time_strip, queue=False, **common)
        time_strip.live(on_live, opened, time_strip, queue=False, **common)
        case_panel.ask(on_ask_case, opened, case_panel, queue=False, **common)
        case_panel.file(on_file, opened, [*shown, case_panel], queue=False, **common)
        bench.open(on_bench, opened, bench, queue=False, **common)
        bench.run(on_run, opened, bench, **common)
        bench.side(on_side, opened, bench, queue=False, **common)
        bench.use(on_use, opened, [opened, *shown, bench], queue=False, **common)
        bench.note(on_note, opened, bench, queue=False, **common)
        bench.suggest(on_suggest, opened, bench, **common)
        compare.ask(on_ask, opened, compare, queue=False, **common)
        compare.keep(on_keep, opened, compare, queue=False, **common)
    with page.route("Photo folders", "/folders", show_in_navbar=False):
        batch_part(desks.shared.batches)
    return page


def _row(views: Views) -> tuple[Mapping[str, Any], ...]:
    return views["case"], views["viewer"], views["strip"]


def _text(value: Mapping[str, Any]) -> Mapping[str, str]:
    """A value of thousands of parts as one: Gradio's page watches every part of what it is given."""
    return {"text": json.dumps(value)}


def _sent(event: gr.EventData) -> Mapping[str, Any]:
    """What the browser's script sent; anything but an object counts as nothing."""
    data = event._data
    return data if isinstance(data, Mapping) else {}
