"""Comparing products over HTTP: the numbers of the page, refusals by field, copies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import requests
from scipy import stats

from tests.support.ingests import catalogue_csv, ingested
from tests.support.live import Live

CONTENTS = catalogue_csv(), catalogue_csv(300, 5)


@pytest.fixture(scope="module")
def ids(live: Live) -> list[int]:
    owner = live.people["owner1"]
    return [ingested(live.container, owner, one, f"compare{k}.csv").id for k, one in enumerate(CONTENTS)]


@pytest.fixture(scope="module")
def ask(live: Live, ids: list[int]) -> Any:
    session = live.token_session("owner1")

    def answer(headers: dict[str, str] | None = None, **parameters: Any) -> requests.Response:
        given = {"with": ids[1]} | parameters
        return session.get(f"{live.url}/api/products/{ids[0]}/compare/", params=given, headers=headers, timeout=60)

    return answer


def _column(content: bytes, place: int) -> np.ndarray:
    return np.array([float(line.split(",")[place]) for line in content.decode().split()[1:]])


def test_numbers_are_those_of_all_rows(ask: Any, ids: list[int]) -> None:
    found = ask(width=0.1).json()
    z = [_column(content, 3) for content in CONTENTS]
    assert [one["id"] for one in found["products"]] == ids
    assert (found["column"], found["normalised"], found["cut"]) == ("redshift", True, None)
    for one, values in zip(found["products"], z, strict=True):
        counts = np.histogram(values, found["edges"])[0]
        assert one["counts"] == counts.tolist()
        assert one["curve"]["values"] == pytest.approx(counts / (values.size * 0.1))
        assert one["median"] == pytest.approx(np.median(values))
    first, second = found["products"]
    assert first["two_sample"] is None
    assert second["two_sample"]["ks"] == pytest.approx(stats.ks_2samp(*z).statistic)
    assert second["two_sample"]["wasserstein"] == pytest.approx(stats.wasserstein_distance(*z))
    assert None in second["ratio"]["values"]
    assert set(found["definitions"]) < set(second["two_sample"])


def test_counts_and_cuts(ask: Any) -> None:
    found = ask(column="mag_i", norm="0", cut="mag_i<22").json()
    assert (found["cut"], found["unit"]) == ("mag_i < 22", "mag")
    for one, content in zip(found["products"], CONTENTS, strict=True):
        assert one["n_shown"] == (_column(content, 6) < 22).sum()
        assert one["n_shown"] + one["n_cut"] == one["n_total"]
        assert one["curve"]["values"] == one["counts"]
        assert one["cut_note"] is None
    assert "does not fit" in ask(cut="other > 1").json()["products"][0]["cut_note"]


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"with": "1,2,3,4"}, "with"),
        ({"with": "a"}, "with"),
        ({"with": ""}, "with"),
        ({"column": "z_phot"}, "column"),
        ({"width": "1e-9"}, "width"),
        ({"width": "-1"}, "width"),
        ({"cut": "mag_i <"}, "cut"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_field(ask: Any, parameters: dict[str, str], field: str) -> None:
    answer = ask(**parameters)
    assert answer.status_code == 400
    assert field in answer.json()


def test_a_copy_is_good_until_one_of_the_tables_changes(live: Live, ask: Any, ids: list[int]) -> None:
    etag = ask().headers["ETag"]
    assert ask({"If-None-Match": etag}).status_code == 304
    live.container.catalog.set_role(live.people["owner1"], ids[1], "z_flag", None)
    assert ask({"If-None-Match": etag}).status_code == 200
