"""The page as Gradio blocks: its parts and what their events call."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import gradio as gr

from examiner.examination.acts import Mode
from examiner.page import html_parts
from examiner.page.access.deeds import (
    Sent,
    acting,
    asking_case,
    entering,
    filing,
    giving_out,
    keeping,
    noting,
    seeing,
    stepping,
    suggesting_recipes,
    using,
    watching,
)
from examiner.page.access.handlers import COMMON, Answer, Handlers, Refused, sent_by
from examiner.page.batch.tab import batch_part
from examiner.page.casework.browser_acts import is_whole
from examiner.page.casework.view_model import Notice
from examiner.page.desk import Desk, Views
from examiner.page.persons_desks import PersonsDesks
from examiner.page.window_state import Opened

DAY = 86400


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

        def on_load(request: gr.Request) -> Iterator[Answer]:
            for opened_now, views in desk_of(request).begin_page():
                yield opened_now, *_outputs(views)

        def on_mode(event: gr.EventData) -> Any:
            return sent_by(event).get("mode")

        def on_upload(before: Opened, files: list[Any], chosen: str, request: gr.Request) -> Iterator[Answer]:
            for opened_now, views in desk_of(request).upload(
                before, files or [], chosen, request.username or ""
            ):
                yield opened_now, None, *_outputs(views)

        # What begins an examination, and the page itself, ask the table for each thing by themselves.
        page.load(on_load, None, [opened, *main_parts], **COMMON)
        upload.upload(on_upload, [opened, upload, mode], [opened, upload, *main_parts], **COMMON)
        bar.mode(on_mode, None, mode, queue=False, **COMMON)

        on = Handlers(desks, opened).on
        looking = [opened, *main_parts]
        on(bar.open, entering, on_open, looking, looked_refused)
        on(viewer.look, seeing, on_look, looking, looked_refused, queue=False)
        on(viewer.fuse, seeing, on_fuse, looking, looked_refused)
        on(viewer.draw, acting, on_act, main_parts, refused, queue=False)
        on(strip.act, acting, on_act, main_parts, refused, queue=False)
        on(strip.step, stepping, on_step, main_parts, refused)
        on(strip.give_out, giving_out, on_give_out, main_parts, refused)
        on(time_strip.refresh, seeing, on_refresh, [*main_parts, time_strip], refresh_refused, queue=False)
        on(time_strip.act, acting, on_time_act, [time_strip], time_refused, queue=False)
        on(time_strip.live, watching, on_live, [time_strip], time_refused, queue=False)
        on(case_panel.ask, asking_case, on_ask_case, [case_panel], case_refused, queue=False)
        on(case_panel.file, filing, on_file, [*main_parts, case_panel], file_refused, queue=False)
        on(bench.open, seeing, on_bench, [bench], bench_refused("opened"), queue=False)
        on(bench.run, seeing, on_run, [bench], bench_refused("ran"))
        on(bench.side, seeing, on_side, [bench], bench_refused("compared"), queue=False)
        on(bench.use, using, on_use, [*looking, bench], use_refused, queue=False)
        on(bench.note, noting, on_note, [bench], bench_refused("noted"), queue=False)
        on(bench.suggest, suggesting_recipes, on_suggest, [bench], bench_refused("suggested"))
        on(compare.ask, seeing, on_ask, [compare], compare_refused, queue=False)
        on(compare.keep, keeping, on_keep, [compare], compare_refused, queue=False)
    with page.route("Photo folders", "/folders", show_in_navbar=False):
        batch_part(desks)
    return page


def on_open(desk: Desk, before: Opened, sent: Sent) -> Iterator[Answer]:
    for opened_now, views in desk.open(before, sent.get("choice"), sent.get("sure") is True):
        yield opened_now, *_outputs(views)


def on_look(desk: Desk, before: Opened, sent: Sent) -> Answer:
    opened_now, views = desk.look(before, sent)
    return opened_now, *_outputs(views)


def on_fuse(desk: Desk, before: Opened, sent: Sent) -> Iterator[Answer]:
    for opened_now, views in desk.fuse(before, sent):
        yield opened_now, *_outputs(views)


def on_act(desk: Desk, before: Opened, sent: Sent) -> Answer:
    return _outputs(desk.act(before, sent))


def on_step(desk: Desk, before: Opened, sent: Sent) -> Iterator[Answer]:
    yield from map(_outputs, desk.step(before, sent))


def on_give_out(desk: Desk, before: Opened, sent: Sent) -> Iterator[Answer]:
    yield from map(_outputs, desk.give_out(before, sent))


def on_refresh(desk: Desk, before: Opened, sent: Sent) -> Answer:
    views, time_view = desk.refresh(before, sent)
    main = (gr.skip(),) * 3 if views is None else _outputs(views)
    return *main, gr.skip() if time_view is None else _text(time_view)


def on_time_act(desk: Desk, before: Opened, sent: Sent) -> Answer:
    return (_text(desk.time_act(before, sent)),)


def on_live(desk: Desk, before: Opened, sent: Sent) -> Answer:
    return (_text(desk.set_live(before, sent)),)


def on_ask(desk: Desk, before: Opened, sent: Sent) -> Answer:
    return (_text(desk.comparing.show(before.examination, sent)),)


def on_keep(desk: Desk, before: Opened, sent: Sent) -> Answer:
    return (_text(desk.comparing.keep(before.examination, sent)),)


def on_ask_case(desk: Desk, before: Opened, sent: Sent) -> Answer:
    return (_text(desk.case_panel.ask(before.examination, sent)),)


def on_file(desk: Desk, before: Opened, sent: Sent) -> Answer:
    told = desk.case_panel.file(before.examination, sent)
    return *_outputs(desk.show(before)), _text(told)


def on_bench(desk: Desk, before: Opened, _: Sent) -> Answer:
    return (_text(desk.bench.open(before.examination, before.photo, before.recipe)),)


def on_run(desk: Desk, before: Opened, sent: Sent) -> Iterator[Answer]:
    for said in desk.bench.run(before.examination, before.window, sent):
        yield (_text(said),)


def on_side(desk: Desk, before: Opened, sent: Sent) -> Answer:
    return (_text(desk.bench.compare(before.examination, sent)),)


def on_use(desk: Desk, before: Opened, sent: Sent) -> Answer:
    opened_now, views, kept = desk.use(before, sent)
    return opened_now, *_outputs(views), _text(kept)


def on_note(desk: Desk, before: Opened, sent: Sent) -> Answer:
    return (_text(desk.note(before, sent)),)


def on_suggest(desk: Desk, before: Opened, sent: Sent) -> Iterator[Answer]:
    for said in desk.suggest(before, sent):
        yield (_text(said),)


# What each part of the page is answered where the table refuses.


def refused(desk: Desk, before: Opened, sent: Sent, why: str) -> Answer:
    reply = sent.get("reply")
    return _outputs(desk.show(before, reply=reply if is_whole(reply) else -1, notice=Notice("error", why)))


def looked_refused(desk: Desk, before: Opened, sent: Sent, why: str) -> Answer:
    return before, *refused(desk, before, sent, why)


def refresh_refused(desk: Desk, before: Opened, sent: Sent, why: str) -> Answer:
    if sent.get("examination") == "":
        return (gr.skip(),) * 4
    return *refused(desk, before, sent, why), *time_refused(desk, before, sent, why)


def time_refused(desk: Desk, before: Opened, _: Sent, why: str) -> Answer:
    return (_text(desk.time_strip_with(before, why)),)


def case_refused(desk: Desk, before: Opened, _: Sent, why: str) -> Answer:
    return (_text(desk.case_panel.refused(before.examination, why)),)


def file_refused(desk: Desk, before: Opened, sent: Sent, why: str) -> Answer:
    return *_outputs(desk.show(before)), *case_refused(desk, before, sent, why)


def bench_refused(kind: str) -> Refused:
    def answer(_desk: Desk, _before: Opened, sent: Sent, why: str) -> Answer:
        return (_text({"kind": kind, "ticket": sent.get("ticket", 0), "error": why}),)

    return answer


def use_refused(desk: Desk, before: Opened, sent: Sent, why: str) -> Answer:
    return before, *_outputs(desk.show(before)), *bench_refused("kept")(desk, before, sent, why)


def compare_refused(_desk: Desk, before: Opened, _sent: Sent, why: str) -> Answer:
    return (
        _text({"examination": before.examination, "position": 0, "choices": [], "wrong": why, "kept": ""}),
    )


def _outputs(views: Views) -> tuple[Mapping[str, Any], ...]:
    return views["case"], views["viewer"], views["strip"]


def _text(value: Mapping[str, Any]) -> Mapping[str, str]:
    """A value of thousands of parts as one: Gradio's page watches every part of what it is given."""
    return {"text": json.dumps(value)}
