"""Opening stores: one writer or many readers at a time, told apart by a lock that names its holder.

``memory`` lives and dies with the process; ``oxigraph:DIR`` is a folder of Oxigraph's (RocksDB). Beside the folder stands
``DIR.lock``: the kernel's lock on it is what counts and ends with its holder, however that died; what is written in it
only tells who. Oxigraph itself calls reading beside a writer undefined behaviour, so readers share the lock and a
writer has it alone.

With ``fresh`` a new store is built in ``DIR.new`` and takes the place of the old one only when it is closed without an
error: until then the old one stays as it was.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import pyoxigraph as ox

from kg.errors import StoreError, UsageError

SCHEME = "oxigraph:"
DEFAULT_STORE = "oxigraph:.kg/store"
PATIENCE = 1.0
"""Seconds to wait for another process before giving up."""


def store_folder(spec: str) -> Path | None:
    """The folder a store specification names; ``None`` for ``memory``."""
    if spec == "memory":
        return None
    if spec.startswith(SCHEME) and spec != SCHEME:
        return Path(spec.removeprefix(SCHEME)).expanduser()
    raise StoreError("no such kind of store", where=repr(spec), hint="say « memory » or « oxigraph:FOLDER »")


class OpenStore:
    """An open Oxigraph store and the lock that goes with it; :attr:`inner` is the :class:`pyoxigraph.Store`."""

    def __init__(self, spec: str, *, fresh: bool = False, read_only: bool = False, patience: float = PATIENCE) -> None:
        self.spec, self.read_only = spec, read_only
        self.folder = store_folder(spec)
        self._inner: ox.Store | None = None
        self._lock: IO[str] | None = None
        self._new: Path | None = None
        if self.folder is None:
            self._inner = ox.Store()
            return
        if fresh and read_only:
            raise StoreError("a store opened for reading cannot be emptied", where=str(self.folder))
        self._lock = _acquire(self.folder, shared=read_only, patience=patience)
        try:
            self._inner = self._open_folder(self.folder, fresh)
        except BaseException:
            self._release()
            raise

    def _open_folder(self, folder: Path, fresh: bool) -> ox.Store:
        with told(folder):
            if not self.read_only:
                _finish_swap(folder)
            if folder.exists() and not folder.is_dir():
                raise StoreError("is a file, not the folder of a store", where=str(folder))
            if folder.is_dir() and not is_store(folder) and any(folder.iterdir()):
                raise StoreError("this folder holds something else than a store", where=str(folder), hint="choose another folder")
            if self.read_only:
                if not is_store(folder):
                    raise StoreError("there is no store here", where=str(folder), hint="« kg build » makes one")
                return ox.Store.read_only(str(folder))
            if fresh:
                self._new = beside(folder, ".new")
                _remove(self._new)
                return ox.Store(str(self._new))
            return ox.Store(str(folder))

    @property
    def inner(self) -> ox.Store:
        """The store itself; :class:`StoreError` once it is closed."""
        if self._inner is None:
            raise StoreError("the store is closed", where=self.spec)
        return self._inner

    def close(self, *, keep: bool = True) -> None:
        """Writes everything out and lets go. A fresh store replaces the old one, or is dropped if not ``keep``."""
        if self._inner is None:
            return
        try:
            with told(self.folder):
                if self.folder is not None and not self.read_only and keep:
                    self._inner.flush()
        except BaseException:
            keep = False
            raise
        finally:
            # The last reference gone, RocksDB closes its files.
            self._inner = None
            try:
                if self.folder is not None and self._new is not None:
                    with told(self.folder):
                        if keep:
                            _swap(self.folder, self._new)
                        else:
                            _remove(self._new)
            finally:
                self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close(keep=kind is None)


@contextlib.contextmanager
def told(folder: Path | None) -> Iterator[None]:
    """What the system says against reading or writing a store, as one :class:`StoreError`."""
    try:
        yield
    except (OSError, RuntimeError) as error:  # RuntimeError: Oxigraph's word for a store whose files are broken
        raise store_error(error, folder) from error


def store_error(error: OSError | RuntimeError, folder: Path | None) -> StoreError:
    """One clear line for a failure of the file system or of RocksDB."""
    said = getattr(error, "strerror", None) or " ".join(str(error).split())
    where = str(folder) if folder is not None else "memory"
    if re.search(r"no space left|quota exceeded|file too large", said, re.IGNORECASE):
        return StoreError(f"the disk is full: {said}", where=where, hint="what was stored before is intact; make room and run again")
    if re.search(r"lock file|resource temporarily unavailable", said, re.IGNORECASE):
        return StoreError("the store is held by another process", where=where, hint="wait for it to end, or choose another --store")
    if re.search(r"permission denied|read-only|not permitted", said, re.IGNORECASE):
        return StoreError(f"the folder cannot be written: {said}", where=where, hint="choose another with --store, or mend its permissions")
    if re.search(r"corrupt", said, re.IGNORECASE):
        return StoreError(f"the store is broken: {said}", where=where, hint="build it again with --fresh")
    return StoreError(f"the store cannot be used: {said}", where=where)


# --- folders ----------------------------------------------------------------------------------------------------------


def kept_folder(spec: str) -> Path:
    """The folder of a store that outlasts the command; :class:`~kg.errors.UsageError` for ``memory``."""
    folder = store_folder(spec)
    if folder is None:
        raise UsageError("a store in memory is empty when a command starts", hint="give --store oxigraph:FOLDER")
    return folder


def is_store(folder: Path) -> bool:
    """Whether a folder holds a store."""
    return (folder / "CURRENT").is_file()


def beside(folder: Path, suffix: str) -> Path:
    """What stands beside a store's folder under its name and a suffix."""
    return folder.with_name(folder.name + suffix)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _swap(folder: Path, new: Path) -> None:
    old = beside(folder, ".old")
    _remove(old)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    _remove(old)


