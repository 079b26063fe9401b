"""Reading a corpus: the published numbers of the real ones, and every way in which a file can be wrong."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from shapetui.demo.chat_log import ChatLog
from shapetui.demo.corpus import COLUMNS, read_messages
from shapetui.errors import DocumentError

HEADER = ",".join(COLUMNS)
GOOD = "7,GROUP_CHAT,3,TEXT,12,2024-05-31T09:30:00Z"
SECRET = "s3cret-of-Mallory"


def real_data_folder() -> Path:
    """The folder of the real corpora; skips the test where they are not there."""
    named = os.environ.get("SHAPETUI_REAL_DATA")
    folder = Path(named) if named else Path(__file__).parents[2].parent / "shared" / "data"
    if not (folder / "lean_zulip.csv.gz").is_file():
        pytest.skip(f"no real chat data in {folder}; name its folder in SHAPETUI_REAL_DATA")
    return folder


def written(folder: Path, *rows: str, header: str = HEADER, name: str = "chat.csv") -> Path:
    path = folder / name
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def refused(path: Path) -> DocumentError:
    """The error that reading gives: it names the file, has a hint, and never shows what a cell holds."""
    with pytest.raises(DocumentError) as caught:
        read_messages(path)
    error = caught.value
    assert str(path) in error.message
    assert error.hint
    assert SECRET not in error.message + error.hint
    assert error.__cause__ is None
    return error


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "messages", "conversations", "senders", "size_quantiles", "mean_size", "length"),
    [
        ("lean_zulip", 956_250, 56_033, 5_479, [8, 17, 35, 56, 147, 6155], 17.07, (222.8, 113, 750)),
        ("uci_dm", 59_835, 13_838, 1_350, [2, 4, 9, 15, 36, 184], 4.32, (109.0, 59, 367)),
    ],
)
def test_the_real_corpora_have_their_published_numbers(
    name: str,
    messages: int,
    conversations: int,
    senders: int,
    size_quantiles: list[int],
    mean_size: float,
    length: tuple[float, int, int],
) -> None:
    log = read_messages(real_data_folder() / f"{name}.csv.gz")
    sizes = log.conversation_sizes()
    assert (log.messages, log.conversations, log.users) == (messages, conversations, senders)
    assert np.percentile(sizes, [50, 75, 90, 95, 99, 100]).tolist() == size_quantiles
    assert round(float(sizes.mean()), 2) == mean_size
    assert round(float(log.content_length.mean()), 1) == length[0]
    assert np.percentile(log.content_length, [50, 95]).tolist() == list(length[1:])


def test_rows_are_sorted_by_time_and_ids_become_dense(tmp_path: Path) -> None:
    log = read_messages(
        written(
            tmp_path,
            "room-b,GROUP_CHAT,anna,TEXT,5,2024-05-31T09:30:00.250Z",
            "room-a,DIRECT_MESSAGE,-17,LINK,0,2024-05-31T09:30:00+02:00",
            "room-b,GROUP_CHAT,bert,TEXT,6,2024-05-31T09:30:00.250Z",
            "room-b,GROUP_CHAT,anna,TEXT,7,2024-05-31 09:30:01.5",
        )
    )
    assert log.conversation_types == ("GROUP_CHAT", "DIRECT_MESSAGE")
    assert log.message_types == ("TEXT", "LINK")
    assert log.conversation_type.tolist() == [0, 1]
    assert log.conversation.tolist() == [1, 0, 0, 0]
    assert log.sender.tolist() == [1, 0, 2, 0]
    assert log.content_length.tolist() == [0, 5, 6, 7]  # the two of one millisecond stay in the file's order
    assert np.diff(log.sent_at).tolist() == [7_200_250, 0, 1_250]
    assert log.users == 3


def test_columns_may_stand_in_any_order_among_others(tmp_path: Path) -> None:
    log = read_messages(
        written(
            tmp_path,
            '2024-05-31T09:30:00Z,"text, with a\nbreak",12,TEXT,3,GROUP_CHAT,7',
            header="sent_at,content,content_length,message_type,sender_id,conversation_type,conversation_id",
        )
    )
    assert (log.messages, log.content_length.tolist()) == (1, [12])


def test_a_hundred_columns_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    extra = [f"column_{index}" for index in range(94)]
    header = "\ufeff" + ",".join((*COLUMNS, *extra))
    log = read_messages(written(tmp_path, GOOD + ",x" * 94, header=header))
    assert log.messages == 1


def test_gzip_is_told_by_content_not_by_name(tmp_path: Path) -> None:
    packed = tmp_path / "chat.csv"
    packed.write_bytes(gzip.compress(f"{HEADER}\n{GOOD}\n".encode()))
    assert read_messages(packed).messages == 1
    assert read_messages(written(tmp_path, GOOD, name="plain.csv.gz")).messages == 1


@pytest.mark.parametrize(
    ("column", "cell", "what"),
    [
        ("conversation_id", "", "is empty"),
        ("sender_id", "", "is empty"),
        ("conversation_type", "", "is empty"),
        ("message_type", "x" * 64, "too long"),
        ("message_type", "é" * 32, "too long"),
        ("content_length", "-1", "is negative"),
        ("content_length", "NaN", "not a whole number"),
        ("content_length", "", "not a whole number"),
        ("content_length", "12.5", "not a whole number"),
        ("content_length", SECRET, "not a whole number"),
        ("content_length", "9" * 30, "not a whole number"),
        ("content_length", "10000001", "is over 10,000,000"),
        ("sent_at", SECRET, "is not a time"),
        ("sent_at", "", "is not a time"),
        ("sent_at", "2024-02-30T00:00:00Z", "is not a time"),
        ("sent_at", "2024-05-31", "is not a time"),
        ("sent_at", "1717147800", "is not a time"),
        ("sent_at", "1989-12-31T23:59:59Z", "before 1990"),
        ("sent_at", "2100-01-01T00:00:00Z", "after 2099"),
        ("sent_at", "9999-12-31T23:59:59Z", "after 2099"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(tmp_path: Path, column: str, cell: str, what: str) -> None:
    wrong = GOOD.split(",")
    wrong[0], wrong[COLUMNS.index(column)] = "8", cell  # a conversation of its own, so that its type may differ
    rows = [GOOD] * 40
    rows[28] = ",".join(wrong)
    error = refused(written(tmp_path, *rows))
    assert f"row 30 (the header is row 1), column {column}" in error.message
    assert what in error.message


def test_the_limits_themselves_are_accepted(tmp_path: Path) -> None:
    log = read_messages(
        written(
            tmp_path,
            f"1,{'x' * 63},1,{'é' * 31},10000000,1990-01-01T00:00:00Z",
            f"1,{'x' * 63},1,T,0,2099-12-31T23:59:59.999999Z",
        )
    )
    assert log.content_length.tolist() == [10_000_000, 0]


def test_a_label_with_a_nul_is_refused(tmp_path: Path) -> None:
    # Far down, where the look at the beginning of the file does not see it.
    rows = [GOOD] * 3_000 + [GOOD.replace("TEXT", "TE\0XT")]
    assert "row 3002 (the header is row 1), column message_type" in refused(written(tmp_path, *rows)).message


def test_a_conversation_of_two_types_is_refused(tmp_path: Path) -> None:
    error = refused(written(tmp_path, GOOD, GOOD.replace("7,G", "8,G"), GOOD.replace("GROUP_CHAT", SECRET)))
    assert "row 4 (the header is row 1), column conversation_type: differs" in error.message


def test_a_column_of_text_taken_for_types_is_refused(tmp_path: Path) -> None:
    rows = [GOOD.replace("TEXT", f"{SECRET}-{index}") for index in range(300)]
    assert "column message_type has 300 different types" in refused(written(tmp_path, *rows)).message


def test_a_missing_column_is_named_and_a_file_without_header_not_quoted(tmp_path: Path) -> None:
    error = refused(written(tmp_path, GOOD, header=HEADER.replace("sender_id", SECRET)))
    assert "row 1 has 6 columns, and among them no sender_id" in error.message
    assert "conversation_type" in refused(written(tmp_path, GOOD, header=GOOD.replace("TEXT", SECRET))).message
    assert "row 1 has 100 columns" in refused(written(tmp_path, header=",".join([SECRET] * 100))).message
    assert "row 1 has 1 columns" in refused(written(tmp_path, header=HEADER.replace(",", ";"))).message
    assert "names sent_at more than once" in refused(written(tmp_path, header=HEADER + ",sent_at")).message


def test_rows_of_another_width_are_named(tmp_path: Path) -> None:
    error = refused(written(tmp_path, GOOD, GOOD, f"{GOOD},{SECRET}"))
    assert "row 4 (the header is row 1) has 7 columns, expected 6" in error.message


def test_a_quotation_mark_that_never_closes_is_refused(tmp_path: Path) -> None:
    refused(written(tmp_path, GOOD, f'"{GOOD}', *[GOOD.replace("TEXT", SECRET)] * 10))
    error = refused(written(tmp_path, GOOD, f'"{GOOD}', *[GOOD.replace("TEXT", SECRET)] * 200_000))
    assert "never closed" in error.message


def test_a_header_without_rows_and_an_empty_file_are_refused(tmp_path: Path) -> None:
    assert "no row below" in refused(written(tmp_path)).message
    empty = tmp_path / "empty.csv"
    for content in (b"", b"\n\n", gzip.compress(b"")):
        empty.write_bytes(content)
        assert "is empty" in refused(empty).message


def test_binary_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "chat.csv"
    for content in (
        bytes(range(256)) * 100,
        b"PK\x03\x04\x00\x00\x00",
        b"\x89PNG\r\n\x1a\n\x00",
        HEADER.encode("utf-16"),
        gzip.compress(os.urandom(1000) + b"\0"),
    ):
        path.write_bytes(content)
        assert "is not a CSV file" in refused(path).message


def test_text_that_is_not_utf8_is_refused_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes(f"{HEADER}\n{GOOD}\n{GOOD}\n".encode() + GOOD.replace("TEXT", "Bücher").encode("latin-1"))
    assert "row 4 (the header is row 1) is not UTF-8" in refused(path).message


@pytest.mark.parametrize("kept", [5, 15, 200, -1])
def test_a_truncated_gzip_is_refused(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "chat.csv.gz"
    rows = "\n".join(GOOD.replace(",12,", f",{number * 7919 % 10007},") for number in range(5_000))
    path.write_bytes(gzip.compress(f"{HEADER}\n{rows}\n".encode())[:kept])
    assert "cut short or damaged" in refused(path).message


def test_a_damaged_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "chat.csv.gz"
    packed = bytearray(gzip.compress(f"{HEADER}\n{GOOD}\n".encode()))
    packed[-5] ^= 0xFF  # the checksum
    path.write_bytes(packed)
    assert "cut short or damaged" in refused(path).message


def test_a_missing_file_a_folder_and_a_pipe_are_refused(tmp_path: Path) -> None:
    assert "does not exist" in refused(tmp_path / "none.csv").message
    assert "is a folder" in refused(tmp_path).message
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "not a regular file" in refused(pipe).message


def test_a_chat_log_checks_its_arrays() -> None:
    good = {
        "conversation_types": ("DM",),
        "message_types": ("TEXT",),
        "conversation_type": np.array([0], dtype=np.int16),
        "conversation": np.array([0, 0], dtype=np.int32),
        "sender": np.array([0, 1], dtype=np.int32),
        "users": 2,
        "message_type": np.array([0, 0], dtype=np.int16),
        "content_length": np.array([3, 4], dtype=np.int32),
        "sent_at": np.array([5, 5], dtype=np.int64),
    }
    assert ChatLog(**good).messages == 2  # type: ignore[arg-type]
    for name, wrong, message in (
        ("sent_at", np.array([6, 5]), "goes back in time"),
        ("sender", np.array([0, 2]), "sender holds 2, expected less than 2"),
        ("sender", np.array([0]), "sender has the shape"),
        ("conversation", np.array([0, -1]), "conversation holds -1"),
        ("content_length", np.array([0.5, 1.0]), "expected integers"),
        ("message_types", ("",), "label that is empty"),
        ("message_types", ("TEXT", "TEXT"), "one label twice"),
    ):
        with pytest.raises(ValueError, match=message):
            ChatLog(**{**good, name: wrong})  # type: ignore[arg-type]
