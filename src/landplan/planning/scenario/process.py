"""The series of requests `scenario`, as the reference lists it."""

from landplan.planning.process import Series
from landplan.planning.scenario.request import ScenarioRequest

SERIES = Series(
    id="scenario",
    version="1",
    title="Requests in order: sites, then land elsewhere for those who give way",
    request=ScenarioRequest,
    outputs=("scenario.json", "scenario-ledger.csv", "a proposal per step"),
)
