"""Files and folders that a command is told on its line: what each is for, and that no output lies among
originals or over a file.

Every path of a command is one of the kinds below, and `program.ExaminerCommand` holds them to the rules
before the command begins.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import typer

from examiner.photographs.apart_from_originals import folder_of_originals

Role = Literal["originals", "input", "output file", "output folder"]

_PLACES = "examiner.places"

STANDARD_OUTPUT = Path("-")


@dataclass(frozen=True)
class Place:
    """A path as it was named. `name`: of the option or argument, for messages."""

    role: Role
    name: str
    path: Path


def path_named(text: str | Path) -> Path:
    """Raises typer.BadParameter for an empty name, which would be the current folder."""
    if not str(text).strip():
        raise typer.BadParameter("is empty; write the name of a file or folder, or . for the current folder")
    if "\0" in str(text):
        raise typer.BadParameter("holds a zero byte, which no name can hold; write the name anew")
    return Path(text)


def existing(text: str | Path) -> Path:
    """A path at which there is something. Raises typer.BadParameter."""
    path = path_named(text)
    if not os.path.lexists(path):
        raise typer.BadParameter(f"{path}: there is no such file or folder; see how it is spelled")
    return path


def existing_file(text: str | Path) -> Path:
    """Raises typer.BadParameter where there is no file."""
    path = existing(text)
    if path.is_dir():
        raise typer.BadParameter(f"{path}: is a folder; name a file")
    return path


def existing_folder(text: str | Path) -> Path:
    """Raises typer.BadParameter where there is no folder."""
    path = existing(text)
    if not path.is_dir():
        raise typer.BadParameter(f"{path}: is no folder; name a folder")
    return path


def _kept_as(role: Role) -> Callable[[typer.Context, typer.CallbackParam, Any], Any]:
    def keep(context: typer.Context, parameter: typer.CallbackParam, value: Any) -> Any:
        paths = value if isinstance(value, (list, tuple)) else [] if value is None else [value]
        places: list[Place] = context.meta.setdefault(_PLACES, [])
        places += [Place(role, name_of(parameter), path) for path in paths if path != STANDARD_OUTPUT]
        return value

    return keep


originals = _kept_as("originals")
"""Callback of a parameter: photographs, folders of them, a casebook. Nothing is written there."""

read_only = _kept_as("input")
"""Callback of a parameter: a file that is read, such as a table."""

output_file = _kept_as("output file")
"""Callback of a parameter: a file that is written."""

output_folder = _kept_as("output folder")
"""Callback of a parameter: a folder in which files are written; each command looks after their names."""


def name_of(parameter: Any) -> str:
    """How a person writes the parameter: the long name of an option, the word of an argument."""
    options = [name for name in parameter.opts if name.startswith("--")]
    return options[0] if options else parameter.metavar or parameter.name.upper()


def check_places(context: typer.Context, log_file: Path | None) -> None:
    """Holds the paths of a command to the rules. Raises typer.BadParameter before anything is written."""
    places: list[Place] = context.meta.get(_PLACES, [])
    sources = [place.path for place in places if place.role == "originals"]
    outputs = [place for place in places if place.role in ("output file", "output folder")]
    logs = [] if log_file is None else [Place("output file", "--log-file", log_file)]
    for place in (*outputs, *logs):
        check_apart(place.name, place.path, sources)
    for place in logs:
        check_new_file(place.name, place.path, True)
    for place in outputs:
        if place.role == "output file":
            replaces = bool(context.params.get("force")) or bool(context.params.get("resume"))
            more = "--resume to continue it or " if "resume" in context.params else ""
            check_new_file(place.name, place.path, replaces, f"{more}--force to replace it")
        elif os.path.lexists(place.path) and not place.path.is_dir():
            raise _refused(place.name, f"{place.path} is a file; name a folder")
    for place in places:
        if place.role == "input" and any(_same(place.path, output.path) for output in (*outputs, *logs)):
            raise _refused(place.name, f"{place.path} is named as output too; name another file there")
    written = [place for place in (*outputs, *logs) if place.role == "output file"]
    for number, place in enumerate(written):
        if any(_same(place.path, other.path) for other in written[:number]):
            raise _refused(place.name, f"{place.path} is named twice for output; name two files")


def check_apart(name: str, output: Path, sources: Iterable[Path]) -> None:
    """Raises typer.BadParameter where an output would lie among originals."""
    folder = folder_of_originals(output, sources)
    if folder is not None:
        raise _refused(
            name, f"{output} is not written: {folder} holds originals; name a place outside that folder"
        )


def check_new_file(name: str, path: Path, replaces: bool, how: str = "--force to replace it") -> None:
    """Raises typer.BadParameter where the file cannot be begun, or is there and not to be replaced."""
    if path.is_dir():
        raise _refused(name, f"{path} is a folder; name a file")
    if not path.parent.is_dir():
        raise _refused(
            name, f"{path}: there is no folder {path.parent}; make it first, or name another place"
        )
    if is_photograph(path):
        raise _refused(
            name,
            f"{path} is, or is named like, a photograph; results are not written there; name another file",
        )
    if os.path.lexists(path) and not replaces:
        raise _refused(name, f"{path} exists already; name another file, or add {how}")
    if not os.access(path.parent, os.W_OK):
        raise _refused(name, f"{path.parent}: no file can be written in this folder; name another place")


NO_PHOTOGRAPH = (None, "PDF")
"""What `extension_format` and `sniff` say of a file that is no photograph; reports are PDF."""


def is_photograph(path: Path) -> bool:
    """By its name or, where the file exists, by its content."""
    from pipelines.photographs.formats import HEAD, extension_format, sniff

    if extension_format(path.suffix) not in NO_PHOTOGRAPH:
        return True
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return sniff(file.read(HEAD)) not in NO_PHOTOGRAPH
    except OSError:
        return False


def _same(first: Path, other: Path) -> bool:
    try:
        return first.samefile(other)
    except OSError:
        return os.path.realpath(first) == os.path.realpath(other)


def _refused(name: str, message: str) -> typer.BadParameter:
    return typer.BadParameter(message, param_hint=name)
