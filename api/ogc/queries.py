"""What may stand behind the question mark: anything else is refused with 400."""

import math
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from landplan.cadastre.validation import LookupFault
from landplan.messages import LANGUAGES

MAX_LIMIT = 10_000
DEFAULT_LIMIT = 100
Box = tuple[float, float, float, float]
_DAY_BEGINS, _DAY_ENDS = time.min, time.max


class Plain(BaseModel):
    """Media type and language: what every address takes."""

    model_config = ConfigDict(extra="forbid")

    f: Literal["json", "html"] | None = Field(
        default=None, description="Media type of the answer, instead of the Accept header."
    )
    lang: str | None = Field(
        default=None, description="Language of sentences: en or zh.", max_length=35
    )

    @field_validator("lang")
    @classmethod
    def _known_language(cls, wanted: str | None) -> str | None:
        if wanted is not None and wanted[:2].lower() not in LANGUAGES:
            raise LookupFault("ogc.language", known=list(LANGUAGES))
        return wanted


class Paged(Plain):
    """A page of a list; a limit above the largest is lowered to it, as the standard asks."""

    limit: int = Field(
        default=DEFAULT_LIMIT,
        ge=1,
        description="How many to return; more than the maximum is no error, the maximum is used.",
        json_schema_extra={"maximum": MAX_LIMIT},
    )
    offset: int = Field(default=0, ge=0, le=2**53, description="How many to pass over first.")

    @property
    def size(self) -> int:
        """The limit that counts."""
        return min(self.limit, MAX_LIMIT)


class OneItem(Plain):
    """A feature in a coordinate system of choice."""

    crs: str | None = Field(
        default=None,
        description="URI of a coordinate system that the collection lists; CRS84 by default.",
    )


class ItemsQuery(Paged, OneItem):
    """Features of a collection."""

    bbox: str | None = Field(
        default=None,
        description="Four or six numbers: least and largest coordinates, CRS84 by default.",
    )
    bbox_crs: str | None = Field(
        default=None,
        alias="bbox-crs",
        description="URI of the coordinate system of bbox, in its own order of axes.",
    )
    datetime: str | None = Field(
        default=None,
        description="An instant or interval (RFC 3339, `..` for open); these features have no "
        "time and match every one.",
        min_length=1,
    )

    @field_validator("bbox", "datetime")
    @classmethod
    def _readable(cls, text: str | None, info: ValidationInfo) -> str | None:
        if text is not None:
            (read_box if info.field_name == "bbox" else interval)(text)
        return text

    @property
    def box(self) -> Box | None:
        """The four numbers of the plane, in the order they were written."""
        return None if self.bbox is None else read_box(self.bbox)


PlainQuery = Annotated[Plain, Query()]
PagedQuery = Annotated[Paged, Query()]


def read_box(text: str) -> Box:
    """Read a bounding box; of six numbers the two heights are passed over.

    Raises LookupFault where it is none. The first longitude may be the larger one (the box then
    crosses the antimeridian), the first latitude may not.
    """
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise LookupFault("ogc.bbox_numbers") from None
    if len(numbers) not in (4, 6) or not all(math.isfinite(number) for number in numbers):
        raise LookupFault("ogc.bbox_numbers")
    half = len(numbers) // 2
    least, largest = numbers[:half], numbers[half:]
    return least[0], least[1], largest[0], largest[1]


def interval(text: str) -> tuple[datetime | None, datetime | None]:
    """Read an instant or an interval; an open end is None. Raises LookupFault.

    A day is the time from its beginning to its end, in UTC.
    """
    ends = text.split("/")
    if len(ends) > 2:
        raise LookupFault("ogc.datetime")
    open_ends = ("", "..") if len(ends) == 2 else ()
    try:
        first = None if ends[0] in open_ends else _instant(ends[0], _DAY_BEGINS)
        last = None if ends[-1] in open_ends else _instant(ends[-1], _DAY_ENDS)
    except ValueError:
        raise LookupFault("ogc.datetime") from None
    if first is None and last is None:
        raise LookupFault("ogc.datetime")
    if first is not None and last is not None and first > last:
        raise LookupFault("ogc.datetime")
    return first, last


def _instant(text: str, of_a_day: time) -> datetime:
    if len(text) == len("2026-01-01"):
        return datetime.combine(date.fromisoformat(text), of_a_day, UTC)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def openapi_parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    """Describe a parameter as it is on the wire: a box is four or six numbers with commas."""
    if parameter.get("name") != "bbox":
        return parameter
    numbers = {
        "type": "array",
        "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
        "items": {"type": "number"},
    }
    return parameter | {"schema": numbers, "style": "form", "explode": False}
