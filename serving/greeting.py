"""What a server says when it starts: addresses, and in a demonstration the people who can ask, and how."""

from __future__ import annotations

from collections.abc import Sequence

from ml.governance.registry import Approved

from .identity.demo import DemoUser


def greeting(address: str, approved: Sequence[Approved], users: Sequence[DemoUser]) -> list[str]:
    """Return the lines that a newcomer needs; the tokens in them are the demo people's own."""
    lines = [
        f"{each.name} version {each.version}, approved by {each.approved_by} until {each.expires:%Y-%m-%d}"
        for each in approved
    ]
    lines += [
        f"  {address}/v1/judgements   POST, a caseworker's own view of a client, which comes first",
        f"  {address}/v1/advice       POST, then the hint",
        f"  {address}/v1/models       what is in use; /openapi.json tells the whole API",
    ]
    if users:
        lines.append("demo users:")
        lines += [f"  {each.identity.name:<18} {next(iter(each.identity.roles)):<24} {each.token}" for each in users]
    return lines
