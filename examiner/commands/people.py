"""`examiner people …`: accounts of the persons who use a laboratory's page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from examiner.commands.examples import EXAMPLES
from examiner.commands.messages import log
from examiner.commands.program import ExaminerCommand, ExaminerGroup

if TYPE_CHECKING:
    from examiner.people import People

people = typer.Typer(
    cls=ExaminerGroup,
    help="Accounts: who may examine, review, train, administer.",
    epilog=EXAMPLES["people"],
    rich_markup_mode=None,
)


def _role(text: str) -> str:
    """The name of a role. Raises typer.BadParameter."""
    from examiner.people import Role

    if text not in {*Role}:
        raise typer.BadParameter(f"there is no role {text!r}; the roles are {', '.join(Role)}")
    return text


def _name(text: str) -> str:
    """Raises typer.BadParameter for an empty name."""
    if not text.strip():
        raise typer.BadParameter("is empty; write the name that the person signs in with")
    return text


Name = Annotated[str, typer.Argument(metavar="NAME", parser=_name, help="Name to sign in with.")]
Password = Annotated[
    str,
    typer.Option(
        prompt=True,
        confirmation_prompt=True,
        hide_input=True,
        help="The command asks for it if it is not given.",
    ),
]


@people.command(cls=ExaminerCommand, epilog=EXAMPLES["people add"])
def add(
    name: Name,
    full_name: Annotated[str, typer.Option(metavar="NAME", prompt=True, help="As reports name the person.")],
    role: Annotated[
        list[str],
        typer.Option(
            metavar="ROLE",
            parser=_role,
            help="examiner, reviewer, trainer or administrator; repeat the option for several.",
        ),
    ],
    password: Password,
) -> None:
    """Add an account with a new signing key. After the first one, the page asks everybody to sign in."""
    from examiner.people import Role

    with _people() as accounts:
        accounts.add(name, full_name, [Role(name) for name in role], password)
    log.info("added: %s (%s)", name, ", ".join(role))


@people.command(name="list", cls=ExaminerCommand, epilog=EXAMPLES["people list"])
def list_() -> None:
    """List all accounts: name, roles, full name."""
    with _people() as accounts:
        for person, active in accounts.everybody():
            state = "" if active else "  (closed)"
            typer.echo(f"{person.name}\t{', '.join(sorted(person.roles))}\t{person.full_name}{state}")


@people.command(cls=ExaminerCommand, epilog=EXAMPLES["people password"])
def password(
    name: Name,
    old: Annotated[str, typer.Option(prompt="Present password", hide_input=True)],
    new: Annotated[str, typer.Option(prompt="New password", confirmation_prompt=True, hide_input=True)],
) -> None:
    """Change a password; the signing key stays the same."""
    with _people() as accounts:
        accounts.change_password(name, old, new)


@people.command(cls=ExaminerCommand, epilog=EXAMPLES["people reset"])
def reset(name: Name, password: Password) -> None:
    """Set a new password for somebody who lost it. The account gets a new signing key too."""
    with _people() as accounts:
        accounts.reset_password(name, password)


@people.command(cls=ExaminerCommand, epilog=EXAMPLES["people close"])
def close(
    name: Name, reopen: Annotated[bool, typer.Option("--reopen", help="Open the account again.")] = False
) -> None:
    """Close an account. What the person signed stays valid."""
    with _people() as accounts:
        accounts.set_active(name, reopen)


@people.command(cls=ExaminerCommand, epilog=EXAMPLES["people keys"])
def keys() -> None:
    """Print the public keys of all persons as JSON, for `examiner verify --keys`."""
    with _people() as accounts:
        typer.echo(json.dumps(accounts.public_keys(), indent=2))


@contextmanager
def _people() -> Iterator[People]:
    from examiner.people import People, people_file

    with closing(People(people_file())) as accounts:
        yield accounts
