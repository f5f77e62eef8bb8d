"""Names of files: cleaned, unique, safe in headers."""

import pytest

from services.errors import InvalidInput
from services.file_names import clean_file_name, download_token, media_type, split_suffix, unique_name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("deep.csv", "deep.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\data\\deep field.fits", "deep field.fits"),
        ("a\x00b\nc\u2028d.csv", "abcd.csv"),
        ("  spaces .csv ", "spaces .csv"),
        ("vsc.\u202eexe.csv", "vsc.exe.csv"),
        ("cafe\u0301.csv", "caf\u00e9.csv"),
    ],
)
def test_names_are_cleaned(given, kept):
    assert clean_file_name(given) == kept


@pytest.mark.parametrize("given", ["", " ", ".", "..", "folder/", "\x00\x01", "a" * 256 + ".csv"])
def test_names_that_cannot_be_kept_are_refused(given):
    with pytest.raises(InvalidInput):
        clean_file_name(given)


@pytest.mark.parametrize("given", ["product_metadata.yaml", "folder/Product_Metadata.YAML"])
def test_the_portals_own_file_name_is_reserved(given):
    with pytest.raises(InvalidInput, match="Rename"):
        clean_file_name(given)


def test_long_names_keep_their_suffix_and_fit_a_file_system():
    name = clean_file_name("🔭" * 251 + ".csv")
    assert name.endswith("🔭.csv")
    assert len(name.encode()) <= 255


def test_a_taken_name_gets_a_number_before_its_suffix():
    assert unique_name("a.csv", {"b.csv"}) == "a.csv"
    assert unique_name("a.csv", {"A.CSV"}) == "a_2.csv"
    assert unique_name("a.tar.gz", {"a.tar.gz", "a_2.tar.gz"}) == "a_3.tar.gz"


def test_a_taken_name_of_full_length_stays_within_the_limit():
    full = "🔭" * 62 + ".csv"
    changed = unique_name(full, {full})
    assert changed != full
    assert changed.endswith("_2.csv")
    assert len(changed.encode()) <= 255


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a.csv", ("a", ".csv")),
        ("a.tar.gz", ("a", ".tar.gz")),
        ("z.fits.gz", ("z", ".fits.gz")),
        ("no_suffix", ("no_suffix", "")),
        (".hidden", (".hidden", "")),
    ],
)
def test_suffixes(name, parts):
    assert split_suffix(name) == parts


@pytest.mark.parametrize(
    ("name", "token"),
    [
        ("a b.csv", "a_b.csv"),
        ("é;\r\nX-Evil: 1.csv", "e_X-Evil_1.csv"),
        ("🔭.parquet", "file.parquet"),
        ('quo"te.tar.gz', "quo_te.tar.gz"),
        (".hidden", "hidden"),
    ],
)
def test_download_tokens_are_plain(name, token):
    assert download_token(name) == token


def test_media_types_follow_the_suffix():
    assert [media_type(name) for name in ("A.FITS", "b.csv", "c.unknown")] == [
        "application/fits",
        "text/csv",
        "application/octet-stream",
    ]
