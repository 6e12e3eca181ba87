"""The run of `measure`."""

import geopandas as gpd
import pandas as pd

from landplan import __version__
from landplan.cadastre.cadastre import Cadastre
from landplan.measures.scheme import Scheme, read_scheme
from landplan.measures.town import PARCEL_SHAPE, holding_measures, parcel_measures, town_figures
from landplan.planning.measure.formulate import formulate
from landplan.planning.measure.request import MeasureRequest
from landplan.proposal.measured import Measured
from landplan.proposal.proposal import proposal_id


def run(request: MeasureRequest, town: Cadastre) -> Measured:
    """Measure every parcel that is asked for, every holding, and the town."""
    ground = formulate(request, town)
    parcels = ground.parcels
    shapes = parcel_measures(gpd.GeoSeries(parcels.geometry))
    parcels[list(PARCEL_SHAPE)] = shapes.where(parcels["left_out"].isna())
    counted = gpd.GeoDataFrame(parcels)
    scheme = request.weights.scheme()
    holdings = holding_measures(counted, ground.borders, ground.homes, scheme)
    figures = town_figures(holdings, counted)
    canonical = request.canonical()
    rules = parcels["left_out"].value_counts()
    return Measured(
        id=proposal_id("measure", canonical, town.provenance.data_hash, __version__, 0),
        version=__version__,
        request=canonical,
        town=town.town,
        provenance=town.provenance,
        figures=figures,
        indices=tuple(_said(used) for used in (scheme, read_scheme("psi"))),
        left_out={str(rule): int(rules[rule]) for rule in sorted(rules.index)},
        assumptions=ground.assumptions,
        parcels=counted,
        holdings=_with_homes(holdings, ground.homes),
        members=ground.members,
    )


def _with_homes(holdings: pd.DataFrame, homes: pd.DataFrame) -> pd.DataFrame:
    """Return the holdings with the place that distances are measured from."""
    places = homes.rename(columns={"x": "home_x", "y": "home_y"})
    return holdings.join(places).rename_axis("holding").reset_index()


def _said(scheme: Scheme) -> dict[str, object]:
    """Return weights, source and status of an index: every number can be traced."""
    weights = {factor.name: factor.weight for factor in scheme.factors}
    return {
        "name": scheme.name,
        "source": scheme.source,
        "status": scheme.status,
        "weights": weights,
    }
