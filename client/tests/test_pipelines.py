"""Pipelines: what is prepared, sent and awaited, under every name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pzserver import Pipeline, PzServer
from pzserver.pipelines import CRCProcess, CSCProcess, TSMProcess
from pzserver.testing import MockPortal


@pytest.fixture
def inputs(portal: MockPortal) -> list[int]:
    """Two spec-z catalogues and a training set."""
    kinds = ("redshift_catalog", "redshift_catalog", "training_set")
    return [portal.add_product(f"Input {number}", kind) for number, kind in enumerate(kinds)]


def test_a_pipeline_tells_what_it_takes_and_makes(server: PzServer) -> None:
    pipeline = Pipeline("training_set_maker", server.api)
    assert (pipeline.pipeline_id, pipeline.display_name, pipeline.version) == (2, "Training Set Maker", "1.0")
    assert pipeline.parameters == {"crossmatch": {"n_neighbors": 1}}
    assert [row["name"] for row in pipeline.acceptable_product_types] == ["redshift_catalog"]
    assert pipeline.output_product_type["name"] == "training_set"


def test_an_unknown_pipeline_is_a_value_error(server: PzServer) -> None:
    with pytest.raises(ValueError, match="Known: combine_redshift_dedup"):
        Pipeline("no_such_thing", server.api)


def test_a_pipeline_without_configuration_has_no_parameters(server: PzServer, portal: MockPortal) -> None:
    portal.pipelines[0]["system_config"] = None
    assert server.combine_redshift_catalogs("x").config == {}


def test_every_old_name_works(server: PzServer, portal: MockPortal) -> None:
    portal.pipelines[0]["name"] = "combine_specz"
    assert type(server.combine_specz_catalogs("a")) is CSCProcess
    portal.pipelines[0]["name"] = "combine_redshift_dedup"
    assert type(server.combine_redshift_catalogs("a")) is CRCProcess
    assert type(server.make_training_set("a")) is TSMProcess
    assert type(server.training_set_maker("a")) is TSMProcess


def test_combining_sends_inputs_and_configuration(server: PzServer, portal: MockPortal, inputs: list[int]) -> None:
    process = server.combine_redshift_catalogs("Combined")
    process.append_catalog(inputs[0])
    process.append_catalog(internal_name="2_input_1")
    process.append_catalog(inputs[0])
    process.set_config({"combine_type": "concatenate_and_mark_duplicates", "output_format": "parquet"})
    assert [row["id"] for row in process.input_catalogs] == inputs[:2]
    assert process.check_status().startswith("The process has not been started")
    assert process.stop() == process.check_status()
    answer = process.run()
    assert answer == {
        "id": 1,
        "status": "Pending",
        "output": {"id": 4, "display_name": "Combined", "internal_name": "4_combined"},
    }
    sent = portal.processes[1]
    assert sent["inputs"] == inputs[:2]
    assert sent["used_config"] == {
        "param": {"combine_type": "concatenate_and_mark_duplicates"},
        "output_format": "parquet",
    }
    assert process.run() == {}
    assert process.output == answer["output"]
    portal.processes[1]["status"] = "Running"
    assert process.check_status() == "Running"
    stopped = process.stop()
    assert isinstance(stopped, dict)
    assert stopped["status"] == "Stopping"


def test_the_defaults_of_a_pipeline_stay_as_they_are(server: PzServer) -> None:
    process = server.combine_redshift_catalogs("a")
    process.set_config({"combine_type": "other"})
    assert process.pipeline.parameters == {"combine_type": "concatenate"}


def test_a_flags_file_goes_with_the_form(
    server: PzServer, portal: MockPortal, inputs: list[int], tmp_path: Path
) -> None:
    (tmp_path / "flags.yaml").write_text("SURVEY: {}\n")
    process = server.combine_redshift_catalogs("Combined")
    process.append_catalog(inputs[0])
    with pytest.raises(FileNotFoundError):
        process.set_flags_translation(tmp_path / "none.yaml")
    process.set_flags_translation(tmp_path / "flags.yaml")
    process.run()
    assert portal.processes[1]["used_config"] == {"param": {"combine_type": "concatenate"}}


def test_inputs_are_checked(server: PzServer, inputs: list[int]) -> None:
    process = server.combine_redshift_catalogs("Combined")
    for arguments, words in [((), "Give the product"), ((inputs[2],), "does not take"), ((99,), "99")]:
        with pytest.raises(ValueError, match=words):
            process.append_catalog(*arguments)
    with pytest.raises(ValueError, match="was not found"):
        process.append_catalog(internal_name="none")
    with pytest.raises(ValueError, match="no input"):
        process.run()
    assert process.available_product_types() == ["redshift_catalog"]
    assert process.available_product_types_id() == [1]


def test_a_training_set_needs_redshifts_and_a_release(
    server: PzServer, portal: MockPortal, inputs: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    process = server.training_set_maker("Train")
    process.set_specz(inputs[1])
    process.set_redshift(inputs[0])
    assert process.specz == process.redshift == {"name": "Input 0", "internal_name": "1_input_0", "id": inputs[0]}
    with pytest.raises(ValueError, match="release"):
        process.run()
    with pytest.raises(ValueError, match="DR9"):
        process.set_release("DR9")
    process.set_release("LSST DP1")
    process.run()
    assert portal.processes[1]["release"] == 2
    assert portal.processes[1]["inputs"] == [inputs[0]]
    process.summary()
    said = capsys.readouterr().out
    assert "Release: LSST DP1" in said
    assert "Redshift catalog: 1_input_0" in said


@pytest.mark.parametrize(
    ("arguments", "named"),
    [(("lsst_dp0",), {}), ((), {"name": "LSST DP0"}), ((), {"release_id": 1}), ((1,), {}), ((1, None), {})],
)
def test_a_release_is_chosen_by_name_or_id_in_either_order(
    server: PzServer, arguments: tuple[Any, ...], named: dict[str, Any]
) -> None:
    process = server.training_set_maker("Train")
    process.set_release(*arguments, **named)
    assert process.release is not None
    assert process.release["id"] == 1


def test_waiting_goes_on_while_it_is_queued_and_tells_how_it_ended(
    server: PzServer, portal: MockPortal, inputs: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    process = server.combine_redshift_catalogs("Combined")
    process.append_catalog(inputs[0])
    states = iter(["Queued", "Running", "Stopping", "Failed"])
    original = portal.one

    def changing(request: Any, name: str, number: str) -> Any:
        if name == "processes":
            portal.processes[1] |= {"status": next(states, "Failed"), "error": "No rows were left."}
        return original(request, name, number)

    portal.one = changing  # type: ignore[method-assign]
    assert server.run_and_wait(process, every_s=0.0) is None
    assert "Failed. No rows were left." in capsys.readouterr().out
    assert server.wait_processing(process, every_s=0.0) == "Failed"


def test_a_success_names_its_product(
    server: PzServer, portal: MockPortal, inputs: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    process = server.combine_redshift_catalogs("Combined")
    process.append_catalog(inputs[0])
    process.run()
    portal.processes[1]["status"] = "Successful"
    server.run_and_wait(process)
    assert "Successful. Product 4_combined." in capsys.readouterr().out
