"""Reading `value,count`: what is read, and what is refused with the number of its line."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shapetui.errors import DocumentError
from shapetui.jobs import counts
from shapetui.jobs.counts import LARGEST_VALUE, read_counts


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "counts.csv"


@pytest.mark.parametrize(
    "text",
    [
        "value,count\n1,5\n3,2\n",
        "1,5\n3,2\n",
        "1,5\n3,2",
        '"size","how many"\r\n1,5\r\n3,2\r\n',
        "\ufeffvalue,count\n1,5\n3,2\n",
        " 3 , 2 \n\n\n1,5\n",
        "3,1\n1,2\n3,1\n1,3\n",
        "1,5\n2,0\n3,2\n0,0\n",
        '"1","5"\n"3","2"\n',
        "+1,5\n3,+2\n",
    ],
)
def test_the_same_counts_in_many_hands(text: str, file: Path) -> None:
    file.write_text(text, encoding="utf-8")
    assert read_counts(file).cells() == [(1, 1, 5), (3, 3, 2)]


def test_gzip_is_told_by_its_content(file: Path) -> None:
    file.write_bytes(gzip.compress(b"value,count\n7,3\n"))
    assert read_counts(file).cells() == [(7, 7, 3)]
    file.write_bytes(gzip.compress(b"value,count\n7,3\n" * 1000)[:-20])
    with pytest.raises(DocumentError, match="cannot be read"):
        read_counts(file)


def test_zero_and_the_largest_value(file: Path) -> None:
    file.write_text(f"0,4\n{LARGEST_VALUE},{10**14}\n")
    assert read_counts(file).cells() == [(0, 0, 4), (LARGEST_VALUE, LARGEST_VALUE, 10**14)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("value,count\n1,5\n-3,2\n", "line 3: the value is negative (-3)"),
        ("1,5\n3,-2\n", "line 2: the count is negative (-2)"),
        ("1,5\n3.5,2\n", "line 2: the value '3.5' is not a whole number"),
        ("1,5\n3,1e3\n", "line 2: the count '1e3' is not a whole number"),
        ("1,5\n\n3,x\n", "line 3: the count 'x' is not a number"),
        ("1,5\nvalue,count\n", "line 2: the value 'value' is not a number"),
        ("x,5\n", "line 1: the value 'x' is not a number"),
        ("1,5\n3\n", "line 2 has 1 column instead of two"),
        ("1\n2\n3\n", "line 1 has 1 column instead of two"),
        ("1,5\n3,2,1\n", "line 2 has 3 columns instead of two"),
        ("1;5\n", "line 1 has 1 column"),
        ("1,5\n3,\n", "line 2: the count '' is not a number"),
        ("1,5\nnan,2\n", "line 2: the value 'nan' is not a number"),
        (f"1,5\n{10**12 + 1},2\n", "line 2: the value is above 1,000,000,000,000"),
        (f"1,5\n{10**30},2\n", "line 2: the value is above 1,000,000,000,000"),
        (f"1,{10**16}\n", "line 1: the count is above 1,000,000,000,000,000"),
        ("1,5\n" + "9" * 5000 + ",2\n", "line 2: the value has 5000 digits"),
        (f"1,{10**15}\n2,1\n", "the counts add up to more than 1,000,000,000,000,000"),
        ("1,5\n\x00,2\n", "line 2: the value"),
        ("", "there are no counts above 0"),
        ("value,count\n", "there are no counts above 0"),
        ("1,0\n2,0\n", "there are no counts above 0"),
    ],
)
def test_what_is_refused_names_its_line(text: str, said: str, file: Path) -> None:
    file.write_text(text)
    with pytest.raises(DocumentError) as told:
        read_counts(file)
    assert told.value.message.startswith(f"{file}: ")
    assert said in told.value.message
    assert "value,count" in told.value.hint


def test_a_file_that_is_no_text(file: Path) -> None:
    file.write_bytes(bytes(range(256)) * 100)
    with pytest.raises(DocumentError):
        read_counts(file)


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_a_file_that_is_none(name: str, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="cannot be read"):
        read_counts(tmp_path / name)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 10**6)), min_size=1, max_size=60), st.integers(8, 100))
def test_blocks_of_any_size_read_the_same(file: Path, rows: list[tuple[int, int]], block: int) -> None:
    wanted: Counter[int] = Counter()
    for value, count in rows:
        wanted[value] += count
    file.write_text("value,count\n" + "".join(f"{value},{count}\n" for value, count in rows))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counts, "_BLOCK_BYTES", block)
        if not sum(wanted.values()):
            with pytest.raises(DocumentError, match="no counts"):
                read_counts(file)
            return
        found = read_counts(file)
    assert found.cells() == [(value, value, wanted[value]) for value in sorted(wanted) if wanted[value]]


def test_the_line_is_named_in_a_later_block(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "_BLOCK_BYTES", 64)
    file.write_text("value,count\n" + "1,2\n" * 1000 + "1,x\n" + "1,2\n" * 1000)
    with pytest.raises(DocumentError, match="line 1002: the count 'x' is not a number"):
        read_counts(file)


def test_a_line_without_end_is_refused_before_it_is_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "_BLOCK_BYTES", 1000)
    file.write_text("1,2\n" + "1" * 100_000)
    with pytest.raises(DocumentError, match="line 2 is too long"):
        read_counts(file)
