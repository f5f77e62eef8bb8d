"""What child processes get from their parents."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from services.jobs.processes import environment_of
from services.jobs.warming import warm_up
from services.settings import Settings

SHOW = "from services.settings import Settings; s = Settings(); \
print(s.resolved_data_dir, s.upload_max_bytes, s.secret_key.get_secret_value(), s.environment, s.queue_url, sep='|')"


def test_settings_arrive_in_a_child_as_they_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PZSERVER_ENVIRONMENT", "production")
    settings = Settings(
        data_dir=Path("relative"),
        upload_max_bytes=12345,
        secret_key=SecretStr('quo"te'),
        environment="staging",
        queue_url="postgresql://localhost/queue",
    )
    shown = subprocess.run(
        [sys.executable, "-c", SHOW], env=environment_of(settings), cwd="/", capture_output=True, text=True, check=True
    )
    expected = [str(tmp_path / "relative"), "12345", 'quo"te', "staging", "postgresql://localhost/queue"]
    assert shown.stdout.strip().split("|") == expected


def test_the_environment_holds_every_setting_a_child_needs(tmp_path):
    named = {name.removeprefix("PZSERVER_").lower() for name in environment_of(Settings(data_dir=tmp_path))}
    assert set(Settings.model_fields) - named <= {"host", "port", "demo"}


def test_the_rehearsal_uses_every_statistic_of_its_type_and_leaves_nothing(tmp_path, monkeypatch):
    from services.jobs import warming

    seen: list[str] = []
    build = warming.build_overview

    def watched(*arguments):
        overview = build(*arguments)
        seen.extend(overview.statistics)
        return overview

    monkeypatch.setattr("services.jobs.warming.build_overview", watched)
    warm_up(tmp_path)
    assert {"n_z", "sky", "z_magnitude", "magnitudes", "z_flag", "z_phot_z_spec"} <= set(seen)
    assert list(tmp_path.iterdir()) == []


def test_the_rehearsal_needs_its_folder(tmp_path):
    with pytest.raises(FileNotFoundError):
        warm_up(tmp_path / "absent")
