"""Why a parcel is in a plan, or not, as a job: the question is that of the library."""

from landplan.planning.assemble.counterfactual import why_request

__all__ = ["why_request"]
