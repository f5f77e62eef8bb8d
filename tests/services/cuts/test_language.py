"""The cut language: what it reads, what it writes, and where it says that something is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.cuts.parser import parse_cut
from services.cuts.tree import (
    COMPARISONS,
    DEEPEST,
    MOST_CHARACTERS,
    AllOf,
    AnyOf,
    Between,
    Comparison,
    Cut,
    CutError,
    Difference,
    Missing,
    Not,
    OneOf,
    Outside,
    TextTest,
    columns_of,
    joined,
)
from services.cuts.writing import written

names = st.one_of(st.sampled_from(["z", "ds_spectra.Z", "and", "2mass", 'a "b"', "É", ""]), st.text(max_size=8))
numbers = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False).map(lambda x: x + 0.5))
values = st.one_of(numbers, st.text(max_size=8))
columns = st.one_of(names, st.builds(Difference, names, names))
conditions = st.one_of(
    st.builds(Comparison, columns, st.sampled_from(COMPARISONS), values),
    st.builds(Between, columns, values, values),
    st.builds(OneOf, columns, st.lists(values, min_size=1, max_size=4).map(tuple)),
    st.builds(Missing, columns, st.booleans()),
    st.builds(Outside, columns, st.booleans()),
)


def _group(kind: type[AllOf | AnyOf], parts: list[Cut]) -> Cut:
    flat = tuple(inner for one in parts for inner in (one.parts if isinstance(one, kind) else (one,)))
    return kind(flat)


def _larger(smaller: st.SearchStrategy[Cut]) -> st.SearchStrategy[Cut]:
    several = st.lists(smaller, min_size=2, max_size=3)
    return st.one_of(
        smaller.map(Not),
        several.map(lambda parts: _group(AllOf, parts)),
        several.map(lambda parts: _group(AnyOf, parts)),
    )


cuts = st.recursive(conditions, _larger, max_leaves=8)


@given(cuts)
@settings(deadline=None)
def test_what_is_written_is_read_back(cut: Cut) -> None:
    assert parse_cut(written(cut)) == cut


@given(st.text(max_size=60))
@settings(deadline=None)
def test_any_text_is_a_cut_or_is_refused_at_a_place_in_it(text: str) -> None:
    refused = None
    try:
        parse_cut(text)
    except CutError as error:
        refused = error
    if refused is not None:
        assert 1 <= refused.at <= len(text) + 1
        assert str(refused.at) in refused.message
        assert refused.field == "cut"


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("z<1", Comparison("z", "<", 1)),
        ("  Z  >=  -.5e1 ", Comparison("Z", ">=", -5.0)),
        ("\"my column\" != 'it''s'", Comparison("my column", "!=", "it's")),
        ('name = "double"', Comparison("name", "=", "double")),
        ("id = 1650753981384753153", Comparison("id", "=", 1650753981384753153)),
        ("z BETWEEN 0.1 AND 0.2", Between("z", 0.1, 0.2)),
        ("f in (1, 2,3)", OneOf("f", (1, 2, 3))),
        ("z is missing", Missing("z")),
        ("z is outside", Outside("z")),
        ("z is not Outside", Outside("z", expected=False)),
        ("outside < 3 and dz > 0", AllOf((Comparison("outside", "<", 3), Comparison("dz", ">", 0)))),
        ("mag_g - mag_r > 0.3", Comparison(Difference("mag_g", "mag_r"), ">", 0.3)),
        ("g-r between -0.5 and 2", Between(Difference("g", "r"), -0.5, 2)),
        ('"a - b" -"c d" <= -1', Comparison(Difference("a - b", "c d"), "<=", -1)),
        ("a - b is missing", Missing(Difference("a", "b"))),
        ("z IS NOT missing", Missing("z", expected=False)),
        (
            "a = 1 or b = 2 and not c = 3",
            AnyOf((Comparison("a", "=", 1), AllOf((Comparison("b", "=", 2), Not(Comparison("c", "=", 3)))))),
        ),
        (
            "(a = 1 or b = 2) and c between 1 and 2 and d = 4",
            AllOf(
                (
                    AnyOf((Comparison("a", "=", 1), Comparison("b", "=", 2))),
                    Between("c", 1, 2),
                    Comparison("d", "=", 4),
                )
            ),
        ),
        ("not not z < 1", Not(Not(Comparison("z", "<", 1)))),
    ],
)
def test_the_language_reads(text: str, cut: Cut) -> None:
    assert parse_cut(text) == cut


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("", 1, "expected a column name"),
        ("z >", 4, "a number or a quoted text"),
        ("z == 3", 4, 'found "="'),
        ("z <> 3", 4, 'found ">"'),
        ("z & 3", 3, "write and"),
        ("1 < z", 1, "expected a column name"),
        ("z < x", 5, "a number or a quoted text"),
        ("z < 3 4", 7, '"and", "or" or the end'),
        ("z < 3)", 6, '"and", "or" or the end'),
        ("(z < 3", 7, '"and", "or" or ")"'),
        ("z < 'abc", 5, "never closed"),
        ('"z < 3', 1, "never closed"),
        ("z in 3", 6, 'expected "("'),
        ("z in ()", 7, "a number or a quoted text"),
        ("z in (1 2)", 9, '"," or ")"'),
        ("z is 3", 6, '"missing" or "not missing"'),
        ("z between 1 or 2", 13, 'expected "and"'),
        ("z < 1e999", 5, "too large"),
        ("z < 3; drop table t", 6, '";"'),
        ("z < 0x10", 5, '"0"'),
        ("z ≤ 3", 3, '"≤"'),
        ("and < 3", 1, 'found "and"'),
        ("z < 3 -- x", 7, '"-"'),
        ("z contains 'a'", 3, "expected a comparison"),
        ("z < nan", 5, 'found "nan"'),
        ("a - 3 > 1", 5, "expected a column name"),
        ("a - b - c > 1", 7, "expected a comparison"),
        ("a -3 > 1", 3, "expected a comparison"),
        ("z < -x", 5, "a number or a quoted text"),
        ("z is not", 9, '"missing"'),
    ],
)
def test_a_refusal_names_the_place_and_what_was_expected(text: str, at: int, words: str) -> None:
    with pytest.raises(CutError, match=f"character {at}\\b") as refused:
        parse_cut(text)
    assert refused.value.at == at
    assert words in refused.value.message


def test_length_and_depth_have_ends() -> None:
    assert parse_cut("(" * DEEPEST + "z < 1" + ")" * DEEPEST) == Comparison("z", "<", 1)
    for text in ("(" * (DEEPEST + 1) + "z < 1", "not " * (DEEPEST + 1) + "z < 1"):
        with pytest.raises(CutError, match="deeper than 40"):
            parse_cut(text)
    with pytest.raises(CutError, match="4,000 characters"):
        parse_cut("z < 1".ljust(MOST_CHARACTERS + 1))
    assert parse_cut("z < 1".ljust(MOST_CHARACTERS))


def test_columns_are_named_once_in_order() -> None:
    assert columns_of(parse_cut("b < 1 and (a = 2 or not b > 3)")) == ("b", "a")
    assert columns_of(parse_cut("b - a < 1 and c - b is missing")) == ("b", "a", "c")


def test_cuts_are_joined_flat() -> None:
    one, two = parse_cut("a < 1 and b < 2"), parse_cut("c = 1 or d = 2")
    assert joined(()) is None
    assert joined((two,)) == two
    together = joined((one, two))
    assert together is not None
    assert written(together) == "a < 1 and b < 2 and (c = 1 or d = 2)"


def test_a_test_of_text_is_never_written() -> None:
    with pytest.raises(ValueError, match="no written form"):
        written(TextTest("name", "contains", "x"))
