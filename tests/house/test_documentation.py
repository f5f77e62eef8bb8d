"""Documentation is a tested product: settings, types, plots, formats, errors and words are all written down."""

from __future__ import annotations

import re

import pytest
from pydantic import SecretStr

from components.figures.registry import FIGURES
from services.cuts.tree import COMPARISONS
from services.cuts.words import KEYWORDS
from services.exports.registry import EXPORT_FORMATS
from services.formats.registry import FORMATS
from services.product_types import PRODUCT_TYPES
from services.quality.registry import CHECKS
from services.settings import Settings
from services.statistics.details import DETAILS
from services.statistics.registry import ACCOMPANYING, STATISTICS
from tests.support.files import REPOSITORY

DOCS = REPOSITORY / "docs"
GLOSSARY_WORDS = (
    "product",
    "product type",
    "release",
    "owner",
    "main file",
    "auxiliary file",
    "role",
    "job",
    "canonical table",
)
ROW = re.compile(r"^\| `(PZSERVER_\w+|PORT|HOST)`[^|]*\| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)


def _text(name: str) -> str:
    return (DOCS / name).read_text()


def _environment_name(field: str) -> str:
    return f"PZSERVER_{field.upper()}"


def _documented_settings() -> dict[str, tuple[str, str]]:
    return {
        name: (default.strip(), meaning.strip()) for name, default, meaning in ROW.findall(_text("operator-guide.md"))
    }


def test_every_setting_is_documented_and_nothing_else() -> None:
    assert set(_documented_settings()) == {_environment_name(field) for field in Settings.model_fields}


def _shown(default: object) -> str:
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if isinstance(default, bool):
        return str(int(default))
    return str(default) or "empty"


@pytest.mark.parametrize("field", sorted(Settings.model_fields))
def test_the_documented_default_and_meaning_are_true(field: str) -> None:
    declared = Settings.model_fields[field]
    assert _documented_settings()[_environment_name(field)] == (_shown(declared.default), declared.description)


@pytest.mark.parametrize("name", sorted(PRODUCT_TYPES))
def test_every_product_type_is_documented(name: str) -> None:
    row = PRODUCT_TYPES[name]
    assert f"`{name}`" in _text("user-guide.md")
    assert row.title in _text("user-guide.md")


@pytest.mark.parametrize("name", sorted({*STATISTICS, *DETAILS} - set(ACCOMPANYING)))
def test_every_plot_is_documented_and_has_a_figure(name: str) -> None:
    assert f"`{name}`" in _text("user-guide.md")
    assert name in FIGURES


def test_product_types_offer_only_plots_that_exist() -> None:
    offered = {plot for row in PRODUCT_TYPES.values() for plot in row.plots}
    assert offered <= {*STATISTICS, *DETAILS}


@pytest.mark.parametrize("name", [row.name for row in CHECKS])
def test_every_check_is_documented(name: str) -> None:
    assert f"| `{name}` |" in _text("adding-a-check.md")


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_is_documented(name: str) -> None:
    assert FORMATS[name].title in _text("user-guide.md")


@pytest.mark.parametrize("name", [*EXPORT_FORMATS, "json"])
def test_every_format_of_rows_is_documented(name: str) -> None:
    assert f"| `{name}` |" in _text("cuts.md")


@pytest.mark.parametrize("word", sorted(KEYWORDS | set(COMPARISONS)))
def test_every_word_of_the_cut_language_is_documented(word: str) -> None:
    language = _text("cuts.md").partition("## The language")[2].partition("## What is missing")[0]
    assert re.search(rf"(?<![\w<>!=]){re.escape(word)}(?![\w<>=])", language)


@pytest.mark.parametrize("word", GLOSSARY_WORDS)
def test_the_words_of_the_portal_are_in_the_glossary(word: str) -> None:
    assert re.search(rf"^\*\*{word}\*\*", _text("glossary.md"), re.MULTILINE | re.IGNORECASE)


def test_every_command_is_documented() -> None:
    import manage

    assert [name for name in manage.manage.commands if f"manage.py {name}" not in _text("operator-guide.md")] == []


def test_links_between_documents_lead_somewhere() -> None:
    for page in [REPOSITORY / "README.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_decisions_are_numbered() -> None:
    names = sorted(path.name for path in (DOCS / "decisions").glob("*.md"))
    assert names
    assert [name for name in names if not re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", name)] == []
