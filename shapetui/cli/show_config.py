"""`shapetui show CONFIG`: the generator's parameters, how well they were fitted, what they are expected to give."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from shapetui.calibration.model import compile_config
from shapetui.calibration.predict import predict
from shapetui.cli.fit_plot import CHOSEN, Curve
from shapetui.cli.show_numbers import UNKNOWN, count, number, plus, share, short_digest
from shapetui.cli.show_shape import length_numbers, percentiles
from shapetui.cli.show_tables import facts, heading, plots, row, table
from shapetui.documents.config import Config, ConversationModel, LengthModel
from shapetui.documents.shape import Shape
from shapetui.errors import DocumentError, PlanError
from shapetui.fidelity.measures import drawn_sizes, lengths_of

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

# A config says nothing of how many rows; the expected shape is shown at this many messages.
EXPECTED_AT: Final = 1_000_000


def config_view(path: Path, config: Config) -> list[list[RenderableType]]:
    """The sections of a config. Raises DocumentError where its numbers cannot be a distribution."""
    shape = expected(path, config, EXPECTED_AT)
    return [
        [heading("Config", str(path)), _lineage(config)],
        [heading("sizes by conversation type"), _sizes(config)],
        [heading("other models on the same cells"), rivals] if (rivals := _rivals(config)) is not None else [],
        [heading("other laws of the tail alone", "ΔAIC and Vuong's z above 0: the power law is better"), laws]
        if (laws := _tail_rivals(config)) is not None
        else [],
        *_scans(config),
        [heading("lengths by message type"), _lengths(config)],
        [
            heading(
                f"expected at {count(EXPECTED_AT)} messages", f"{count(shape.conversations.total_count)} conversations"
            ),
            percentiles(shape),
            length_numbers(shape),
        ],
        plots([drawn_sizes(shape)], [], ("expected", "")),
        plots([], [lengths_of(shape)], ("expected", "")),
        [heading("changes by hand or advice"), nudges] if (nudges := _nudges(config)) is not None else [],
    ]


def expected(path: Path, config: Config, messages: int, at: str = "1970-01-01T00:00:00Z", days: int = 0) -> Shape:
    """The shape that a config is expected to give at a number of messages. Raises DocumentError."""
    try:
        return predict(compile_config(config), messages, at, days)
    except PlanError as error:
        raise DocumentError(f"{path}: {error.message}", error.hint) from None
    except (ValueError, OverflowError) as error:
        raise DocumentError(
            f"{path}: these parameters make no distribution: {error}", "calibrate again, or mend the value"
        ) from None


def _lineage(config: Config) -> Table:
    found = config.calibration_metadata
    law = config.conversation_generation.messages_per_conversation
    return facts(
        {
            "calibrated": found.calibrated_at or "",
            "from": " ".join(
                part
                for part in (found.source_shape_file, f"({short_digest(found.source_shape_digest)})")
                if part and UNKNOWN not in part
            ),
            "parent": short_digest(found.parent_config_digest) if found.parent_config_digest else "",
            "changes": count(len(found.nudges)) if found.nudges else "",
            "digest": short_digest(config.digest()),
            "one power law": ""
            if config.conversation_generation.by_type
            else f"alpha {law.alpha:.2f} from {count(law.min)} to {count(law.max)} for all types "
            "(a config of the original system)",
        }
    )


def _sizes(config: Config) -> Table:
    block = config.conversation_generation
    made = table("type", "share", "alpha", "xmin", "xmax", "in tail", "KS", "n tail", "p")
    for label, model in block.by_type.items():
        row(made, label, share(model.share), *_tail(model))
    law = block.messages_per_conversation
    for label, weight in block.type_distribution.items() if not block.by_type else ():
        total = sum(block.type_distribution.values())
        alpha, xmin, xmax = f"{law.alpha:.2f}", count(max(law.min, 1)), count(law.max)
        row(made, label, share(weight / total), alpha, xmin, xmax, share(1.0), *[UNKNOWN] * 3)
    return made


def _tail(model: ConversationModel) -> list[str]:
    fit, tail = model.fit, model.tail
    if tail is None:
        return ["no tail", *[UNKNOWN] * 6]
    error = f" ± {fit.alpha_standard_error:.2f}" if fit and fit.alpha_standard_error is not None else ""
    ks = f"{fit.tail_ks:.4f}" if fit and fit.tail_ks is not None else UNKNOWN
    return [
        f"{tail.alpha:.2f}{error}",
        count(tail.xmin),
        count(tail.xmax),
        share(tail.share),
        ks,
        count(fit.tail_count) if fit else UNKNOWN,
        f"{fit.goodness_of_fit_p:.2f}" if fit and fit.goodness_of_fit_p is not None else UNKNOWN,
    ]


def _rivals(config: Config) -> Table | None:
    """The runners-up of each type by their AIC above the chosen model's; None without any."""
    made = table("type", "model", "ΔAIC", "KS", "parameters", left=("model",))
    for label, model in config.conversation_generation.by_type.items():
        for rival in sorted(model.fit.rivals, key=lambda rival: rival.delta_aic) if model.fit else ():
            row(made, label, rival.model, plus(rival.delta_aic, 1), f"{rival.ks:.4f}", count(rival.parameters))
    return made if made.row_count else None


