"""`examiner people …`: accounts of the persons who use a laboratory's page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from examiner.commands.options import errors_named

if TYPE_CHECKING:
    from examiner.people import People

people = typer.Typer(help="Accounts: who may examine, review, train, administer.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name to sign in with.")]
Password = Annotated[
    str,
    typer.Option(
        prompt=True,
        confirmation_prompt=True,
        hide_input=True,
        help="The command asks for it if it is not given.",
    ),
]


@people.command()
def add(
    name: Name,
    full_name: Annotated[str, typer.Option(prompt=True, help="As reports name the person.")],
    role: Annotated[
        list[str],
        typer.Option(help="examiner, reviewer, trainer or administrator; repeat the option for several."),
    ],
    password: Password,
) -> None:
    """Add an account with a new signing key. After the first one, the page asks everybody to sign in."""
    from examiner.people import Role

    unknown = [name for name in role if name not in {*Role}]
    if unknown:
        raise typer.BadParameter(f"roles are {', '.join(Role)}; got {unknown[0]!r}", param_hint="--role")
    with _people() as accounts:
        accounts.add(name, full_name, [Role(name) for name in role], password)
    typer.echo(f"added: {name} ({', '.join(role)})", err=True)


@people.command(name="list")
def list_() -> None:
    """List all accounts: name, roles, full name."""
    with _people() as accounts:
        for person, active in accounts.everybody():
            state = "" if active else "  (closed)"
            typer.echo(f"{person.name}\t{', '.join(sorted(person.roles))}\t{person.full_name}{state}")


@people.command()
def password(
    name: Name,
    old: Annotated[str, typer.Option(prompt="Present password", hide_input=True)],
    new: Annotated[str, typer.Option(prompt="New password", confirmation_prompt=True, hide_input=True)],
) -> None:
    """Change a password; the signing key stays the same."""
    with _people() as accounts:
        accounts.change_password(name, old, new)


@people.command()
def reset(name: Name, password: Password) -> None:
    """Set a new password for somebody who lost it. The account gets a new signing key too."""
    with _people() as accounts:
        accounts.reset_password(name, password)


@people.command()
def close(
    name: Name, reopen: Annotated[bool, typer.Option("--reopen", help="Open the account again.")] = False
) -> None:
    """Close an account. What the person signed stays valid."""
    with _people() as accounts:
        accounts.set_active(name, reopen)


@people.command()
def keys() -> None:
    """Print the public keys of all persons as JSON, for `examiner verify --keys`."""
    with _people() as accounts:
        typer.echo(json.dumps(accounts.public_keys(), indent=2))


@contextmanager
def _people() -> Iterator[People]:
    from examiner.people import People, people_file

    with errors_named(), closing(People(people_file())) as accounts:
        yield accounts
