"""Why land is in no site of a partition, from the written plan alone."""

import math

from landplan.planning.assemble.why import MOST_OUTSIDE, Reason, Why
from landplan.proposal.proposal import Proposal


def left_out(proposal: Proposal) -> list[Why]:
    """Explain land that may be used and is in no site, then land that may not.

    At most `MOST_OUTSIDE` parcels, in the order of the register within each kind.
    """
    table = proposal.exclusions
    unused = table["rule"].str.startswith("partition.")
    rows = [*table[unused].to_dict("records"), *table[~unused].to_dict("records")]
    told: dict[str, list[Reason]] = {}
    for row in rows:
        if row["parcel_id"] not in told and len(told) == MOST_OUTSIDE:
            break
        params = {
            "id": row["parcel_id"],
            "rule": row["rule"],
            "measured": None if math.isnan(row["measured"]) else row["measured"],
            "limit": None if math.isnan(row["limit"]) else row["limit"],
            "unit": row["unit"],
        }
        told.setdefault(row["parcel_id"], []).append(Reason("why.out_rule", params))
    return [Why(parcel, None, False, tuple(reasons)) for parcel, reasons in told.items()]
