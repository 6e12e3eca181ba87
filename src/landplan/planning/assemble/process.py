"""The process `assemble`."""

from landplan.planning.assemble.names import check_names
from landplan.planning.assemble.request import AssembleRequest
from landplan.planning.assemble.run import run
from landplan.planning.process import Process

PROCESS = Process(
    id="assemble",
    version="1",
    title="Assemble contiguous sites of least cost",
    request=AssembleRequest,
    outputs=("sites", "parcels", "bridges", "exclusions", "ledger"),
    run=run,
    check=check_names,
)
