"""Loading and saving documents: checked on the way in, whole or not at all on the way out."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import AliasChoices, BaseModel, ValidationError
from pydantic_core import ErrorDetails

from shapetui.documents.config import Config
from shapetui.documents.model import Document
from shapetui.documents.report import GenerationReport, Report
from shapetui.documents.shape import Shape
from shapetui.errors import DocumentError, EnvironmentProblem, ShapetuiError

# A shape with every histogram is 60 KB; a file a thousand times as large is something else.
LARGEST_FILE: Final = 64 * 1024 * 1024

AnyDocument = Shape | Config | Report | GenerationReport
D = TypeVar("D", bound=Document)

# The key that tells each kind of file, in the order in which they are tried.
_KINDS: Final[tuple[tuple[str, type[Document]], ...]] = (
    ("overall_verdict", Report),
    ("conversation_generation", Config),
    ("digests", GenerationReport),
    ("privacy_level", Shape),
)
KIND_NAMES: Final[dict[type[Document], str]] = {
    Shape: "shape",
    Config: "config",
    Report: "fidelity report",
    GenerationReport: "generation report",
}


def load(path: Path, kind: type[D]) -> D:
    """The document in a file. Raises DocumentError naming file, key and what was expected."""
    raw = _read(path)
    found = next((model for key, model in _KINDS if key in raw), None)
    if found is not None and found is not kind:
        raise DocumentError(
            f"{path}: this is a {KIND_NAMES[found]}, not a {KIND_NAMES[kind]}",
            f"give the file of a {KIND_NAMES[kind]} here",
        )
    return _validated(path, raw, kind)


def load_any(path: Path) -> AnyDocument:
    """The document in a file of any kind, told by its keys. Raises DocumentError."""
    raw = _read(path)
    for key, model in _KINDS:
        if key in raw:
            document = _validated(path, raw, model)
            assert isinstance(document, Shape | Config | Report | GenerationReport)
            return document
    raise DocumentError(
        f"{path}: not a shape, a config or a report",
        "a shape has the key privacy_level, a config conversation_generation, a report overall_verdict or digests",
    )


def save(document: Document, path: Path, *, force: bool = False) -> None:
    """Writes atomically: temporary file in the same folder, fsync, rename. Never overwrites without `force`."""
    save_text(document.to_json(), path, force=force)


def save_text(text: str, path: Path, *, force: bool = False) -> None:
    """Writes a whole text file or nothing. Raises DocumentError when it exists or cannot be written."""
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:100]}.", suffix=".part", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        # mkstemp makes 0600; documents are to be read by those who may read the folder.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        if force:
            os.replace(temporary, path)
        else:
            # A link fails when the name exists, so two runs can never overwrite each other.
            os.link(temporary, path)
            os.unlink(temporary)
        temporary = None
    except FileExistsError:
        raise DocumentError(f"{path}: the file exists already", "give another name, or --force to replace it") from None
    except OSError as error:
        raise _write_problem(path, error) from None
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def check_writable(path: Path, *, force: bool = False) -> None:
    """Raises before hours of work what `save` would raise after them."""
    if path.exists() and not force:
        raise DocumentError(f"{path}: the file exists already", "give another name, or --force to replace it")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise _write_problem(path, error) from None


def fresh_path(folder: Path, stem: str, suffix: str = ".json") -> Path:
    """`folder/stem.json`, or `stem-v2`, `stem-v3`, ... when it exists: nothing is overwritten."""
    path, version = folder / f"{stem}{suffix}", 2
    while path.exists():
        path, version = folder / f"{stem}-v{version}{suffix}", version + 1
    return path


def dated_path(folder: Path, kind: type[Document], day: date) -> Path:
    """The documented name of a new document of this kind, as of a day."""
    stems = {Shape: "shape-metrics-prod", Config: "calibrated-config", Report: "fidelity-report"}
    return fresh_path(folder, f"{stems[kind]}-{day:%Y%m%d}")


def _write_problem(path: Path, error: OSError) -> ShapetuiError:
    reason = (error.strerror or type(error).__name__).lower()
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return EnvironmentProblem(f"{path}: cannot be written: {reason}", "free some space, nothing was written")
    return DocumentError(
        f"{path}: cannot be written: {reason}", "choose a folder you may write to with --output or --directory"
    )


def _read(path: Path) -> dict[str, Any]:
    """The JSON object in a file, without NaN and infinities."""
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise DocumentError(f"{path}: is a folder, not a file", "give the path of a .json file")
        if size > LARGEST_FILE:
            raise DocumentError(
                f"{path}: has {size / 1e6:.0f} MB; no document of shapetui is larger than {LARGEST_FILE / 1e6:.0f} MB",
                "is this the file you mean?",
            )
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DocumentError(f"{path}: no such file", _nearby(path)) from None
    except UnicodeDecodeError:
        raise DocumentError(f"{path}: not a text file in UTF-8", "a document is JSON text") from None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise DocumentError(f"{path}: cannot be read: {reason}", "check its path and permissions") from None
    try:
        raw = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise DocumentError(
            f"{path}: not valid JSON: {error.msg}, line {error.lineno}, column {error.colno}",
            "the file is damaged or half written: make it again, or mend that line",
        ) from None
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise DocumentError(f"{path}: not valid JSON: {reason}", "numbers must be finite") from None
    if not isinstance(raw, dict):
        raise DocumentError(f"{path}: holds no JSON object", "a document begins with {")
    return raw


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")


def _nearby(path: Path) -> str:
    folder = path.parent
    names = sorted(found.name for found in folder.glob("*.json")) if folder.is_dir() else []
    close = get_close_matches(path.name, names, n=1, cutoff=0.5)
    return f"did you mean {close[0]}?" if close else "check the path"


def _validated(path: Path, raw: dict[str, Any], kind: type[D]) -> D:
    version = raw.get("schema_version")
    if version is not None and (isinstance(version, bool) or version not in (1, 2)):
        raise DocumentError(
            f"{path}: schema_version {json.dumps(version)[:40]} is unknown to this version of shapetui",
            "it reads version 2 and the files of the original system: upgrade shapetui, or make the file again",
        )
    if version == 1:
        raw = {key: value for key, value in raw.items() if key != "schema_version"}
    try:
        document = kind.model_validate(raw)
    except ValidationError as error:
        first, *others = error.errors(include_url=False, include_input=False)
        more = f" (and {len(others)} more)" if others else ""
        raise DocumentError(
            f"{path}: {_place(first)}: {_expected(first)}{more}",
            f"mend the key {_place(first)}, or make the {KIND_NAMES[kind]} again",
        ) from None
    if version == 2 and (unknown := _unknown_key(document, raw, "")):
        place, near = unknown
        hint = f"did you mean {near}?" if near else "remove the key; a file of ours holds no other keys than ours"
        raise DocumentError(f"{path}: {place}: unknown key", hint)
    return document


def _place(error: ErrorDetails) -> str:
    return ".".join(str(part) for part in error["loc"]) or "the whole file"


def _expected(error: ErrorDetails) -> str:
    message = error["msg"].removeprefix("Value error, ")
    return message[0].lower() + message[1:]


def _unknown_key(model: BaseModel, raw: dict[str, Any], place: str) -> tuple[str, str | None] | None:
    """The first key of a file of ours that no model knows, and the known key nearest to it."""
    known: dict[str, str] = {}
    for name, field in type(model).model_fields.items():
        alias = field.validation_alias
        names = [str(choice) for choice in alias.choices] if isinstance(alias, AliasChoices) else [alias or name]
        known |= {str(choice): name for choice in names} | {name: name}
    for key, value in raw.items():
        here = f"{place}{key}"
        if key not in known:
            close = get_close_matches(key, list(known), n=1)
            return here, close[0] if close else None
        for part, inner, where in _inner(getattr(model, known[key]), value, here):
            if found := _unknown_key(part, inner, where):
                return found
    return None


def _inner(value: object, raw: Any, place: str) -> list[tuple[BaseModel, dict[str, Any], str]]:
    """Models inside a field's value, with the raw object and the place of each."""
    if isinstance(value, BaseModel) and isinstance(raw, dict):
        return [(value, raw, f"{place}.")]
    if isinstance(value, dict) and isinstance(raw, dict):
        return [
            (part, raw[key], f"{place}.{key}.")
            for key, part in value.items()
            if isinstance(part, BaseModel) and isinstance(raw.get(key), dict)
        ]
    if isinstance(value, list) and isinstance(raw, list):
        return [
            (part, inner, f"{place}.{index}.")
            for index, (part, inner) in enumerate(zip(value, raw, strict=True))
            if isinstance(part, BaseModel) and isinstance(inner, dict)
        ]
    return []
