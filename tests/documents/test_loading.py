"""Files that are damaged, hostile or simply the wrong ones: one clear error each, never a traceback."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shapetui.documents.config import Config
from shapetui.documents.files import load, load_any
from shapetui.documents.model import Document
from shapetui.documents.report import GenerationReport, Report
from shapetui.documents.shape import Shape
from shapetui.errors import EXIT_USAGE, DocumentError, ShapetuiError
from tests.documents.examples import EXTENDED_SHAPE, REALISTIC_CONFIG, REPOSITORY_CONFIG, REPOSITORY_SHAPE, Json

OURS: Json = {
    **REPOSITORY_SHAPE,
    "schema_version": 2,
    "window": {"from": "2025-09-22T00:00:00Z", "until": "2025-10-22T00:00:00Z", "requested_days": 30},
}
OUR_CONFIG: Json = copy.deepcopy(REPOSITORY_CONFIG) | {"schema_version": 2}
OUR_CONFIG["calibration_metadata"]["nudges"] = [
    {"at": "2025-10-22T00:00:00Z", "parameter": "alpha", "before": 1.8, "after": 2}
]
OUR_CONFIG["conversation_generation"]["by_type"] = {
    "GROUP_CHAT": {"share": 1, "tail": {"alpha": 2.5, "xmin": 1, "xmax": 100, "share": 1}}
}


def refused(path: Path, kind: type[Document] = Shape, *, says: str = "") -> ShapetuiError:
    """The one error that loading gives; it names the file."""
    with pytest.raises(ShapetuiError) as caught:
        load(path, kind)
    error = caught.value
    assert error.message.startswith(f"{path}: ")
    assert len(error.message) > len(f"{path}: ")
    assert error.hint
    assert error.exit_code == EXIT_USAGE
    assert "Traceback" not in error.message
    error.message.encode()  # can be printed
    assert says in error.message
    return error


def error_of(path: Path, kind: type[Document]) -> ShapetuiError | None:
    """The error that loading gives, if it gives one; anything but a ShapetuiError goes through."""
    try:
        load(path, kind)
    except ShapetuiError as error:
        return error
    return None


def written(folder: Path, content: object, name: str = "file.json") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def leaves(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every leaf of a JSON value."""
    if isinstance(value, dict | list) and value:
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*place, key))
    else:
        yield place


def replaced(content: Json, place: tuple[Any, ...], value: object) -> Json:
    changed = copy.deepcopy(content)
    inner: Any = changed
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return changed


