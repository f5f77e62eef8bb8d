"""Text: how it is kept, compared and turned into addresses."""

import pytest

from services.text_rules import folded, is_one_line, slug, sort_key, storable, without_direction_marks


@pytest.mark.parametrize(("one", "other"), [("É", "é"), ("β", "Β"), ("STRASSE", "straße"), ("e\u0301", "É")])
def test_case_does_not_matter_in_any_alphabet(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_accents_matter_when_comparing_but_not_when_ordering() -> None:
    assert folded("é") != folded("e")
    assert sorted(["zeta", "Élan", "east"], key=sort_key) == ["east", "Élan", "zeta"]


def test_text_that_no_back_end_keeps_is_mended() -> None:
    assert storable("a\x00b\ud800c") == "ab?c"


@pytest.mark.parametrize("text", ["two\nlines", "tab\there", "bell\x07", "line\u2028separator"])
def test_control_characters_are_not_one_line(text: str) -> None:
    assert not is_one_line(text)


def test_marks_that_turn_the_direction_go_and_letters_stay() -> None:
    assert without_direction_marks("a\u202egnp.b\u2066c\u200f \u05d0\u05d1 \u200d") == "agnp.bc \u05d0\u05d1 \u200d"


def test_joined_emoji_are_one_line() -> None:
    assert is_one_line("👩‍🚀 survey")


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("Simple training set", "simple_training_set"),
        ("Two  Spaces", "two__spaces"),
        ("../../etc/passwd & co-2", "etcpasswd__co2"),
        ("!!!", ""),
        ("Échantillon número 2", "echantillon_numero_2"),
        ("Straße", "strasse"),
        ("Ω mega ✨", "_mega_"),
    ],
)
def test_slug_follows_the_rule_of_the_contract(name: str, word: str) -> None:
    assert slug(name, 200) == word


def test_slug_is_cut() -> None:
    assert slug("x" * 255, 200) == "x" * 200
