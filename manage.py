"""Commands of the portal. Every error is one sentence on stderr and exit status 1.

Imports stand inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from services.container import Container
    from services.settings import Settings


class Commands(click.Group):
    """The commands, with the portal's own way of telling that something is wrong."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: ARG002
        **extra: Any,
    ) -> Any:
        """Run one command and end the process."""
        try:
            sys.exit(super().main(args, prog_name, complete_var, standalone_mode=False, **extra) or 0)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
        except click.ClickException as error:
            _fail(error.format_message())
        except click.Abort:
            _fail("Interrupted.")

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, turning what is expected to go wrong into one sentence."""
        from sqlalchemy.exc import SQLAlchemyError

        from services.errors import PZServerError

        try:
            return super().invoke(ctx)
        except PZServerError as error:
            raise click.ClickException(error.message) from error
        except SQLAlchemyError as error:
            raise click.ClickException("The database does not answer. Run: python manage.py doctor") from error
        except OSError as error:
            raise click.ClickException(f"{error.strerror or error}: {error.filename or 'no file'}") from error


def _fail(message: str) -> None:
    click.echo(" ".join(message.split()), err=True)
    sys.exit(1)


def _settings(**overrides: object) -> Settings:
    from pydantic import ValidationError

    from services.settings import Settings

    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        place = f"{first['loc'][-1]}: " if first["loc"] else ""
        raise click.ClickException(place + first["msg"].removeprefix("Value error, ")) from error


@contextmanager
def _portal() -> Iterator[Container]:
    """Services on a database that is at the newest schema, for the length of a ``with`` block."""
    from services.container import build_container

    settings = _settings()
    _require_newest_schema(settings)
    container = build_container(settings)
    try:
        yield container
    finally:
        container.engine.dispose()


def _require_newest_schema(settings: Settings) -> None:
    """Unavailable, with what to do, when the database is not ready for this version."""
    from services.database import build_engine, check_database

    engine = build_engine(settings)
    try:
        check_database(engine)
    finally:
        engine.dispose()


@click.group(cls=Commands)
def manage() -> None:
    """Run and look after PZ Server."""


@manage.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from services import database

    database.migrate(_settings())


@manage.command("create-user")
@click.argument("name")
@click.option(
    "--password",
    envvar="PZSERVER_NEW_PASSWORD",
    prompt=True,
    hide_input=True,
    confirmation_prompt=True,
    help="Also from the prompt or PZSERVER_NEW_PASSWORD.",
)
@click.option("--email", help="E-mail address.")
@click.option("--first-name", default="", help="First name.")
@click.option("--last-name", default="", help="Last name.")
@click.option("--admin", is_flag=True, help="May edit everything and mark products as official.")
@click.option("--group", "groups", multiple=True, help="Group to join, made when it is new; may be repeated.")
def create_user(
    name: str, password: str, email: str | None, first_name: str, last_name: str, admin: bool, groups: tuple[str, ...]
) -> None:
    """Open an account for NAME."""
    with _portal() as portal:
        portal.users.create_user(
            name,
            password,
            email=email,
            first_name=first_name,
            last_name=last_name,
            is_admin=admin,
            groups=groups,
        )
    click.echo(f"Created user {name}.")


@manage.command("create-token")
@click.argument("name")
@click.option("--label", default="command line", show_default=True, help="What the token is for.")
@click.option("--expires-days", type=int, help="Days until it ends; never when left out.")
@click.option("--read-only", is_flag=True, help="Programs that use it may read, and change nothing.")
def create_token(name: str, label: str, expires_days: int | None, read_only: bool) -> None:
    """Make an API token for the user NAME and print its key."""
    with _portal() as portal:
        actor = portal.users.actor_named(name)
        if actor is None:
            raise click.ClickException(f'There is no active user "{name}".')
        click.echo(portal.tokens.create(actor, label, expires_days, "read" if read_only else "all").key)


@manage.command("create-release")
@click.argument("name")
@click.option("--display-name", required=True, help="Name people see.")
@click.option("--description", help="A sentence about it.")
@click.option("--group", "groups", multiple=True, help="Group it is open to, made when it is new; may be repeated.")
@click.option("--public", is_flag=True, help="Open to everybody, whatever the groups.")
def create_release(
    name: str, display_name: str, description: str | None, groups: tuple[str, ...], public: bool
) -> None:
    """Make the data release NAME."""
    with _portal() as portal:
        portal.releases.create(name, display_name, description, groups, is_public=public)
    click.echo(f"Created release {name}.")


@manage.command("seed-demo")
@click.option("--products", type=click.IntRange(0, 100_000), default=0, help="Small products on top of the demo.")
@click.option("--rows", type=click.IntRange(1, 1_000_000_000), help="Rows of the large training set.")
@click.option("--if-empty", is_flag=True, help="Do nothing when there are products already.")
def seed_demo(products: int, rows: int | None, if_empty: bool) -> None:
    """Add the demo data: same seed, same result."""
    from services.demo import seeding

    size = {} if rows is None else {"large_rows": rows}
    with _portal() as portal:
        if if_empty and not seeding.is_empty(portal):
            return
        n_added = seeding.seed_demo(portal, n_small=products, report=click.echo, **size)
    click.echo(f"Added {n_added} products.")


@manage.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port to listen on.")
@click.option("--workers", type=click.IntRange(1, 64), help="Server processes.")
def serve(host: str | None, port: int | None, workers: int | None) -> None:
    """Serve the portal."""
    settings = _settings(host=host, port=port)
    if settings.queue_url:  # one of several machines: migrating is a step of its own; alone, the server does it
        _require_newest_schema(settings)
    import app

    app.serve(settings, workers)


@manage.command()
def worker() -> None:
    """Do background jobs, where they do not run inside the server."""
    settings = _settings()
    _require_newest_schema(settings)
    from services.jobs.worker import run_worker
    from services.logs import configure_logging

    configure_logging()
    run_worker(settings)


@manage.command()
def doctor() -> None:
    """Look at settings, database, storage, queue and disk: one line each."""
    from services.doctor import examine

    findings = examine(_settings())
    for finding in findings:
        click.echo(f"{finding.part:<9} {'ok    ' if finding.is_fine else 'BROKEN'} {finding.message}")
    if broken := [finding.part for finding in findings if not finding.is_fine]:
        raise click.ClickException(f"Broken: {', '.join(broken)}.")


if __name__ == "__main__":
    manage()
