"""A proposal as a folder of three files: written whole or not at all, and read back."""

import json
import os
import shutil
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from landplan.errors import InputError
from landplan.proposal.canonical import canonical_json
from landplan.proposal.document import from_document, to_document
from landplan.proposal.fingerprint import document_hash, layer_hash
from landplan.proposal.geopackage import read_layers, write_layers
from landplan.proposal.layers import LAYERS, ONLY_WHERE_PRESENT
from landplan.proposal.ledger_xlsx import write_workbook
from landplan.proposal.proposal import Proposal

DOCUMENT: Final = "proposal.json"
PACKAGE: Final = "proposal.gpkg"
WORKBOOK: Final = "ledger.xlsx"

Audit = Callable[[Path], Mapping[str, Any]]
"""Given a written proposal, returns the ``audit`` block ``{passed, checks}``."""


def write_proposal(proposal: Proposal, directory: Path, audit: Audit | None = None) -> Proposal:
    """Write a proposal and return it as written, with fingerprints and audit.

    The files are made in a folder beside the target (inside it, where it exists) and moved into
    place, the document last: whoever finds a ``proposal.json`` finds all that belongs to it. Other
    files in the folder are left alone.

    Parameters
    ----------
    proposal
        What to write. The same content gives the same bytes.
    directory
        Made if missing; an earlier proposal in it is replaced.
    audit
        Called with the folder of the written files before they are moved; what it returns becomes
        the ``audit`` block, passed or not.

    Raises
    ------
    InputError
        ``proposal.not_a_folder`` where ``directory`` is a file.
    """
    directory = directory.resolve()
    if directory.exists() and not directory.is_dir():
        raise InputError("proposal.not_a_folder", directory=str(directory))
    staging = _new_staging(directory)
    try:
        write_layers({name: proposal.layer(name) for name in LAYERS}, staging / PACKAGE)
        write_workbook(proposal, staging / WORKBOOK)
        written = replace(proposal, content_hash=_fingerprints(proposal, staging))
        _write_document(written, staging)
        if audit is not None:
            written = replace(written, audit=audit(staging))
            _write_document(written, staging)
        _move_into_place(staging, directory)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return written


def require_writable(directory: Path) -> None:
    """Make the folder's parents now; raises InputError where the proposal cannot be written."""
    try:
        home = directory if directory.exists() else directory.parent
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise InputError("proposal.not_writable", directory=str(directory), detail=detail) from None
    if directory.exists() and not directory.is_dir():
        detail = "no folder"
        raise InputError("proposal.not_writable", directory=str(directory), detail=detail)
    if not os.access(home, os.W_OK):
        raise InputError("proposal.not_writable", directory=str(directory), detail="no access")


def read_proposal(directory: Path) -> Proposal:
    """Read the proposal that `write_proposal` wrote.

    Raises
    ------
    InputError
        A file is missing or unreadable, or holds what no proposal holds. Whether the content is
        *true* is the audit's to say.
    """
    for name in (DOCUMENT, PACKAGE):
        if not (directory / name).is_file():
            raise InputError("proposal.file_missing", file=name, directory=str(directory))
    document = read_document(directory)
    provenance = document.get("provenance")
    crs = provenance.get("crs") if isinstance(provenance, dict) else None
    if not isinstance(crs, str):
        raise InputError("proposal.key_missing", block="provenance", key="crs")
    return from_document(document, read_layers(directory / PACKAGE, crs))


def read_document(directory: Path) -> dict[str, Any]:
    """Read ``proposal.json`` alone, as data; raises InputError where it is no JSON object."""
    path = directory / DOCUMENT
    try:
        document = json.loads(path.read_text("utf-8"), parse_constant=_refuse_constant)
    except FileNotFoundError:
        raise InputError("proposal.file_missing", file=DOCUMENT, directory=str(directory)) from None
    except (OSError, ValueError, RecursionError) as error:
        detail = " ".join(str(error).split())
        raise InputError("proposal.document_unreadable", file=DOCUMENT, detail=detail) from None
    if not isinstance(document, dict):
        raise InputError("proposal.document_unreadable", file=DOCUMENT, detail="no JSON object")
    return document


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _fingerprints(proposal: Proposal, staging: Path) -> dict[str, str]:
    """Return the hash of every layer written, of the workbook, and of the document's content."""
    layers = {name: proposal.layer(name) for name in LAYERS}
    return {
        name: layer_hash(frame)
        for name, frame in layers.items()
        if not (name in ONLY_WHERE_PRESENT and frame.empty)
    } | {
        WORKBOOK: sha256((staging / WORKBOOK).read_bytes()).hexdigest(),
        DOCUMENT: document_hash(to_document(proposal)),
    }


def _write_document(proposal: Proposal, directory: Path) -> None:
    (directory / DOCUMENT).write_bytes(canonical_json(to_document(proposal)))


def _new_staging(directory: Path) -> Path:
    """Make an empty folder on the same file system as the target."""
    home = directory if directory.is_dir() else directory.parent
    staging = home / f".{directory.name}.{uuid.uuid4().hex[:8]}.part"
    staging.mkdir(parents=True)
    return staging


def _move_into_place(staging: Path, directory: Path) -> None:
    if not directory.exists():
        staging.rename(directory)
        return
    (directory / DOCUMENT).unlink(missing_ok=True)
    for name in (PACKAGE, WORKBOOK, DOCUMENT):
        os.replace(staging / name, directory / name)
