"""The batch tab on its own: a folder of the server and uploaded files, in a browser."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect, sync_playwright

from examiner.casebook.casebook import Casebook
from examiner.examination.acts import Mode
from examiner.folders.into_casebook import withheld_photographs
from examiner.folders.results.file import rows_in
from examiner.folders.results.row import Result, row_of
from examiner.folders.series import Options, Series, series_in
from examiner.page.batch.batches import BatchError, Batches
from examiner.page.environment import prepare_environment
from examiner.page.uploads import Incoming
from examiner.validation.table import released_only
from pipelines.types import Candidate, LineProposal, PhotoEntry, Position, Proposal, as_quad

CHROMIUM = shutil.which("chromium")
HOSTILE = "<img src=x onerror=alert(1)> & 銃.png"


def picture(path: Path, seed: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(90, 160, (48, 96), np.uint8)
    path.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    return path


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    for number in range(2):
        picture(folder / "case 7" / f"{number}.png", number)
    (folder / "case 7" / "cut.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    picture(folder / "case 10" / HOSTILE, 3)
    picture(tmp_path / "secret" / "a.png", 4)
    (folder / "out").symlink_to(tmp_path / "secret")
    return folder


@pytest.fixture
def batches(tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Batches]:
    # One reader: what is shown here is the tab, not the readers.
    monkeypatch.setattr("examiner.page.batch.batches.Options", lambda: Options(readers=("general",)))
    made = Batches(tmp_path / "room", archive, released_only)
    yield made
    made.close()


def ended(batches: Batches, owner: str, batch: str) -> Any:
    return list(batches.follow(owner, batch))[-1]


def test_only_folders_of_the_archive_are_named_and_read(batches: Batches, tmp_path: Path) -> None:
    assert batches.folders() == [".", "case 7", "case 10"]
    for folder in ("..", "../secret", "out", str(tmp_path / "secret"), "nowhere", "case 7/0.png", "a\0b"):
        with pytest.raises(BatchError):
            batches.begin_folder("eva", folder, True)


def test_without_an_archive_only_uploads_are_read(tmp_path: Path) -> None:
    made = Batches(tmp_path / "room", None, released_only)
    assert made.folders() == []
    with pytest.raises(BatchError, match="without a folder"):
        made.begin_folder("eva", ".", True)


def test_a_batch_is_read_to_its_end_and_only_its_owner_sees_it(batches: Batches, tmp_path: Path) -> None:
    batch = batches.begin_folder("eva", ".", True)
    assert ended(batches, "eva", batch).state == "done"
    seen = batches.view("eva", batch, {})
    assert (seen["done"], seen["total"], seen["failed"]) == (4, 4, 1)
    assert sorted(row["series"] for row in seen["rows"]) == sorted(["0.png", "1.png", "cut.png", HOSTILE])
    assert [row["picture"][:10] for row in seen["rows"]].count("data:image") == 3
    assert any("out" in notice for notice in seen["notices"])
    folder = tmp_path / "room" / batch
    assert len(list(rows_in(folder / "results.jsonl"))) == 4 and (folder / "index.html").is_file()
    for stranger in (lambda: batches.view("ion", batch, {}), lambda: batches.stop("ion", batch)):
        with pytest.raises(BatchError):
            stranger()


def test_uploads_of_one_name_are_all_read(batches: Batches, tmp_path: Path) -> None:
    sent = [Incoming(picture(tmp_path / "cache" / str(n) / "x", n), "../a.png") for n in range(2)]
    batch = batches.begin_uploaded("eva", sent, True)
    assert ended(batches, "eva", batch).state == "done"
    names = {row["series"] for row in batches.view("eva", batch, {})["rows"]}
    assert len(names) == 2 and all(name.endswith("a.png") for name in names)
    assert {path.parent for path in (tmp_path / "room").rglob("*.png")} == {
        tmp_path / "room" / batch / "uploaded"
    }


def test_whatever_the_browser_asks_there_is_a_view(batches: Batches) -> None:
    batch = batches.begin_folder("eva", "case 10", False)
    ended(batches, "eva", batch)
    for look in ({"page": 10**9}, {"page": -1}, {"page": "x"}, {"order": {"a": 1}}):
        assert len(batches.view("eva", batch, look)["rows"]) == 1


@dataclass
class Served:
    page: Any
    dialogs: list[str]
    outside: list[str]


@pytest.fixture
def served(batches: Batches, tmp_path: Path) -> Iterator[Served]:
    if CHROMIUM is None:
        pytest.skip("no chromium here")
    prepare_environment(tmp_path / "casebook")
    import gradio as gr

    from examiner.page.batch.tab import batch_part
    from examiner.page.html_parts import instrument_theme, style

    with gr.Blocks(analytics_enabled=False) as blocks:
        batch_part(batches)
    blocks.launch(
        prevent_thread_lock=True, quiet=True, footer_links=[], theme=instrument_theme(), css=style()
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        seen = Served(browser.new_page(viewport={"width": 1280, "height": 900}), [], [])
        seen.page.on("dialog", lambda dialog: (seen.dialogs.append(dialog.message), dialog.dismiss()))
        seen.page.on("request", lambda r: None if "127.0.0.1" in r.url else seen.outside.append(r.url))
        seen.page.goto(blocks.local_url)
        yield seen
        browser.close()
    blocks.close(verbose=False)


def test_a_folder_read_and_files_uploaded_in_a_browser(served: Served, tmp_path: Path) -> None:
    page = served.page
    page.locator(".each-photo").check()
    page.locator(".folder").select_option(".")
    page.get_by_role("button", name="Read the folder").click()
    expect(page.locator(".batch .figures")).to_contain_text("4 of 4 series", timeout=60_000)
    expect(page.locator(".batch .state")).to_have_text("Done")
    names = page.locator(".batch .name").all_inner_texts()
    assert sorted(names) == sorted(["0.png", "1.png", "cut.png", HOSTILE])
    expect(page.locator(".batch .failure").first).to_contain_text("cut.png")
    expect(page.locator(".batch .triage")).to_contain_text("None of them is a reading")
    page.locator(".batch .order").select_option("given")

    page.set_input_files("#batch-upload input", [picture(tmp_path / "mine" / f"{n}.png", n) for n in (7, 8)])
    expect(page.locator(".batch .figures")).to_contain_text("2 of 2 series", timeout=60_000)
    assert sorted(page.locator(".batch .name").all_inner_texts()) == ["7.png", "8.png"]
    assert (served.dialogs, served.outside) == ([], [])


@pytest.mark.usefixtures("batches")
def test_nothing_is_shown_of_a_photograph_that_somebody_still_reads_alone(
    archive: Path, tmp_path: Path
) -> None:
    photo = archive / "case 7" / "0.png"
    with Casebook(tmp_path / "casebook") as casebook:
        casebook.begin(Mode.TRAINING, [archive / "case 7" / "1.png"], "eva", "training")
        assert withheld_photographs(casebook) == frozenset()
        casebook.begin(Mode.CASEWORK, [photo], "eva", "case")
        held = withheld_photographs(casebook)
    assert held == {hashlib.sha256(photo.read_bytes()).hexdigest()}
    made = Batches(tmp_path / "room", archive, released_only, withheld=lambda: held)
    every = series_in([archive], True, Options())
    rows = tuple(row_of(Result(read_as_secret(series, Options()), "key")) for series in every)
    batch = made.begin_folder("eva", "case 7", True)
    list(made.follow("eva", batch))
    made._batches[batch].now(rows=rows)
    views = [made.view("eva", batch, {"order": order}) for order in ("doubt", "sure", "given")]
    for seen in views:
        (row,) = (row for row in seen["rows"] if row["series"] == "0.png")
        assert (row["state"], row["text"], row["best"], row["sure"], row["lines"]) == (
            "withheld",
            "",
            "",
            0.0,
            0,
        )
        assert (row["picture"], row["line"], seen["overview"]) == ("", "", "")
        assert json.dumps(seen).count("Q7") == 2 * (len(rows) - 1)


def read_as_secret(series: Series, _options: Options) -> Proposal:
    quad = as_quad([(1, 1), (9, 1), (9, 5), (1, 5)])
    path = Path(series.sources[0][0].path)
    positions = tuple(Position((Candidate(glyph, 0.9),), quad, "proposed") for glyph in "Q7")
    line = LineProposal("Q7", "Q7", 0, quad, positions, readings=(("Q7", 0.8),))
    entry = PhotoEntry(str(path), hashlib.sha256(path.read_bytes()).hexdigest())
    return Proposal(series.name, (entry,), (line,), {"general": "ok"}, 0.1)


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium")
def test_the_page_has_the_folders_beside_it(tmp_path: Path, archive: Path) -> None:
    prepare_environment(tmp_path / "casebook")
    from examiner.page.server import start

    running = start(tmp_path / "casebook", "127.0.0.1", None, False, released_only, archive=archive)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = browser.new_page()
            page.goto(running.address)
            with page.expect_popup() as opened:
                page.locator("a.folders").click()
            expect(opened.value.locator("#batch")).to_contain_text("None of them is a reading")
            assert "case 7" in opened.value.locator("#batch select").first.inner_text()
            browser.close()
    finally:
        running.stop()
