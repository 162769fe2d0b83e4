"""What a person does in a real browser: opens photographs, draws a band by keyboard, waits for a state."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WAIT_MS = 120_000
"""Milliseconds that a state is waited for: a busy machine takes its time."""


@dataclass
class BrowserWindow:
    """A window of the browser and what went wrong in it."""

    page: Any
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    """Addresses beyond this machine that were asked for."""
    dialogs: list[str] = field(default_factory=list)


def new_window(browser: Any) -> BrowserWindow:
    """A window of a screen's size."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(WAIT_MS)
    window = BrowserWindow(page)
    page.on("console", lambda m: window.errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: window.errors.append(str(error)))
    page.on("request", lambda r: None if _local(r.url) else window.outside.append(r.url))
    page.on("dialog", lambda dialog: _dismissed(window, dialog))
    return window


def _dismissed(window: BrowserWindow, dialog: Any) -> None:
    window.dialogs.append(dialog.message)
    dialog.dismiss()


def _local(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:"))


def step_is(page: Any, words: str) -> None:
    """Waits until the next step of the order of work is ready and says these words."""
    page.wait_for_function(
        "words => { const b = document.querySelector('.phase-action');"
        " return b && !b.hidden && !b.disabled && b.textContent.includes(words); }",
        arg=words,
    )


def wait_for_cells(page: Any, count: int) -> None:
    page.wait_for_function("n => document.querySelectorAll('.cell').length === n", arg=count)


def type_band(page: Any, fields: list[str]) -> None:
    """Reaches the fields with Tab from the top of the page and types the band."""
    page.locator("body").press("Tab")
    for _ in range(40):
        if page.evaluate("() => document.activeElement.name === 'x0'"):
            break
        page.keyboard.press("Tab")
    for number, value in enumerate(fields):
        if number:
            page.keyboard.press("Tab")
        page.keyboard.press("Control+a")
        page.keyboard.type(value)


def press_letter(page: Any, letter: str) -> None:
    """A key of a keyboard layout that playwright does not know."""
    page.evaluate(
        "key => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))",
        letter,
    )


def open_photographs(page: Any, address: str, paths: list[Path], mode: str = "casework") -> None:
    """Opens the page and uploads photographs."""
    page.goto(address)
    page.wait_for_selector("#photographs input[type=file]", state="attached")
    if mode != "casework":
        page.locator(".new-mode").select_option(mode)
    page.set_input_files("#photographs input[type=file]", [str(path) for path in paths])


def wait_for_invitation(page: Any) -> None:
    """Waits for the photograph's own view: an update of the page would empty half-typed fields."""
    page.wait_for_function(
        "() => document.body.innerText.includes('Draw a band over one line of characters')"
    )


def draw_band(page: Any) -> None:
    """Four positions, once the photographs are in view."""
    wait_for_invitation(page)
    type_band(page, ["100", "100", "300", "180", "0", "4"])
    page.wait_for_function("() => document.querySelector('input[name=count]').value === '4'")
    page.keyboard.press("Enter")
    wait_for_cells(page, 4)
