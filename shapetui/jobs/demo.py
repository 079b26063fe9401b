"""The whole loop on a production database of the demo's own."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shapetui.database.target import Target
from shapetui.demo.chat_log import ChatLog
from shapetui.demo.corpus import read_messages
from shapetui.demo.production import build_production
from shapetui.demo.simulator import simulate
from shapetui.documents.config import Config
from shapetui.documents.report import GenerationReport
from shapetui.documents.shape import Shape
from shapetui.documents.workspace import Workspace
from shapetui.generation.plan import Request
from shapetui.jobs.calibrate import run_calibrate
from shapetui.jobs.generate import run_generate
from shapetui.jobs.sample import sample_production
from shapetui.jobs.targets import DEFAULT_PRODUCTION, DEFAULT_SYNTHETIC, told_anew
from shapetui.jobs.validate import Validation, run_validate
from shapetui.jobs.written import Written, now
from shapetui.progress import Watch
from shapetui.sampling.sample import SampleRequest


@dataclass(frozen=True)
class Demo:
    """Everything that a demo has made."""

    shape: Written[Shape]
    config: Written[Config]
    generated: Written[GenerationReport]
    validation: Validation


def run_demo(
    messages: Path | None,
    target_messages: int | None,
    seed: str | None,
    tolerance: float,
    workspace: Workspace,
    watch: Watch,
) -> Demo:
    """The whole loop on a production database of the demo's own: build, sample, calibrate, generate, validate."""
    watch.report("read" if messages else "simulate")
    log = read_messages(messages) if messages is not None else simulate()
    production, synthetic = Target.parse(DEFAULT_PRODUCTION), Target.parse(DEFAULT_SYNTHETIC)
    # One use of the server over all steps, instead of a start and a stop for each.
    with production.open(create=True):
        with told_anew(production, watch, "the next demo builds its production database anew"):
            build_production(production, log, watch)
        moment = now()
        request = SampleRequest(window_days=0, until=_end(log))
        # The simulator's data is nobody's, and a history of one's own stays on this machine: without a salt in the
        # environment the file is signed with one that nobody knows, so only its signature cannot be verified later.
        salt = os.environ.get("ANONYMIZATION_SALT") or secrets.token_hex(32)
        path = workspace.output(Shape, None, moment, force=False)
        shape = sample_production(production, request, moment, watch, salt)
        shape_file = Written(shape, workspace.save(shape, path))
        config = run_calibrate(path, workspace, None, force=False)
        volume = Request(config=config.document, target_messages=target_messages or log.messages, seed=seed)
        generated = run_generate(synthetic, volume, workspace, None, watch)
        validation = run_validate(synthetic, path, tolerance, workspace, None, False, watch)
    return Demo(shape_file, config, generated, validation)


def _end(log: ChatLog) -> datetime:
    """Midnight after the last message: the demo's history ends there, whatever today is."""
    last = datetime.fromtimestamp(int(log.sent_at[-1]) / 1000, UTC)
    return last.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
