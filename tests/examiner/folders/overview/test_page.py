"""The overview: everything is in it, hostile names are text, and it opens without a network."""

import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import asdict, replace
from html import unescape
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import pytest

from examiner.folders.overview.page import overview_html, pictures_folder, write_overview
from examiner.folders.overview.pictures import picture_names, write_pictures
from examiner.folders.results.row import SeriesResult, row_of
from pipelines.types import Candidate, Failure, LineProposal, PhotoEntry, Position, Proposal, as_quad

FRAME = Path(str(files("sample_images") / "01_intact_stamped" / "frame_01.jpg"))
QUAD = as_quad([(400, 350), (760, 350), (760, 430), (400, 430)])
HOSTILE = "</title><script>document.body.id='run'</script>\"'&銃 \u202egnp\udcff"


def proposal(name: str, p: float, text: str = "QX48?71", path: Path = FRAME) -> Proposal:
    positions = tuple(Position((Candidate(glyph, p),), QUAD, "proposed") for glyph in text)
    line = LineProposal(text, text.replace("?", "2"), 0, QUAD, positions, readings=((text, p),))
    return Proposal(name, (PhotoEntry(str(path), "0" * 64),), (line,), {"general": "ok"}, 1.0)


def failed(name: str) -> Proposal:
    failure = Failure("truncated", f"{name}: is cut <i>short</i>")
    return Proposal(name, (PhotoEntry(name, None, failure),), (), {}, 0.1, Failure("no_photographs", "none"))


def rows():
    proposals = [proposal("sure", 0.97), proposal("doubtful", 0.3), failed("lost"), proposal(HOSTILE, 0.6)]
    return [row_of(SeriesResult(made, "key")) for made in proposals]


def whole_page(folder: Path) -> str:
    """With everything that a page can hold: several validations, failures, notices, pictures."""
    said = [replace(row, validation=f"validated on {row.series}") for row in rows()]
    for row in said:
        empty_pictures(folder, row.series)
    return overview_html(said, [Failure("link", "a"), Failure("duplicate", "b")], folder)


def empty_pictures(folder: Path, series: str) -> list[str]:
    names = list(asdict(picture_names(series, "key")).values())
    for name in names:
        path = pictures_folder(folder) / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return names


@pytest.fixture(scope="module")
def page_of(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("overview")
    pictures = pictures_folder(folder)
    assert write_pictures(proposal("sure", 0.97), "key", pictures)
    return write_overview(folder, rows(), [Failure("duplicate", "b.jpg: is the same file as a.jpg")])


def test_it_opens_sorted_by_doubt_with_pictures_and_failures_and_runs_nothing_hostile(page_of, browser):
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_of.as_uri())
    names = page.locator(".series .name")
    assert [name.split("<")[0] for name in names.all_inner_texts()] == ["lost", "doubtful", "", "sure"]
    assert page.evaluate("document.body.id") == ""
    assert all(url.startswith("file:") for url in asked)
    assert page.evaluate("[...document.images].map(image => image.naturalWidth > 100)") == [True, True]
    assert "b.jpg: is the same file as a.jpg" in page.locator("details li").first.inner_text()
    assert "is cut <i>short</i>" in page.locator("details").inner_text()
    assert page.locator(".doubt").first.inner_text() == "2"

    page.fill("#words", "doubtful")
    assert page.locator(".series:visible").count() == 1
    page.fill("#words", "")
    page.select_option("#state", "failed")
    assert page.locator(".series:visible .name").all_inner_texts() == ["lost"]


def test_nothing_in_it_leads_outside(tmp_path):
    text = overview_html(rows(), [], tmp_path)
    assert not re.findall(r"(?:https?:)?//[a-z]", text)
    assert "default-src 'none'" in unescape(text) and "unsafe-inline" not in text
    assert text.encode("utf-8")


