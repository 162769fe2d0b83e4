"""Look of the whole page: dark and neutral, because the surround changes how greys are seen."""

from __future__ import annotations

import gradio as gr

from examiner.page.parts import asset

STYLE = asset("page.css")


def instrument_theme() -> gr.themes.Base:
    """Gradio's base theme with fonts of the machine itself and neutral greys."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.zinc,
        neutral_hue=gr.themes.colors.zinc,
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
        spacing_size="sm",
        radius_size="sm",
        text_size="sm",
    )
