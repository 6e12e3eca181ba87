"""Everything that can go wrong, as data: a code and its parameters.

Sentences are made at the edge (`landplan.messages`), so that one error reads well in English, in
Chinese and in JSON.
"""

from collections.abc import Mapping, Sequence
from typing import Any


class LandplanError(Exception):
    """A fault that ends in one sentence: what is wrong, where, and what to do.

    Parameters
    ----------
    code
        Key of the sentence in the message catalogues, e.g. ``"town.unknown_key"``.
    params
        Values that the sentence names: file, layer, parcel id, number.
    """

    exit_code = 2

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        details = ", ".join(f"{key}={value}" for key, value in self.params.items())
        return f"{self.code} ({details})" if details else self.code


class InputError(LandplanError):
    """A town file, request or layer cannot be used as it is (exit code 2)."""


class ManyErrors(LandplanError):
    """Several faults found in one pass, reported together."""

    def __init__(self, errors: Sequence[LandplanError]) -> None:
        super().__init__("many", n=len(errors))
        self.errors = tuple(errors)
        self.exit_code = max((error.exit_code for error in errors), default=self.exit_code)


class AuditFailed(LandplanError):
    """A proposal contradicts its own files: it is never shown as a result (exit code 4)."""

    exit_code = 4


class NothingFound(LandplanError):
    """The search was stopped before any plan existed (exit code 5).

    ``reasons``: what is known of why, as {code, params}.
    """

    exit_code = 5

    def __init__(
        self, code: str, /, reasons: Sequence[Mapping[str, Any]] = (), **params: object
    ) -> None:
        super().__init__(code, **params)
        self.reasons = tuple(reasons)
