"""`shapetui verify-index` and `shapetui show` of what it writes: from the first baseline to the verdict, and back."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from shapetui.cli.show import render
from shapetui.database.target import Target
from shapetui.documents.applied import Applied
from shapetui.documents.baseline import Baseline
from shapetui.documents.comparison import Comparison
from shapetui.documents.files import AnyDocument, load, load_any, save
from shapetui.documents.growth import Growth
from shapetui.errors import DocumentError, UsageError
from shapetui.indexlab.comparing import compare
from shapetui.jobs.written import now
from tests.cli.command_line import Cli
from tests.indexlab.baselines import AFTER, BEFORE, NEW, PRIMARY, Made, after, baseline, index

WIDTHS = [80, 100, 160]
HOSTILE = "evil\x1b[2J\u202e[bold]x"


def shown(document: AnyDocument, width: int = 80, plan: str | None = None) -> str:
    """What is printed: no line wider than the console, no control character, no number that is none."""
    stream = StringIO()
    console = Console(file=stream, width=width, color_system=None, highlight=False, markup=False, emoji=False)
    render([(Path("file.json"), document)], console, plan)
    text = stream.getvalue()
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert not re.search(r"\b(nan|inf|None|Traceback)\b", text)
    assert "\x1b" not in text
    return text


def comparison(**more: Any) -> Comparison:
    return compare(baseline(**more), after(), now())


@pytest.mark.parametrize("width", WIDTHS)
def test_a_comparison_shows_verdict_reasons_bars_writes_and_indexes(width: int) -> None:
    text = shown(comparison(), width)
    assert re.search(r"^GO   average improvement \d+ % on the hottest conversation; 2 of 3", text, re.MULTILINE)
    assert "CAUTION Q2_message_insert writes 42 % more WAL" in text
    assert "bars are logarithmic: 0.01 to 1,000 ms, 1 to 100,000 pages" in text
    assert re.search(r"hottest\s+before\s+█+\S*\s+1\d\d\.\d\s+█+\S*\s+13,282", text)
    assert re.search(r"3,425 m\.\s+after\s+█+\S*\s+0\.\d+\s+█+\S*\s+42\s+−99\.9 %", text)
    assert "GO idx_messages_conversation_created_desc  added, 19.0 MB" in text


def test_what_makes_it_doubtful_is_said_before_the_verdict() -> None:
    other = baseline(server=None)
    text = shown(compare(other, after(), now()))
    assert text.index("server version") < text.index("\nGO ")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_baseline_shows_times_pages_and_plans(width: int) -> None:
    text = shown(baseline(), width)
    assert "Seq Scan on messages, sort (quicksort)" in text
    assert re.search(r"hottest\s+3,425\s+█+\S*\s+1\d\d\.\d\s+[\d,.]+\s+█+\S*\s+13,282", text)
    assert "PostgreSQL 18.4" in text
    assert "CREATE UNIQUE INDEX messages_pkey" in text.replace("\n", "")


@pytest.mark.parametrize("width", WIDTHS)
def test_plans_side_by_side(width: int) -> None:
    text = shown(comparison(), width, "Q1:hottest")
    assert "Seq Scan on messages" in text
    assert "Index Scan using idx_messages_conversation_created_desc" in re.sub(r"\s+", " ", text)
    assert ("before:" in text) == (width < 120)
    assert "Sort Key: k" in shown(baseline(), width, "q1_message_history")


def test_a_plan_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="no query 'Q9'"):
        shown(comparison(), plan="Q9")
    with pytest.raises(UsageError, match="no stratum 'warm'"):
        shown(comparison(), plan="Q1:warm")


def test_text_of_a_file_never_steers_the_terminal() -> None:
    evil = {**AFTER, "own_1": Made(1, 20, scan=HOSTILE, table=HOSTILE, name=HOSTILE)}
    before = {**BEFORE, "own_1": replace(evil["own_1"], scan="Seq Scan")}
    bad = index("i", "(a)").model_copy(update={"name": HOSTILE, "definition": HOSTILE})
    found = compare(baseline(before), after(evil, [PRIMARY, NEW, bad]), now(), (HOSTILE, HOSTILE))
    for document in (found, after(evil, [bad])):
        text = shown(document)
        assert "\\x1b[2J\\u202e[bold]x" in text.replace("\n", "")


def test_documents_survive_the_file(tmp_path: Path) -> None:
    for number, document in enumerate((baseline(), comparison())):
        save(document, tmp_path / f"{number}.json")
        assert load_any(tmp_path / f"{number}.json") == document


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"queries": [{}]}, "queries.0.query_id"),
        ({"queries": 3}, "queries"),
        ({"phase": "mid"}, "phase"),
        ({"database_size_mb": -1}, "database_size_mb"),
        ({"captured_at": "yesterday"}, "captured_at"),
        ({"schema_version": 3}, "schema_version"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_hostile_baseline_is_told_by_its_key(change: dict[str, Any], place: str, tmp_path: Path, cli: Cli) -> None:
    bad, good = tmp_path / "bad.json", tmp_path / "good.json"
    bad.write_text(json.dumps({**baseline().plain(), **change}))
    save(after(), good)
    with pytest.raises(DocumentError, match=rf"bad\.json: .*{place}"):
        load(bad, Baseline)
    told = cli("verify-index", "--compare", bad, good, "--directory", tmp_path)
    assert (told.code, told.out) == (2, "")
    assert place in told.err


def test_other_documents_are_no_baselines(tmp_path: Path, cli: Cli) -> None:
    save(comparison(), tmp_path / "comparison.json")
    save(baseline(), tmp_path / "pre.json")
    told = cli("verify-index", "--compare", tmp_path / "pre.json", tmp_path / "comparison.json")
    assert (told.code, "this is a comparison, not a baseline" in told.err) == (2, True)


def test_exit_codes_tell_the_verdict(tmp_path: Path, cli: Cli) -> None:
    files = {"pre": baseline(), "post": after(), "same": baseline(seed=4)}
    files["useless"] = after(indexes=[PRIMARY, NEW, index("idx_edited", '("isEdited")')])
    for name, document in files.items():
        save(document, tmp_path / f"{name}.json")

    def code(post: str, *more: str) -> int:
        return cli(
            "verify-index", "--compare", tmp_path / "pre.json", tmp_path / post, "--directory", tmp_path, *more
        ).code

    assert [code("post.json"), code("useless.json"), code("same.json"), code("same.json", "--strict")] == [0, 1, 0, 1]
    assert code("nothing.json") == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ([], "one of the arguments"),
        (["--compare", "one.json"], "--compare needs two baselines"),
        (["--rollback", "--apply"], "not allowed with"),
        (["--rollback", "--one-by-one"], "--one-by-one goes with --apply"),
        (["--growth", "0.5,0.1"], "ascend"),
        (["--growth", "0,1"], "above 0"),
        (["--growth", "all"], "no fractions"),
        (["--pre-optimization", "--repeat", "0"], "at least 1"),
        (["--apply", "--ddl", "x.sql"], "--ddl goes with --growth"),
    ],
)
def test_what_is_wrong_with_the_command_line(line: list[str], said: str, cli: Cli) -> None:
    told = cli("verify-index", *line)
    assert (told.code, said in told.err) == (2, True), told.err


def test_an_output_that_is_the_input_is_refused(tmp_path: Path, cli: Cli) -> None:
    save(baseline(), tmp_path / "pre.json")
    save(after(), tmp_path / "post.json")
    told = cli("verify-index", "--compare", tmp_path / "pre.json", tmp_path / "post.json", "--output",
               tmp_path / "pre.json", "--force")  # fmt: skip
    assert (told.code, "the output is the input" in told.err) == (2, True)


def test_from_the_first_baseline_to_the_verdict_and_back(cli: Cli, target: Target, tmp_path: Path) -> None:
    to = ("--url", target.label, "--directory", tmp_path)
    run = ("--repeat", 5, *to)
    assert cli("generate", *to, "--target-messages", 20_000, "--seed", "lab").code == 0
    before = cli("verify-index", "--pre-optimization", *run)
    assert before.code == 0, before.err
    assert "Seq Scan on messages" in before.out
    made = cli("verify-index", "--apply", "--one-by-one", *run, "--json").document
    between = [Path(step["baseline"]) for step in made["files"]]
    assert len(between) == 3
    reports = tmp_path / "reports"
    (pre,) = reports.glob("baseline-pre-*.json")
    told = cli("verify-index", "--compare", pre.name, *(path.name for path in between), *to, "--json")
    found = Comparison.model_validate(told.document["document"])
    assert told.code == (1 if found.summary.go_no_go == "NO-GO" else 0)
    assert not found.differences or not any(one.incomparable for one in found.differences)
    history = found.improvements[0]
    assert (history.query_id, history.status, history.sort_eliminated) == ("Q1_message_history", "IMPROVED", True)
    assert history.strata[0].plan_change.startswith("Seq Scan on messages → Index Scan using idx_messages_")
    assert history.time_reduction_pct > 60
    first = next(one for one in found.indexes if one.table == "messages")
    assert first.verdict == "GO"
    assert first.alone is not None
    assert "Q1_message_history" in {effect.query_id for effect in first.alone}
    shown(found)
    back = cli("verify-index", "--rollback", *to)
    assert back.code == 0
    assert back.out.count("• dropped ") == 3
    assert {type(load_any(path)) for path in reports.glob("indexes-*.json")} == {Applied}


def test_growth_on_the_oldest_part_of_the_rows(cli: Cli, target: Target, tmp_path: Path) -> None:
    to = ("--url", target.label, "--directory", tmp_path)
    assert cli("generate", *to, "--target-messages", 10_000, "--seed", "lab").code == 0
    told = cli("verify-index", "--growth", "0.3,1", "--repeat", 2, *to)
    assert told.code == 0, told.err
    (path,) = (tmp_path / "reports").glob("growth-*.json")
    growth = load(path, Growth)
    assert [point.fraction for point in growth.points][-1] == 1
    text = shown(growth)
    assert re.search(r"Message History.* on hottest", text.replace("\n", " "))
    # A size is a whole number of time slices, of which so few messages may have one only.
    assert len(re.findall(r"^ *[\d,]+ +without ", text, re.MULTILINE)) == 5 * len(growth.points)


def test_numbers_beyond_all_bounds_break_nothing(tmp_path: Path) -> None:
    raw = baseline().plain()
    for stratum in raw["queries"][0]["strata"]:
        stratum["rows"] = 10**400
        stratum["plan"]["Plan"]["Actual Rows"] = 10**400
    (tmp_path / "pre.json").write_text(json.dumps(raw))
    found = compare(load(tmp_path / "pre.json", Baseline), after(), now())
    shown(found)
    bad = found.plain()
    bad["improvements"][0]["strata"][0]["time"]["value"] = 10**400
    (tmp_path / "comparison.json").write_text(json.dumps(bad))
    with pytest.raises(DocumentError, match=r"strata\.0\.time"):
        load_any(tmp_path / "comparison.json")


def test_runs_without_cache_are_shown_where_there_are_some() -> None:
    assert "cold" not in shown(comparison()).split("latency")[1].splitlines()[0]
    found = comparison()
    first = found.improvements[0]
    strata = [stratum.model_copy(update={"pre_cold_ms": 321.0, "post_cold_ms": 4.5}) for stratum in first.strata]
    changed = first.model_copy(update={"strata": strata})
    text = shown(found.model_copy(update={"improvements": [changed, *found.improvements[1:]]}))
    assert re.search(r"hottest\s+before\s+█+\S*\s+[\d.]+\s+321\.0\s", text)
