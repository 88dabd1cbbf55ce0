"""schemathesis: what the OpenAPI document promises is what the application does, with every check on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import schemathesis
from fastapi import FastAPI
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.schemas import BaseSchema

EXAMPLES = 50


@pytest.fixture
def document(make_app: Callable[..., FastAPI], request: pytest.FixtureRequest) -> BaseSchema:
    # schemathesis 4.32 keeps the operation's name where pytest before 9.2 had its private node id.
    request.node._nodeid = request.node.nodeid
    generation = GenerationConfig(max_examples=EXAMPLES, deterministic=True)
    config = SchemathesisConfig(projects=ProjectsConfig(default=ProjectConfig(generation=generation)))
    return schemathesis.openapi.from_asgi("/openapi.json", make_app(), config=config)


api = schemathesis.pytest.from_fixture("document")


@api.parametrize()
def test_the_application_keeps_its_document(case: schemathesis.Case, bearer: Callable[[str], dict[str, str]]) -> None:
    case.call_and_validate(headers=bearer("demo-caseworker"))
