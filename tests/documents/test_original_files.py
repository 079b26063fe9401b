"""The original system's own files load, mean what they meant, and come back as they were."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shapetui.documents.config import Config
from shapetui.documents.files import load, load_any, save
from shapetui.documents.shape import Shape
from tests.documents.examples import CONFIGS, EXTENDED_SHAPE, REALISTIC_SHAPE, REPOSITORY_SHAPE, SHAPES, Json


def written(folder: Path, content: Json, name: str = "file.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(content, indent=2))
    return path


def contains(found: object, original: object) -> bool:
    """Whether everything in the original stands in what was written, at the same place."""
    if isinstance(original, dict):
        return isinstance(found, dict) and all(key in found and contains(found[key], original[key]) for key in original)
    return found == original


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_of_the_original_survives_saving(name: str, tmp_path: Path) -> None:
    first = load(written(tmp_path, SHAPES[name]), Shape)
    save(first, tmp_path / "again.json")
    assert load(tmp_path / "again.json", Shape) == first
    assert load_any(tmp_path / "again.json") == first


@pytest.mark.parametrize("name", CONFIGS)
def test_a_config_of_the_original_survives_saving(name: str, tmp_path: Path) -> None:
    first = load(written(tmp_path, CONFIGS[name]), Config)
    save(first, tmp_path / "again.json")
    assert load(tmp_path / "again.json", Config) == first
    assert load_any(tmp_path / "again.json") == first
    assert contains(json.loads((tmp_path / "again.json").read_text()), CONFIGS[name])


@pytest.mark.parametrize("content", [REPOSITORY_SHAPE, REALISTIC_SHAPE], ids=["repository", "realistic"])
def test_old_tools_find_every_key_of_theirs_in_what_we_write(content: Json, tmp_path: Path) -> None:
    save(load(written(tmp_path, content), Shape), tmp_path / "again.json")
    assert contains(json.loads((tmp_path / "again.json").read_text()), content)


def test_no_key_is_added_where_old_tools_iterate(tmp_path: Path) -> None:
    plain = load(written(tmp_path, REPOSITORY_SHAPE), Shape).plain()
    found = plain["conversations"]["messages_per_conversation_percentiles"]
    assert list(found) == ["p50", "p75", "p90", "p95", "p99", "max"]


def test_the_second_samplers_keys_are_read_under_the_first_ones_names(tmp_path: Path) -> None:
    shape = load(written(tmp_path, EXTENDED_SHAPE), Shape)
    assert shape.users.profile_completeness_bins == {"0_fields": 42350, "1_fields": 60000, "2_fields": 40000}
    percentiles = shape.conversations.messages_per_conversation_percentiles
    assert percentiles.values() == {"p50": 14, "p75": 87, "p90": 423, "p95": 1205, "p99": 8934}
    assert percentiles.max == 41000
    assert shape.conversations.share_over_1k == 0.06
    assert shape.conversations.share_over_10k == 0.008
    assert shape.messages.media_ratio == 0.163
    assert shape.messages.weekday_weekend_ratio == 1.38


def test_half_open_labels_are_kept_with_both_ends_inside(tmp_path: Path) -> None:
    shape = load(written(tmp_path, EXTENDED_SHAPE), Shape)
    assert shape.users.username_length_histogram == {"5-9": 60000, "10-14": 62350, "15-19": 20000}
    assert shape.conversations.member_count_histogram == {"0-4": 230000, "5-9": 40000, "10-14": 17420}
    assert shape.messages.content_length_histogram == {"0-49": 50000, "50-99": 30000, "100-149": 20000}


def test_an_empty_window_of_the_original_loads(tmp_path: Path) -> None:
    content = json.loads(json.dumps(REPOSITORY_SHAPE))
    content["conversations"].update(total_count=0, type_distribution={}, messages_per_conversation_percentiles={})
    content["messages"].update(total_count=0, type_distribution={}, content_length_stats={"mean": None})
    shape = load(written(tmp_path, content), Shape)
    assert shape.conversations.messages_per_conversation_percentiles.values() == {}
    assert shape.messages.content_length_stats.mean is None


def test_unknown_keys_of_the_original_are_passed_over(tmp_path: Path) -> None:
    shape = load(written(tmp_path, {**REPOSITORY_SHAPE, "read_receipts": {"read_rate": 0.82}}), Shape)
    assert shape == load(written(tmp_path, REPOSITORY_SHAPE, "plain.json"), Shape)


def test_the_digest_does_not_depend_on_the_order_of_keys(tmp_path: Path) -> None:
    turned = dict(reversed(REPOSITORY_SHAPE.items()))
    first, second = (load(written(tmp_path, content), Shape).digest() for content in (REPOSITORY_SHAPE, turned))
    assert first == second
    assert first.startswith("sha256:")


def test_a_nudge_from_nothing_survives_its_file(tmp_path: Path) -> None:
    content = json.loads(json.dumps(CONFIGS["repository"]))
    nudge = {"at": "2025-10-22T00:00:00Z", "parameter": "size_lifetime_correlation", "before": None, "after": 0.5}
    content["calibration_metadata"]["nudges"] = [nudge]
    first = load(written(tmp_path, content), Config)
    save(first, tmp_path / "again.json")
    assert load(tmp_path / "again.json", Config) == first
