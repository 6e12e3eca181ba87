"""What must hold before something further is asked about a plan."""

from landplan.cadastre.cadastre import Cadastre
from landplan.errors import InputError
from landplan.proposal.proposal import Proposal


def require_plan_of(proposal: Proposal, cadastre: Cadastre) -> None:
    """Raise InputError unless a plan was assembled, and from just this data.

    Codes ``about_plan.other_process`` and ``about_plan.other_data``.
    """
    if proposal.process != "assemble":
        raise InputError("about_plan.other_process", process=proposal.process)
    if proposal.provenance.data_hash != cadastre.provenance.data_hash:
        raise InputError("about_plan.other_data", plan=proposal.id)