def _tail_rivals(config: Config) -> Table | None:
    """Other laws on the conversations of each tail, with Vuong's test; None where nobody tried any."""
    made = table("type", "law", "ΔAIC", "Vuong z", "p", "KS", left=("law",))
    for label, model in config.conversation_generation.by_type.items():
        for rival in (model.fit.tail_rivals if model.fit else None) or ():
            vuong = UNKNOWN if rival.vuong is None else plus(rival.vuong, 2)
            p = UNKNOWN if rival.p is None else f"{rival.p:.3f}" if rival.p >= 0.001 else "<0.001"
            row(made, label, rival.model, plus(rival.delta_aic, 1), vuong, p, f"{rival.ks:.4f}")
    return made if made.row_count else None


def _scans(config: Config) -> list[list[RenderableType]]:
    """How the KS distance chose where each tail begins."""
    found: list[list[RenderableType]] = []
    for label, model in config.conversation_generation.by_type.items():
        scan = model.fit.xmin_scan if model.fit else None
        if scan and len(scan) > 2 and model.tail is not None:
            title = heading("KS distance by xmin", f"{label}; {CHOSEN} is xmin {count(model.tail.xmin)}")
            found.append([title, Curve(scan, model.tail.xmin)])
    return found


def _lengths(config: Config) -> Table:
    block = config.message_generation
    made = table("type", "share", "model", "mu", "sigma", "empty", "longest", "KS", left=("model",))
    for label, model in block.by_type.items():
        row(made, label, share(model.share), *_length(model))
    common = block.content_length
    for label, weight in block.type_distribution.items() if not block.by_type else ():
        total = sum(block.type_distribution.values())
        row(made, label, share(weight / total), "log-normal", *[UNKNOWN] * 5)
    if not block.by_type:
        made.caption = (
            f"all types: mean {count(common.mean)}, median {count(common.median)}, p95 {count(common.p95)} characters"
        )
    return made


def _length(model: LengthModel) -> list[str]:
    return [
        model.model.replace("_", "-"),
        number(model.mu, 3),
        number(model.sigma, 3),
        share(model.empty_share),
        count(model.maximum),
        UNKNOWN if model.ks is None else f"{model.ks:.4f}",
    ]


def _nudges(config: Config) -> Table | None:
    nudges = config.calibration_metadata.nudges
    if not nudges:
        return None
    made = table("when", "parameter", "before", "after", left=("parameter",))
    for nudge in nudges:
        before = UNKNOWN if nudge.before is None else f"{nudge.before:g}"
        after = UNKNOWN if nudge.after is None else f"{nudge.after:g}"
        row(made, nudge.at, nudge.parameter, before, after)
    return made