def _finish_swap(folder: Path) -> None:
    """Ends a swap that was cut short: the old store moved away, the new one, complete, not yet in its place."""
    old, new = beside(folder, ".old"), beside(folder, ".new")
    if not folder.exists() and old.exists():
        (new if new.exists() else old).rename(folder)
    _remove(old)


# --- the lock ---------------------------------------------------------------------------------------------------------


def _acquire(folder: Path, *, shared: bool, patience: float) -> IO[str] | None:
    """Locks ``DIR.lock``; ``None`` where a reader may not even create it (then nobody can write either)."""
    path = beside(folder, ".lock")
    lock: IO[str]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+", encoding="utf-8", errors="replace")
    except OSError as error:
        if not shared:
            raise store_error(error, folder) from error
        try:
            lock = path.open(encoding="utf-8", errors="replace")
        except OSError:
            return None
    try:
        deadline = time.monotonic() + patience
        while not _try_lock(lock, shared):
            if time.monotonic() >= deadline:
                raise StoreError(
                    f"the store is in use by {_holder(lock)}", where=str(folder), hint="wait for it to end, or choose another --store"
                )
            time.sleep(0.02)
    except BaseException:
        lock.close()
        raise
    return lock


def _try_lock(lock: IO[str], shared: bool) -> bool:
    if sys.platform == "win32":  # RocksDB's own lock has to do
        return True
    import fcntl

    def flock(operation: int) -> bool:
        try:
            fcntl.flock(lock, operation | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    # Whoever finds nobody else starts the list of holders anew; a further reader adds itself.
    if flock(fcntl.LOCK_EX):
        _sign(lock, anew=True)
        return flock(fcntl.LOCK_SH) if shared else True
    if shared and flock(fcntl.LOCK_SH):
        _sign(lock, anew=False)
        return True
    return False


def _sign(lock: IO[str], *, anew: bool) -> None:
    if not lock.writable():
        return
    command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]]) if sys.argv and sys.argv[0] else "python"
    line = json.dumps({"pid": os.getpid(), "command": command[:200], "since": datetime.now().isoformat(" ", "seconds")})
    # A full disk must not keep readers out: the name in the lock is a courtesy, the lock is not.
    with contextlib.suppress(OSError):
        if anew:
            lock.seek(0)
            lock.truncate()
        lock.seek(0, os.SEEK_END)
        lock.write(line + "\n")
        lock.flush()


def _holder(lock: IO[str]) -> str:
    """Who holds the lock, as far as it is written and still alive."""
    lock.seek(0)
    for line in lock:
        try:
            entry = json.loads(line)
            pid, command, since = int(entry["pid"]), str(entry["command"]), str(entry["since"])
        except (ValueError, KeyError, TypeError):
            continue
        if _alive(pid):
            shown = "".join(c if c.isprintable() else "?" for c in command)
            return f"process {pid} ({shown}, since {since})"
    return "another process"


def _alive(pid: int) -> bool:
    if sys.platform == "win32":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
