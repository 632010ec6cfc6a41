"""Writing a file so that it is whole or not there."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from kg.errors import KgError

STORE_HINT = "choose another store with --store, or mend the permissions of its folder"


@contextlib.contextmanager
def written(out: Path | IO[bytes], *, hint: str = "choose another place with --out") -> Iterator[IO[bytes]]:
    """A file to write into: a temporary one beside ``out`` that takes its name when all is written, or ``out`` itself
    if it is open already (standard output). What went wrong is one :class:`~kg.errors.KgError`
    with ``hint``."""
    if not isinstance(out, Path):
        yield out
        return
    temporary = None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=out.parent, prefix=f".{out.name}.", delete=False) as file:
            temporary = Path(file.name)
            yield file
        # A temporary file is private; what is exported has the permissions of any new file.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(out)
    except BaseException as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            said = error.strerror or str(error)
            raise KgError(f"cannot be written: {said}", where=str(out), hint=hint) from error
        raise
