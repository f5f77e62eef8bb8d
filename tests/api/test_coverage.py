"""Coverage over HTTP: the numbers of the page, where they come from, refusals, copies."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
import requests

from tests.support.ingests import catalogue_csv, ingested
from tests.support.live import Live


def _csv(n: int, seed: int, prefix: str) -> bytes:
    rng = np.random.default_rng(seed)
    z = rng.gamma(3, 0.25, n).round(4)
    i = 25 - rng.exponential(1, n)
    r = i + 0.3 + 0.4 * z + rng.normal(0, 0.05, n)
    frame = pd.DataFrame({"redshift": z, f"{prefix}_g": r + 0.5, f"{prefix}_r": r, f"{prefix}_i": i}).round(4)
    frame.loc[:4, f"{prefix}_g"] = 99.0
    out = io.StringIO()
    frame.to_csv(out, index=False)
    return out.getvalue().encode()


@pytest.fixture(scope="module")
def ids(live: Live) -> list[int]:
    owner, contents = live.people["owner1"], (_csv(600, 1, "mag"), _csv(400, 2, "mag_auto"), catalogue_csv())
    return [ingested(live.container, owner, one, f"coverage{k}.csv").id for k, one in enumerate(contents)]


@pytest.fixture(scope="module")
def ask(live: Live, ids: list[int]) -> Any:
    session = live.token_session("owner1")

    def answer(headers: dict[str, str] | None = None, **parameters: Any) -> requests.Response:
        given = {"target": ids[1]} | parameters
        return session.get(f"{live.url}/api/products/{ids[0]}/coverage/", params=given, headers=headers, timeout=60)

    return answer


def test_numbers_are_those_of_the_service_and_add_up(live: Live, ask: Any, ids: list[int]) -> None:
    found = ask().json()
    report = live.container.coverage.coverage(live.people["owner1"], *ids[:2]).report
    assert (found["features"], found["cut"]) == (["i", "g - r", "r - i"], None)
    near, som, z = found["neighbours"], found["som"], found["redshifts"]
    assert (near["d_ref"], near["covered"]) == (report.neighbours.d_ref, report.neighbours.covered)
    assert sum(near["train"]) == found["train"]["n_used"] == 600
    assert sum(near["target"]) == np.sum(som["target"]) == found["target"]["n_used"] == 400
    assert near["covered"] > 0.85
    assert found["target"]["n_not_detected"] == 5
    assert np.shape(som["train"]) == np.shape(som["sigma_z"]) == (20, 20)
    empty = np.array(som["train"]) == 0
    assert som["n_uncovered"] == ((np.array(som["target"]) > 0) & empty).sum()
    assert all(value is None for value in np.array(som["sigma_z"])[empty])
    heights = np.array(z["weighted"]["values"], dtype=float)
    assert np.nansum(heights * np.diff(z["edges"])) == pytest.approx(1)
    assert z["is_poor"] is False
    assert np.shape(found["map"]["target"]) == (len(found["map"]["y_edges"]) - 1, len(found["map"]["x_edges"]) - 1)
    assert set(found["definitions"]) == {"features", "neighbours", "redshifts", "som"}


def test_both_say_where_they_come_from(ask: Any, ids: list[int]) -> None:
    found = ask(cut="mag_auto_i<24").json()
    train, target = found["train"], found["target"]
    assert found["cut"] == "mag_auto_i < 24"
    assert "does not fit" in train["cut_note"]
    assert (
        train["provenance"] | {"columns": ["mag_g", "mag_r", "mag_i", "redshift"], "cut": None} == train["provenance"]
    )
    assert target["cut_note"] is None
    assert target["provenance"] | {"product_id": ids[1], "cut": "mag_auto_i < 24"} == target["provenance"]
    assert (train["n_total"], target["n_total"] < 400) == (600, True)


@pytest.mark.parametrize(
    ("parameters", "field"),
    [({"target": "a"}, "target"), ({"target": 0}, "target"), ({"target": None}, "target"), ({"cut": "mag_i <"}, "cut")],
)
def test_what_makes_no_sense_is_refused_by_its_field(ask: Any, parameters: dict[str, Any], field: str) -> None:
    answer = ask(**parameters)
    assert answer.status_code == 400
    assert field in answer.json()


def test_a_target_without_two_bands_is_refused_and_one_that_is_not_there_is_not_found(ask: Any, ids: list[int]) -> None:
    assert "shares two bands" in ask(target=ids[2]).json()["detail"]
    assert ask(target=999_999_999).status_code == 404


def test_a_copy_is_good_until_one_of_the_tables_changes(live: Live, ask: Any, ids: list[int]) -> None:
    etag = ask().headers["ETag"]
    assert ask({"If-None-Match": etag}).status_code == 304
    live.container.catalog.set_role(live.people["owner1"], ids[1], "mag_auto_g", None)
    again = ask({"If-None-Match": etag})
    assert (again.status_code, again.json()["features"]) == (200, ["i", "r - i"])
