"""From files to files: read a town and a request, answer, write, audit what was written."""

import time
from dataclasses import replace
from pathlib import Path

from landplan.cadastre.layers import Sources
from landplan.cadastre.reading import data_hash, read_town
from landplan.cadastre.townfile import TownFile, read_town_file
from landplan.cadastre.validation import read_toml, validated
from landplan.errors import InputError, NothingFound
from landplan.planning.process import Process, Progress, StopAsked, find_process
from landplan.proposal.audit import audit
from landplan.proposal.files import require_writable, write_proposal
from landplan.proposal.proposal import Proposal


def read_request(path: Path) -> tuple[Process, object]:
    """Read a request file; raises InputError or ManyErrors naming every wrong key."""
    data = read_toml(path)
    if not isinstance(data.get("process"), str):
        raise InputError("request.process_missing", file=str(path))
    process = find_process(data["process"], str(path))
    return process, validated(process.request, data, str(path))


def answer(
    town_file: Path,
    request_file: Path,
    out: Path,
    progress: Progress | None = None,
    stop: StopAsked | None = None,
) -> Proposal:
    """Answer a request, write the proposal to ``out`` and audit it from the files written.

    Raises InputError or ManyErrors for whatever is wrong with the input, and NothingFound where the
    search ended before any plan; then nothing is written. The audit's verdict stands in the
    proposal returned.
    """
    started = time.perf_counter()
    process, request = read_request(request_file)
    town = read_town(town_file).require()
    require_writable(out)
    read = time.perf_counter()
    proposal = process.run(request, town, {}, progress, stop)
    if proposal.certificate.status == "stopped" and proposal.sites.empty:
        raise NothingFound("run.nothing_found")
    solved = time.perf_counter()
    times = {"read_s": round(read - started, 3), "solve_s": round(solved - read, 3)}
    return write_proposal(
        replace(proposal, times=times), out, lambda folder: audit(folder).to_json()
    )


def source_files(town_file: Path) -> dict[str, Path]:
    """Return every file a town file names, by the name it uses (all parts of a shapefile)."""
    sources = _sources(read_town_file(town_file), town_file.parent)
    return {name: town_file.parent / name for name in sources.hashes}


def data_hash_of(town_file: Path) -> str:
    """Return the hash of a town's data from its files alone, without reading the land."""
    town = read_town_file(town_file)
    return data_hash(town, _sources(town, town_file.parent))


def _sources(town: TownFile, folder: Path) -> Sources:
    """Return all files that a town file names, hashed."""
    sources = Sources(folder)
    layers = (
        town.parcels,
        town.zones,
        town.restrictions,
        town.roads,
        town.buildings,
        town.facilities,
    )
    names = [file for layer in layers if layer is not None for file in layer.files]
    names += [table.file for table in (town.owners, town.rights) if table is not None]
    names += [join.file for join in town.parcels.join]
    names += [town.town.crs_file] if town.town.crs_file else []
    for name in names:
        sources.resolve(name)
    return sources
