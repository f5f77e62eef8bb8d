"""What may stand in the configuration of a run, and the registry behind it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.errors import InvalidInput
from services.pipelines.base import by_word
from services.pipelines.config import MAX_FLAGS_BYTES, checked_config, read_flags, without_flags_path
from services.pipelines.registry import PIPELINES, pipeline, pipelines_named
from services.product_types import PRODUCT_TYPES

COMBINE = PIPELINES["combine_redshift_dedup"]
MAKER = PIPELINES["training_set_maker"]


@pytest.mark.parametrize("word", ["combine_specz", "combine_redshift", "combine_redshift_dedup", "COMBINE_SPECZ"])
def test_every_generation_of_clients_finds_the_combine_pipeline(word: str) -> None:
    assert pipelines_named(word) == (COMBINE,)
    assert pipeline(word) is COMBINE


def test_ids_and_unknown_words() -> None:
    assert pipeline(2) is pipeline("2") is MAKER
    assert pipelines_named("nothing") == ()
    with pytest.raises(InvalidInput, match="combine_redshift_dedup"):
        pipeline("nothing")


def test_rows_fit_together() -> None:
    assert len({row.id for row in PIPELINES.values()}) == len(PIPELINES)
    for row in PIPELINES.values():
        assert {*row.accepts, row.makes} <= PRODUCT_TYPES.keys()
        assert row.min_inputs <= row.max_inputs
        assert checked_config(row, row.system_config)["param"] == row.system_config["param"]


def test_two_pipelines_cannot_answer_to_one_word() -> None:
    with pytest.raises(ValueError, match="combine_specz"):
        by_word([COMBINE, replace(MAKER, aliases=("combine_specz",))])


@pytest.mark.parametrize("sent", [None, "", {}, "{}", {"param": None}, '{"param": {}}'])
def test_defaults_stand_where_nothing_is_said(sent: object) -> None:
    config = checked_config(MAKER, sent)  # type: ignore[arg-type]
    assert config["param"] == {
        "crossmatch": {"n_neighbors": 1, "radius_arcsec": 1.0},
        "duplicate_criteria": "closest",
    }
    assert config["output_format"] == "parquet"


def test_a_part_of_a_parameter_can_be_said_alone() -> None:
    config = checked_config(MAKER, {"param": {"crossmatch": {"radius_arcsec": 2}}})
    assert config["param"]["crossmatch"] == {"n_neighbors": 1, "radius_arcsec": 2}


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("{", "not valid JSON"),
        ("[1]", "must be an object"),
        ({"param": [1]}, "param must be"),
        ({"parameters": {}}, "param and output_format"),
        ({"param": {"radius": 1}}, 'no parameter "radius"'),
        ({"param": {"crossmatch": {"radius": 1}}}, 'no parameter "crossmatch.radius"'),
        ({"param": {"crossmatch": 1}}, "takes an object"),
        ({"param": {"crossmatch": {"radius_arcsec": 0}}}, "a number from 0.001 to 60"),
        ({"param": {"crossmatch": {"radius_arcsec": True}}}, "a number from"),
        ({"param": {"crossmatch": {"n_neighbors": 1.5}}}, "a whole number from 1 to 10"),
        ('{"param": {"crossmatch": {"radius_arcsec": NaN}}}', "a number from"),
        ({"param": {"duplicate_criteria": ["closest"]}}, "one of closest, all"),
        ({"output_format": "docx"}, "parquet, csv"),
        ({"output_format": ["csv"]}, "parquet, csv"),
    ],
)
def test_what_cannot_be_run_is_refused_with_what_can(sent: object, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        checked_config(MAKER, sent)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["/etc/passwd", "flags.yaml", ["x"], 7])
def test_a_path_of_a_flags_file_is_never_opened(path: object) -> None:
    config = {"param": {"flags_translation_file": path}}
    with pytest.raises(InvalidInput, match="no file came"):
        without_flags_path(COMBINE, config, has_file=False)
    taken = without_flags_path(COMBINE, config, has_file=True)
    assert taken == {"param": {"flags_translation_file": None}}


@pytest.mark.parametrize("path", [None, ""])
def test_no_path_needs_no_file(path: object) -> None:
    config = {"param": {"flags_translation_file": path}}
    assert checked_config(COMBINE, without_flags_path(COMBINE, config, has_file=False))["param"]["combine_type"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"- 1\n- 2", "must be a mapping"),
        (b"a: [", "not valid YAML"),
        (b"\xff\xfe\x00", "not valid YAML"),
        (b"!!python/object/apply:os.getcwd []", "not valid YAML"),
        (b"a: &x [1]\nb: [*x, *x]", "aliases"),
        (b"a: .nan", "not valid YAML"),
        (b"a: " + b"x" * MAX_FLAGS_BYTES, "KiB"),
        (b"[" * 5000, "not valid YAML"),
    ],
)
def test_flags_files_that_cannot_be_taken(content: bytes, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_flags(content)


def test_a_flags_file_becomes_plain_json() -> None:
    assert read_flags(b"\xef\xbb\xbfVVDS:\n  4: 1\n  s: 2020-01-01\n") == {"VVDS": {"4": 1, "s": "2020-01-01"}}
