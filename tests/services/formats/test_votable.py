"""VOTable: names, masks and types, and XML that tries to reach out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table

from services.errors import UnreadableTable
from tests.support.table_samples import opened, read_whole, text_file

FIELDS = (
    '<FIELD ID="main_col1" name="Object Name" datatype="char" arraysize="*" ucd="meta.id;meta.main"/>'
    '<FIELD name="z" datatype="float" unit="" ucd="src.redshift"><DESCRIPTION>a  redshift</DESCRIPTION></FIELD>'
    '<FIELD name="n" datatype="long"><VALUES null="-9"/></FIELD>'
    '<FIELD name="ok" datatype="boolean"/><FIELD name="pdf" datatype="double" arraysize="2"/>'
)
ROWS = (
    "<TR><TD>NGC &amp; 1</TD><TD>0.1</TD><TD>9007199254740993</TD><TD>T</TD><TD>1 2</TD></TR>"
    "<TR><TD/><TD>NaN</TD><TD>-9</TD><TD>0</TD><TD></TD></TR>"
)


def votable(data: str = f"<TABLEDATA>{ROWS}</TABLEDATA>", before: str = "", fields: str = FIELDS) -> str:
    table = f"<TABLE>{fields}<DATA>{data}</DATA></TABLE>"
    return f'<?xml version="1.0"?>{before}<VOTABLE version="1.4"><RESOURCE>{table}</RESOURCE></VOTABLE>'


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(UnreadableTable) as caught:
        read_whole(text_file(folder, text, "t.vot"))
    assert str(folder) not in caught.value.message
    return caught.value.message


def test_cells_become_typed_values(tmp_path: Path) -> None:
    path = text_file(tmp_path, votable(), "t.vot")
    first, second = read_whole(path).to_pylist()
    assert first["Object Name"] == "NGC & 1"
    assert np.float32(first["z"]) == np.float32(0.1)
    assert (first["n"], first["ok"], first["pdf"]) == (2**53 + 1, True, [1.0, 2.0])
    assert (second["Object Name"], second["n"], second["ok"]) == (None, None, False)
    with opened(path) as reader:
        assert reader.info.columns[1].description == "a redshift"
        assert reader.info.columns[1].ucd == "src.redshift"
        assert [column.dtype for column in reader.info.columns] == [
            "string", "float32", "int64", "bool", "vector<float64>[2]",
        ]  # fmt: skip


@pytest.mark.parametrize("coding", ["tabledata", "binary", "binary2"])
def test_masked_tables_of_astropy_in_every_coding(tmp_path: Path, coding: str) -> None:
    sample = Table(
        {
            "id": np.arange(700, dtype="i8") + 2**60,
            "z": MaskedColumn(np.linspace(0, 1, 700), mask=np.arange(700) % 7 == 0),
            "name": [f"é{k}" for k in range(700)],
            "pdf": np.ones((700, 3), "f4"),
        }
    )
    path = tmp_path / "t.xml"
    sample.write(path, format="votable", tabledata_format=coding)
    table = read_whole(path)
    assert table["id"].to_pylist() == sample["id"].tolist()
    assert table["name"].to_pylist() == sample["name"].tolist()
    assert table["pdf"][699].as_py() == [1.0, 1.0, 1.0]
    z = table["z"].to_numpy(zero_copy_only=False).astype(float)
    assert np.array_equal(np.isnan(z), np.asarray(sample["z"].mask))
    assert np.array_equal(z[~np.isnan(z)], np.asarray(sample["z"].compressed()))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (votable(before='<!DOCTYPE VOTABLE [<!ENTITY x SYSTEM "file:///etc/hostname">]>'), "DOCTYPE"),
        (votable(before='<!DOCTYPE VOTABLE SYSTEM "http://127.0.0.1:9/v.dtd">'), "DOCTYPE"),
        (votable('<BINARY><STREAM href="file:///etc/hostname"/></BINARY>'), "STREAM href"),
        (votable('<FITS><STREAM xlink:href="http://127.0.0.1:9/a.fits"/></FITS>'), "STREAM href"),
        (votable("<BINARY2><STREAM encoding='gzip'>AAAA</STREAM></BINARY2>"), "only base64"),
        (votable("<BINARY2><STREAM encoding='base64'>AAAAAA==</STREAM></BINARY2>"), "break off"),
        (votable("<BINARY><STREAM encoding='base64'>f///////////</STREAM></BINARY>"), "claims"),
        (votable("<FITS><STREAM encoding='base64'>AAAA</STREAM></FITS>"), "FITS stream"),
        (votable("<TABLEDATA></TABLEDATA>"), "no rows"),
        (votable("<TABLEDATA><TR><TD>a</TD></TR></TABLEDATA>"), "row 1 has 1 cells where 5"),
        (votable(f"<TABLEDATA>{ROWS.replace('0.1', 'abc')}</TABLEDATA>"), "column z, rows 1 to 2: a value is no float"),
        (votable()[:-60], "breaks off"),
        ("<?xml version='1.0'?><feed><entry/></feed>", "no VOTable"),
    ],
)  # fmt: skip
def test_what_reaches_out_or_breaks_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    assert reason in refusal(tmp_path, text)


def test_of_several_tables_the_catalogue_is_read(tmp_path: Path) -> None:
    other = '<TABLE><FIELD name="a" datatype="int"/><DATA><TABLEDATA><TR><TD>1</TD></TR></TABLEDATA></DATA></TABLE>'
    path = text_file(tmp_path, votable().replace("<RESOURCE>", f"<RESOURCE>{other}"), "t.vot")
    assert "z" in read_whole(path).column_names
    with opened(path) as reader:
        assert reader.info.place == "table 2"
