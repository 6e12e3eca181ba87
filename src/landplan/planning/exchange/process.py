"""The process `exchange`."""

from landplan.planning.exchange.land import check_names
from landplan.planning.exchange.request import ExchangeRequest
from landplan.planning.exchange.run import run
from landplan.planning.process import Process

PROCESS = Process(
    id="exchange",
    version="1",
    title="Exchange land between owners, equal in value",
    request=ExchangeRequest,
    outputs=("statements", "holdings", "worse_off", "parcels", "exclusions", "ledger"),
    run=run,
    check=check_names,
)
