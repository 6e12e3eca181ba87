"""From files to files: the steps of a scenario answered, audited and written, then the whole."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from landplan.cadastre.cadastre import Cadastre
from landplan.cadastre.reading import read_town
from landplan.cadastre.validation import read_toml, validated
from landplan.errors import InputError, LandplanError, ManyErrors, NothingFound
from landplan.planning.exchange.process import PROCESS as EXCHANGE
from landplan.planning.process import Process, Progress, StopAsked, find_process
from landplan.planning.scenario.request import ScenarioRequest, Step
from landplan.proposal.audit import audit
from landplan.proposal.audit.scenario import audit_scenario
from landplan.proposal.files import require_writable, write_proposal
from landplan.proposal.proposal import Proposal
from landplan.proposal.scenario import Scenario, Taken, displaced, losses_of, write_scenario

Asked = tuple[Step, Process, dict[str, Any], Path]


def answer(
    town_file: Path,
    request_file: Path,
    out: Path,
    progress: Progress | None = None,
    stop: StopAsked | None = None,
) -> Scenario:
    """Answer the steps in order, write each as a proposal, and the scenario around them.

    A step that meets nothing ends the scenario: what it would have needed is written, later steps
    are not begun.

    Raises
    ------
    InputError, ManyErrors
        Whatever is wrong with the town, the scenario or any request of it; nothing is written.
    """
    request = validated(ScenarioRequest, read_toml(request_file), str(request_file))
    asked = _asked(request, request_file)
    town = read_town(town_file).require()
    _check(asked, town)
    require_writable(out)
    out.mkdir(parents=True, exist_ok=True)
    done: dict[str, Proposal] = {}
    taken: list[Taken] = []
    for number, (step, process, data, file) in enumerate(asked, 1):
        folder = f"{number:02d}-{step.name}"
        model, gives = _model(step, process, data, file, done, town)
        try:
            proposal = process.run(model, town, {}, progress, stop)
        except NothingFound as nothing:
            reason = {"code": nothing.code, "params": dict(nothing.params)}
            source = done.get(step.displaced_by or "")
            lost = losses_of(source, gives) if source is not None else ()
            nowhere = Taken(
                step.name, None, process.id, step.displaced_by, None, reason, gives, lost
            )
            taken.append(nowhere)
            break
        written = write_proposal(proposal, out / folder, lambda made: audit(made).to_json())
        done[step.name] = written
        taken.append(Taken(step.name, folder, process.id, step.displaced_by, written, None, gives))
        if not all(demand.met for demand in written.demands):
            break
    names = tuple(step.name for step in request.step)
    scenario = Scenario(request.title, town.town, names, tuple(taken))
    write_scenario(scenario, out)
    report = audit_scenario(out).to_json()
    return write_scenario(replace(scenario, audit=report), out)


def _asked(request: ScenarioRequest, request_file: Path) -> list[Asked]:
    """Read all requests; raises ManyErrors with the faults of all of them."""
    found: list[Asked] = []
    faults: list[LandplanError] = []
    for step in request.step:
        file = request_file.parent / step.request
        try:
            data = read_toml(file)
            process = find_process(str(data.get("process")), str(file))
            validated(process.request, data, str(file))
        except ManyErrors as many:
            faults += many.errors
            continue
        except InputError as fault:
            faults.append(fault)
            continue
        if step.displaced_by is not None and process.id != EXCHANGE.id:
            faults.append(InputError("scenario.not_exchange", step=step.name, process=process.id))
        found.append((step, process, data, file))
    if faults:
        raise ManyErrors(faults)
    return found


def _check(asked: list[Asked], town: Cadastre) -> None:
    """Raise ManyErrors for everything in the requests that the town does not have."""
    faults: list[LandplanError] = []
    for _, process, data, file in asked:
        try:
            if process.check is not None:
                process.check(validated(process.request, data, str(file)), town)
        except ManyErrors as many:
            faults += many.errors
    if faults:
        raise ManyErrors(faults)


def _model(
    step: Step,
    process: Process,
    data: dict[str, Any],
    file: Path,
    done: Mapping[str, Proposal],
    town: Cadastre,
) -> tuple[BaseModel, tuple[str, ...]]:
    """Return the request of a step with what earlier steps give it, and the parcels given."""
    if step.displaced_by is None:
        return validated(process.request, data, str(file)), ()
    earlier = done[step.displaced_by]
    sites, owners = displaced(earlier)
    acquirer = dict(data.get("acquirer", {}))
    acquirer["receives"] = sorted({*acquirer.get("receives", []), *sites})
    data = data | {"acquirer": acquirer}
    if step.only_displaced:
        part = dict(data.get("take_part", {}))
        part["owners"] = sorted({*part.get("owners", []), *owners})
        data["take_part"] = part
    model = validated(process.request, data, str(file))
    if process.check is not None:
        process.check(model, town)
    return model, tuple(sites)
