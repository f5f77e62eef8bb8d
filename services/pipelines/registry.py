"""The pipelines of the portal: one row each, from which lists, checks, runs and the words of the API follow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from services.errors import InvalidInput
from services.pipelines.base import (
    Outcome,
    Parameter,
    Pipeline,
    Run,
    by_word,
    number_between,
    one_of,
    or_nothing,
    whole_between,
)
from services.pipelines.config import FLAGS_FILE


def _combine(run: Run) -> Outcome:
    from services.pipelines.combine import combine  # loads scipy, which the server itself need not

    return combine(run)


def _make_training_set(run: Run) -> Outcome:
    from services.pipelines.training_set import make_training_set

    return make_training_set(run)


_FIRST = datetime(2026, 11, 22, tzinfo=UTC)
_COMBINE_TYPES = ("concatenate", "concatenate_and_mark_duplicates", "concatenate_and_remove_duplicates")

_ROWS = (
    Pipeline(
        id=1,
        name="combine_redshift_dedup",
        aliases=("combine_redshift", "combine_specz", "combine_redshift_catalogs", "combine_specz_catalogs"),
        title="Combine Redshift Catalogs",
        version="1.0.0",
        description=(
            "Puts redshift catalogues together under the same columns. Duplicates within 1 arcsec can be marked or "
            "removed: the highest quality flag stays, then the smallest redshift error, then the first. A flags file "
            "(YAML: survey, then flag: new flag) translates the quality flags before they are compared or cut."
        ),
        accepts=("redshift_catalog",),
        makes="redshift_catalog",
        parameters=(
            Parameter("combine_type", _COMBINE_TYPES[0], *one_of(*_COMBINE_TYPES)),
            Parameter(FLAGS_FILE, None, lambda value: value is None, "a file sent beside the configuration"),
            Parameter("z_flag_homogenized_value_to_cut", None, *or_nothing(number_between(-1e6, 1e6))),
        ),
        since=_FIRST,
        runner=_combine,
        min_inputs=2,
        max_inputs=100,
    ),
    Pipeline(
        id=2,
        name="training_set_maker",
        title="Training Set Maker",
        version="1.0.0",
        description=(
            "Matches a redshift catalogue with the Objects Catalog published under a release (an official one first, "
            "then the newest) and writes the matched objects with their redshifts."
        ),
        accepts=("redshift_catalog",),
        makes="training_set",
        parameters=(
            Parameter(
                "crossmatch",
                None,
                lambda _: True,
                "an object",
                parts=(
                    Parameter("n_neighbors", 1, *whole_between(1, 10)),
                    Parameter("radius_arcsec", 1.0, *number_between(0.001, 60.0)),
                ),
            ),
            Parameter("duplicate_criteria", "closest", *one_of("closest", "all")),
        ),
        since=_FIRST,
        runner=_make_training_set,
        needs_release=True,
    ),
)

PIPELINES: Mapping[str, Pipeline] = MappingProxyType({row.name: row for row in _ROWS})
_BY_WORD = by_word(_ROWS)


def pipelines_named(word: str) -> tuple[Pipeline, ...]:
    """The pipeline that answers to a name or alias, any case; empty when none does."""
    found = _BY_WORD.get(word.strip().casefold())
    return () if found is None else (found,)


def pipeline(word: int | str) -> Pipeline:
    """Pipeline by id, name or alias.

    Raises
    ------
    InvalidInput
        If there is none.
    """
    for row in PIPELINES.values():
        if str(word).strip() == str(row.id):
            return row
    found = pipelines_named(str(word))
    if not found:
        raise InvalidInput(f"There is no such pipeline. Choose one of: {', '.join(PIPELINES)}.", field="pipeline")
    return found[0]
