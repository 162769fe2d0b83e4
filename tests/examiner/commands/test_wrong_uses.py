"""Wrong uses of the command line: each is one line that says what to do, and nothing is done or written."""

import os
import shutil
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from examiner.cli import application

FRAME = Path(str(files("sample_images") / "01_intact_stamped" / "frame_01.jpg"))


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """`photos` with two photographs, `other` with none, a file with words, results that are there already."""
    place = tmp_path_factory.mktemp("place")
    (place / "photos" / "inner").mkdir(parents=True)
    (place / "other").mkdir()
    for name in ("a.jpg", "b.jpg"):
        shutil.copy(FRAME, place / "photos" / name)
    (place / "words.txt").write_text("words\n")
    (place / "results.csv").write_text("results\n")
    (place / "overview").mkdir()
    (place / "overview" / "index.html").write_text("a page")
    (place / "link").symlink_to("photos", target_is_directory=True)
    (place / "one.jpg").symlink_to(place / "photos" / "a.jpg")
    return place


WRONG = [
    ("rea photos", "Did you mean 'read'"),
    ("--colour read photos", "No such option"),
    ("--quiet --verbose read photos", "leave one of them out"),
    ("read", "PATH: is missing"),
    ("read ''", "is empty; write the name"),
    ("read photos ''", "is empty; write the name"),
    ("read photos --no-such-option", "No such option"),
    ("read photos --out", "requires an argument"),
    ("read photos --region 1,2,3", "expected four numbers X0,Y0,X1,Y1"),
    ("read photos --region 9,2,3,4", "expected X0 < X1"),
    ("read photos --region a,b,c,d", "expected four numbers"),
    ("read photos --region 1,2,nan,4", "expected X0 < X1"),
    ("read photos --rotate upright", "expected a number of degrees, got 'upright'"),
    ("read photos --rotate nan", "expected a number of degrees"),
    ("read photos --rotate inf", "expected a number of degrees"),
    ("read photos --band 1,2,3", "expected five numbers"),
    ("read photos --band 1,2,9,2,5 --region 1,2,3,4", "leave out --region"),
    ("read photos --edges 1,2", "--band: is needed"),
    ("read photos --alphabet greek", "'latin', 'cyrillic'"),
    ("read photos --readers oracle", "the readers are marks, general, tesseract"),
    ("read photos --readers ''", "the readers are"),
    ("read photos --readers general,", "the readers are"),
    ("read photos --workers 0", "from 1 to 256, got 0"),
    ("read photos --workers many", "from 1 to 256, got 'many'"),
    ("read photos --patience nan", "a number of seconds from 1"),
    ("read photos --scheduler there", "expected tcp://HOST:PORT"),
    ("read photos --resume", "name it with --out"),
    ("read photos --out results.txt", "results are written as .jsonl, .csv"),
    ("read photos --out results.csv", "--resume to continue it or --force to replace it"),
    ("read photos --out results.csv --resume --force", "leave out --resume or --force"),
    ("read photos --out nowhere/out.csv", "there is no folder nowhere; make it first"),
    ("read photos --out other", "is a folder; name a file"),
    ("read photos --out new.png", "named like, a photograph"),
    ("read photos --out ''", "is empty"),
    ("read photos --out a.csv --out b.csv", "got 2 files; name one"),
    ("read photos --out photos/out.csv", "holds originals; name a place outside"),
    ("read photos/a.jpg photos/b.jpg --overview photos/ov", "holds originals"),
    ("read photos --overview photos/inner/../../photos/ov", "holds originals"),
    ("read photos --overview link/inner/ov", "holds originals"),
    ("read link --keep-intermediates photos/kept", "holds originals"),
    ("read one.jpg --overview photos/ov", "holds originals"),
    ("read photos --overview overview", "index.html exists already"),
    ("read photos --overview words.txt", "is a file; name a folder"),
    ("read photos --log-file photos/log.txt", "holds originals"),
    ("read photos --log-file words.txt", "is no log of this program"),
    ("read photos --validated gone.toml", "there is no such file"),
    ("read photos --method stamped", "name it with --validated"),
    ("import gone.csv --casebook casebook --series x", "there is no such file"),
    ("import words.txt --casebook casebook --series x", "results are written as"),
    ("import results.csv --casebook casebook --series x", "expected a file of results"),
    ("import results.csv --casebook casebook --series x --mode quick", "'casework'"),
    ("enhance photos", "--recipe: is missing"),
    ("enhance photos --recipe none", "there is no recipe 'none'"),
    ("enhance photos --recipe as_taken --out photos", "holds originals"),
    ("enhance photos --recipe as_taken --character 0", "a number of pixels from 1 to 20000"),
    ("enhance other --recipe as_taken", "no photograph lies in this folder"),
    ("fuse gone --out fused", "there is no such file or folder"),
    ("fuse photos --how magic", "the fusions are"),
    ("fuse photos --out photos/fused", "holds originals"),
    ("fuse photos --output fused", "No such option"),
    ("verify other", "holds no casebook"),
    ("verify gone", "there is no such file or folder"),
    ("export other -o copy", "holds no casebook"),
    ("report other 3f -o report.doc", "ends in .pdf or .json"),
    ("report other 3f -o report.pdf --paper a3", "'a4', 'letter'"),
    ("trace other 3f --most 0", "from 1 to 10000"),
    ("trace other 3f --formats gone.toml", "there is no such file"),
    ("validate photos --truth gone.csv", "there is no such file"),
    ("validate photos --truth words.txt", "no column series and no column text"),
    ("watch words.txt", "is no folder"),
    ("page --port 0", "from 1 to 65535"),
    ("page --casebook photos/casebook --live photos", "holds originals"),
    ("page --live .", "casebook is not written: . holds originals"),
    ("page --laboratory gone.toml", "there is no such file"),
    ("train --language de", "'en', 'ru', 'ro'"),
    ("people add eva --role king", "the roles are examiner"),
    ("people close ''", "is empty"),
    ("course make --out results.csv", "exists already"),
    ("course make --out c.json --count 0", "from 1 to 200"),
    ("completion cmd", "'bash', 'zsh'"),
]


def run(words: str, where: Path) -> Result:
    import shlex

    before = Path.cwd()
    os.chdir(where)
    try:
        return CliRunner().invoke(application, shlex.split(words))
    finally:
        os.chdir(before)


def everything(place: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(place)): path.read_bytes() if path.is_file() else b""
        for path in place.rglob("*")
    }


def test_there_are_fifty():
    assert len({words for words, _ in WRONG}) >= 50


@pytest.mark.parametrize(("words", "said"), WRONG, ids=[words for words, _ in WRONG])
def test_a_wrong_use_is_one_line_that_says_what_to_do(place, words, said):
    before = everything(place)
    result = run(words, place)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert said in line
    assert "Traceback" not in line and "Invalid value" not in line
    assert everything(place) == before


@pytest.mark.parametrize("words", ["--help", "read --help", "people add --help"])
def test_help_is_on_standard_output(place, words):
    result = run(words, place)
    assert result.exit_code == 0 and "Examples:" in result.stdout and result.stderr == ""


def test_without_a_command_help_is_given_and_the_code_is_2(place):
    result = run("", place)
    assert (result.exit_code, result.stdout) == (2, "") and "Commands:" in result.stderr
