"""Commands: what they do, one sentence on stderr and exit status 1 when something is wrong."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import manage
from services.container import Container, build_container
from services.database import check_database
from services.settings import Settings
from tests.support.databases import clean_environment
from tests.support.files import REPOSITORY
from tests.support.portal import serving

COMMANDS = ("migrate", "create-user", "create-token", "create-release", "seed-demo", "serve", "worker", "doctor")
Run = Callable[..., Result]


@pytest.fixture
def run(container: Container, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in this process on the portal of ``container``."""
    monkeypatch.setenv("PZSERVER_DATA_DIR", str(container.settings.data_dir))
    monkeypatch.setenv("PZSERVER_DATABASE_URL", container.settings.database_url)
    return lambda *arguments, **extra: CliRunner().invoke(manage.manage, arguments, **extra)


def command_line(data_dir: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Runs a command as people do."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=REPOSITORY,
        env=clean_environment(**{"PZSERVER_DATA_DIR": str(data_dir), **settings}),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def failed_in_one_line(result: Result) -> str:
    """The sentence of a failed command."""
    assert result.exit_code == 1
    assert re.fullmatch(r"[^\n]+\n", result.stderr), result.stderr
    assert "Traceback" not in result.stderr
    return result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    result = CliRunner().invoke(manage.manage, [command, "--help"])
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: manage {command}")


def test_the_commands_are_those_of_the_contract() -> None:
    assert set(manage.manage.commands) == set(COMMANDS)
    assert CliRunner().invoke(manage.manage, []).exit_code == 0


def test_help_needs_nothing_but_click() -> None:
    code = "import sys, manage; print([name for name in ('sqlalchemy', 'pydantic', 'flask') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_migrate_makes_a_portal_ready(settings: Settings) -> None:
    for _ in range(2):
        done = command_line(settings.data_dir, "migrate")
        assert (done.returncode, done.stderr) == (0, "")
    container = build_container(settings)
    assert "schema" in check_database(container.engine)
    container.engine.dispose()


def test_create_user_with_everything(container: Container, run: Run) -> None:
    words = ["--email", "a@example.org", "--first-name", "Ada", "--last-name", "Example", "--group", "g1", "--group=g2"]
    result = run("create-user", "owner1", "--password", "secret", "--admin", *words)
    assert result.exit_code == 0, result.output
    assert "secret" not in result.output
    actor = container.users.authenticate("owner1", "secret")
    assert (actor.display_name, actor.email, actor.is_admin, len(actor.group_ids)) == (
        "Ada Example",
        "a@example.org",
        True,
        2,
    )


def test_the_password_comes_from_the_environment_or_the_prompt(container: Container, run: Run) -> None:
    assert run("create-user", "owner1", env={"PZSERVER_NEW_PASSWORD": "from outside"}).exit_code == 0
    container.users.authenticate("owner1", "from outside")
    result = run("create-user", "owner2", input="typed\ntyped\n")
    assert result.exit_code == 0
    assert "typed" not in result.output
    container.users.authenticate("owner2", "typed")


def test_create_token_makes_one_that_only_reads(container: Container, run: Run) -> None:
    run("create-user", "owner1", "--password", "x")
    holder = container.tokens.holder_of(run("create-token", "owner1", "--read-only").stdout.strip())
    assert holder is not None
    assert (holder.info.is_read_only, holder.info.label) == (True, "command line")


def test_create_token_prints_the_key_alone(container: Container, run: Run) -> None:
    run("create-user", "owner1", "--password", "x")
    result = run("create-token", "owner1", "--label", "laptop", "--expires-days", "7")
    assert re.fullmatch(r"[0-9a-f]{40}\n", result.stdout)
    actor = container.tokens.actor_for(result.stdout.strip())
    assert actor is not None
    (info,) = container.tokens.list(actor)
    assert info.label == "laptop"
    assert info.expires_at is not None
    assert (info.expires_at - info.created_at).days == 7


def test_create_release_with_everything(container: Container, run: Run) -> None:
    run("create-user", "owner1", "--password", "x", "--group", "inner")
    result = run("create-release", "dp1", "--display-name", "DP1", "--description", "Text", "--group", "inner")
    assert result.exit_code == 0, result.output
    assert run("create-release", "dp2", "--display-name", "DP2", "--public").exit_code == 0
    actor = container.users.actor_named("owner1")
    assert actor is not None
    second, first = container.releases.visible(actor)
    assert (first.name, first.display_name, first.description) == ("dp1", "DP1", "Text")
    assert first.group_ids == actor.group_ids
    assert (second.name, second.is_public) == ("dp2", True)


def test_wrong_use_is_one_sentence(run: Run) -> None:
    run("create-user", "owner1", "--password", "x")
    assert "already a user" in failed_in_one_line(run("create-user", "OWNER1", "--password", "x"))
    assert "password" in failed_in_one_line(run("create-user", "owner2", "--password", ""))
    assert "no active user" in failed_in_one_line(run("create-token", "nobody"))
    assert "days" in failed_in_one_line(run("create-token", "owner1", "--expires-days", "0"))
    assert "display-name" in failed_in_one_line(run("create-release", "dp1"))
    assert "frobnicate" in failed_in_one_line(run("frobnicate"))
    assert "--frob" in failed_in_one_line(run("doctor", "--frob"))
    assert "port" in failed_in_one_line(run("serve", "--port", "99999"))


def test_wrong_settings_are_one_sentence(settings: Settings) -> None:
    for name, value, words in (
        ("PZSERVER_PORT", "abc", "PZSERVER_PORT"),
        ("PZSERVER_DATABASE_URL", "mysql://host/x", "PZSERVER_DATABASE_URL"),
        ("PZSERVER_DATA_DIR", "/proc/nowhere", "/proc/nowhere"),
        ("PZSERVER_DATABASE_URL", "postgresql://127.0.0.1:1/x", "refused"),
    ):
        done = command_line(settings.data_dir, "migrate", **{name: value})
        assert done.returncode == 1
        assert re.fullmatch(r"[^\n]+\n", done.stderr), done.stderr
        assert words in done.stderr


@pytest.mark.parametrize("command", ["serve --port 1", "worker", "seed-demo", "create-release x --display-name X"])
def test_commands_refuse_an_old_schema(settings: Settings, command: str) -> None:
    done = command_line(settings.data_dir, *command.split(), PZSERVER_QUEUE_URL="redis://127.0.0.1:1/0")
    assert done.returncode == 1
    assert done.stderr == "The database schema is not the newest. Run: python manage.py migrate\n"


def test_demo_mode_stays_on_loopback(settings: Settings) -> None:
    done = command_line(settings.data_dir, "serve", "--host", "0.0.0.0", PZSERVER_DEMO="1")
    assert done.returncode == 1
    assert "refuses to start on 0.0.0.0" in done.stderr


def test_doctor_finds_a_healthy_portal_healthy(run: Run) -> None:
    result = run("doctor")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["settings", "ok"],
        ["database", "ok"],
        ["storage", "ok"],
        ["queue", "ok"],
        ["disk", "ok"],
    ]


