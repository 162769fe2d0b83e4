"""The batch tab in a browser: a folder of the server and uploaded files are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from examiner.folders.series import Options
from tests.examiner.page.batch.photographs import HOSTILE, picture
from tests.examiner.page.in_browser import WAIT_MS, BrowserWindow


@pytest.fixture
def tab(
    start_page: Callable[..., Any],
    archive: Path,
    browser_window: BrowserWindow,
    monkeypatch: pytest.MonkeyPatch,
) -> BrowserWindow:
    """The folders of the page, in a window of the browser."""
    # One reader: what is shown here is the tab, not the readers.
    monkeypatch.setattr("examiner.page.batch.batches.Options", lambda: Options(readers=("general",)))
    browser_window.page.goto(start_page(archive=archive).address)
    with browser_window.page.expect_popup() as popup:
        browser_window.page.locator("a.folders").click()
    browser_window.page = popup.value
    browser_window.page.set_default_timeout(WAIT_MS)
    browser_window.page.on("dialog", lambda dialog: browser_window.dialogs.append(dialog.message))
    return browser_window


def test_a_folder_read_and_files_uploaded_in_a_browser(tab: BrowserWindow, tmp_path: Path) -> None:
    page = tab.page
    page.locator(".each-photo").check()
    page.locator(".folder").select_option(".")
    page.get_by_role("button", name="Read the folder").click()
    expect(page.locator(".batch .figures")).to_contain_text("4 of 4 series", timeout=WAIT_MS)
    expect(page.locator(".batch .state")).to_have_text("Done", timeout=WAIT_MS)
    names = page.locator(".batch .name").all_inner_texts()
    assert sorted(names) == sorted(["0.png", "1.png", "cut.png", HOSTILE])
    expect(page.locator(".batch .failure").first).to_contain_text("cut.png")
    expect(page.locator(".batch .triage")).to_contain_text("None of them is a reading")
    page.locator(".batch .order").select_option("given")

    page.set_input_files("#batch-upload input", [picture(tmp_path / "mine" / f"{n}.png", n) for n in (7, 8)])
    expect(page.locator(".batch .figures")).to_contain_text("2 of 2 series", timeout=WAIT_MS)
    assert sorted(page.locator(".batch .name").all_inner_texts()) == ["7.png", "8.png"]
    assert (tab.dialogs, tab.outside) == ([], [])


def test_the_page_has_the_folders_beside_it(
    start_page: Callable[..., Any], archive: Path, browser_window: BrowserWindow
) -> None:
    page = browser_window.page
    page.goto(start_page(archive=archive).address)
    with page.expect_popup() as popup:
        page.locator("a.folders").click()
    expect(popup.value.locator("#batch")).to_contain_text("None of them is a reading", timeout=WAIT_MS)
    assert "case 7" in popup.value.locator("#batch select").first.inner_text()
