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

Outputs = tuple[Any, ...]


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
        main_parts = [bar, viewer, strip]

        def on_load(request: gr.Request) -> Iterator[Outputs]:
            for opened_now, views in desk_of(request).begin_page():
                yield opened_now, *_outputs(views)

        def on_open(before: Opened, event: gr.EventData, request: gr.Request) -> Iterator[Outputs]:
            for opened_now, views in desk_of(request).open(before, _sent(event).get("choice")):
                yield opened_now, *_outputs(views)

        def on_mode(event: gr.EventData) -> Any:
            return _sent(event).get("mode")

        def on_upload(
            before: Opened, files: list[Any], chosen: str, request: gr.Request
        ) -> Iterator[Outputs]:
            for opened_now, views in desk_of(request).upload(before, files or [], chosen):
                yield opened_now, None, *_outputs(views)

        def on_look(before: Opened, event: gr.EventData, request: gr.Request) -> Outputs:
            opened_now, views = desk_of(request).look(before, _sent(event))
            return opened_now, *_outputs(views)

        def on_fuse(before: Opened, event: gr.EventData, request: gr.Request) -> Iterator[Outputs]:
            for opened_now, views in desk_of(request).fuse(before, _sent(event)):
                yield opened_now, *_outputs(views)

        def on_act(before: Opened, event: gr.EventData, request: gr.Request) -> Outputs:
            return _outputs(desk_of(request).act(before, _sent(event)))

        def on_step(before: Opened, event: gr.EventData, request: gr.Request) -> Iterator[Outputs]:
            for views in desk_of(request).step(before, _sent(event)):
                yield _outputs(views)

        def on_refresh(before: Opened, event: gr.EventData, request: gr.Request) -> Outputs:
            views, time_view = desk_of(request).refresh(before, _sent(event))
            answers = (gr.skip(),) * len(main_parts) if views is None else _outputs(views)
            return *answers, gr.skip() if time_view is None else _text(time_view)

        def on_time_act(before: Opened, event: gr.EventData, request: gr.Request) -> Mapping[str, Any]:
            return _text(desk_of(request).time_act(before, _sent(event)))

        def on_live(before: Opened, event: gr.EventData, request: gr.Request) -> Mapping[str, Any]:
            return _text(desk_of(request).set_live(before, _sent(event)))

        def on_ask(before: Opened, event: gr.EventData, request: gr.Request) -> Mapping[str, Any]:
            return _text(desk_of(request).comparing.show(before.examination, _sent(event)))

        def on_keep(before: Opened, event: gr.EventData, request: gr.Request) -> Mapping[str, Any]:
            return _text(desk_of(request).comparing.keep(before.examination, _sent(event)))

        def on_give_out(before: Opened, event: gr.EventData, request: gr.Request) -> Iterator[Outputs]:
            for views in desk_of(request).give_out(before, _sent(event)):
                yield _outputs(views)

        def on_ask_case(before: Opened, event: gr.EventData, request: gr.Request) -> Mapping[str, Any]:
            return _text(desk_of(request).case_panel.ask(before.examination, _sent(event)))

        def on_file(before: Opened, event: gr.EventData, request: gr.Request) -> Outputs:
            desk = desk_of(request)
            told = desk.case_panel.file(before.examination, _sent(event))
            return *_outputs(desk.show(before)), _text(told)

        def on_bench(before: Opened, request: gr.Request) -> Mapping[str, Any]:
            bench_of = desk_of(request).bench
            return _text(bench_of.open(before.examination, before.photo, before.recipe))

        def on_run(before: Opened, event: gr.EventData, request: gr.Request) -> Iterator[Mapping[str, Any]]:
            bench_of = desk_of(request).bench
            for said in bench_of.run(before.examination, before.window, _sent(event)):
                yield _text(said)

        def on_side(before: Opened, event: gr.EventData, request: gr.Request) -> Mapping[str, Any]:
            return _text(desk_of(request).bench.compare(before.examination, _sent(event)))

        def on_use(before: Opened, event: gr.EventData, request: gr.Request) -> Outputs:
            opened_now, views, kept = desk_of(request).use(before, _sent(event))
            return opened_now, *_outputs(views), _text(kept)

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
        page.load(on_load, None, [opened, *main_parts], **common)
        bar.open(on_open, opened, [opened, *main_parts], **common)
        bar.mode(on_mode, None, mode, queue=False, **common)
        upload.upload(on_upload, [opened, upload, mode], [opened, upload, *main_parts], **common)
        viewer.look(on_look, opened, [opened, *main_parts], queue=False, **common)
        viewer.fuse(on_fuse, opened, [opened, *main_parts], **common)
        viewer.draw(on_act, opened, main_parts, queue=False, **common)
        strip.act(on_act, opened, main_parts, queue=False, **common)
        strip.step(on_step, opened, main_parts, **common)
        strip.give_out(on_give_out, opened, main_parts, **common)
        time_strip.refresh(on_refresh, opened, [*main_parts, time_strip], queue=False, **common)
        time_strip.act(on_time_act, opened, time_strip, queue=False, **common)
        time_strip.live(on_live, opened, time_strip, queue=False, **common)
        case_panel.ask(on_ask_case, opened, case_panel, queue=False, **common)
        case_panel.file(on_file, opened, [*main_parts, case_panel], queue=False, **common)
        bench.open(on_bench, opened, bench, queue=False, **common)
        bench.run(on_run, opened, bench, **common)
        bench.side(on_side, opened, bench, queue=False, **common)
        bench.use(on_use, opened, [opened, *main_parts, bench], queue=False, **common)
        bench.note(on_note, opened, bench, queue=False, **common)
        bench.suggest(on_suggest, opened, bench, **common)
        compare.ask(on_ask, opened, compare, queue=False, **common)
        compare.keep(on_keep, opened, compare, queue=False, **common)
    with page.route("Photo folders", "/folders", show_in_navbar=False):
        batch_part(desks.shared.batches)
    return page


def _outputs(views: Views) -> tuple[Mapping[str, Any], ...]:
    return views["case"], views["viewer"], views["strip"]


def _text(value: Mapping[str, Any]) -> Mapping[str, str]:
    """A value of thousands of parts as one: Gradio's page watches every part of what it is given."""
    return {"text": json.dumps(value)}


def _sent(event: gr.EventData) -> Mapping[str, Any]:
    """What the browser's script sent; anything but an object counts as nothing."""
    data = event._data
    return data if isinstance(data, Mapping) else {}
