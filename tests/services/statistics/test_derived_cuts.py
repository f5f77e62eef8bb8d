"""Cuts on what is computed from two columns: over many blocks of rows, and what ``dz`` stands for."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

from services.cuts.bound import MOST_COMPUTED, Derived
from services.cuts.sql import condition
from services.cuts.tree import CutError
from services.models.roles import BandColumn, RoleMap
from services.statistics.cut_masks import BLOCK
from services.statistics.cuts import bound_cut, kept_rows
from tests.services.statistics.tables import canonical_table


def test_dz_is_a_column_where_one_is_called_so_and_needs_both_redshifts(tmp_path: Path) -> None:
    with canonical_table(tmp_path, {"dz": np.array([0.5, 2.0]), "z": np.ones(2), "zp": np.ones(2)}) as table:
        roles = RoleMap({"redshift": "z", "z_phot": "zp"})
        bound = bound_cut(table, roles, "dz > 1")
        assert bound is not None
        assert np.concatenate(list(kept_rows(table, bound))).tolist() == [False, True]
    other = tmp_path / "other"
    other.mkdir()
    with canonical_table(other, {"z": np.ones(2), "zp": np.ones(2)}) as table:
        for less in (RoleMap({"redshift": "z"}), RoleMap({"redshift": "z", "z_phot": "zp"}, {"redshift": "km_s_to_z"})):
            with pytest.raises(CutError, match="needs columns of a photometric") as refused:
                bound_cut(table, less, "z < 2 and dz > 1")
            assert refused.value.at == 11


def test_differences_over_many_blocks_equal_numpy(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    n = 2 * BLOCK + 77
    g, r = (rng.normal(24, 1, n).astype(np.float32) for _ in range(2))
    g[::5], r[3::7] = np.nan, 99.0
    bands = tuple(BandColumn(name, name, None, "mag") for name in "gr")
    with canonical_table(tmp_path, {"g": g, "r": r}) as table:
        bound = bound_cut(table, RoleMap(bands=bands), "g - r between -0.5 and 0.25 and not g - r in (0, 0.125)")
        assert bound is not None
        found = np.concatenate(list(kept_rows(table, bound)))
    colour = g.astype(float) - np.where(r == 99, np.nan, r.astype(float))
    assert (found == ((colour >= -0.5) & (colour <= 0.25) & (colour != 0) & (colour != 0.125))).all()


@pytest.mark.parametrize("word", ["", "not "])
@pytest.mark.parametrize("values", [(0, 0.5), (-2, 3, 3, 0.25, 9, 1e300, 0, -0.5), tuple(range(-200, 200))])
def test_many_values_of_a_difference_are_one_condition(tmp_path: Path, word: str, values: tuple[float, ...]) -> None:
    rng = np.random.default_rng(9)
    n = BLOCK + 5
    a, b = (rng.integers(-8, 9, n) / 4 for _ in range(2))
    a[::5], b[1::7] = np.nan, np.nan
    with canonical_table(tmp_path, {"a": a, "b": b}) as table:
        listed = ", ".join(map(repr, values))
        bound = bound_cut(table, RoleMap(), f"{word}a - b in ({listed})")
        assert isinstance(bound, Derived)
        found = np.concatenate(list(kept_rows(table, bound)))
        asked = condition(bound, lambda name: f'"{name}"')
        query = f"SELECT {asked.sql} FROM read_parquet(?)"
        answers = duckdb.execute(query, [*asked.values, str(_file(tmp_path))]).fetchall()
    wanted = np.isin(a - b, values) if not word else ~np.isin(a - b, values) & ~np.isnan(a - b)
    assert 0 < np.count_nonzero(wanted) < n
    assert (found == wanted).all()
    assert [bool(one) for (one,) in answers] == wanted.tolist()


def _file(folder: Path) -> Path:
    (found,) = folder.rglob("*.parquet")
    return found


def test_a_cut_computes_only_so_much(tmp_path: Path) -> None:
    one = "a - b > 1"
    with canonical_table(tmp_path, {"a": np.ones(3), "b": np.zeros(3)}) as table:
        assert bound_cut(table, RoleMap(), " or ".join([one] * MOST_COMPUTED)) is not None
        before = " or ".join([one] * MOST_COMPUTED) + " or not ("
        with pytest.raises(CutError, match=f"at most {MOST_COMPUTED} conditions on differences") as refused:
            bound_cut(table, RoleMap(), f"{before}{one})")
    assert refused.value.at == len(before) + 1
