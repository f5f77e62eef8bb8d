"""The released clients themselves, each in an environment of its own, against a running portal.

The list of checks is that of the contract (section 13); each is done with paths as the client writes them, with every
slash doubled, and without final slashes. ``make clients`` builds the environments.
"""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.container import build_container
from services.demo.seeding import make_people
from services.models.products import NewProduct
from services.settings import Settings
from tests.support.databases import clean_environment
from tests.support.files import REPOSITORY
from tests.support.locks import one_at_a_time
from tests.support.pipelines import catalogues, objects_under
from tests.support.portal import serving

HERE = Path(__file__).parent
VERSIONS = ("0.2.4", "0.2.8", "0.3.2", "0.3.4", "0.3.7")
SPELLINGS = ("plain", "doubled", "bare")
N_BULK = 150
TYPES, SUFFIXES = ("specz_catalog", "redshift_catalog"), ("csv", "parquet", "fits", "hdf5")
CHECKS = (
    "01 wrong token",
    "02 three lists",
    "03 filters",
    *(f"04 upload {suffix} as {kind}" for kind, suffix in itertools.product(TYPES, SUFFIXES)),
    "05 wide table",
    "06 150 products",
    "07 metadata",
    "08 headerless CSV",
    "09 downloads",
    "09 interrupted download",
    "09 stale part of an earlier download",
    "10 metadata-only product",
    "11 changes",
    "12 other users",
    "13 combine",
    "13 training set",
    "13 wrong inputs",
)
NOT_OFFERED = {
    *(("0.2.4", check) for check in ("11 changes", "13 combine", "13 training set", "13 wrong inputs")),
    *((version, "09 stale part of an earlier download") for version in VERSIONS if version < "0.3.5"),
}
"""Functions that came with later versions."""
RUN_LIMIT_S = 240

pytestmark = pytest.mark.timeout(900)


@dataclass(frozen=True)
class Stage:
    """A running portal with what the checks look for, and the tokens of two people."""

    base: str
    owner_key: str
    other_key: str


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite_file: Path) -> Iterator[Stage]:
    data_dir = tmp_path_factory.mktemp("clients")
    shutil.copyfile(migrated_sqlite_file, data_dir / "pzserver.sqlite3")
    container = build_container(Settings(data_dir=data_dir, demo=True))
    make_people(container)
    owner, other, curator = (container.users.actor_named(name) for name in ("owner1", "owner2", "curator"))
    assert owner is not None
    assert other is not None
    assert curator is not None
    container.releases.create("dp1", "Data Preview 1")
    catalogues(container, owner)
    objects_under(container, owner, "dp1")
    for number in range(N_BULK):
        made = container.catalog.register(curator, NewProduct(f"Bulk {number:03d}", "other", official=number == 0))
        container.catalog.publish(curator, made.id)
    keys = [container.tokens.create(actor, "clients").key for actor in (owner, other)]
    container.engine.dispose()
    with serving(data_dir) as portal:
        yield Stage(f"{portal.url}/api/", *keys)


def _environment(version: str) -> Path:
    """Python of the environment in which this version is installed; built where it is missing."""
    stamp = f"build/clients/{version}/.installed"
    with one_at_a_time("pzserver-clients"):
        done = subprocess.run(["make", "--silent", stamp], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"client {version} could not be installed:\n{done.stdout}{done.stderr}"
    return REPOSITORY / "build" / "clients" / version / "bin" / "python"


@pytest.fixture(scope="module", params=[f"{version} {spelling}" for version in VERSIONS for spelling in SPELLINGS])
def report(request: pytest.FixtureRequest, stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Report:
    version, spelling = request.param.split()
    folder = tmp_path_factory.mktemp("driver")
    task = {"version": version, "spelling": spelling, "n_bulk": N_BULK, **vars(stage)}
    done = subprocess.run(
        [str(_environment(version)), "-W", "ignore", str(HERE / "clients" / "driver.py")],
        input=json.dumps(task),
        cwd=folder,
        env=clean_environment(MPLBACKEND="agg", MPLCONFIGDIR=str(folder), PYTHONDONTWRITEBYTECODE=""),
        capture_output=True,
        text=True,
        timeout=RUN_LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, f"the driver broke off:\n{done.stderr[-5000:]}"
    return Report(version, json.loads(done.stdout))


@dataclass(frozen=True)
class Report:
    """What became of every check of one version in one spelling."""

    version: str
    outcomes: Mapping[str, Mapping[str, str]]


def test_every_pinned_version_is_driven() -> None:
    pinned = {path.stem.removeprefix("requirements-") for path in (HERE / "clients").glob("requirements-*.txt")}
    assert pinned == set(VERSIONS)


@pytest.mark.parametrize("check", CHECKS)
def test_released_client(report: Report, check: str) -> None:
    outcome = report.outcomes[check]
    expected = "not offered" if (report.version, check) in NOT_OFFERED else "passed"
    assert outcome["outcome"] == expected, outcome["detail"]


def test_no_check_is_left_out(report: Report) -> None:
    assert set(report.outcomes) == set(CHECKS)
