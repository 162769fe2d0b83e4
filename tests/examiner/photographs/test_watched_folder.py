"""A watched folder, listing by listing: no clock, no sleep; and the real file system where it matters."""

from __future__ import annotations

import json
import os
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from examiner.cli import application
from examiner.examination.acts import OrderError
from examiner.photographs import watched_folder as watch
from examiner.photographs.watched_folder import (
    MOST_TRIES,
    Complete,
    Entry,
    EntryKind,
    LeftAlone,
    Stage,
    Watched,
    after_listing,
    all_taken,
    follow,
    listing_of,
    own_copy,
    waiting,
    with_refused,
    with_taken,
)
from examiner.photographs.watched_series import ALREADY, WatchedSeries
from pipelines.errors import PhotoError, PhotoTruncatedError


def file(size: int = 10, changed: int = 1) -> Entry:
    return Entry(EntryKind.FILE, size, changed)


def steps(*listings, watched=None):
    """The events of each listing in turn, as (name, why) or the bare name of a complete file."""
    watched = watched or Watched()
    said = []
    for listing in listings:
        watched, events = after_listing(watched, listing)
        said.append([e.name if isinstance(e, Complete) else (e.name, e.why) for e in events])
        watched = with_taken(watched, [e.name for e in events if isinstance(e, Complete)])
    return said, watched


def test_a_file_is_complete_once_it_stands_still_and_then_left_in_peace():
    said, watched = steps(*({"a.jpg": file(size)} for size in (1, 5, 9, 9, 9)))
    assert said == [[], [], [], ["a.jpg"], []]
    assert not waiting(watched)


def test_a_file_written_over_is_taken_again():
    said, _ = steps(*({"a.jpg": file(9, changed)} for changed in (1, 1, 2, 2, 2)))
    assert said == [[], ["a.jpg"], [], ["a.jpg"], []]


def test_a_burst_comes_in_the_order_it_was_saved():
    burst = {"c.jpg": file(changed=3), "a.jpg": file(changed=5), "b10.jpg": file(), "b9.jpg": file()}
    assert steps(burst, burst)[0][1] == ["b9.jpg", "b10.jpg", "c.jpg", "a.jpg"]


@pytest.mark.parametrize(
    ("name", "entry", "why"),
    [
        (".a.jpg", file(), "temporary"),
        ("a.jpg.part", file(), "temporary"),
        ("a.jpg~", file(), "temporary"),
        ("a.TMP", file(), "temporary"),
        ("notes.txt", file(), "no photograph"),
        ("clip.mp4", file(), "no photograph"),
        ("a", file(), "no photograph"),
        ("a.jpg", Entry(EntryKind.LINK, 3, 1), "is a link"),
        ("sub", Entry(EntryKind.FOLDER, 3, 1), "sub-folders"),
        ("pipe.jpg", Entry(EntryKind.OTHER, 0, 1), "no file"),
    ],
)
def test_what_is_no_photograph_is_named_once(name, entry, why):
    changed = {name: Entry(entry.kind, entry.size + 1, entry.changed_ns + 1)}
    said, watched = steps({name: entry}, {name: entry}, changed, changed)
    assert why in said[0][0][1] and said[1:] == [[], [], []]
    assert not waiting(watched)


def test_a_file_that_goes_away_before_it_is_complete_is_named_and_one_taken_is_not():
    said, _ = steps({"a.jpg": file(1)}, {}, {"b.jpg": file()}, {"b.jpg": file()}, {})
    assert said == [[], [("a.jpg", "went away before it was complete")], [], ["b.jpg"], []]


def test_a_renamed_temporary_file_is_a_new_one():
    said, _ = steps({"a.jpg.part": file()}, {"a.jpg": file()}, {"a.jpg": file()})
    assert said[1:] == [[], ["a.jpg"]]


def test_the_folder_that_goes_is_named_once_and_knows_its_files_when_it_is_back():
    there = {"a.jpg": file()}
    said, _ = steps(there, there, None, None, there, there)
    assert [
        [name for name, _ in joined] if joined and joined != ["a.jpg"] else joined for joined in said
    ] == [*([], ["a.jpg"], [""], [], [""], [])]


def test_a_file_that_cannot_be_read_is_tried_less_and_less_often_and_then_named():
    listing = {"a.jpg": file()}
    watched, _ = after_listing(Watched(), listing)
    tried, named = [], []
    for number in range(300):
        watched, events = after_listing(watched, listing)
        if events == [Complete("a.jpg")]:
            tried.append(number)
            watched, left = with_refused(watched, "a.jpg", "is cut short")
            named += left
    assert len(tried) == MOST_TRIES and np.diff(tried).tolist() == [2, 3, 5, 9, 17, 33, 65]
    assert named == [LeftAlone("a.jpg", "is cut short")]
    said, _ = steps({"a.jpg": file(12)}, {"a.jpg": file(12)}, watched=watched)
    assert said == [[], ["a.jpg"]]


def test_files_that_were_there_before_are_known():
    before = {"a.jpg": file(), "b.txt": file()}
    after = {**before, "c.jpg": file()}
    said, _ = steps(before, after, after, watched=all_taken(before))
    assert said == [[], [], ["c.jpg"]]


