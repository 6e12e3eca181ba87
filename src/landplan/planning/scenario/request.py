"""What a planner may ask of `scenario`: requests in an order, a later one using an earlier one."""

from typing import Literal

from pydantic import Field, model_validator

from landplan.cadastre.validation import LookupFault
from landplan.planning.request_base import Part, form_hints

MOST_STEPS = 20


class Step(Part):
    """One request of a scenario."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]{0,39}$",
        description="What the step is called: small letters, digits and hyphens; its folder.",
        json_schema_extra=form_hints("step", 1, "text"),
    )
    request: str = Field(
        min_length=1,
        description="The file of its request, beside the scenario's file.",
        json_schema_extra=form_hints("step", 2, "text"),
    )
    displaced_by: str | None = Field(
        default=None,
        description="For an exchange: the earlier step whose sites go to the acquirer. Those who "
        "hold them take part and get equal land.",
        json_schema_extra=form_hints("step", 3, "text"),
    )
    only_displaced: bool = Field(
        default=False,
        description="Whether only the displaced and the acquirer take part; otherwise everyone "
        "does whom the request names.",
        json_schema_extra=form_hints("step", 4, "switch"),
    )


class ScenarioRequest(Part):
    """Answer requests in order: assemble, then land elsewhere for those who give way."""

    process: Literal["scenario"] = Field(
        description="Always `scenario`.", json_schema_extra=form_hints("run", 0, "hidden")
    )
    title: str = Field(
        default="",
        max_length=200,
        description="What the scenario is called.",
        json_schema_extra=form_hints("run", 1, "text"),
    )
    step: list[Step] = Field(
        min_length=1,
        max_length=MOST_STEPS,
        description="The requests, in order.",
        json_schema_extra=form_hints("step", 0, "list"),
    )

    @model_validator(mode="after")
    def _steps_fit_together(self) -> "ScenarioRequest":
        known: list[str] = []
        for step in self.step:
            if step.name in known:
                raise LookupFault("scenario.twice", step=step.name)
            if step.displaced_by is not None and step.displaced_by not in known:
                raise LookupFault(
                    "scenario.no_such_step", step=step.name, other=step.displaced_by, known=known
                )
            if step.only_displaced and step.displaced_by is None:
                raise LookupFault("scenario.whose", step=step.name)
            known.append(step.name)
        return self