@pytest.mark.parametrize(("content", "kind"), [(OURS, Shape), (OUR_CONFIG, Config)], ids=["shape", "config"])
def test_a_file_cut_off_anywhere_is_refused(content: Json, kind: type[Document], tmp_path: Path) -> None:
    text = json.dumps(content, indent=2)
    for length in range(0, len(text) - 1, 97):
        refused(written(tmp_path, text[:length]), kind, says="not valid JSON")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (OURS, Shape),
        (REPOSITORY_SHAPE, Shape),
        (EXTENDED_SHAPE, Shape),
        (OUR_CONFIG, Config),
        (REALISTIC_CONFIG, Config),
    ],
    ids=["shape of ours", "shape", "second shape", "config of ours", "config"],
)
@pytest.mark.parametrize(
    "wrong", ["12", True, [], {}, -1, -0.5, 10**30, None, [[1]], "x" * 100, 1e300], ids=lambda value: str(value)[:8]
)
def test_a_wrong_value_in_any_place_is_loaded_or_refused_with_the_place(
    content: Json, kind: type[Document], wrong: object, tmp_path: Path
) -> None:
    for place in leaves(content):
        path = written(tmp_path, replaced(content, place, wrong))
        if (error := error_of(path, kind)) is not None:
            assert error.message.startswith(f"{path}: ")
            assert error.exit_code == EXIT_USAGE
            assert error.hint


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("extracted_at",), "yesterday"),
        (("extracted_at",), "0001-01-01T00:00:00+23:00"),
        (("sample_window_days",), "30"),
        (("privacy_level",), "RAW"),
        (("users", "total_count"), True),
        (("users", "total_count"), 12.5),
        (("users", "username_length_histogram", "15-19"), -1),
        (("conversations", "total_count"), -8000),
        (("conversations", "type_distribution", "GROUP_CHAT"), "many"),
        (("conversations", "messages_per_conversation_percentiles", "p99"), 63.5),
        (("messages", "content_length_stats", "mean"), "61"),
        (("messages", "hourly_distribution"), [1, 2, 3]),
        (("messages", "hourly_distribution", 3), -1),
        (("messages", "day_of_week_distribution"), {"0": 1}),
        (("messages", "type_distribution"), {"T" * 64: 1}),
        (("messages", "type_distribution"), {"": 1}),
        (("messages", "content_length_histogram"), {"0-49": 1, "40-60": 1}),
        (("messages", "content_length_histogram"), {"short": 1}),
        (("messages", "total_count"), 10**15),
    ],
    ids=str,
)
def test_the_error_names_the_key(place: tuple[str, ...], wrong: object, tmp_path: Path) -> None:
    path = written(tmp_path, replaced(REPOSITORY_SHAPE, place, wrong))
    message = refused(path).message.removeprefix(f"{path}: ")
    assert all(str(part) in message for part in place[:2])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"a": NaN}', "NaN"),
        ('{"a": Infinity}', "Infinity"),
        ('{"a": [-Infinity]}', "-Infinity"),
        ('{"a": 1e999}', "too large"),
        ('{"a": -1e999}', "too large"),
        ('{"a": ' + "9" * 5000 + "}", "digits"),
        ('{"a": "\\ud83d"}', "half a character"),
        ('{"\\ud83d": 1}', "half a character"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 500 + "1" + "}" * 500, "nested too deeply"),
        ("[1, 2]", "no JSON object"),
        ("7", "no JSON object"),
        ("null", "no JSON object"),
        ("", "not valid JSON"),
        ("\x00\x00", "not valid JSON"),
        ("{'a': 1}", "not valid JSON"),
        ('{"a": 1} {"b": 2}', "not valid JSON"),
    ],
    ids=lambda text: text[:20],
)
def test_what_is_no_json_of_ours_is_refused(text: str, says: str, tmp_path: Path) -> None:
    refused(written(tmp_path, text), says=says)


@pytest.mark.parametrize("place", [("users", "total_count"), ("messages", "content_length_stats", "mean")])
@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_none_is_refused_in_every_place(place: tuple[str, ...], number: str, tmp_path: Path) -> None:
    text = json.dumps(replaced(REPOSITORY_SHAPE, place, "HERE")).replace('"HERE"', number)
    refused(written(tmp_path, text), says="not valid JSON")


def test_a_pair_of_surrogates_is_one_whole_character(tmp_path: Path) -> None:
    text = json.dumps(replaced(REPOSITORY_SHAPE, ("population",), "smile \U0001f600"))
    assert "\\ud83d\\ude00" in text
    assert load(written(tmp_path, text), Shape).population == "smile \U0001f600"


@pytest.mark.parametrize("version", [0, 3, 99, "2", True, 2.5, [2], {}])
def test_an_unknown_schema_version_is_refused(version: object, tmp_path: Path) -> None:
    error = refused(written(tmp_path, {**REPOSITORY_SHAPE, "schema_version": version}), says="schema_version")
    assert "version 2" in error.hint


def test_version_one_and_none_are_the_originals(tmp_path: Path) -> None:
    one = load(written(tmp_path, {**REPOSITORY_SHAPE, "schema_version": 1}), Shape)
    assert one == load(written(tmp_path, REPOSITORY_SHAPE), Shape)


