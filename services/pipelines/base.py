"""What a pipeline is, what its runner gets and what it must leave behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from services.errors import PZServerError
from services.models.products import ProductColumn
from services.models.roles import RoleMap


class PipelineFailed(PZServerError):
    """A run cannot give a product; the message is the reason that its owner reads."""

    code = "pipeline_failed"


@dataclass(frozen=True, slots=True)
class InputTable:
    """A product that goes in: its canonical table on local disk and what its columns mean."""

    product_id: int
    internal_name: str
    display_name: str
    path: Path
    roles: RoleMap


@dataclass(frozen=True, slots=True)
class Run:
    """One run as its runner sees it.

    ``matched`` is the object catalogue of the release that the run was started for, None when it has none. ``folder``
    is empty, on local disk, and gone after the run. ``report`` takes the fraction done (0..1) and a few words.
    """

    inputs: tuple[InputTable, ...]
    parameters: Mapping[str, Any]
    folder: Path
    report: Callable[[float, str], None]
    flag_translation: Mapping[str, Any] = field(default_factory=dict)
    matched: InputTable | None = None
    release_title: str = ""
    output_format: str = "parquet"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a runner made: the main file of the output, and the meaning of columns it is sure of.

    ``columns`` names only columns with a role; roles of the others are guessed as for any upload.
    """

    path: Path
    columns: tuple[ProductColumn, ...]
    notes: tuple[str, ...] = ()


Runner = Callable[[Run], Outcome]
"""Does the work; raises ``PipelineFailed`` with a sentence for people."""

Check = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a pipeline: what stands when nobody says otherwise, and which values it takes."""

    name: str
    default: Any
    takes: Check
    words: str
    """Ends the sentence "The parameter x takes ..."."""
    parts: tuple[Parameter, ...] = ()
    """Parameters inside this one, which is then an object."""

    def value(self) -> Any:
        """The default, with the parts it is made of."""
        return {part.name: part.value() for part in self.parts} if self.parts else self.default


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One row of the registry. ``accepts`` and ``makes`` are names of product types."""

    id: int
    name: str
    title: str
    version: str
    description: str
    accepts: tuple[str, ...]
    makes: str
    parameters: tuple[Parameter, ...]
    since: datetime
    """When it was first offered."""
    runner: Runner
    aliases: tuple[str, ...] = ()
    min_inputs: int = 1
    max_inputs: int = 1
    needs_release: bool = False

    @property
    def system_config(self) -> dict[str, Any]:
        """What clients copy, edit and send back: an object with the default parameters under ``param``."""
        return {"param": {parameter.name: parameter.value() for parameter in self.parameters}}


def one_of(*choices: Any) -> tuple[Check, str]:
    """Check and words of a parameter with a few values."""
    return (lambda value: value in choices), "one of " + ", ".join(_written(choice) for choice in choices)


def number_between(low: float, high: float) -> tuple[Check, str]:
    """Check and words of a parameter that is a number."""
    return (lambda value: _is_number(value) and low <= value <= high), f"a number from {low:g} to {high:g}"


def whole_between(low: int, high: int) -> tuple[Check, str]:
    """Check and words of a parameter that is a whole number."""
    return (
        lambda value: isinstance(value, int) and _is_number(value) and low <= value <= high
    ), f"a whole number from {low} to {high}"


def or_nothing(rule: tuple[Check, str]) -> tuple[Check, str]:
    """The same check, passed by null too."""
    check, words = rule
    return (lambda value: value is None or check(value)), f"{words}, or null"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def by_word(pipelines: Sequence[Pipeline]) -> Mapping[str, Pipeline]:
    """Pipelines by name and alias, folded to lower case; ValueError for a word that two of them answer to."""
    table: dict[str, Pipeline] = {}
    for pipeline in pipelines:
        for word in (pipeline.name, *pipeline.aliases):
            if table.setdefault(word.casefold(), pipeline) is not pipeline:
                raise ValueError(f"two pipelines answer to {word}")
    return MappingProxyType(table)
