"""`python -m api people …`: accounts and API keys, for the administrator of a workspace."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getpass
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from api.settings import Settings
from landplan.errors import InputError, LandplanError
from landplan.messages import Language, choose_language, say
from landplan.workspace.database import open_database
from landplan.workspace.people import People
from landplan.workspace.records import Role

accounts = typer.Typer(help="Accounts and API keys of a workspace.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Name of the account.")]
Where = Annotated[Path | None, typer.Option("--workspace", help="Folder of the workspace.")]


@accounts.command()
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="What they may do.")] = "viewer",
    password: Annotated[
        bool, typer.Option(help="Whether they sign in with a password, read from standard input.")
    ] = True,
    workspace: Where = None,
) -> None:
    """Make an account; a program that only has a key needs no password."""
    with _people(workspace) as known:
        made = known.add(name, role, _password(name) if password else None)
        language = _language()
        called = say(f"ui.role.{made.role}", None, language)
        print(say("api.person_added", {"name": made.name, "role": called}, language))


@accounts.command()
def password(name: Name, workspace: Where = None) -> None:
    """Replace a password, read from standard input."""
    with _people(workspace) as known:
        known.set_password(name, _password(name))


@accounts.command()
def key(name: Name, workspace: Where = None) -> None:
    """Print a new API key; the earlier one of the account ends."""
    with _people(workspace) as known:
        print(say("api.person_key", {"name": name, "key": known.add_key(name)}, _language()))


@accounts.command()
def disable(name: Name, workspace: Where = None) -> None:
    """Shut an account and its key out."""
    _set_disabled(name, True, workspace)


@accounts.command()
def enable(name: Name, workspace: Where = None) -> None:
    """Let an account in again."""
    _set_disabled(name, False, workspace)


@accounts.command("list")
def show(workspace: Where = None) -> None:
    """List the accounts."""
    language = _language()
    with _people(workspace) as known:
        found = known.list()
    for account in found:
        state = say("api.person_off" if account.disabled else "api.person_active", None, language)
        role = say(f"ui.role.{account.role}", None, language)
        line = {"name": account.name, "role": role, "state": state}
        print(say("api.person_line", line, language))
    if not found:
        print(say("api.people_none", None, language), file=sys.stderr)


def _set_disabled(name: str, disabled: bool, workspace: Path | None) -> None:
    with _people(workspace) as known:
        known.disable(name, disabled)
        code = "api.person_disabled" if disabled else "api.person_enabled"
        print(say(code, {"name": name}, _language()))


@contextmanager
def _people(folder: Path | None) -> Iterator[People]:
    """Open the accounts; every fault ends in a sentence and exit code 2."""
    try:
        settings = Settings() if folder is None else Settings(workspace=folder)
        engine = open_database(settings.workspace, settings.database_url)
        yield People(engine)
        engine.dispose()
    except (OSError, SQLAlchemyError) as error:
        detail = {"folder": str(settings.workspace), "detail": str(error).splitlines()[0]}
        print(say("api.workspace", detail, _language()), file=sys.stderr)
        raise typer.Exit(2) from None
    except LandplanError as error:
        print(say(error.code, error.params, _language()), file=sys.stderr)
        raise typer.Exit(error.exit_code) from None


def _password(name: str) -> str:
    """Ask twice at a terminal; elsewhere the first line of standard input is the password."""
    language = _language()
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    given = getpass(say("api.ask_password", {"name": name}, language))
    if getpass(say("api.ask_again", None, language)) != given:
        raise InputError("api.passwords_differ")
    return given


def _language() -> Language:
    return choose_language(os.environ.get("LANDPLAN_LANG"))