@pytest.mark.parametrize(
    ("content", "kind", "place", "key", "near"),
    [
        (OURS, Shape, (), "windw", "window"),
        (OURS, Shape, ("messages",), "hour_of_weeks", "hour_of_week"),
        (OURS, Shape, ("window",), "untl", "until"),
        (OURS, Shape, ("conversations", "messages_per_conversation_percentiles"), "p950", "p95"),
        (OUR_CONFIG, Config, ("conversation_generation",), "bytype", "by_type"),
        (OUR_CONFIG, Config, ("conversation_generation", "by_type", "GROUP_CHAT", "tail"), "alfa", "alpha"),
        (OUR_CONFIG, Config, ("calibration_metadata", "nudges", 0), "parametr", "parameter"),
        (OUR_CONFIG, Config, ("message_generation", "temporal"), "hourly_weight", "hourly_weights"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_misspelt_key_in_a_file_of_ours_is_named_with_the_nearest_one(
    content: Json, kind: type[Document], place: tuple[Any, ...], key: str, near: str, tmp_path: Path
) -> None:
    error = refused(written(tmp_path, replaced(content, (*place, key), 1)), kind, says=key)
    assert error.hint == f"did you mean {near}?"
    assert ".".join(str(part) for part in (*place, key)) in error.message


def test_a_key_like_no_other_is_named_too(tmp_path: Path) -> None:
    error = refused(written(tmp_path, {**OURS, "zzzzzz": 1}), says="zzzzzz")
    assert "remove the key" in error.hint


def test_the_correct_files_of_ours_load(tmp_path: Path) -> None:
    assert load(written(tmp_path, OURS), Shape).window is not None
    assert load(written(tmp_path, OUR_CONFIG), Config).calibration_metadata.nudges[0].after == 2


@pytest.mark.parametrize(
    ("content", "kind", "says"),
    [
        (REPOSITORY_SHAPE, Config, "is a shape, not a config"),
        (REPOSITORY_CONFIG, Shape, "is a config, not a shape"),
        (REPOSITORY_SHAPE, Report, "is a shape, not a fidelity report"),
        ({"overall_verdict": "PASS"}, Shape, "is a fidelity report, not a shape"),
        ({"digests": {}}, Config, "is a generation report, not a config"),
        (REPOSITORY_SHAPE, GenerationReport, "is a shape, not a generation report"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_document_of_another_kind_is_named_as_what_it_is(
    content: Json, kind: type[Document], says: str, tmp_path: Path
) -> None:
    refused(written(tmp_path, content), kind, says=says)


def test_a_json_file_that_is_none_of_ours_is_not_guessed(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="not a shape, a config, a report, a baseline, a comparison or a drift"):
        load_any(written(tmp_path, {"name": "package", "version": "1.0.0"}))


def test_a_missing_file_suggests_its_neighbour(tmp_path: Path) -> None:
    written(tmp_path, REPOSITORY_SHAPE, "shape-metrics-prod-20251022.json")
    error = refused(tmp_path / "shape-metrics-prod-20251023.json", says="no such file")
    assert error.hint == "did you mean shape-metrics-prod-20251022.json?"
    assert refused(tmp_path / "nowhere" / "x.json", says="no such file").hint == "check the path"


def test_a_huge_file_is_refused_without_reading_it_whole(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as stream:
        stream.truncate(100_000_000)
    refused(path, says="has 100 MB")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no /dev/zero here")
def test_a_device_without_an_end_is_refused() -> None:
    refused(Path("/dev/zero"), says="MB or more")


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    refused(tmp_path, says="is a folder")


@pytest.mark.parametrize("content", [b"\xff\xfe{\x00}\x00", b'{"a": "\xe9"}', b"\x80", b"\x1f\x8b\x08\x00"])
def test_what_is_not_utf_8_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(content)
    refused(path, says="UTF-8")


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(REPOSITORY_SHAPE).encode())
    assert load(path, Shape).users.total_count == 5000


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "loop.json"
    path.symlink_to(path)
    refused(path, says="cannot be read")


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, REPOSITORY_SHAPE)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    refused(path, says="cannot be read: permission denied")


def test_what_loads_can_be_written_back(tmp_path: Path) -> None:
    content = {
        "band": "dev",
        "generated_at": "2025-10-22T00:00:00Z",
        "seed": "1",
        "counts": dict.fromkeys(("users", "conversations", "conversation_users", "messages", "attachments"), 1),
        "parameters": {"deep": json.loads("[" * 60 + "]" * 60)},
        "digests": {},
        "performance": dict.fromkeys(
            ("total_duration_seconds", "messages_per_second", "rows_per_second", "slices", "resumed_slices"), 1
        ),
    }
    document = load(written(tmp_path, content), GenerationReport)
    assert document.to_json()
    assert document.digest()
