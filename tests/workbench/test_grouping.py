"""What belongs together: by digests, by names where there are none, each document once, newest first."""

from __future__ import annotations

from pathlib import Path

from shapetui.documents.shape import Shape
from shapetui.jobs.diff import compare_releases
from shapetui.workbench.folder import checklist, flattened, grouped
from tests.workbench.benches import NOW, chat, fitted, hand_made
from tests.workbench.shelves import Shelving, nudged, report_of, run_of


def other_chat() -> Shape:
    return chat().model_copy(update={"extracted_at": "2026-02-01T00:00:00Z"})


def told(shelving: Shelving) -> dict[str, list[tuple[int, str]]]:
    """Title of a group -> depth and name of its documents."""
    groups = grouped(shelving.entries())
    return {group.title: [(depth, entry.path.stem) for depth, entry in group.entries] for group in groups}


def test_configs_stand_under_their_shape_and_reports_under_their_config(tmp_path: Path) -> None:
    shelving = Shelving(tmp_path)
    shelving.put("shape", chat())
    shelving.put("config", fitted())
    shelving.put("run", run_of(fitted()))
    shelving.put("report", report_of(fitted(), 1))
    shelving.put("config-v2", nudged(2.5))
    shelving.put("run-v2", run_of(nudged(2.5)))
    assert told(shelving) == {
        "shape": [(0, "shape"), (1, "config-v2"), (2, "run-v2"), (1, "config"), (2, "report"), (2, "run")]
    }


def test_the_newest_shape_comes_first_and_what_belongs_nowhere_last(tmp_path: Path) -> None:
    shelving = Shelving(tmp_path)
    shelving.put("broken", "{")
    shelving.put("hand", hand_made())
    shelving.put("old", chat())
    shelving.put("config", fitted())
    shelving.put("new", other_chat())
    shelving.put("strange", run_of(hand_made()))
    shelving.put("newer", report_of(None, 2, production=other_chat()))
    groups = told(shelving)
    assert list(groups) == ["new", "old", "belongs to no shape here", "cannot be read"]
    assert groups["new"] == [(0, "new"), (1, "newer")]
    assert groups["old"] == [(0, "old"), (1, "config")]
    assert groups["belongs to no shape here"] == [(0, "hand"), (0, "strange")]
    assert groups["cannot be read"] == [(0, "broken")]


def test_a_comparison_of_two_shapes_belongs_to_none_and_says_its_verdict(tmp_path: Path) -> None:
    shelving = Shelving(tmp_path)
    shelving.put("shape", chat())
    shelving.put("hand", hand_made())
    drift = compare_releases(chat(), other_chat(), 0.15, ("one.json", "two.json"), NOW)
    shelving.put("drift", drift)
    assert told(shelving)["belongs to no shape here"] == [(0, "hand"), (0, "drift")]
    (entry,) = (entry for entry in shelving.entries() if entry.path.stem == "drift")
    assert (entry.kind, entry.glyph, entry.says) == ("drift", "✓", f"{drift.verdict}, one.json to two.json")


def test_a_child_whose_shape_is_not_named_goes_with_its_parent(tmp_path: Path) -> None:
    shelving = Shelving(tmp_path)
    shelving.put("shape", chat())
    shelving.put("config", fitted())
    child = nudged(2.5)
    orphan = child.calibration_metadata.model_copy(update={"source_shape_file": None, "source_shape_digest": None})
    shelving.put("child", child.model_copy(update={"calibration_metadata": orphan}))
    assert (1, "child") in told(shelving)["shape"]


def test_a_run_of_a_config_that_was_never_written_goes_with_the_report_on_its_rows(tmp_path: Path) -> None:
    shelving = Shelving(tmp_path)
    shelving.put("shape", chat())
    shelving.put("run", run_of(nudged(2.2)))
    assert "belongs to no shape here" in told(shelving)
    shelving.put("report", report_of(nudged(2.2), 1))
    assert told(shelving) == {"shape": [(0, "shape"), (1, "report"), (1, "run")]}


def test_of_copies_the_one_of_that_name_is_meant(tmp_path: Path) -> None:
    shelving = Shelving(tmp_path)
    shelving.put("shape", chat())
    shelving.put("copy", chat())
    shelving.put("config", fitted())
    assert told(shelving) == {"copy": [(0, "copy")], "shape": [(0, "shape"), (1, "config")]}


def test_each_document_is_listed_once_and_always_in_the_same_order(tmp_path: Path) -> None:
    shelving = Shelving(tmp_path)
    for number in range(3):
        shelving.put(f"shape{number}", chat() if number else other_chat())
        shelving.put(f"config{number}", nudged(2.0 + number / 10))
        shelving.put(f"run{number}", run_of(nudged(2.0 + number / 10)))
        shelving.put(f"broken{number}", "[]")
    entries = shelving.entries()
    assert len(set(map(id, entries))) == 12
    assert flattened(grouped(entries)) == entries
    assert flattened(grouped(tuple(reversed(entries)))) == entries


