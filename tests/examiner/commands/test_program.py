"""What all commands have in common: help with examples, messages, log file, signals, completion."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from examiner.cli import application
from examiner.commands.examples import LINES
from examiner.commands.places import originals, output_file, output_folder, read_only

ROOT = Path(__file__).parents[3]
FRAME = Path(str(files("sample_images") / "01_intact_stamped" / "frame_01.jpg"))
EXAMINER = [sys.executable, "-c", "from examiner.cli import main; main()"]


def commands() -> dict[str, Any]:
    """Every command that does something, by its words."""
    found: dict[str, Any] = {}

    def walk(group, words):
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                walk(command, [*words, name])
            else:
                found[" ".join([*words, name])] = command

    walk(get_command(application), [])
    return found


def options_of(command) -> set[str]:
    return {option for parameter in command.params for option in parameter.opts} | {"--help"}


def test_every_command_has_help_examples_and_the_common_options():
    for words, command in commands().items():
        result = CliRunner().invoke(application, [*words.split(), "--help"])
        assert result.exit_code == 0 and "Examples:" in result.stdout, words
        assert {"--quiet", "--verbose", "--log-file"} <= options_of(command), words


@pytest.mark.parametrize("line", [line for lines in LINES.values() for line in lines])
def test_examples_use_commands_and_options_that_there_are(line):
    program, *words = shlex.split(line.split(">")[0])
    assert program == "examiner"
    known = commands()
    depth = 2 if " ".join(words[:2]) in known else 1
    command = known[" ".join(words[:depth])]
    assert {word for word in words[depth:] if word.startswith("-")} <= options_of(command)


def test_every_command_and_option_is_in_the_documentation():
    text = (ROOT / "docs" / "command-line.md").read_text("utf-8")
    for words, command in commands().items():
        assert f"examiner {words.split()[0]}" in text, words
        for option in options_of(command) - {"--help"}:
            assert not option.startswith("--") or option in text, f"{words} {option}"


def test_output_has_one_name():
    for words, command in commands().items():
        for parameter in command.params:
            if any(option in parameter.opts for option in ("-o", "--out", "--output")):
                assert set(parameter.opts) == {"-o", "--out"}, words


def test_every_path_of_a_command_has_a_role_that_the_guard_knows():
    roles = {function.__qualname__ for function in (output_file, output_folder, originals, read_only)}
    for words, command in commands().items():
        for parameter in command.params:
            annotation = str(parameter.type_descriptor.annotation)
            if "Path" in annotation and parameter.name != "log_file":
                assert parameter.callback is not None, f"{words}: {parameter.name}"
                assert parameter.callback.__qualname__ in roles, f"{words}: {parameter.name}"


def test_the_version_is_told():
    result = CliRunner().invoke(application, ["--version"])
    assert result.exit_code == 0 and re.fullmatch(r"examiner \d+\.\d+\.\d+\n", result.stdout)


@pytest.mark.parametrize("before", [True, False])
def test_quiet_says_only_what_went_wrong_before_or_after_the_command(tmp_path, before):
    words = ["read", str(tmp_path / "none.jpg"), "--out", str(tmp_path / f"{before}.csv")]
    loud = CliRunner().invoke(application, [*words[:-1], str(tmp_path / "loud.csv")])
    assert "missing" in loud.stderr and "series" in loud.stderr.splitlines()[-1]
    quiet = CliRunner().invoke(application, ["--quiet", *words] if before else [*words, "--quiet"])
    assert len(quiet.stderr.splitlines()) == 1 and "missing" in quiet.stderr


def test_one_fault_is_one_line(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        shutil.copy(FRAME, folder / name)
    (folder / "regions.csv").write_text("file,x0,y0,x1,y1\na.jpg,1,2,3,x\n")
    result = CliRunner().invoke(application, ["read", str(folder), "--each-photo", "--readers", "general"])
    assert result.exit_code == 3
    (line,) = result.stderr.splitlines()
    assert "row 2: column y1: expected a number of pixels, got 'x'" in line
    assert line.count("regions.csv") == 1
    assert len(result.stdout.splitlines()) == 3
    assert len(CliRunner().invoke(application, ["read", str(tmp_path / "none.jpg")]).stderr.splitlines()) == 1


def test_the_log_file_has_times_and_is_added_to(tmp_path):
    log = tmp_path / "log.txt"
    for _ in range(2):
        words = ["read", str(tmp_path / "none.jpg"), "--log-file", str(log), "--quiet"]
        assert CliRunner().invoke(application, words).exit_code == 3
    lines = log.read_text("utf-8").splitlines()
    assert sum("missing: " in line for line in lines) == 2
    assert sum(" version " in line for line in lines) == 2
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", line) for line in lines)


def test_an_error_of_the_program_is_one_line_and_its_place_is_in_the_log(tmp_path, monkeypatch):
    def broken(*_arguments):
        raise RuntimeError("no such thing")

    monkeypatch.setattr("examiner.folders.series.series_in", broken)
    log = tmp_path / "log.txt"
    result = CliRunner().invoke(application, ["read", str(tmp_path), "--log-file", str(tmp_path / "log.txt")])
    # The log would lie among the photographs of the folder.
    assert result.exit_code == 2
    (tmp_path / "in").mkdir()
    result = CliRunner().invoke(application, ["read", str(tmp_path / "in"), "--log-file", str(log)])
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert "RuntimeError: no such thing" in line and "--log-file" in line
    assert "Traceback" in log.read_text("utf-8")


def test_a_name_cannot_act_on_the_terminal(tmp_path):
    name = "a\x1b[31m\nb.jpg"
    (tmp_path / name).write_bytes(b"")
    result = CliRunner().invoke(application, ["read", str(tmp_path / name)])
    assert "\x1b" not in result.stderr and len(result.stderr.splitlines()) == 1


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_sigterm_ends_as_ctrl_c_does(tmp_path, number):
    shutil.copy(FRAME, tmp_path)
    process = subprocess.Popen(
        [*EXAMINER, "watch", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # As a terminal starts it: what is started in the background ignores Ctrl-C.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    assert "frame_01.jpg" in process.stdout.readline()
    process.send_signal(number)
    _, err = process.communicate()
    assert (process.returncode, err) == (0, "")


@pytest.mark.skipif(os.name == "nt" or shutil.which("bash") is None, reason="needs bash")
def test_bash_completes_commands_options_and_values(tmp_path):
    script = CliRunner().invoke(application, ["completion", "bash"])
    assert script.exit_code == 0
    program = tmp_path / "bin" / "examiner"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -c "from examiner.cli import main; main()" "$@"\n')
    program.chmod(0o700)
    (tmp_path / "script.sh").write_text(script.stdout)

    def completed(*words: str) -> list[str]:
        line = " ".join(shlex.quote(word) for word in words)
        bash = (
            f"source {tmp_path}/script.sh; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; "
            '_examiner_completion examiner; printf "%s\\n" "${COMPREPLY[@]}"'
        )
        done = subprocess.run(
            ["bash", "-c", bash],
            env={**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.split()

    assert completed("examiner", "en") == ["enhance"]
    assert completed("examiner", "read", "--each") == ["--each-photo"]
    assert completed("examiner", "read", "--alphabet", "c") == ["cyrillic"]


@pytest.mark.parametrize(
    ("shell", "said"), [("zsh", "#compdef examiner"), ("fish", "complete --command examiner")]
)
def test_other_shells_have_scripts(shell, said):
    result = CliRunner().invoke(application, ["completion", shell])
    assert result.exit_code == 0 and said in result.stdout


def test_app_py_takes_the_options_of_the_page():
    done = subprocess.run(
        [sys.executable, str(ROOT / "app.py"), "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and "--port" in done.stdout and "Examples:" in done.stdout
    wrong = subprocess.run(
        [sys.executable, str(ROOT / "app.py"), "--port", "x"], capture_output=True, text=True, check=False
    )
    assert wrong.returncode == 2 and len(wrong.stderr.splitlines()) == 1


def test_results_on_standard_output_and_in_a_file_at_once(tmp_path):
    words = ["read", str(tmp_path / "none.jpg"), "-o", "-", "-o", str(tmp_path / "r.jsonl")]
    result = CliRunner().invoke(application, words)
    assert result.exit_code == 3
    written = json.loads((tmp_path / "r.jsonl").read_text("utf-8"))
    assert json.loads(result.stdout)["series"] == written["series"]
