"""A newcomer's first client is one about whom something is said."""

from __future__ import annotations

from serving.greeting import example_of

from .house import ANNA, BEN, CASEWORKER, NEEDS, RISK, House, Json, Parts, done


def found(house: House, parts: Parts) -> tuple[str, str] | None:
    example = example_of(house.service.database, parts.people.users)
    return None if example is None else (example[0].identity.subject, example[1])


def handed(house: House, client: Json, task: str, inputs: Json) -> None:
    done(house.post("demo-integration", "/v1/hints", {"task": task, "clients": [{"client": client, "inputs": inputs}]}))


def test_the_example_is_a_client_whose_spell_may_still_be_foretold(house: House, parts: Parts) -> None:
    assert found(house, parts) is None
    for client in (ANNA, BEN):
        house.assign(client)
        house.right("consent", client)
    assert found(house, parts) is None
    handed(house, ANNA, "needs", NEEDS)
    assert found(house, parts) == (CASEWORKER, ANNA["pseudonym"])  # better than nobody
    handed(house, BEN, "risk", RISK)
    assert found(house, parts) == (CASEWORKER, BEN["pseudonym"])
    handed(house, ANNA, "risk", RISK)
    assert found(house, parts) == (CASEWORKER, ANNA["pseudonym"])
    with house.service.database.migrating() as connection:
        kept = f"client = '{ANNA['pseudonym']}' AND task = 'risk'"
        connection.exec_driver_sql(f"""UPDATE hints SET content = '{{"horizons": []}}' WHERE {kept}""")
    assert found(house, parts) == (CASEWORKER, BEN["pseudonym"])
    house.right("objection", BEN)
    assert found(house, parts) == (CASEWORKER, ANNA["pseudonym"])
