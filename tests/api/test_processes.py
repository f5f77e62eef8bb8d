"""Pipelines and their runs over real HTTP: every shape clients send, rights, lists, stopping, removing."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from sqlalchemy import event

from services.models.identity import Actor
from services.models.processes import ProcessQuery
from services.models.products import ProductStatus
from tests.support.live import Live
from tests.support.pipelines import catalogues, run_now
from tests.support.products import published, with_file, with_status

COMBINE, MAKER = 1, 2
FIELDS = {
    *("id", "upload", "status", "display_name", "pipeline", "pipeline_name", "pipeline_version", "release"),
    *("release_name", "inputs", "provenance_inputs", "used_config", "owned_by", "is_owner", "created_at"),
    *("started_at", "ended_at", "orchestration_process_id", "path", "comment"),
}


class Api:
    """Requests with the token of one person, as released clients send them."""

    def __init__(self, live: Live, actor: Actor) -> None:
        self.base = f"{live.url}/api/"
        self.headers = {"Authorization": f"Token {live.container.tokens.create(actor, 'test').key}"}

    def __call__(self, method: str, path: str, **more: Any) -> requests.Response:
        return requests.request(method, self.base + path, headers=self.headers, timeout=30, **more)

    def start(self, **fields: Any) -> requests.Response:
        return self("POST", "processes/", json={"display_name": "Combined", "pipeline": COMBINE, **fields})


@pytest.fixture(scope="module")
def api(live: Live) -> Api:
    return Api(live, live.people["owner1"])


@pytest.fixture(scope="module")
def other(live: Live) -> Api:
    return Api(live, live.people["owner2"])


@pytest.fixture(scope="module")
def admin(live: Live) -> Api:
    return Api(live, live.people["curator"])


@pytest.fixture(scope="module")
def inputs(live: Live) -> list[int]:
    return [product.id for product in catalogues(live.container, live.people["owner1"])]


def _done(live: Live, process_id: int) -> None:
    actor = live.people["owner1"]
    run_now(live.container, actor, live.container.processes.get(actor, process_id))


@pytest.mark.parametrize("name", ["combine_specz", "combine_redshift", "combine_redshift_dedup"])
def test_one_pipeline_answers_to_the_names_of_every_generation(api: Api, name: str) -> None:
    found = api("GET", f"pipelines/?name={name}").json()
    assert found["count"] == 1
    (row,) = found["results"]
    assert (row["id"], row["product_types_accepted"], row["output_product_type"]) == (COMBINE, [1], 1)
    assert isinstance(row["system_config"]["param"], dict)


def test_lists_of_pipelines(api: Api) -> None:
    assert [row["id"] for row in api("GET", "pipelines/").json()["results"]] == [MAKER, COMBINE]
    assert [row["id"] for row in api("GET", "pipelines/?ordering=id").json()["results"]] == [COMBINE, MAKER]
    assert [row["id"] for row in api("GET", "pipelines/?search=training").json()["results"]] == [MAKER]
    assert api("GET", "pipelines/?id=2").json()["results"][0]["name"] == "training_set_maker"
    assert api("GET", "pipelines/?name=nothing").json() == {"count": 0, "next": None, "previous": None, "results": []}
    assert api("GET", "pipelines/1/").json()["display_name"] == "Combine Redshift Catalogs"
    assert api("GET", "pipelines/7/").status_code == 404
    assert api("GET", "pipelines/?id=x").status_code == 400
    assert api("OPTIONS", "pipelines/").json()["filterset"] == ["id", "name"]
    assert api("POST", "pipelines/", json={}).status_code == 405


@pytest.mark.parametrize(
    "shape",
    [
        {"json": {"used_config": {"param": {"combine_type": "concatenate"}}}},
        {"json": {"used_config": json.dumps({"param": {"combine_type": "concatenate"}, "output_format": "csv"})}},
        {"data": {"used_config": '{"param": {"combine_type": "concatenate"}}'}},
        {
            "data": {"used_config": '{"param": {"flags_translation_file": "mine.yaml"}}'},
            "files": {"flags_translation_file": ("mine.yaml", b"VVDS:\n  4: 4\n")},
        },
    ],
    ids=["object", "text", "form", "flags"],
)
def test_the_wish_of_every_generation_is_taken(live: Live, api: Api, inputs: list[int], shape: dict[str, Any]) -> None:
    sent = {kind: dict(fields) for kind, fields in shape.items()}
    for kind in {"json", "data"} & sent.keys():
        sent[kind] |= {"display_name": "x", "pipeline": COMBINE, "inputs": inputs}
    answer = api("POST", "processes/", **sent)
    assert answer.status_code == 201, answer.text
    process = answer.json()
    assert process.keys() == FIELDS
    assert (process["status"], process["inputs"], process["pipeline"]) == ("Pending", inputs, COMBINE)
    assert [product["id"] for product in process["provenance_inputs"]] == inputs
    assert process["used_config"]["param"]["combine_type"] == "concatenate"
    output = api("GET", f"products/{process['upload']}/").json()
    assert (output["status"], output["process_id"], output["process_status"]) == (3, process["id"], "Pending")
    config = api("GET", f"products/{process['upload']}/process_config/").json()
    assert config["config"] == process["used_config"]
    assert ("flag_translation" in config) == ("files" in shape)


def test_a_run_from_pending_to_successful(live: Live, api: Api, inputs: list[int]) -> None:
    process = api.start(inputs=inputs).json()
    _done(live, process["id"])
    now = api("GET", f"processes/{process['id']}/").json()
    assert now["status"] == "Successful"
    assert now["created_at"] <= now["started_at"] <= now["ended_at"]
    output = api("GET", f"products/{process['upload']}/").json()
    assert (output["status"], output["origin"]) == (1, "Combine Redshift Catalogs")
    logs = api("GET", f"processes/{process['id']}/logs/").json()
    assert "5 rows of 2 catalogues" in logs["pipeline"]["content"]
    assert logs["slurm"] == {"content": ""}
    assert api("GET", f"products/{inputs[0]}/process_config/").json() == {}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"inputs": [1]}, "inputs"),
        ({"inputs": [1, 1]}, "inputs"),
        ({"inputs": [1, 10**20]}, "inputs"),
        ({"inputs": "x"}, "inputs"),
        ({"inputs": None}, "inputs"),
        ({"pipeline": 9}, "pipeline"),
        ({"pipeline": None}, "pipeline"),
        ({"display_name": " "}, "display_name"),
        ({"display_name": "x" * 256}, "display_name"),
        ({"used_config": {"param": {"combine_type": "shuffle"}}}, "used_config"),
        ({"used_config": "{"}, "used_config"),
        ({"used_config": {"param": {"flags_translation_file": "/etc/passwd"}}}, "flags_translation_file"),
        ({"release": 1}, "release"),
        ({"pipeline": MAKER, "inputs": [1]}, "release"),
        ({"pipeline": MAKER, "inputs": [1], "release": 4711}, "release"),
    ],
)
def test_a_wish_that_cannot_be_run_leaves_nothing_behind(
    live: Live, api: Api, inputs: list[int], fields: dict[str, Any], field: str
) -> None:
    if "release" in fields and fields["release"] == 1:
        fields = {"release": live.container.releases.create("rel", "Rel").id}
    if isinstance(fields.get("inputs"), list):
        fields = {**fields, "inputs": [inputs[0] if number == 1 else number for number in fields["inputs"]]}
    before = api("GET", "products/?status__in=0,3,9&user=").json()["count"]
    answer = api.start(**({"inputs": inputs} | fields))
    assert answer.status_code == 400, answer.text
    assert field in answer.json(), answer.text
    assert api("GET", "products/?status__in=0,3,9&user=").json()["count"] == before


def test_inputs_must_be_published_open_tables_of_the_right_type(live: Live, api: Api, inputs: list[int]) -> None:
    container, owner = live.container, live.people["owner1"]
    wrong_type = published(container, owner, "Estimates", "photoz_estimates")
    with_file(container, wrong_type)
    no_file = published(container, owner, "Words only", "redshift_catalog")
    hidden = published(container, live.people["owner2"], "Hidden draft", "redshift_catalog")
    with_status(container, hidden, ProductStatus.REGISTERING)
    draft = published(container, owner, "Own draft", "redshift_catalog")
    with_status(container, draft, ProductStatus.REGISTERING)
    reasons = {}
    for product in (wrong_type, no_file, hidden, draft):
        answer = api.start(inputs=[inputs[0], product.id])
        assert answer.status_code == 400
        reasons[product.id] = answer.json()["inputs"][0]
    assert "takes a Spec-z Catalog" in reasons[wrong_type.id]
    assert "no main file" in reasons[no_file.id]
    assert "not open to you" in reasons[hidden.id]
    assert "hidden" not in reasons[hidden.id]
    assert "not published" in reasons[draft.id]


def test_a_run_belongs_to_its_owner(live: Live, api: Api, other: Api, admin: Api, inputs: list[int]) -> None:
    process = api.start(inputs=inputs).json()
    one = f"processes/{process['id']}/"
    for path in (one, f"{one}stop/", f"{one}logs/"):
        assert other("GET", path).status_code == 404, path
        assert requests.get(api.base + path, timeout=30).status_code == 401, path
    assert other("DELETE", one).status_code == 404
    assert admin("GET", one).json()["is_owner"] is False
    _done(live, process["id"])
    assert other("GET", one).json()["is_owner"] is False
    for method, path in (("GET", f"{one}stop/"), ("POST", f"{one}stop/"), ("GET", f"{one}logs/"), ("DELETE", one)):
        assert other(method, path).status_code == 403, path
    assert admin("DELETE", one).status_code == 204
    assert api("GET", one).status_code == 404


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_run_is_stopped_once(live: Live, api: Api, inputs: list[int], method: str) -> None:
    process = api.start(inputs=inputs).json()
    stopped = api(method, f"processes/{process['id']}/stop")
    assert (stopped.status_code, stopped.json()["status"]) == (200, "Failed")
    assert stopped.json()["comment"] == "Stopped by owner1."
    assert api(method, f"processes/{process['id']}/stop/").status_code == 409
    assert api("GET", f"products/{process['upload']}/").json()["status"] == 9


def test_a_link_in_a_browser_stops_nothing(live: Live, api: Api, inputs: list[int]) -> None:
    process = api.start(inputs=inputs).json()
    browser = live.session("owner1")
    assert browser.get(f"{api.base}processes/{process['id']}/stop/", timeout=30).status_code == 403
    assert api("GET", f"processes/{process['id']}/").json()["status"] == "Pending"


def test_removing_a_waiting_run_removes_its_output(live: Live, api: Api, inputs: list[int]) -> None:
    process = api.start(inputs=inputs).json()
    assert api("DELETE", f"processes/{process['id']}/").status_code == 204
    assert api("GET", f"products/{process['upload']}/").status_code == 404
    assert api("DELETE", f"processes/{process['id']}/").status_code == 404
    job = live.container.jobs.get(process["orchestration_process_id"])
    assert not job.is_active


def test_filters_of_the_list(live: Live, api: Api, other: Api, inputs: list[int]) -> None:
    live.container.releases.create("dp9", "Data Preview 9")
    maker = api.start(pipeline="training_set_maker", inputs=inputs[:1], release="dp9").json()
    combined = api.start(inputs=inputs).json()
    live.container.processes.stop(live.people["owner1"], combined["id"])

    def ids(query: str, who: Api = api) -> set[int]:
        answer = who("GET", f"processes/?{query}")
        assert answer.status_code == 200, answer.text
        return {row["id"] for row in answer.json()["results"]} & {maker["id"], combined["id"]}

    both = {maker["id"], combined["id"]}
    assert ids("") == both
    assert ids("", other) == set()
    assert ids("pipeline=training") == ids("pipeline=2") == {maker["id"]}
    assert ids("pipeline=training,combine") == set()
    assert ids("pipeline__or=training,combine") == both
    assert ids("status=pending") == ids("status=Queued") == {maker["id"]}
    assert ids("status=Failed") == {combined["id"]}
    assert ids("release_name=preview 9") == ids("release_name__or=nothing,DP9") == {maker["id"]}
    assert ids("release_name=preview,nothing") == set()
    assert ids("release__isnull=true") == {combined["id"]}
    assert ids(f"release={maker['release']}") == {maker["id"]}
    assert ids(f"upload={combined['upload']}") == {combined["id"]}
    assert ids(f"user={live.people['owner1'].user_id}") == both
    assert ids("user=99999999999999999999") == ids("user=-1") == set()
    newest, *_ = api("GET", "processes/?page_size=1").json()["results"]
    assert newest["id"] == combined["id"]
    assert api("GET", "processes/?ordering=id&page_size=1").json()["results"][0]["id"] < newest["id"]
    for bad in ("status=odd", "release=x", "release__isnull=perhaps", "page_size=x"):
        assert api("GET", f"processes/?{bad}").status_code == 400, bad
    assert {"pipeline", "pipeline__or", "upload"} <= {
        row["name"] for row in api("OPTIONS", "processes/").json()["filter_classes"]
    }


def test_a_list_takes_few_statements_at_any_length(live: Live, api: Api, inputs: list[int]) -> None:
    for _ in range(4):
        api.start(inputs=inputs)
    seen: list[str] = []

    def note(*execution: Any) -> None:
        seen.append(execution[2])

    event.listen(live.container.engine, "before_cursor_execute", note)
    try:
        page = live.container.processes.search(live.people["owner1"], ProcessQuery())
    finally:
        event.remove(live.container.engine, "before_cursor_execute", note)
    assert len(page.items) > 4
    assert 0 < len(seen) <= 8, seen


def test_hidden_inputs_are_not_told(live: Live, api: Api, other: Api) -> None:
    first, second = catalogues(live.container, live.people["owner1"])
    process = api.start(inputs=[first.id, second.id]).json()
    _done(live, process["id"])
    live.container.catalog.delete(live.people["owner1"], second.id)
    told = other("GET", f"processes/{process['id']}/").json()
    assert told["inputs"] == [first.id]
    assert second.internal_name not in json.dumps(told["provenance_inputs"])


def test_a_token_that_only_reads_starts_nothing(live: Live, api: Api, inputs: list[int]) -> None:
    issued = live.container.tokens.create(live.people["owner1"], "reader", scope="read")
    process = api.start(inputs=inputs).json()
    headers = {"Authorization": f"Token {issued.key}"}
    wish = {"display_name": "x", "pipeline": COMBINE, "inputs": inputs}
    assert requests.post(f"{api.base}processes/", json=wish, headers=headers, timeout=30).status_code == 403
    stop = f"{api.base}processes/{process['id']}/stop/"
    assert requests.get(stop, headers=headers, timeout=30).status_code == 403
    assert requests.get(f"{api.base}processes/", headers=headers, timeout=30).status_code == 200
