"""The curve over ever longer beginnings, and a database that is as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from shapetui.database.target import Target
from shapetui.documents.files import load
from shapetui.documents.growth import Growth
from shapetui.documents.workspace import Workspace
from shapetui.errors import Cancelled, UsageError
from shapetui.indexlab.growth import Beginnings
from shapetui.indexlab.measure import MeasureRequest
from shapetui.jobs.verify_index import ApplyRequest, GrowthRequest, run_apply, run_growth
from shapetui.progress import Progress, Watch
from tests.indexlab.lab_database import fill, indexes, rows

SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'shapetui%%'"
QUICK = MeasureRequest(repeats=1, warm_up=0)


@pytest.fixture
def chat(target: Target) -> Target:
    """A small chat."""
    fill(target)
    return target


def test_every_size_is_measured_with_and_without_indexes_and_nothing_stays(chat: Target, tmp_path: Path) -> None:
    run_apply(chat, ApplyRequest(), Workspace(tmp_path), Watch())
    before = indexes(chat)
    written = run_growth(chat, GrowthRequest((0.25, 1.0), QUICK), Workspace(tmp_path), Watch())
    growth = load(written.path, Growth)
    (total,) = rows(chat, "SELECT count(*) FROM messages")[0]
    assert [point.messages for point in growth.points][1] == total
    assert total * 0.25 <= growth.points[0].messages < total * 0.3
    for point in growth.points:
        assert {cell.indexed for cell in point.cells} == {False, True}
        assert len(point.indexes) == 3
        plain = [cell.index_name for cell in point.cells if not cell.indexed]
        assert not {index.name for index in point.indexes} & set(plain)
    assert rows(chat, SCHEMAS) == []
    assert indexes(chat) == before


def test_a_cancelled_run_drops_its_copies(chat: Target, tmp_path: Path) -> None:
    def listen(progress: Progress) -> None:
        if progress.phase == "measure":
            watch.cancel()

    watch = Watch(listen)
    with pytest.raises(Cancelled, match="the schema of the copies is dropped"):
        run_growth(chat, GrowthRequest((1.0,), QUICK), Workspace(tmp_path), watch)
    assert rows(chat, SCHEMAS) == []


def test_fractions_move_to_the_nearest_end_of_a_slice() -> None:
    assert Beginnings((0.1, 0.3, 1.0), (20, 40, 60, 80)).shares() == (0.25, 1.0)
    assert Beginnings((0.3, 0.1)).shares() == (0.1, 0.3)


def test_a_fraction_outside_is_refused(chat: Target, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="fractions"):
        run_growth(chat, GrowthRequest((0.0, 1.0), QUICK), Workspace(tmp_path), Watch())
