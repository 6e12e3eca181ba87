"""The process `partition`."""

from landplan.planning.partition.formulate import check_names
from landplan.planning.partition.request import PartitionRequest
from landplan.planning.partition.run import run
from landplan.planning.process import Process

PROCESS = Process(
    id="partition",
    version="1",
    title="Divide land into as many contiguous sites as it can give",
    request=PartitionRequest,
    outputs=("sites", "parcels", "bridges", "exclusions", "ledger"),
    run=run,
    check=check_names,
)