def test_the_same_results_make_the_same_page_in_another_process(tmp_path):
    """Where sets and dictionaries of text lie in another order."""
    code = (
        "import sys, hashlib, pathlib; from tests.examiner.folders.overview.test_page import whole_page;"
        "print(hashlib.sha256(whole_page(pathlib.Path(sys.argv[1])).encode()).hexdigest())"
    )
    pages = {
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert pages == {hashlib.sha256(whole_page(tmp_path).encode()).hexdigest() + "\n"}


def test_a_value_is_text_wherever_it_stands(tmp_path):
    """In element, attribute and title; as markup, as an end of script, as Jinja2, as a control character."""
    attack = "\"'><img src=x onerror=alert(1)>{{ 7 * 7 }}{% raw %}</style></script>\x07"
    row = replace(
        rows()[0],
        series=attack,
        text=attack,
        best=attack,
        state=attack,
        validation=attack,
        failures=json.dumps([{"kind": attack, "message": attack, "path": attack}]),
        photographs=json.dumps([{"path": f"javascript:{attack}"}]),
    )
    names = empty_pictures(tmp_path, attack)
    text = overview_html([row], [Failure(attack, attack)], tmp_path)
    markup = _Markup()
    markup.feed(text)
    assert markup.tags <= {
        *("html", "head", "meta", "title", "style", "body", "header", "h1", "p", "ul", "li", "b", "main"),
        *("details", "summary", "h2", "span", "div", "label", "select", "option", "input", "ol", "figure"),
        *("img", "bdi", "svg", "rect", "script", "a"),
    }
    assert markup.sources == [f"pictures/{name}" for name in names]
    assert all(re.match(r"[\w./%-]*$", link) and ":" not in link for link in markup.links)
    assert not {name for name in markup.attributes if name.startswith("on")}
    assert "49" not in markup.text and "{{ 7 * 7 }}" in markup.text and "\\u0007" in markup.text
    assert markup.text.count("<img src=x onerror=alert(1)>") >= 7
    assert text.count("<script>") == text.count("</script>") == text.count("</style>") == 1


class _Markup(HTMLParser):
    """The tags, attributes and text of a page, as a browser takes them apart."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.sources: list[str | None] = []
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]
        self.sources += [value for name, value in attrs if name == "src"]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_without_series_it_says_so(tmp_path):
    assert "No series." in overview_html([], [], tmp_path)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_picture_stands_upright_with_the_line_drawn_where_it_is(tmp_path, orientation):
    """A light square in the upright top left corner, whatever the camera stored."""
    upright = np.full((300, 400), 60, np.uint8)
    upright[10:90, 10:110] = 240
    undo = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.T,
        6: lambda a: a.T[::-1],
        7: lambda a: a.T[::-1, ::-1],
        8: lambda a: a.T[:, ::-1],
    }[orientation]
    path = tmp_path / "a.png"
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.ascontiguousarray(undo(upright))).save(path, exif=exif)
    plain = replace(proposal("a", 0.5, path=path), lines=())
    assert write_pictures(plain, "key", tmp_path)
    seen = cv2.imread(str(tmp_path / picture_names("a", "key").photograph), cv2.IMREAD_GRAYSCALE)
    assert seen.shape == (240, 320)
    assert seen[20:60, 20:75].mean() > 220 and seen[100:].mean() < 80


def test_a_large_photograph_decoded_small_gives_the_same_pictures(tmp_path, monkeypatch):
    large = tmp_path / "large.jpg"
    frame = cv2.imread(str(FRAME))
    cv2.imwrite(str(large), cv2.resize(frame, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC))
    (line,) = proposal("a", 0.5).lines
    quad = as_quad([((x + 0.5) * 4 - 0.5, (y + 0.5) * 4 - 0.5) for x, y in line.quad])
    enlarged = replace(proposal("a", 0.5, path=large), lines=(replace(line, quad=quad),))
    pictures = {}
    for name, enough in (("small", 1000), ("whole", 10**6)):
        monkeypatch.setattr("examiner.folders.overview.pictures.ENOUGH_SIDE", enough)
        (tmp_path / name).mkdir()
        assert write_pictures(enlarged, "key", tmp_path / name)
        names = picture_names("a", "key")
        pictures[name] = [
            cv2.imread(str(tmp_path / name / file), cv2.IMREAD_GRAYSCALE).astype(float)
            for file in (names.photograph, names.line)
        ]
    for small, whole in zip(pictures["small"], pictures["whole"], strict=True):
        assert small.shape == whole.shape
        assert np.abs(small - whole).mean() < 4
        assert np.corrcoef(small.ravel(), whole.ravel())[0, 1] > 0.99


def test_a_photograph_that_is_gone_has_no_picture_and_is_no_failure(tmp_path):
    assert not write_pictures(proposal("a", 0.5, path=tmp_path / "gone.jpg"), "key", tmp_path)
    assert list(tmp_path.iterdir()) == []
