"""Requests made from the OpenAPI document, sent to the real portal: no failure, and only announced answers.

Half of the requests fit the document, half break it on purpose. They are the same in every run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.settings import Settings
from tests.support.live import running
from tests.support.rights import Subject, World, build_world

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
MAX_EXAMPLES = 8
SLOW_EXAMPLES = 3
MEANINGFUL = {"column": "mag_i", "x": "ra", "y": "dec", "z_phot": "dec", "z_spec": "z_spec", "product_type": "other"}
"""Words no generator would find."""
SLOW = ("registry", "prepare", "obtain_token")
"""These read a table, pack a file, or check a password for each request."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running(Settings(data_dir=tmp_path_factory.mktemp("schemathesis"), api_rate="")) as live:
        yield build_world(live)


@pytest.fixture(scope="module")
def operations(world: World) -> list[APIOperation]:
    document = world.ask("owner", "GET", "/api/schema/").json()
    found = [result.ok() for result in schemathesis.openapi.from_dict(document).get_all_operations()]
    assert len(found) > 40
    return found


def _ids(operation: APIOperation, subject: Subject) -> dict[str, int | str]:
    """Ids and names in the path that lead to something."""
    names: dict[str, int | str] = {
        "plot": "n_z",
        "product_id": subject.product.id,
        "file_id": subject.file_id,
        "column_id": subject.column_id,
        "process_id": subject.process_id,
        "type_id": 1,
        "release_id": 1,
        "pipeline_id": 1,
    }
    return {name: value for name, value in names.items() if f"{{{name}}}" in operation.path}


def _cases(operation: APIOperation, subject: Subject) -> st.SearchStrategy[Case]:
    known: dict[str, Any] = {"path_parameters": ids} if (ids := _ids(operation, subject)) else {}
    modes = [GenerationMode.POSITIVE]
    if operation.query or operation.body:
        modes.append(GenerationMode.NEGATIVE)
    return st.one_of([operation.as_strategy(mode, **known) for mode in modes])


def _make_sense(case: Case) -> None:
    """Put words that mean something here into the parameters and the body, where they take such words."""
    for place in (case.query, case.body):
        if isinstance(place, dict):
            place.update({name: value for name, value in MEANINGFUL.items() if name in place})


def _faults(world: World, operation: APIOperation, who: str) -> list[str]:
    """What is wrong with the answers of one operation, a line each."""
    faults: list[str] = []
    session = requests.Session()
    n_examples = SLOW_EXAMPLES if any(word in operation.path for word in SLOW) else MAX_EXAMPLES

    @settings(
        max_examples=n_examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=_cases(operation, world.subjects["published"]), is_meant_well=st.booleans())
    def send(case: Case, *, is_meant_well: bool) -> None:
        if is_meant_well:
            _make_sense(case)
        if case.method == "DELETE":
            case.path_parameters = _ids(operation, world.fresh("draft"))
        case.headers["Authorization"] = f"Token {world.keys[who]}"
        answer = case.call(base_url=world.live.url, session=session, timeout=60)
        try:
            case.validate_response(answer, checks=CHECKS)
        except AssertionError as error:
            faults.append(f"{operation.label}: {answer.status_code} {error}")
        except BaseExceptionGroup as errors:
            faults.extend(f"{operation.label}: {answer.status_code} {error}" for error in errors.exceptions)

    send()
    return faults


@pytest.mark.parametrize("who", ["other", "owner"])
def test_every_answer_is_announced(world: World, operations: list[APIOperation], who: str) -> None:
    faults = [fault for operation in operations for fault in _faults(world, operation, who)]
    assert not faults, "\n\n".join(faults)
