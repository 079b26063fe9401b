"""What each index contributed: which query uses it, whether another can do the same, what it did alone."""

from __future__ import annotations

from collections.abc import Sequence

from shapetui.documents.baseline import Baseline, IndexFacts, Query
from shapetui.documents.comparison import Change, Effect, Improvement, IndexEffect, Use
from shapetui.indexlab.covering import covered_by, sorted_otherwise


def contributions(
    pre: Baseline,
    post: Baseline,
    improvements: Sequence[Improvement],
    steps: Sequence[tuple[Baseline, Baseline, Sequence[Improvement]]] = (),
) -> list[IndexEffect]:
    """Every index that is not the same on both sides, in the order of the catalogue; constraints' own are no choice.

    `steps`: baselines that follow one another with what changed between them (reads and writes), where indexes were
    made one at a time.
    """
    was, now = _indexes(pre), _indexes(post)
    gained = {found.query_id for found in improvements if _gains(found)}
    found: list[IndexEffect] = []
    for name in dict.fromkeys([*now, *was]):
        one, other = was.get(name), now.get(name)
        if one is not None and other is not None and one.definition == other.definition and one.valid == other.valid:
            continue
        change: Change = "added" if one is None else "removed" if other is None else "changed"
        index = other or one
        if index is None or index.constraint:
            continue
        uses = _uses(post if other is not None else pre, name)
        effect = IndexEffect(
            name=name,
            table=index.table,
            definition=index.definition,
            change=change,
            bytes=index.bytes,
            used_by=uses,
            alone=_alone(name, steps) if steps else None,
        )
        found.append(effect if other is None else _judged(effect, index, pre, post, gained))
    return found


def _indexes(side: Baseline) -> dict[str, IndexFacts]:
    return {index.name: index for index in side.indexes}


def _gains(found: Improvement) -> bool:
    return found.status == "IMPROVED" or any(stratum.status == "IMPROVED" for stratum in found.strata)


def _uses(side: Baseline, index: str) -> list[Use]:
    return [
        Use(query_id=query.query_id, query_name=query.query_name, strata=strata)
        for query in [*side.queries, *side.write_costs]
        if (strata := [found.stratum for found in query.measurements() if _is_used(index, found.analysis or query)])
    ]


def _is_used(index: str, where: object) -> bool:
    analysis = where.plan_analysis if isinstance(where, Query) else where
    names = getattr(analysis, "index_names", [])
    return index in names or getattr(analysis, "index_name", None) == index


def _judged(effect: IndexEffect, index: IndexFacts, pre: Baseline, post: Baseline, gained: set[str]) -> IndexEffect:
    """With its verdict: an index that nothing needs only costs."""
    old = _indexes(pre)
    # Of two new ones alike, the second is the one too many.
    later = [other for other in post.indexes[post.indexes.index(index) :] if other.name not in old]
    wider = covered_by(index, [o for o in post.indexes if o not in later or covered_by(o, [index]) is None])
    twin = wider is not None and covered_by(wider, [index]) is not None
    nearly = sorted_otherwise(index, [other for other in post.indexes if other not in later]) if wider is None else None
    superfluous = [
        other.name
        for other in post.indexes
        if other.name in old and not other.constraint and covered_by(other, [index]) is not None
    ]
    names = [use.query_name for use in effect.used_by]
    verdict, reason = None, ""
    if not index.valid:
        verdict, reason = "NO-GO", "it is invalid: every write keeps it up to date, and no query may use it"
    elif wider is not None:
        verdict = "NO-GO"
        reason = f"it is redundant: {wider.name} {'is the same' if twin else 'does all that it can do'}"
    elif not names:
        verdict = "NO-GO"
        reason = f"none of the {len(post.queries)} queries uses it, on any stratum: it only costs writes and space"
    elif any(use.query_id in gained for use in effect.used_by):
        verdict, reason = "GO", f"used by {', '.join(names)}"
    else:
        reason = f"used by {', '.join(names)}, and none of them improved"
    return effect.model_copy(
        update={
            "covered_by": wider.name if wider is not None else None,
            "sorted_otherwise": nearly.name if nearly is not None else None,
            "makes_superfluous": [] if twin else superfluous,
            "verdict": verdict,
            "reason": reason,
        }
    )


def _alone(name: str, steps: Sequence[tuple[Baseline, Baseline, Sequence[Improvement]]]) -> list[Effect] | None:
    """What changed in the step that made the index; None where it came together with others, or in none."""
    for before, after, changes in steps:
        was, now = _indexes(before), _indexes(after)
        if name in now and name not in was:
            if len(set(now) - set(was)) > 1:
                return None
            return [_effect(change) for change in changes if change.status != "NO_CHANGE" or change.kind == "write"]
    return None


def _effect(change: Improvement) -> Effect:
    stratum = next((s for s in change.strata if s.stratum == change.decided_by), change.strata[0])
    return Effect(
        query_id=change.query_id,
        query_name=change.query_name,
        kind=change.kind,
        status=change.status,
        pre_time_ms=stratum.pre_time_ms,
        post_time_ms=stratum.post_time_ms,
        pre_pages=stratum.pre_pages,
        post_pages=stratum.post_pages,
    )