names = st.sampled_from(["a.jpg", "b.jpg", ".c.jpg", "d.txt"])
listings = st.lists(
    st.none() | st.dictionaries(names, st.builds(file, st.integers(1, 2), st.integers(1, 2))), max_size=12
)


@given(listings)
def test_nothing_is_complete_that_did_not_stand_still_and_nothing_twice(sequence):
    watched, before = Watched(), None
    given_out: dict[str, Any] = {}
    for listing in sequence:
        watched, events = after_listing(watched, listing)
        for event in events:
            if isinstance(event, Complete):
                assert before is not None and listing[event.name] == before[event.name]
                assert given_out.get(event.name) != listing[event.name]
                given_out[event.name] = listing[event.name]
                watched = with_taken(watched, [event.name])
        if listing is not None:
            given_out = {name: entry for name, entry in given_out.items() if listing.get(name) == entry}
            before = listing
    for name, entry in (before or {}).items():
        known = watched.files[name].stage
        assert (known is Stage.TAKEN) == (given_out.get(name) == entry)
        assert (known is Stage.LEFT) == (name in (".c.jpg", "d.txt"))


def follow_all(folder, take, rounds):
    left = iter(range(rounds))
    return list(follow(folder, take, lambda _: next(left, None) is not None))


def picture(seed: int = 1) -> np.ndarray:
    noise = np.random.default_rng(seed).random((200, 300)).astype(np.float32)
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 3), None, 20, 230, cv2.NORM_MINMAX).astype(np.uint8)


def test_a_photograph_that_may_not_join_now_waits_and_is_named_once(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), picture())
    answers = iter([OrderError("locked"), OrderError("locked"), None])
    seen = []

    def take(path):
        answer = next(answers)
        if answer:
            raise answer
        seen.append(path.name)

    assert follow_all(tmp_path, take, 6) == [LeftAlone("a.png", "waits: locked")]
    assert seen == ["a.png"]


def test_a_half_written_photograph_joins_once_it_is_whole(tmp_path):
    cv2.imwrite(str(tmp_path / "whole.png"), picture())
    data = (tmp_path / "whole.png").read_bytes()
    (tmp_path / "whole.png").unlink()
    target = tmp_path / "saved.png"
    target.write_bytes(data[: len(data) // 2])
    said = []
    series = WatchedSeries(tmp_path.parent / "room", read=False)
    rounds = iter(range(8))

    def wait(_):
        number = next(rounds, None)
        if number == 4:
            target.write_bytes(data)
        return number is not None

    left = list(follow(tmp_path, lambda path: said.append(series.join(path)), wait))
    assert left == [] and [joined["name"] for joined in said] == ["saved.png"]


def test_links_and_pipes_are_never_opened(tmp_path):
    cv2.imwrite(str(tmp_path / "real.png"), picture())
    folder = tmp_path / "watched"
    folder.mkdir()
    (folder / "link.png").symlink_to(tmp_path / "real.png")
    os.mkfifo(folder / "pipe.png")
    assert {name: entry.kind for name, entry in listing_of(folder).items()} == {
        "link.png": EntryKind.LINK,
        "pipe.png": EntryKind.OTHER,
    }
    # Put there after the listing.
    for name in ("link.png", "pipe.png", "gone.png"):
        with pytest.raises(PhotoError), own_copy(folder / name, tmp_path / "room"):
            pass
    assert list((tmp_path / "room").iterdir()) == []
    assert listing_of(tmp_path / "nowhere") is None and listing_of(tmp_path / "real.png") is None


def test_a_series_says_of_each_photograph_how_it_lies_against_the_first(tmp_path):
    plate = picture()
    cv2.imwrite(str(tmp_path / "1.png"), plate)
    cv2.imwrite(str(tmp_path / "2.png"), np.roll(plate, 4, axis=1))
    cv2.imwrite(str(tmp_path / "3.png"), picture(2))
    series = WatchedSeries(tmp_path / "room", read=False)
    first, second, third, again = (series.join(tmp_path / f"{n}.png") for n in (1, 2, 3, 2))
    assert (first["number"], first["aligned"]) == (1, True)
    assert second["aligned"] and second["to_first"][2] == pytest.approx(-4, abs=0.75)
    assert not third["aligned"] and "another marking" in third["why"]
    assert (again["aligned"], again["why"]) == (None, ALREADY)
    (tmp_path / "bad.png").write_bytes((tmp_path / "1.png").read_bytes()[:-20])
    with pytest.raises(PhotoTruncatedError):
        series.join(tmp_path / "bad.png")


def test_the_command_prints_one_line_a_photograph_and_touches_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(watch, "INTERVAL_S", 0)
    monkeypatch.setattr(watch, "WAITING_S", 0)
    for number in (1, 2):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.roll(picture(), number, axis=1))
    (tmp_path / "notes.txt").write_text("x")
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    done = CliRunner().invoke(application, ["watch", str(tmp_path), "--once"])
    assert done.exit_code == 0, done.output
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(joined["name"], joined["aligned"]) for joined in said] == [("1.png", True), ("2.png", True)]
    assert "notes.txt: is no photograph" in done.stderr
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
