"""The town file as a model.

Which files, layers and columns make up a town (INTERFACES, format 1).
"""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from landplan.cadastre.validation import LookupFault, read_toml, validated
from landplan.codes import landuse
from landplan.errors import InputError, ManyErrors

AreaUnit = Literal["m2", "ha", "mu", "ft2", "acre"]
SQUARE_METRES: dict[str, float] = {
    "m2": 1.0,
    "ha": 10_000.0,
    "mu": 10_000.0 / 15.0,
    "ft2": 0.3048**2,
    "acre": 4046.8564224,
}
Combine = Literal["first", "sum", "mean", "min", "max", "most_frequent", "count"]
Scalar = str | int | Annotated[float, Field(allow_inf_nan=False)] | bool


class Section(BaseModel):
    """A part of a town file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _short_form(value: object) -> object:
    return {"column": value} if isinstance(value, str | list) else value


class Column(Section):
    """A column of the file, several joined with "-", or a constant for every row."""

    column: str | list[str] | None = None
    constant: Scalar | None = None

    @model_validator(mode="after")
    def _one_source(self) -> "Column":
        if (self.column is None) == (self.constant is None):
            raise LookupFault("column.one_source")
        return self

    @property
    def columns(self) -> list[str]:
        """Names of the columns read from the file."""
        if self.column is None:
            return []
        return [self.column] if isinstance(self.column, str) else self.column


class Money(Column):
    """An amount per parcel or per square metre."""

    unit: Literal["total", "per_m2"] = "total"


class Area(Column):
    """An area with its unit."""

    unit: AreaUnit = "m2"


class Code(Column):
    """A land-use code; without a scheme the codes are the town's own words."""

    scheme: str = "local"
    edition: str | None = None

    @model_validator(mode="after")
    def _known_scheme(self) -> "Code":
        try:
            landuse.scheme(self.scheme, self.edition)
        except InputError as error:
            raise LookupFault(error.code, **error.params) from None
        return self


class Selection(Section):
    """Rows whose column holds one of the values."""

    column: str
    wanted: list[Scalar] = Field(alias="values")


Text = Annotated[Column, BeforeValidator(_short_form)]
Amount = Annotated[Money, BeforeValidator(_short_form)]
AreaColumn = Annotated[Area, BeforeValidator(_short_form)]
LandUse = Annotated[Code, BeforeValidator(_short_form)]


class JoinKey(Section):
    """Column of the parcels and column of the table that must be equal."""

    parcels: str
    table: str


class JoinColumn(Section):
    """A column of the table and how several rows of one parcel combine."""

    column: str
    combine: Combine = "first"


class Join(Section):
    """A table whose columns are brought in under new names."""

    file: str
    encoding: str | None = None
    key: JoinKey
    columns: dict[str, Annotated[JoinColumn, BeforeValidator(_short_form)]]


class Layer(Section):
    """A file with geometry."""

    file: str | Annotated[list[str], Field(min_length=1)]
    layer: str | None = None
    crs: str | None = None
    crs_override: bool = False
    encoding: str | None = None

    @property
    def files(self) -> list[str]:
        """All files of the layer; they share their columns."""
        return [self.file] if isinstance(self.file, str) else self.file


class Parcels(Layer):
    """The parcels and what is known of each."""

    id: Text
    owner: Text | None = None
    land_use: LandUse | None = None
    planned_use: LandUse | None = None
    value: Amount | None = None
    cost: Amount | None = None
    area_registered: AreaColumn | None = None
    floor_area: AreaColumn | None = None
    footprint_area: AreaColumn | None = None
    year_built: Text | None = None
    grade: Text | None = None
    industry: Text | None = None
    right_end: Text | None = None
    address: Text | None = None
    name: Text | None = None
    street: Selection | None = None
    street_when_unjoined: bool = False
    keep: list[str] = Field(default_factory=list)
    join: list[Join] = Field(default_factory=list)

    @model_validator(mode="after")
    def _street_needs_join(self) -> "Parcels":
        if self.street_when_unjoined and not self.join:
            raise LookupFault("street.no_join")
        return self


class Zones(Layer):
    """Plan zones."""

    code: LandUse


class Restrictions(Layer):
    """Land under a restriction; hard ones exclude parcels."""

    kind: Text
    hard: bool | Text = True
    buffer_m: float | Text = 0.0


class Roads(Layer):
    """Road lines or areas."""

    class_: Text | None = Field(default=None, alias="class")
    width_m: Text | None = None


class Buildings(Layer):
    """Building footprints."""

    floors: Text | None = None
    height_m: Text | None = None
    year_built: Text | None = None


class Facilities(Layer):
    """Facilities with their kind and capacity."""

    kind: Text
    capacity: Text | None = None


class Owners(Section):
    """Holders of rights; names are never read."""

    file: str
    layer: str | None = None
    encoding: str | None = None
    id: Text
    kind: Text | None = None
    consent: Text | None = None
    refusal_probability: Text | None = None
    homestead_x: Text | None = None
    homestead_y: Text | None = None


class Rights(Section):
    """Who holds which share of which parcel."""

    file: str
    layer: str | None = None
    encoding: str | None = None
    parcel: Text
    owner: Text
    share: Text | None = None
    type: Text | None = None
    ownership: Text | None = None
    end: Text | None = None
    encumbrance: Text | None = None


class TownSection(Section):
    """Name, working CRS and money."""

    name: str = Field(min_length=1, max_length=200)
    crs: str | None = None
    crs_file: str | None = None
    currency: str = Field(min_length=3, max_length=3)
    base_date: str | None = None
    as_of: date | None = None

    @field_validator("base_date")
    @classmethod
    def _real_date(cls, text: str | None) -> str | None:
        try:
            return None if text is None else date.fromisoformat(text).isoformat()
        except ValueError:
            raise LookupFault("town.no_date", text=text) from None

    @model_validator(mode="after")
    def _one_crs(self) -> "TownSection":
        if (self.crs is None) == (self.crs_file is None):
            raise LookupFault("town.one_crs")
        return self


class AdjacencySection(Section):
    """What counts as a common border."""

    tolerance_m: float = Field(default=0.1, ge=0.0, le=5.0)
    min_border_m: float = Field(default=1.0, gt=0.0, le=100.0)


class RepairSection(Section):
    """Repairs that may be done; each one done is a finding."""

    make_valid: bool = False


class TownFile(Section):
    """A whole town file."""

    format: Literal[1]
    town: TownSection
    parcels: Parcels
    zones: Zones | None = None
    restrictions: Restrictions | None = None
    roads: Roads | None = None
    buildings: Buildings | None = None
    facilities: Facilities | None = None
    owners: Owners | None = None
    rights: Rights | None = None
    adjacency: AdjacencySection = AdjacencySection()
    repair: RepairSection = RepairSection()

    def canonical(self) -> dict[str, Any]:
        """All keys with their defaults, as plain data.

        Without the date of the register: the same land is the same data, whenever it was looked at.
        """
        return self.model_dump(mode="json", by_alias=True, exclude={"town": {"as_of"}})


def read_town_file(path: Path) -> TownFile:
    """Read and check a town file; raises ManyErrors naming every wrong key."""
    data = read_toml(path)
    if "format" in data and data["format"] != 1:
        raise ManyErrors([InputError("town.format", file=str(path), format=str(data["format"]))])
    return validated(TownFile, data, str(path))
