"""Everything that can go wrong because of something a user can mend: one tree, each error one clear line."""

from __future__ import annotations


class KgError(Exception):
    """A failure the user can act on.

    The message is one line: what happened, where, and what to do. ``exit_code`` is what the command line returns:
    1 for a failure, 2 for a misuse of a command or of a file format.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        self.what, self.where, self.hint = what, where, hint
        super().__init__(f"{where}: {what}" if where else what)

    def __str__(self) -> str:
        line = super().__str__()
        return f"{line} ({self.hint})" if self.hint else line


class UsageError(KgError):
    """The command was called with something it cannot take."""

    exit_code = 2


class ReadError(KgError):
    """A document of briefs cannot be read."""


class OntologyError(KgError):
    """A file of the ontology or of the language pack is wrong; ``where`` names the file and the table."""


class StoreError(KgError):
    """The store cannot be opened, read or written."""


class QueryError(UsageError):
    """A SPARQL query is malformed, unknown or refused."""


class MissingToolError(KgError):
    """A program or model that has to be installed is not there."""


class FetchError(KgError):
    """A web server gives no answer that can be used. ``retry_after``: seconds it asks to be left alone."""

    def __init__(self, what: str, *, where: str = "", hint: str = "", status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(what, where=where, hint=hint)
        self.status, self.retry_after = status, retry_after
