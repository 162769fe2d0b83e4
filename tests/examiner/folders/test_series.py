"""Which series a path names, and that one failure never stops the others."""

import shutil
import unicodedata
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import pytest

from examiner.folders import series as series_module
from examiner.folders.series import Options, Series, read_series, series_in
from pipelines.errors import PhotoPermissionError
from pipelines.propose import Source
from pipelines.types import Failure, Proposal

FRAME = Path(str(files("sample_images") / "01_intact_stamped" / "frame_01.jpg"))
HEADER = "file,x0,y0,x1,y1,rotate_cw\n"


def touched(folder: Path, *names: str) -> Path:
    """A folder of files that need not be photographs: finding series does not read them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"x")
    return folder


def names_of(series: list[Series]) -> list[tuple[str, list[str]]]:
    return [(entry.name, [Path(source.path).name for source in entry.sources[0]]) for entry in series]


def listed(*paths: Path, each_photo: bool = False, **options) -> list[Series]:
    return series_in(paths, each_photo, Options(**options))


def test_a_photograph_is_one_series(tmp_path):
    photo = touched(tmp_path, "a.jpg") / "a.jpg"
    assert listed(photo) == [Series(str(photo), ((Source(photo),),))]


def test_a_folder_is_one_series_in_natural_order(tmp_path):
    touched(tmp_path, "10.jpg", "2.jpg", "1.jpg")
    assert names_of(listed(tmp_path)) == [(str(tmp_path), ["1.jpg", "2.jpg", "10.jpg"])]


def test_each_photograph_of_a_folder_may_be_a_series_of_its_own(tmp_path):
    touched(tmp_path, "2.jpg", "1.jpg")
    expected = [(str(tmp_path / name), [name]) for name in ("1.jpg", "2.jpg")]
    assert names_of(listed(tmp_path, each_photo=True)) == expected


def test_each_folder_of_a_folder_is_a_series_to_any_depth(tmp_path):
    touched(tmp_path / "b", "b.jpg")
    touched(tmp_path / "a", "a.jpg")
    touched(tmp_path / "a" / "deep" / "deeper", "c.jpg")
    series = names_of(listed(tmp_path))
    assert [(Path(name).relative_to(tmp_path).as_posix(), photos) for name, photos in series] == [
        ("a", ["a.jpg"]),
        ("a/deep/deeper", ["c.jpg"]),
        ("b", ["b.jpg"]),
    ]


def test_photographs_beside_folders_are_a_series_before_them(tmp_path):
    touched(tmp_path, "top.jpg")
    touched(tmp_path / "a", "a.jpg")
    assert [photos for _, photos in names_of(listed(tmp_path))] == [["top.jpg"], ["a.jpg"]]


def test_paths_keep_their_order_and_may_repeat(tmp_path):
    touched(tmp_path, "a.jpg", "b.jpg")
    paths = [tmp_path / name for name in ("b.jpg", "a.jpg", "b.jpg")]
    assert [entry.name for entry in listed(*paths)] == [str(path) for path in paths]


def test_hidden_files_folders_and_tables_are_left_out(tmp_path):
    touched(tmp_path, ".hidden.jpg", "a.jpg", "notes.txt", "regions.json", "results.jsonl")
    touched(tmp_path / ".thumbnails", "small.jpg")
    assert names_of(listed(tmp_path)) == [(str(tmp_path), ["a.jpg"])]


def test_links_to_folders_are_not_followed_so_a_loop_ends(tmp_path):
    touched(tmp_path / "a", "a.jpg")
    (tmp_path / "a" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "b").symlink_to(tmp_path / "a", target_is_directory=True)
    assert names_of(listed(tmp_path)) == [(str(tmp_path / "a"), ["a.jpg"])]


def test_a_link_that_names_itself_is_a_photograph_that_cannot_be_read(tmp_path):
    link = tmp_path / "loop.jpg"
    link.symlink_to(link)
    (series,) = listed(link)
    proposal = read_series(series, Options(readers=("general",)))
    assert proposal.photos[0].error is not None
    assert "loop.jpg" in proposal.photos[0].error.message


@pytest.mark.parametrize("each_photo", [False, True])
def test_a_folder_without_photographs_is_a_failed_series_in_its_place(tmp_path, each_photo):
    touched(tmp_path / "empty of photographs", "notes.txt")
    touched(tmp_path / "empty", "a.jpg")
    touched(tmp_path / "more", "a.jpg")
    paths = [tmp_path / name for name in ("more", "empty of photographs", "empty")]
    first, second, third = listed(*paths, each_photo=each_photo)
    assert (first.error, third.error) == (None, None)
    assert (second.name, second.error and second.error.kind) == (str(paths[1]), "no_photographs")
    assert second.error is not None and str(paths[1]) in second.error.message


def test_an_empty_folder_is_named_also_after_one_whose_name_begins_the_same(tmp_path):
    touched(tmp_path / "case 12", "a.jpg")
    touched(tmp_path / "case 1")
    errors = [entry.error and entry.error.kind for entry in listed(tmp_path / "case 12", tmp_path / "case 1")]
    assert errors == [None, "no_photographs"]


@pytest.mark.parametrize("each_photo", [False, True])
def test_the_folder_one_stands_in_is_read_like_any_other(tmp_path, monkeypatch, each_photo):
    touched(tmp_path / "sub", "a.jpg")
    monkeypatch.chdir(tmp_path)
    assert [(entry.error, len(entry.sources)) for entry in listed(Path(), each_photo=each_photo)] == [
        (None, 1)
    ]


def test_a_folder_that_may_not_be_opened_is_a_failed_series_beside_the_others(tmp_path, monkeypatch):
    touched(tmp_path / "a", "a.jpg")
    closed = touched(tmp_path / "closed", "b.jpg")
    touched(tmp_path / "z", "c.jpg")
    photo_paths = series_module.photo_paths

    def refusing(folder):
        if folder == closed:
            raise PhotoPermissionError("closed: may not be opened")
        return photo_paths(folder)

    monkeypatch.setattr(series_module, "photo_paths", refusing)
    series = listed(tmp_path)
    assert [(Path(entry.name).name, entry.error and entry.error.kind) for entry in series] == [
        ("a", None),
        ("closed", "permission"),
        ("z", None),
    ]


def test_a_video_is_one_series_of_some_of_its_frames(tmp_path):
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (160, 120))
    assert writer.isOpened()
    random = np.random.default_rng(1)
    for _ in range(20):
        writer.write(random.integers(0, 255, (120, 160, 3), np.uint8))
    writer.release()
    (series,) = listed(path)
    (frames,) = series.sources
    times = [source.frame_time_s for source in frames]
    assert len(frames) == 8
    assert {source.path for source in frames} == {path}
    assert None not in times and times == sorted(set(times)) and times[-1] < 0.8


def test_a_damaged_video_is_still_a_series_that_names_its_reason(tmp_path):
    path = tmp_path / "clip.avi"
    path.write_bytes(b"RIFF\x10\x27\0\0AVI LIST" + b"\0" * 100)
    (series,) = listed(path)
    proposal = read_series(series, Options(readers=("general",)))
    assert [entry.error is not None for entry in proposal.photos] == [True]
    assert proposal.error is not None and proposal.error.kind == "no_photographs"


# regions.csv and the options ------------------------------------------------------------------------


def marked(folder: Path, rows: str) -> Path:
    (folder / "regions.csv").write_text(HEADER + rows, "utf-8")
    return folder


def test_each_photograph_has_its_own_row(tmp_path):
    marked(touched(tmp_path, "a.jpg", "b.jpg", "c.jpg"), "b.jpg,1,2,3,4,90\na.jpg,5,6,7,8,\n")
    (series,) = listed(tmp_path)
    assert series.sources == (
        (
            Source(tmp_path / "a.jpg", (5.0, 6.0, 7.0, 8.0), None),
            Source(tmp_path / "b.jpg", (1.0, 2.0, 3.0, 4.0), 90.0),
            Source(tmp_path / "c.jpg"),
        ),
    )


def test_the_table_beside_a_single_photograph_counts(tmp_path):
    marked(touched(tmp_path, "a.jpg"), "a.jpg,5,6,7,8,\n")
    (series,) = listed(tmp_path / "a.jpg")
    assert series.sources[0][0].region == (5.0, 6.0, 7.0, 8.0)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_row_is_found_however_the_system_stores_the_name(tmp_path, form):
    marked(touched(tmp_path, unicodedata.normalize(form, "левый.jpg")), "левый.jpg,5,6,7,8,\n")
    (series,) = listed(tmp_path)
    assert series.sources[0][0].region == (5.0, 6.0, 7.0, 8.0)


def test_a_region_and_a_rotation_given_by_hand_come_before_the_table(tmp_path):
    marked(touched(tmp_path, "a.jpg"), "a.jpg,5,6,7,8,90\n")
    given = listed(tmp_path, region=(1.0, 1.0, 2.0, 2.0))[0].sources[0][0]
    turned = listed(tmp_path, rotate_cw=0.0)[0].sources[0][0]
    assert (given.region, given.rotate_cw) == ((1.0, 1.0, 2.0, 2.0), None)
    assert (turned.region, turned.rotate_cw) == ((5.0, 6.0, 7.0, 8.0), 0.0)


def test_two_rows_for_a_photograph_alone_are_two_regions(tmp_path):
    marked(touched(tmp_path, "a.jpg", "b.jpg"), "a.jpg,1,2,3,4,\na.jpg,5,6,7,8,90\n")
    first, second = listed(tmp_path, each_photo=True)
    assert [sources[0].region for sources in first.sources] == [(1.0, 2.0, 3.0, 4.0), (5.0, 6.0, 7.0, 8.0)]
    assert [sources[0].rotate_cw for sources in first.sources] == [None, 90.0]
    assert second.sources == ((Source(tmp_path / "b.jpg"),),)


def test_two_rows_for_a_photograph_of_a_series_fail_that_series_only(tmp_path):
    marked(touched(tmp_path / "a", "a.jpg", "b.jpg"), "a.jpg,1,2,3,4,\na.jpg,5,6,7,8,\n")
    touched(tmp_path / "b", "c.jpg")
    wrong, right = listed(tmp_path)
    assert wrong.error is not None and right.error is None
    assert wrong.error.kind == "region"
    assert "a.jpg" in wrong.error.message and "--each-photo" in wrong.error.message


def test_a_table_that_cannot_be_understood_fails_its_series_only(tmp_path):
    marked(touched(tmp_path / "a", "a.jpg"), "a.jpg,1,2,3,word,\n")
    touched(tmp_path / "b", "c.jpg")
    wrong, right = listed(tmp_path)
    assert wrong.error is not None and right.error is None
    assert "regions.csv, row 2" in wrong.error.message
    assert read_series(wrong, Options(readers=("general",))).error == wrong.error


# Reading ---------------------------------------------------------------------------------------------


def test_two_regions_of_one_photograph_are_both_read(tmp_path, struck):
    upper = struck(tmp_path / "upper.png", "AK 4731", size=(900, 250), base=160)
    lower = struck(tmp_path / "lower.png", "X 8265", seed=2, size=(900, 250), base=160)
    both = np.vstack([cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in (upper, lower)])
    folder = tmp_path / "folder"
    folder.mkdir()
    cv2.imwrite(str(folder / "both.png"), both)
    marked(folder, "both.png,20,40,880,220,0\nboth.png,20,290,880,470,0\n")
    (series,) = listed(folder)
    proposal = read_series(series, Options(readers=("general",)))
    assert [line.best for line in proposal.lines] == ["AK4731", "X8265"]
    assert [max(y for _, y in line.quad) < 250 for line in proposal.lines] == [True, False]
    assert [entry.path for entry in proposal.photos] == [str(folder / "both.png")]


def test_a_region_outside_the_photograph_is_in_the_proposal(tmp_path, struck):
    path = struck(tmp_path / "a.png", "AK 4731")
    (series,) = listed(path, region=(5000.0, 5000.0, 6000.0, 6000.0))
    proposal = read_series(series, Options(readers=("general",)))
    assert proposal.error is not None and proposal.error.kind == "region"


def test_a_series_that_failed_before_is_passed_on():
    failure = Failure("no_photographs", "why")
    assert read_series(Series("name", (), failure), Options()) == Proposal("name", (), (), {}, 0.0, failure)


def test_an_unknown_reader_is_in_the_proposal():
    proposal = read_series(Series("name", ((Source(FRAME),),)), Options(readers=("oracle",)))
    assert proposal.error is not None and proposal.error.kind == "reader"
    assert "oracle" in proposal.error.message


def test_a_flat_photograph_has_no_lines_and_is_no_failure(tmp_path):
    path = tmp_path / "flat.png"
    cv2.imwrite(str(path), np.full((300, 400), 128, np.uint8))
    proposal = read_series(listed(path)[0], Options(readers=("general",)))
    assert (proposal.lines, proposal.error) == ((), None)


def test_an_original_is_not_touched_by_reading(tmp_path):
    path = tmp_path / "a.jpg"
    shutil.copy(FRAME, path)
    before = path.stat()
    read_series(listed(path)[0], Options(readers=("general",)))
    after = path.stat()
    assert (after.st_mtime_ns, after.st_size) == (before.st_mtime_ns, before.st_size)
    assert path.read_bytes() == FRAME.read_bytes()
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.jpg"]
