"""Whatever is sent to the described addresses, the answer is one that is described; never a 500."""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi import checks

from api.app import create_app
from api.settings import Settings
from tests.serving import Prepared, copy_workspace

HELD = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
HERE = {"host": "127.0.0.1", "accept": "application/json"}
known: dict[str, str] = {}


@pytest.fixture(scope="module")
def described(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BaseSchema]:
    folder = copy_workspace(prepared, tmp_path_factory.mktemp("fuzzed") / "workspace")
    app = create_app(Settings(workspace=folder, calculate=False, max_jobs=3))
    known.update(
        collection_id=f"{prepared.dataset}.parcels",
        process_id="assemble",
        proposal_id=prepared.proposal,
        kind="proposal",
        source=prepared.proposal,
        layer="sites",
    )
    yield schemathesis.openapi.from_asgi("/api?f=json", app, headers=HERE)
    app.state.services.workspace.close()


def test_every_answer_is_one_that_is_described(described: BaseSchema):
    asked: list[str] = []
    seen: set[int] = set()
    for found in described.get_all_operations():
        operation = found.ok()
        asked.append(operation.label)

        @given(case=operation.as_strategy())
        @settings(max_examples=10, suppress_health_check=list(HealthCheck), derandomize=True)
        def answers_are_as_described(case: schemathesis.Case) -> None:
            seen.add(case.call_and_validate(headers=HERE, checks=HELD).status_code)
            # the same with ids that exist
            case.path_parameters = {
                name: known.get(name, value) for name, value in (case.path_parameters or {}).items()
            }
            seen.add(case.call_and_validate(headers=HERE, checks=HELD).status_code)

        answers_are_as_described()
    assert len(asked) >= 15, asked
    assert {200, 400, 404} <= seen
