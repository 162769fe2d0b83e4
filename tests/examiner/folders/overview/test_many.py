"""The overview of ten thousand series, opened in Chromium."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from examiner.folders.overview.page import ON_A_PAGE, PAGES, pictures_folder, write_overview
from examiner.folders.overview.pictures import picture_names
from examiner.folders.results.row import ResultRow

COUNT = 10_000


def row(number: int, weakest: float) -> ResultRow:
    return ResultRow(
        series=f"archive/{number}",
        state="read",
        text="QX4?271 | 12",
        best="QX48271 | 12",
        confidence=weakest / 2,
        lines=2,
        photographs=json.dumps([{"path": f"archive/{number}/a b#{n}.jpg"} for n in (1, 2)]),
        failures="[]",
        seconds=1.0,
        readers="{}",
        validation="validated on nothing",
        key="key",
        weakest=weakest,
    )


@pytest.mark.parametrize("count", [900, pytest.param(COUNT, marks=pytest.mark.long)])
def test_every_series_is_on_a_page_in_order_and_every_page_opens(tmp_path, monkeypatch, browser, count):
    monkeypatch.chdir(tmp_path)
    folder = Path("overview")
    pictures = pictures_folder(folder)
    picture = cv2.imencode(".jpg", np.full((90, 120), 90, np.uint8))[1].tobytes()
    weakest = np.random.default_rng(1).permutation(count) / count
    rows = [row(number, float(p)) for number, p in enumerate(weakest)]
    for entry in rows:
        for name in (picture_names(entry.series, "key").photograph, picture_names(entry.series, "key").line):
            (pictures / name).parent.mkdir(exist_ok=True)
            (pictures / name).write_bytes(picture)
    index = write_overview(folder, iter(rows), [])
    pages = -(-count // ON_A_PAGE)
    assert len(list((folder / PAGES).iterdir())) == pages - 1
    assert max(len(list(inner.iterdir())) for inner in pictures.iterdir()) < 2 * COUNT / 50

    page = browser.new_page()
    page.goto(index.absolute().as_uri())
    names: list[str] = []
    for number in range(1, pages + 1):
        names += page.locator(".series .name").all_text_contents()
        assert page.locator("nav b").first.inner_text() == str(number)
        if number < pages:
            with page.expect_navigation(wait_until="load"):
                page.locator("nav a[rel=next]").first.click()
    assert names == [f"archive/{number}" for number in np.argsort(weakest)]

    assert page.locator(".series").first.locator(".reads").all_text_contents() == ["QX48271", "12"]
    link = page.locator(".series").last.locator(".originals a").last
    original = tmp_path / names[-1] / "a b#2.jpg"
    assert link.evaluate("link => link.href") == original.as_uri()
    assert page.evaluate(
        "async () => { const images = [...document.images]; images.forEach(i => i.loading = 'eager');"
        " await Promise.all(images.map(i => i.decode())); return images.every(i => i.naturalWidth === 120) }"
    )
    page.goto(index.absolute().as_uri())
    with page.expect_navigation(wait_until="load"):
        page.locator("nav a", has_text=str(pages)).first.click()
    assert page.locator(".series .name").last.text_content() == names[-1]
    page.close()


def test_pages_that_are_not_needed_any_more_are_removed(tmp_path):
    rows = [row(number, 0.5) for number in range(2 * ON_A_PAGE + 1)]
    write_overview(tmp_path, rows, [])
    assert sorted(p.name for p in (tmp_path / PAGES).iterdir()) == ["0002.html", "0003.html"]
    write_overview(tmp_path, rows[: ON_A_PAGE + 1], [])
    assert [p.name for p in (tmp_path / PAGES).iterdir()] == ["0002.html"]


def test_the_least_certain_character_comes_first_and_not_the_longest_line(tmp_path):
    long, short = replace(row(1, 0.6), confidence=0.1), replace(row(2, 0.5), confidence=0.5)
    text = write_overview(tmp_path, [long, short], []).read_text()
    assert text.index("archive/2") < text.index("archive/1<")