def test_doctor_names_what_is_broken(settings: Settings, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    done = command_line(
        settings.data_dir,
        "doctor",
        PZSERVER_DATABASE_URL="postgresql://somebody:hidden@127.0.0.1:1/x",
        PZSERVER_STORAGE_URL=f"file://{blocked}",
        PZSERVER_QUEUE_URL="carrier-pigeon://loft",
        PZSERVER_UPLOAD_MAX_BYTES=str(2**62),
    )
    states = {line.split()[0]: line.split()[1] for line in done.stdout.splitlines()}
    assert states == {"settings": "ok", "database": "BROKEN", "storage": "BROKEN", "queue": "BROKEN", "disk": "BROKEN"}
    assert done.returncode == 1
    assert done.stderr == "Broken: database, storage, queue, disk.\n"
    assert "hidden" not in done.stdout


def test_serve_answers_and_ends_with_all_it_started(migrated_settings: Settings) -> None:
    with serving(migrated_settings.resolved_data_dir) as portal:
        with urllib.request.urlopen(f"{portal.url}/healthz") as answer:
            assert answer.status == 200
        group = os.getpgid(portal.pid)
    with pytest.raises(ProcessLookupError):
        os.killpg(group, signal.SIGCONT)


def test_worker_ends_when_asked(migrated_settings: Settings) -> None:
    environment = clean_environment(PZSERVER_DATA_DIR=str(migrated_settings.data_dir))
    command = [sys.executable, "manage.py", "worker"]
    with subprocess.Popen(command, cwd=REPOSITORY, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = iter(process.stderr.readline, "")
        assert any("Swept" in line for line in said), "it ended before its first round of housekeeping"
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 0
