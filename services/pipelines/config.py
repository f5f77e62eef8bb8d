"""The configuration a person sends with a run, checked against what the pipeline takes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from services.errors import InvalidInput
from services.pipelines.base import Parameter, Pipeline

FLAGS_FILE = "flags_translation_file"
MAX_FLAGS_BYTES = 256 * 1024
MAX_DEPTH = 8
"""Levels of a flags file: survey, flag, and some more than anybody needs."""
OUTPUT_FORMATS = ("parquet", "csv")
_FIELD = "used_config"


def checked_config(pipeline: Pipeline, sent: Mapping[str, Any] | str | None) -> dict[str, Any]:
    """Configuration as it is stored and run: every parameter of the pipeline under ``param``, and the output format.

    Parameters
    ----------
    sent : mapping, str or None
        Object with ``param`` and ``output_format``, both optional, or that object as JSON text.

    Raises
    ------
    InvalidInput
        If it is no such object, or a parameter is unknown or has a value the pipeline does not take.
    """
    config = _object(sent)
    unknown = sorted(set(config) - {"param", "output_format"})
    if unknown:
        raise InvalidInput(f'"{unknown[0]}" is not part of a configuration. It has param and output_format.', _FIELD)
    given = config.get("param")
    if given is not None and not isinstance(given, Mapping):
        raise InvalidInput("param must be an object of parameters.", _FIELD)
    output_format = config.get("output_format") or OUTPUT_FORMATS[0]
    if output_format not in OUTPUT_FORMATS:
        raise InvalidInput(f"output_format is one of {', '.join(OUTPUT_FORMATS)}.", _FIELD)
    return {"param": _checked(pipeline.parameters, given or {}, ""), "output_format": output_format}


def _object(sent: Mapping[str, Any] | str | None) -> Mapping[str, Any]:
    if sent is None or sent == "":
        return {}
    try:
        config = json.loads(sent) if isinstance(sent, str) else sent
    except (ValueError, RecursionError) as error:
        raise InvalidInput("used_config is not valid JSON. Send an object with param.", _FIELD) from error
    if not isinstance(config, Mapping):
        raise InvalidInput("used_config must be an object with param.", _FIELD)
    return config


def _checked(parameters: Sequence[Parameter], given: Mapping[str, Any], place: str) -> dict[str, Any]:
    known = {parameter.name for parameter in parameters}
    unknown = sorted(str(name) for name in given if name not in known)
    if unknown:
        raise InvalidInput(f'There is no parameter "{place}{unknown[0]}". Known: {", ".join(sorted(known))}.', _FIELD)
    return {parameter.name: _value(parameter, given, place) for parameter in parameters}


def _value(parameter: Parameter, given: Mapping[str, Any], place: str) -> Any:
    if parameter.name not in given:
        return parameter.value()
    value = given[parameter.name]
    name = place + parameter.name
    if parameter.parts:
        if not isinstance(value, Mapping):
            raise InvalidInput(f"The parameter {name} takes an object.", _FIELD)
        return _checked(parameter.parts, value, f"{name}.")
    if not parameter.takes(value):
        raise InvalidInput(f"The parameter {name} takes {parameter.words}.", _FIELD)
    return value


def without_flags_path(
    pipeline: Pipeline, sent: Mapping[str, Any] | str | None, *, has_file: bool
) -> Mapping[str, Any] | None:
    """The configuration with its path of a flags file taken out: the portal reads what was sent, never a path.

    Raises
    ------
    InvalidInput
        If a path other than the pipeline's own was given and no file came with it.
    """
    config = dict(_object(sent))
    param = config.get("param")
    default = {parameter.name: parameter.default for parameter in pipeline.parameters}
    if not isinstance(param, Mapping) or FLAGS_FILE not in default or FLAGS_FILE not in param:
        return config
    if param[FLAGS_FILE] not in (default[FLAGS_FILE], None, "") and not has_file:
        raise InvalidInput(
            f"{FLAGS_FILE} names a file, but no file came with the request. Send it as the form field {FLAGS_FILE}.",
            FLAGS_FILE,
        )
    config["param"] = {**param, FLAGS_FILE: default[FLAGS_FILE]}
    return config


def read_flags(content: bytes) -> dict[str, Any]:
    """A person's translation of quality flags, from YAML.

    Raises
    ------
    InvalidInput
        If it is too long or no YAML mapping.
    """
    if len(content) > MAX_FLAGS_BYTES:
        raise InvalidInput(f"A flags file has at most {MAX_FLAGS_BYTES // 1024} KiB.", FLAGS_FILE)
    try:
        text = content.decode("utf-8-sig")
        _check_shape(text)
        plain = json.loads(json.dumps(yaml.safe_load(text), default=str, allow_nan=False))
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, TypeError, RecursionError) as error:
        raise InvalidInput("The flags file is not valid YAML.", FLAGS_FILE) from error
    if not isinstance(plain, dict):
        raise InvalidInput("The flags file must be a mapping: survey, then flag: new flag.", FLAGS_FILE)
    return plain


def _check_shape(text: str) -> None:
    """Refuse what costs more than it says: aliases of aliases, thousands of brackets."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise InvalidInput("The flags file uses YAML aliases (*name). Write the values out.", FLAGS_FILE)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise InvalidInput("The flags file is not valid YAML of a few levels.", FLAGS_FILE)
