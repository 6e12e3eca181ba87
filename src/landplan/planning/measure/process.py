"""The process `measure`."""

from landplan.planning.measure.formulate import check_names
from landplan.planning.measure.request import MeasureRequest
from landplan.planning.measure.run import run
from landplan.planning.process import Reporting

REPORTING = Reporting(
    id="measure",
    version="1",
    title="Measure how the land of every holding lies: pieces, distances, shape, access",
    request=MeasureRequest,
    outputs=("parcels", "holdings", "members"),
    run=run,
    check=check_names,
)
