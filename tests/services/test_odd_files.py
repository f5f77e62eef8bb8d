"""Every odd file through the service layer: right numbers, or one clear sentence; never anything in between."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.container import Container
from services.errors import InvalidInput, NoTable
from services.models.identity import Actor
from services.models.products import FileRole, NewProduct, Product, ProductStatus
from services.models.queries import TableQuery
from tests.data.galaxies import N_ROWS, galaxies
from tests.data.make_odd_files import ODD_FILES
from tests.data.odd_binary import tripwire
from tests.support.ingests import read_now
from tests.support.products import person

NOT_READ = {
    "ragged": "line 51 has 6 values where 5 are expected",
    "header_only": "no rows",
    "garbage": "binary data",
    "truncated_gzip": "damaged or cut off",
    "truncated_fits": "declares 4000 rows .* cut off",
    "truncated_parquet": "cut off or damaged",
    "zip_bomb": "zip bomb",
    "zip_traversal": "outside of its folder",
    "tar_traversal": "link or device",
    "hdf5_pickled": "pickled Python objects",
    "votable_stream": "links are not followed",
    "npy_object": "code, not data",
    "pickle": "code, not data",
}
DRAFTS = {
    "missing_redshift": "redshift",
    "nan_redshift": "holds no valid value",
    "no_header": "guessed",
    "narrow_header": "guessed",
    "hdf5_external_link": "redshift",
    "hdf5_external_storage": "redshift",
}
OTHER_NUMBERS = {"sentinels": (107, 13), "nullable_parquet": (119, 1), "float32_noise": (120, 0)}
SAME_NUMBERS = sorted({*ODD_FILES} - {*NOT_READ, *DRAFTS, *OTHER_NUMBERS, "empty"})


@pytest.fixture
def owner(sqlite_container: Container) -> Actor:
    return person(sqlite_container, "owner1")


def _read(container: Container, owner: Actor, path: Path) -> Product:
    staged = container.uploads.stage(owner, path, path.name)
    product = container.uploads.submit(owner, NewProduct(path.name, "training_set"), main=staged.id)
    return read_now(container, owner, product)


def _first_rows(container: Container, owner: Actor, product: Product) -> list[Mapping[str, Any]]:
    page = container.previews.rows(owner, product.id, TableQuery(limit=3))
    return [dict(zip(page.columns, row, strict=True)) for row in page.rows]


@pytest.mark.parametrize("trap", SAME_NUMBERS)
def test_the_same_galaxies_give_the_same_redshifts(
    trap: str, sqlite_container: Container, owner: Actor, odd_files: dict[str, Path]
) -> None:
    product = _read(sqlite_container, owner, odd_files[trap])
    assert (product.status, product.n_rows) == (ProductStatus.PUBLISHED, N_ROWS)
    n_z = sqlite_container.previews.overview(owner, product.id).statistics["n_z"]
    assert n_z.counts.tolist() == np.histogram(galaxies()["z_spec"], n_z.edges)[0].tolist()
    assert (n_z.tally.n_shown, n_z.tally.n_missing, n_z.tally.n_outside) == (N_ROWS, 0, 0)


@pytest.mark.parametrize(("trap", "reason"), NOT_READ.items())
def test_what_cannot_be_read_says_why_and_stays_downloadable(
    trap: str, reason: str, sqlite_container: Container, owner: Actor, odd_files: dict[str, Path]
) -> None:
    path = odd_files[trap]
    product = _read(sqlite_container, owner, path)
    assert product.status is ProductStatus.FAILED
    assert product.status_reason is not None
    assert product.status_reason.startswith(f"{path.name}: ")
    with pytest.raises(NoTable, match=reason):
        sqlite_container.previews.overview(owner, product.id)
    (main,) = sqlite_container.catalog.files(owner, product.id)
    with sqlite_container.downloads.file(owner, main.id).open() as stream:
        assert (main.role, stream.read()) == (FileRole.MAIN, path.read_bytes())
    assert not tripwire(path).exists()


@pytest.mark.parametrize(("trap", "reason"), DRAFTS.items())
def test_what_needs_a_word_of_the_owner_waits_as_a_draft(
    trap: str, reason: str, sqlite_container: Container, owner: Actor, odd_files: dict[str, Path]
) -> None:
    product = _read(sqlite_container, owner, odd_files[trap])
    assert (product.status, product.n_rows) == (ProductStatus.REGISTERING, N_ROWS)
    assert reason in (product.status_reason or "")


@pytest.mark.parametrize(("trap", "numbers"), OTHER_NUMBERS.items())
def test_placeholders_and_blanks_are_missing_and_counted(
    trap: str, numbers: tuple[int, int], sqlite_container: Container, owner: Actor, odd_files: dict[str, Path]
) -> None:
    product = _read(sqlite_container, owner, odd_files[trap])
    tally = sqlite_container.previews.overview(owner, product.id).statistics["n_z"].tally
    assert (tally.n_shown, tally.n_missing) == numbers


def test_an_empty_file_is_refused_at_the_door(
    sqlite_container: Container, owner: Actor, odd_files: dict[str, Path]
) -> None:
    with pytest.raises(InvalidInput, match=r"empty.csv is empty"):
        sqlite_container.uploads.stage(owner, odd_files["empty"], "empty.csv")


def test_links_out_of_a_file_are_named_and_not_followed(
    sqlite_container: Container, owner: Actor, odd_files: dict[str, Path]
) -> None:
    for trap, reason in (("hdf5_external_link", "a link"), ("hdf5_external_storage", "bytes lie in other files")):
        notes = " ".join(_read(sqlite_container, owner, odd_files[trap]).notes)
        assert "Not read: " in notes
        assert reason in notes


@pytest.mark.parametrize(
    ("trap", "transform", "width_deg"),
    [("radians", "rad_to_deg", (300, 361)), ("hour_angle", "hms_to_deg", (0.9, 3)), ("across_0h", "", (0.9, 3))],
)
def test_positions_end_in_degrees_and_a_field_across_0h_stays_whole(
    trap: str,
    transform: str,
    width_deg: tuple[float, float],
    sqlite_container: Container,
    owner: Actor,
    odd_files: dict[str, Path],
) -> None:
    product = _read(sqlite_container, owner, odd_files[trap])
    assert sqlite_container.catalog.role_map(owner, product.id).transforms.get("ra", "") == transform
    sky = sqlite_container.previews.overview(owner, product.id).statistics["sky"]
    assert sky.grid.tally.n_shown == N_ROWS
    assert width_deg[0] < sky.grid.x_edges[-1] - sky.grid.x_edges[0] < width_deg[1]


def test_values_show_as_the_source_wrote_them(
    sqlite_container: Container, owner: Actor, odd_files: dict[str, Path]
) -> None:
    leading, long_ids, noise = (
        _first_rows(sqlite_container, owner, _read(sqlite_container, owner, odd_files[trap]))
        for trap in ("leading_zeros", "long_ids", "float32_noise")
    )
    assert [row["id"] for row in leading] == ["00001001", "00001002", "00001003"]
    assert [row["id"] for row in long_ids] == [f"{1_249_537_790_362_809_001 + 2 * i}" for i in range(3)]
    assert str(noise[0]["z_spec"]) == "0.38"
    assert [str(row["mag_i"]) for row in noise] == [str(value) for value in galaxies()["mag_i"][:3]]
