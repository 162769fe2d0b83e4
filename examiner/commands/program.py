"""How every command behaves: options that all of them have, one line for each fault, and how a command ends.

A fault of the line (exit code 2) is found before anything is done. Ctrl-C and SIGTERM end a command in the
same way. An error of the program itself is one line as well; the file of --log-file holds where it arose.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.completion import completion_init
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from examiner.commands.messages import log, messages, visible
from examiner.commands.places import check_places, name_of, path_named
from pipelines.errors import ExitCode, MarkingError

NAME = "examiner"

COMPLETE = f"_{NAME.upper()}_COMPLETE"
"""Environment variable by which a shell asks for completions."""

_SAID, _LOG_FILE = "examiner.said", "examiner.log_file"


def _how_much(context: typer.Context, parameter: typer.CallbackParam, value: bool) -> bool:
    if value:
        said = context.meta.setdefault(_SAID, parameter.name)
        if said != parameter.name:
            raise typer.BadParameter("cannot go with --quiet; leave one of them out", param_hint="--verbose")
    return value


def _log_file(context: typer.Context, value: Path | None) -> Path | None:
    if value is not None:
        context.meta[_LOG_FILE] = value
    return value


def _version(value: bool) -> None:
    if value:
        typer.echo(f"{NAME} {version('marking-examination-assistant')}")
        raise typer.Exit()


def _shared(
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet", "-q", callback=_how_much, expose_value=False, help="Say only what went wrong."
        ),
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose", "-v", callback=_how_much, expose_value=False, help="Say also what is done meanwhile."
        ),
    ] = False,
    log_file: Annotated[
        Path | None,
        typer.Option(
            "--log-file",
            metavar="FILE",
            parser=path_named,
            callback=_log_file,
            expose_value=False,
            help="Add everything that is said, and more, to this file.",
        ),
    ] = None,
) -> None:
    pass


def _program(
    show_version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, expose_value=False, help="Print the version."
        ),
    ] = False,
) -> None:
    pass


@cache
def _options_of(function: Any) -> tuple[Any, ...]:
    """The options of a function, as the command line takes them."""
    typer_application = typer.Typer(add_completion=False)
    typer_application.command()(function)
    return tuple(get_command(typer_application).params)


class ExaminerCommand(TyperCommand):
    """A command with the options that all have. Its callback runs once its paths are held to the rules."""

    def __init__(self, *arguments: Any, params: Sequence[Any] | None = None, **more: Any) -> None:
        super().__init__(*arguments, params=[*(params or ()), *_options_of(_shared)], **more)

    def invoke(self, ctx: Any) -> Any:
        """Runs the command. Its errors become a line of standard error and the exit code."""
        said, log_file = ctx.meta.get(_SAID), ctx.meta.get(_LOG_FILE)
        try:
            check_places(ctx, log_file)
            _check_log(log_file)
        except typer.BadParameter as error:
            error.ctx = ctx
            raise
        with terminated_as_interrupted(), messages(said == "quiet", said == "verbose", log_file):
            try:
                return super().invoke(ctx)
            except MarkingError as error:
                log.error("%s", error)
                raise typer.Exit(error.exit_code) from error
            except KeyboardInterrupt as error:
                log.error("stopped")
                raise typer.Exit(ExitCode.INTERRUPTED) from error
            except BrokenPipeError:
                raise
            except OSError as error:
                log.error("%s", words_of(error))
                log.debug("where it arose", exc_info=error)
                raise typer.Exit(ExitCode.FAILED) from error
            except (typer.TyperException, typer.Exit, typer.Abort):
                raise
            except Exception as error:
                log.error(
                    "%s: %s; the program has an error: run again with --log-file FILE, and send us that file",
                    type(error).__name__,
                    error,
                )
                log.debug("where it arose", exc_info=error)
                raise typer.Exit(ExitCode.FAILED) from error


class ExaminerGroup(TyperGroup):
    """Commands under one name. A fault of the line is one line."""

    def __init__(self, *arguments: Any, params: Sequence[Any] | None = None, **more: Any) -> None:
        super().__init__(*arguments, params=[*(params or ()), *_options_of(_shared)], **more)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Runs the command of a line and ends the process with its exit code."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        if COMPLETE in os.environ:
            completion_init()
        try:
            code = super().main(args, NAME, COMPLETE, False, windows_expand_args, **extra)
        except typer.TyperException as error:
            typer.echo(fault(error).encode("utf-8", "backslashreplace"), err=True)
            raise SystemExit(error.exit_code) from error
        except typer.Abort as error:
            typer.echo("stopped: there was no answer", err=True)
            raise SystemExit(ExitCode.FAILED) from error
        except MarkingError as error:
            typer.echo(visible(str(error)).encode("utf-8", "backslashreplace"), err=True)
            raise SystemExit(error.exit_code) from error
        except BrokenPipeError as error:
            _close_standard_output()
            raise SystemExit(ExitCode.FAILED) from error
        raise SystemExit(code if isinstance(code, int) else ExitCode.DONE)


class ExaminerProgram(ExaminerGroup):
    """The whole program: has --version as well."""

    def __init__(self, *arguments: Any, params: Sequence[Any] | None = None, **more: Any) -> None:
        super().__init__(*arguments, params=[*(params or ()), *_options_of(_program)], **more)


def fault(error: typer.TyperException) -> str:
    """One line for a fault of the command line: the command, the option, what is wrong, where help is."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else NAME
    name = getattr(error, "param_hint", None)
    if name is None and getattr(error, "param", None) is not None:
        name = name_of(error.param)  # type: ignore[attr-defined]
    words = " ".join((error.message if name else error.format_message()).split())
    words = words.removeprefix("Value error, ").removeprefix(f"{name}: ").removeprefix(f"{name} ")
    if name and not words:
        words = "is missing"
    said = f"{name}: {words}" if name else words
    return visible(f"{command}: {said.rstrip('.')} (see {command} --help)")


def words_of(error: OSError) -> str:
    """What an error of the operating system says, and where."""
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}cannot be used ({error.strerror or error}); see whether it is there and may be used"


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """SIGTERM acts as Ctrl-C while the block runs: what is open is closed, what was read is kept."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _check_log(path: Path | None) -> None:
    """Raises typer.BadParameter where the file is none to which a log can be added."""
    if path is None:
        return
    try:
        begun = b""
        if path.exists():
            with path.open("rb") as file:
                begun = file.read(24)
        if begun and not (begun[:4].isdigit() and begun[4:5] == b"-" and begun[10:11] == b" "):
            raise typer.BadParameter(
                f"{path} exists and is no log of this program; name another file", param_hint="--log-file"
            )
        path.open("ab").close()
    except OSError as error:
        raise typer.BadParameter(
            f"{path} cannot be written ({error.strerror}); name another file", param_hint="--log-file"
        ) from error


def _close_standard_output() -> None:
    """Nobody reads it any more: nothing is to be written when the interpreter ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
