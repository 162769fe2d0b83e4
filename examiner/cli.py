"""`examiner …`: the command line. Results go to stdout, everything else to stderr."""

from __future__ import annotations

import logging
import sys

import typer

from examiner.commands.page import page, watch
from examiner.commands.people import people
from examiner.commands.pictures import enhance, fuse
from examiner.commands.read import import_, read
from examiner.commands.record import export, report, trace, verify
from examiner.commands.training import course, train
from examiner.commands.validate import validate
from pipelines.environment import network_threads
from pipelines.errors import VariableError

application = typer.Typer(
    help="Reads erased markings from photographs; the examiner decides every character.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Entry point of the installed command."""
    application()


application.command()(read)
application.command(name="import")(import_)
application.command()(enhance)
application.command()(fuse)
application.command()(verify)
application.command()(export)
application.command()(trace)
application.command()(report)
application.command()(validate)
application.command()(watch)
application.command()(page)
application.add_typer(people, name="people")
application.add_typer(course, name="course")
application.command()(train)


@application.callback()
def _every_command() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR, format="%(message)s")
    try:
        network_threads()  # Found out now rather than in each worker.
    except VariableError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(error.exit_code) from error