def test_two_configs_that_name_each_other_as_parents_are_no_endless_search(tmp_path: Path) -> None:
    shelving = Shelving(tmp_path)
    metadata = hand_made().calibration_metadata.model_copy(update={"parent_config_digest": hand_made().digest()})
    shelving.put("hand", hand_made())
    shelving.put("child", hand_made().model_copy(update={"calibration_metadata": metadata}))
    assert [name for _, name in told(shelving)["belongs to no shape here"]] == ["child", "hand"]


def test_the_checklist_speaks_of_the_newest_shape_only(tmp_path: Path) -> None:
    shelving = Shelving(tmp_path)
    shelving.put("old", chat())
    shelving.put("config", fitted())
    shelving.put("run", run_of(fitted()))
    shelving.put("report", report_of(fitted(), 1))
    done = [step.done for step in checklist(shelving.entries())]
    # So few conversations tell nothing of their largest.
    assert done == [True, False, True, True, True, False, False]
    shelving.put("new", other_chat())
    steps = checklist(shelving.entries())
    assert [step.done for step in steps] == [True, False, False, False, False, False, False]
    assert [step.title for step in steps[-2:]] == ["production-like skew", "index tests"]
    assert steps[-1].note == "verify-index"


def test_runs_and_reports_of_another_config_are_not_of_the_one_that_is_worked_on(tmp_path: Path) -> None:
    shelving = Shelving(tmp_path)
    shelving.put("shape", chat())
    old = shelving.put("config", fitted())
    shelving.put("run", run_of(fitted()))
    shelving.put("report", report_of(fitted(), 1))
    shelving.put("config-v2", nudged(2.5))
    steps = {step.title: step for step in checklist(shelving.entries())}
    assert steps["generator calibrated"].note == "config-v2"
    assert (steps["data generated"].done, steps["data generated"].note) == (False, "another config's: press g")
    assert (steps["fidelity PASS"].done, steps["fidelity PASS"].note) == (False, "another config's: press v")
    # The older one is worked on: what was made of it is there.
    steps = {step.title: step for step in checklist(shelving.entries(), old)}
    assert steps["generator calibrated"].note == "config"
    assert steps["data generated"].done
    assert steps["fidelity PASS"].done
    shelving.put("run-v2", run_of(nudged(2.5)))
    shelving.put("report-v2", report_of(nudged(2.5), 2))
    assert [step.done for step in checklist(shelving.entries())[3:5]] == [True, True]


def test_a_report_that_does_not_say_what_was_measured_counts_unless_it_is_older(tmp_path: Path) -> None:
    shelving = Shelving(tmp_path)
    shelving.put("shape", chat())
    shelving.put("config", fitted())
    shelving.put("report", report_of(None, 1))
    assert checklist(shelving.entries())[4].done
    shelving.put("config-v2", nudged(2.5))
    assert not checklist(shelving.entries())[4].done


def test_a_pass_with_a_check_that_is_no_go_is_no_pass_and_the_check_is_named(tmp_path: Path) -> None:
    shelving = Shelving(tmp_path)
    shelving.put("shape", chat())
    shelving.put("config", fitted())
    report = report_of(fitted(), 1)
    wrong = {"top_1_percent_share": 0.3, "p99": 0.9}
    checks = [
        check.model_copy(update={"verdict": "NO-GO", "value": wrong[check.name]}) if check.name in wrong else check
        for check in report.checks or ()
    ]
    shelving.put("report", report.model_copy(update={"checks": checks, "decision": "NO-GO"}))
    fidelity, skew = checklist(shelving.entries())[4:6]
    assert report.overall_verdict == "PASS"
    assert (fidelity.done, fidelity.note) == (False, "NO-GO: largest 1 % +1")
    assert (skew.done, skew.note) == (False, "NO-GO, 0.484 → 0.484")


def test_a_tail_that_holds_too_little_is_not_production_like(tmp_path: Path) -> None:
    shelving = Shelving(tmp_path)
    shelving.put("shape", chat())
    shares = [chat().conversations.model_copy(update={"top_1_percent_share": share}) for share in (0.40, 0.30)]
    production, synthetic = (chat().model_copy(update={"conversations": block}) for block in shares)
    report = report_of(fitted(), 1, synthetic=synthetic, production=production)
    report = report.model_copy(update={"checks": None, "decision": None})
    assert report.production is not None
    side = report.production.model_copy(update={"digest": chat().digest()})
    shelving.put("report", report.model_copy(update={"production": side}))
    skew = checklist(shelving.entries())[5]
    assert (skew.done, skew.note) == (False, "top 1 %: 0.400 → 0.300")
