"""What a process is, and which there are."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

from pydantic import BaseModel

from landplan.cadastre.cadastre import Cadastre
from landplan.errors import InputError
from landplan.proposal.measured import Measured
from landplan.proposal.proposal import Proposal

Progress = Callable[[str, float, float], None]
StopAsked = Callable[[float, float], bool]


class Run(Protocol):
    """Answers a request; opens no files."""

    def __call__(
        self,
        request: Any,
        town: Cadastre,
        inputs: Mapping[str, Proposal],
        progress: Progress | None = None,
        stop: StopAsked | None = None,
    ) -> Proposal:
        """Return the proposal, not yet written or audited."""
        ...


@dataclass(frozen=True, slots=True)
class Process:
    """Something a planner may ask.

    Id, version, title, the request model, what comes out, and how it is answered.
    """

    id: str
    version: str
    title: str
    request: type[BaseModel]
    outputs: tuple[str, ...]
    run: Run
    check: Callable[[Any, Cadastre], None] | None = None
    """Raises ManyErrors naming everything in a request that this town does not have."""


class Describe(Protocol):
    """Describes a town; opens no files."""

    def __call__(self, request: Any, town: Cadastre) -> Measured:
        """Return the report, not yet written."""
        ...


@dataclass(frozen=True, slots=True)
class Reporting:
    """Something a planner may ask that is answered by a report: no plan, so nothing is proven."""

    id: str
    version: str
    title: str
    request: type[BaseModel]
    outputs: tuple[str, ...]
    run: Describe
    check: Callable[[Any, Cadastre], None] | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Several requests answered in order, each by its process: a folder, not one plan."""

    id: str
    version: str
    title: str
    request: type[BaseModel]
    outputs: tuple[str, ...]


_SERIES: dict[str, str] = {"scenario": "landplan.planning.scenario.process"}
_REPORTS: dict[str, str] = {"measure": "landplan.planning.measure.process"}
_MODULES: dict[str, str] = {
    "assemble": "landplan.planning.assemble.process",
    "exchange": "landplan.planning.exchange.process",
    "partition": "landplan.planning.partition.process",
}


def process_ids() -> tuple[str, ...]:
    """Return the ids of all processes."""
    return tuple(sorted(_MODULES))


def report_ids() -> tuple[str, ...]:
    """Return the ids of all processes whose answer is a report."""
    return tuple(sorted(_REPORTS))


def series_ids() -> tuple[str, ...]:
    """Return the ids of all that is answered by several processes in order."""
    return tuple(sorted(_SERIES))


def find_asked(process_id: str, source: str = "–") -> Process | Reporting | Series:
    """Import whatever can be asked; raises InputError naming what there is."""
    if process_id in _SERIES:
        series = import_module(_SERIES[process_id]).SERIES
        assert isinstance(series, Series)
        return series
    if process_id not in _REPORTS:
        return find_process(process_id, source)
    found = import_module(_REPORTS[process_id]).REPORTING
    assert isinstance(found, Reporting)
    return found


def find_process(process_id: str, source: str = "–") -> Process:
    """Import a process on demand; raises InputError naming the known ones."""
    if process_id not in _MODULES:
        known = difflib.get_close_matches(process_id, _MODULES, n=len(_MODULES), cutoff=0.0)
        raise InputError("request.process_unknown", file=source, process=process_id, known=known)
    found = import_module(_MODULES[process_id]).PROCESS
    assert isinstance(found, Process)
    return found
