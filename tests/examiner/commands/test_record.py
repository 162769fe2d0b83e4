"""The exit codes and messages of `examiner verify`."""

from importlib.resources import files
from pathlib import Path

from typer.testing import CliRunner, Result

from examiner.casebook.casebook import Casebook
from examiner.cli import application
from examiner.examination.acts import Mode

FRAME = Path(str(files("sample_images") / "01_intact_stamped" / "frame_01.jpg"))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(application, [str(argument) for argument in arguments])


def test_verify_finds_nothing_wrong_and_then_a_changed_original(tmp_path):
    with Casebook(tmp_path / "casebook") as casebook:
        stored = casebook.photos(casebook.begin(Mode.CASEWORK, [FRAME], "eva", "case 1"))[0]
    assert run("verify", tmp_path / "casebook").exit_code == 0
    stored.path.chmod(0o600)
    stored.path.write_bytes(FRAME.read_bytes()[:-1] + b"\0")
    result = run("verify", tmp_path / "casebook")
    assert result.exit_code == 1
    assert stored.sha256[:12] in result.stderr


def test_a_casebook_whose_database_is_damaged_is_code_1_with_its_name(tmp_path):
    Casebook(tmp_path / "casebook").close()
    (tmp_path / "casebook" / "casebook.sqlite").write_bytes(b"no database" * 100)
    result = run("verify", tmp_path / "casebook")
    assert result.exit_code == 1
    assert "cannot be read" in result.stderr and str(tmp_path / "casebook") in result.stderr


def test_verify_begins_no_casebook_where_there_is_none(tmp_path):
    assert run("verify", tmp_path).exit_code == 2
    assert run("verify", tmp_path / "absent").exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_head_that_the_ledger_never_had_is_something_wrong(tmp_path):
    with Casebook(tmp_path / "casebook") as casebook:
        casebook.begin(Mode.CASEWORK, [FRAME], "eva", "case 1")
        head = casebook.head()
    assert run("verify", tmp_path / "casebook", "--head", head).exit_code == 0
    assert run("verify", tmp_path / "casebook", "--head", "1" * 64).exit_code == 1
