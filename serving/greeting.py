"""What a server says when it starts: addresses, and in a demonstration the people who can ask, and how."""

from __future__ import annotations

from collections.abc import Sequence

from ml.governance.registry import Approved

from .identity.demo import DemoUser
from .identity.roles import Role
from .models.loading import Task
from .store.advices import stored_hints
from .store.clients import client, clients_of
from .store.database import Database

LOOKED_AT = 50  # clients of a demo caseworker, to find one with a hint


def greeting(
    address: str,
    approved: Sequence[Approved],
    users: Sequence[DemoUser],
    example: tuple[DemoUser, str] | None = None,
    pages: str | None = None,
) -> list[str]:
    """Return the lines that a newcomer needs; the tokens in them are the demo people's own.

    example  a demo caseworker, and a client of theirs about whom a hint lies ready
    pages    where people sign in with a browser; None: nowhere
    """
    lines = [
        f"{each.name} version {each.version}, approved by {each.approved_by} until {each.expires:%Y-%m-%d}"
        for each in approved
    ] or ["no model may be used yet: no hint is given; the pages of the review are there"]
    if pages is not None:
        how = "as a demo person" if users else "through the identity provider"
        lines.append(f"  {pages}/   open it in a browser and sign in {how}")
    lines += [
        f"  {address}/v1/judgements   POST, a caseworker's own view of a client, which comes first",
        f"  {address}/v1/advice       POST, then the hint",
        f"  {address}/v1/models       what is in use; /openapi.json tells the whole API",
    ]
    if users:
        lines.append("demo users:")
        lines += [f"  {each.identity.subject:<18} {next(iter(each.identity.roles)):<24} {each.token}" for each in users]
    return lines + ([] if example is None else _asking(address, *example))


def _asking(address: str, caseworker: DemoUser, pseudonym: str) -> list[str]:
    """Return commands that judge a client, and then ask for the hint."""
    post = (
        f"curl -s {address}/v1/%s -H 'Authorization: Bearer {caseworker.token}' -H 'Accept-Language: en' "
        "-H 'Content-Type: application/json' -d "
    )
    said = (
        f'{{"client": {{"pseudonym": "{pseudonym}"}}, "service_need": "skills", "chance_of_work": "fair", '
        '"why": "Has a trade, and looks for work in it."}'
    )
    return [
        "judge a client, then ask for the hint:",
        f"  J=$({post % 'judgements'}'{said}' | cut -d'\"' -f4)",
        f'  {post % "advice"}"{{\\"judgement\\": \\"$J\\"}}"',
    ]


def example_of(database: Database, users: Sequence[DemoUser]) -> tuple[DemoUser, str] | None:
    """Return a demo caseworker, and a client of theirs about whom a hint lies ready; None where there is no such.

    Best one whose spell may still be foretold: of somebody unemployed for longer the risk model says nothing.
    """
    first: tuple[DemoUser, str] | None = None
    for user in users:
        if Role.CASEWORKER in user.identity.roles:
            with database.reading() as connection:
                for pseudonym, _ in clients_of(connection, user.identity.subject, None, LOOKED_AT):
                    found = client(connection, pseudonym)
                    free = found is not None and found.consent and not found.objection and not found.restriction
                    ready = stored_hints(connection, pseudonym) if free else {}
                    risk = ready.get(Task.RISK)
                    if risk is not None and risk.content["horizons"]:
                        return user, pseudonym
                    if ready and first is None:
                        first = user, pseudonym
    return first
