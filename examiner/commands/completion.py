"""`examiner completion`: the script by which a shell completes commands and options."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from examiner.commands.program import COMPLETE, NAME


def completion(
    shell: Annotated[
        Literal["bash", "zsh", "fish", "powershell"],
        typer.Argument(metavar="bash|zsh|fish|powershell", help="The shell."),
    ],
) -> None:
    """Print the script that lets a shell complete commands, options and file names.

    It is in force in the next terminal that you open.
    """
    from typer.completion import get_completion_script

    typer.echo(get_completion_script(prog_name=NAME, complete_var=COMPLETE, shell=shell))
