"""`examiner …`: the command line. Results go to stdout, everything else to stderr."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import typer

from examiner.commands.blind import blind
from examiner.commands.completion import completion
from examiner.commands.examples import EXAMPLES
from examiner.commands.page import page, watch
from examiner.commands.people import people
from examiner.commands.pictures import enhance, fuse
from examiner.commands.program import ExaminerCommand, ExaminerProgram
from examiner.commands.read import convert, import_, merge, read
from examiner.commands.record import export, photolog, report, trace, verify
from examiner.commands.stamp import stamp
from examiner.commands.training import course, train
from examiner.commands.validate import validate
from pipelines.environment import network_threads
from pipelines.errors import ExitCode

COMMANDS: Sequence[tuple[str, Callable[..., None]]] = (
    ("read", read),
    ("merge", merge),
    ("convert", convert),
    ("import", import_),
    ("enhance", enhance),
    ("fuse", fuse),
    ("verify", verify),
    ("export", export),
    ("trace", trace),
    ("report", report),
    ("photolog", photolog),
    ("validate", validate),
    ("blind", blind),
    ("watch", watch),
    ("page", page),
    ("train", train),
    ("completion", completion),
)

application = typer.Typer(
    cls=ExaminerProgram,
    help="Reads erased markings from photographs; the examiner decides every character.",
    epilog=EXAMPLES[""],
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for _name, _command in COMMANDS:
    application.command(name=_name, cls=ExaminerCommand, epilog=EXAMPLES[_name])(_command)
application.add_typer(people, name="people")
application.add_typer(stamp, name="stamp")
application.add_typer(course, name="course")


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the installed command. `arguments`: by default those of the process."""
    application(arguments)


@application.callback()
def _every_command(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(ExitCode.USAGE)
    network_threads()  # Found out now rather than in each worker.
