"""schemathesis: what the OpenAPI document promises is what the application does, with every check on, in every role."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.schemas import BaseSchema

from .house import House, Parts, done, house_on
from .test_permissions import cells

CHECKS = "0123456789ABCDEFHJKLMNPRSTUVWXY"


def identity_code(born: int, number: int) -> str:
    """Return a code of somebody born on a day of the sixties, with the check character that DVV describes."""
    digits = f"{1 + born % 28:02}{1 + born // 28 % 12:02}{60 + born // 336 % 10:02}"
    return f"{digits}-{number:03}{CHECKS[int(f'{digits}{number:03}') % 31]}"


schemathesis.openapi.format(
    "finnish-identity-code", st.builds(identity_code, st.integers(0, 3359), st.integers(2, 899))
)


@pytest.fixture(scope="module")
def town(parts: Parts, new_database: Callable[[str], str]) -> Iterator[House]:
    """Yield a worker with a client who has been given a hint."""
    with house_on(parts, new_database("sqlite")) as house:
        house.advise(house.ready())
        yield house


@pytest.fixture
def document(town: House, request: pytest.FixtureRequest) -> BaseSchema:
    # schemathesis 4.32 keeps the operation's name where pytest before 9.2 had its private node id.
    request.node._nodeid = request.node.nodeid
    # Authorization is ours whatever is asked: drawn as well, it would count as a fault that was let pass.
    generation = GenerationConfig(max_examples=200, deterministic=True, with_security_parameters=False)
    config = SchemathesisConfig(projects=ProjectsConfig(default=ProjectConfig(generation=generation)))
    return schemathesis.openapi.from_asgi("/openapi.json", town.client.app, config=config)


def whoever(case: schemathesis.Case) -> str:
    """Return who asks: three times of four or so somebody who may, the same for the same question."""
    may = [who for method, path, who, allowed in cells() if allowed and (method, path) == (case.method, case.path)]
    everybody = sorted({who for _, _, who, _ in cells()})
    asked = repr((case.body, case.query, case.path_parameters, case.headers))
    number = zlib.crc32(asked.encode())
    among = may if may and number % 4 else everybody
    return among[number // 4 % len(among)]


api = schemathesis.pytest.from_fixture("document")


def let_go_on(town: House) -> None:
    """Lift what a question before stopped: else all that follows is refused, and nothing is learnt."""
    for each in town.get("demo-operator", "/v1/stops").json()["stops"]:
        done(town.post("demo-operator", "/v1/stops/lift", {"stop": each["id"], "why": "The next question."}))


@pytest.mark.slow
@api.parametrize()
def test_the_application_keeps_its_document(case: schemathesis.Case, town: House) -> None:
    let_go_on(town)
    case.call_and_validate(headers={"Authorization": f"Bearer {town.tokens[whoever(case)]}"})
