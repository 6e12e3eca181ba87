"""What a planner may ask of `measure`; the one declaration its reference derives from."""

from typing import Any, Literal

from pydantic import Field, model_validator

from landplan.cadastre.validation import LookupFault
from landplan.measures.scheme import Scheme, read_scheme
from landplan.planning.request_base import Part, form_hints


def _weight(order: int, what: str) -> Any:
    return Field(
        default=None,
        ge=0,
        le=1000,
        description=f"Weight of {what}; left out: the estimate of the package.",
        json_schema_extra=form_hints("weights", order, "number"),
    )


class Weights(Part):
    """Weights of the factors of the fragmentation index; only their proportions count."""

    standard_distance_m: float | None = _weight(1, "how far the parcels lie apart")
    mean_area_m2: float | None = _weight(2, "the mean area of the parcels")
    psi: float | None = _weight(3, "the shape of the parcels")
    road_access: float | None = _weight(4, "the share of the parcels at a road")
    sole_share: float | None = _weight(5, "the share of the parcels held by one owner alone")

    @model_validator(mode="after")
    def _some_weight(self) -> "Weights":
        try:
            self.scheme()
        except ValueError:
            raise LookupFault("measure.no_weight") from None
        return self

    def scheme(self) -> Scheme:
        """Return the fragmentation index with these weights; raises ValueError where all are 0."""
        given = {name: weight for name, weight in self.model_dump().items() if weight is not None}
        return read_scheme("glfi").weighted(given)


class MeasureRequest(Part):
    """Measure how the land of every holding lies: pieces, distances, shape, access.

    Nothing is searched for, and nothing is proven: the answer describes the land as it is.
    """

    process: Literal["measure"] = Field(
        description="Always measure.", json_schema_extra=form_hints("general", 0, "hidden")
    )
    title: str = Field(
        default="",
        max_length=200,
        description="What the report is called.",
        json_schema_extra=form_hints("general", 1, "text"),
    )
    owners: list[str] = Field(
        default_factory=list,
        description="Owners to measure, with all they hold alone or together; empty: every owner.",
        json_schema_extra=form_hints("land", 1, "owner_list"),
    )
    zones: list[str] = Field(
        default_factory=list,
        description="Zones whose parcels count; empty: every zone, and parcels outside any.",
        json_schema_extra=form_hints("land", 2, "zone_list"),
    )
    land_uses: list[str] = Field(
        default_factory=list,
        description="Land uses that count; empty: every use. Streets never count.",
        json_schema_extra=form_hints("land", 3, "land_use_list"),
    )
    homestead: Literal["centre", "largest_parcel"] = Field(
        default="centre",
        description="Where an owner without a homestead is taken to be: the centre of gravity of "
        "the land, or the largest parcel.",
        json_schema_extra=form_hints("rules", 1, "choice"),
    )
    reach_m: float = Field(
        default=5.0,
        ge=0,
        le=1000,
        description="Largest distance from the edge of a road, or from street space, that counts "
        "as lying at it.",
        json_schema_extra=form_hints("rules", 2, "number", "m"),
    )
    weights: Weights = Field(
        default_factory=Weights, description="Weights of the fragmentation index."
    )

    def canonical(self) -> dict[str, Any]:
        """All keys with their defaults, sets sorted, so that equal questions have equal text."""
        data = self.model_dump(mode="json")
        for key in ("owners", "zones", "land_uses"):
            data[key] = sorted(set(data[key]))
        return data
