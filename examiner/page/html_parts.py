"""The page's own parts as `gr.HTML`, the upload of photographs, and the look of the whole page.

The markup, style and script of a part are files in the part's package. The values of a part are plain dicts,
for instance from `examiner.page.casework.view`. The scripts put data into the document as text only; the
templates hold none, so no value is ever parsed as HTML. The parts are functions and not subclasses because
Gradio writes a stub file beside the module of every subclass.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.data_classes import FileData, ListFiles

from examiner.page.uploads import Incoming

PAGE = "examiner.page"


def asset(package: str, name: str) -> str:
    """Text of the file `name` that lies in a package of the page: markup, style or script."""
    return (files(package) / name).read_text(encoding="utf-8")


def style() -> str:
    """Style of the whole page."""
    return asset(PAGE, "page.css")


def instrument_theme() -> gr.themes.Base:
    """Gradio's base theme with fonts of the machine itself. Dark and neutral: what surrounds a photograph
    changes how its greys are seen."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.zinc,
        neutral_hue=gr.themes.colors.zinc,
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
        spacing_size="sm",
        radius_size="sm",
        text_size="sm",
    )


def case_bar(**layout: Any) -> gr.HTML:
    """What is open, its photographs and how far the work has come. Events: `open`, `mode`."""
    return _part("casework", "casebar", ("casebar.js",), **layout)


def viewer() -> gr.HTML:
    """The photograph with its enhancement, boxes and the examiner's band. Events: `look`, `fuse`, `draw`."""
    return _part("pictures", "viewer", ("band.js", "enhancement.js", "lamp.js", "handpoints.js", "viewer.js"))


def strip() -> gr.HTML:
    """One cell per position, decided by the keyboard. Events: `act`, `step`, `give_out`."""
    return _part("casework", "strip", ("answers.js", "cells.js", "detail.js", "strip.js"))


def time_strip() -> gr.HTML:
    """Photographs by positions, and how they were taken. Events: `refresh`, `act`, `live`."""
    return _part("time_strip", "timestrip", ("conditions.js", "timestrip.js"))


def compare() -> gr.HTML:
    """A character beside another one. Events: `ask`, `keep`."""
    return _part("pictures", "compare", ("compare.js",))


def case_panel() -> gr.HTML:
    """Case, item, marking and procedure. Events: `ask`, `file`."""
    return _part("case_panel", "casepanel", ("caseform.js", "casepanel.js"))


def bench() -> gr.HTML:
    """The enhancement bench. Events: `open`, `run`, `side`, `use`, `note`, `suggest`."""
    return _part("bench", "bench", ("benchpanes.js", "benchchain.js", "benchtools.js", "bench.js"))


def training() -> gr.HTML:
    """Exercises and lessons. Events: `open`, `watch_plate`, `begin`, `act`, `enhance`, `own`."""
    return _part("training", "training", ("trainingread.js", "trainingscore.js", "training.js"))


def batch() -> gr.HTML:
    """A batch with its progress and overview. Events: `begin`, `stop`, `look`."""
    return _part("batch", "batch", ("batch.js",))


def photograph_upload() -> gr.File:
    """Takes one or more files as they are; gives them on as `Incoming`."""
    upload = gr.File(
        label="Open photographs",
        file_count="multiple",
        type="filepath",
        show_label=False,
        container=False,
        elem_id="photographs",
        height=44,
        min_width=170,
    )
    # Gradio's own gives paths with cleaned-up names; the record wants the names that the files came with.
    upload.preprocess = incoming_of
    return upload


def incoming_of(payload: ListFiles | FileData | None) -> list[Incoming]:
    """The uploaded files. Gradio has checked before that each path lies in its upload folder."""
    if payload is None:
        return []
    sent = payload.root if isinstance(payload, ListFiles) else [payload]
    return [Incoming(Path(file.path), file.orig_name or Path(file.path).name) for file in sent]


def _part(package: str, name: str, scripts: tuple[str, ...], **layout: Any) -> gr.HTML:
    """`package`: of the page, in which the files of the part lie; `scripts`: in the order they run."""
    place = f"{PAGE}.{package}"
    return gr.HTML(
        value={},
        html_template=asset(place, f"{name}.html"),
        css_template=asset(place, f"{name}.css"),
        js_on_load="\n".join([asset(PAGE, "common.js"), *(asset(place, script) for script in scripts)]),
        apply_default_css=False,
        elem_id=name,
        **layout,
    )
