"""Byte ranges: what is taken, and what means the whole file."""

from __future__ import annotations

import io

import pytest

from api.ranges import BLOCK_BYTES, Blocks, ByteRange, parse_range


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-", ByteRange(0, 99)),
        ("bytes=10-", ByteRange(10, 99)),
        ("bytes=10-19", ByteRange(10, 19)),
        ("bytes=99-99", ByteRange(99, 99)),
        ("bytes=90-500", ByteRange(90, 99)),
        ("bytes=-10", ByteRange(90, 99)),
        ("bytes=-500", ByteRange(0, 99)),
        (" bytes=5-6 ", ByteRange(5, 6)),
    ],
)
def test_one_range_is_taken(header: str, expected: ByteRange) -> None:
    assert parse_range(header, 100) == expected


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes=100-",
        "bytes=500-600",
        "bytes=20-10",
        "bytes=-0",
        "bytes=-",
        "bytes=a-b",
        "bytes=0-1,5-6",
        "items=0-1",
        "bytes=٣-",
        "bytes=" + "9" * 5000 + "-",
        "0-10",
    ],
)
def test_everything_else_means_the_whole_file(header: str | None) -> None:
    assert parse_range(header, 100) is None


def test_an_empty_file_has_no_ranges() -> None:
    assert parse_range("bytes=0-", 0) is None
    assert parse_range("bytes=-5", 0) is None


def test_lengths_and_the_header_count_both_ends() -> None:
    part = ByteRange(10, 19)
    assert part.length == 10
    assert part.content_range(100) == "bytes 10-19/100"


def test_blocks_end_where_the_part_ends_and_close_the_stream() -> None:
    stream = io.BytesIO(b"x" * (2 * BLOCK_BYTES + 10))
    blocks = Blocks(stream, BLOCK_BYTES + 5)
    assert [len(block) for block in blocks] == [BLOCK_BYTES, 5]
    blocks.close()
    assert stream.closed
