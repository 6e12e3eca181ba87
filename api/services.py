"""What the pages of one service share: workspace, jobs, supervisor, settings."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fastapi import Request

from api.brake import Brake
from api.map_layers import MapLayers
from api.ogc.layers import Layers
from api.settings import Settings
from landplan.planning.assemble.changes import Advice
from landplan.planning.assemble.ground import GroundCache, Shelf
from landplan.workspace.jobs import Jobs
from landplan.workspace.workspace import Workspace

if TYPE_CHECKING:
    from landplan.workspace.supervisor import Supervisor

ADVICE_KEPT: Final = 100


@dataclass(frozen=True, slots=True)
class Services:
    """Opened by `create_app`, closed when the service ends."""

    settings: Settings
    workspace: Workspace
    jobs: Jobs
    supervisor: "Supervisor | None"
    layers: Layers
    map_layers: MapLayers
    grounds: GroundCache = field(default_factory=GroundCache)
    advice: Shelf[Advice] = field(default_factory=lambda: Shelf(ADVICE_KEPT))
    """What would help where a plan meets a demand not, by proposal."""
    brake: Brake = field(default_factory=Brake)


def services(request: Request) -> Services:
    """Return what this service works with."""
    found = request.app.state.services
    assert isinstance(found, Services)
    return found
