"""The card that this repository publishes: as its source makes it, link by link, and signed by who it says."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import VerifyKey

from ml.governance.card.sections import sections_of
from ml.governance.people import gaps
from ml.governance.published import published
from ml.governance.signing.trust import parse_trust

from .citing import ids_of

FOLDER = Path(__file__).parents[2] / "model_cards" / "ltu-risk"
SOURCE = FOLDER / "1.json"
LINK = re.compile(r"\]\(([^)]+)\)")


@pytest.fixture(scope="module")
def card() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(SOURCE.read_text(encoding="utf-8"))
    return content


def test_it_renders_to_the_same_bytes() -> None:
    for name, text in published(SOURCE).items():
        assert (FOLDER / name).read_bytes() == text.encode(), f"{name}: run `make pages`"


def test_it_is_complete(card: dict[str, Any]) -> None:
    assert gaps(card) == ()
    sections_of(card)
    assert card["cohort"]["quality_report"].startswith("sha256:")
    assert all(each["why"] for each in card["inputs"])


def test_every_link_leads_somewhere() -> None:
    ids: dict[str, set[str]] = {}
    addresses = set(LINK.findall((FOLDER / "1.md").read_text(encoding="utf-8")))
    assert len(addresses) > 100
    for address in addresses:
        file, _, place = address.partition("#")
        assert (FOLDER / file).is_file(), address
        if place:
            if file not in ids:
                ids[file] = set(ids_of((FOLDER / file).read_text(encoding="utf-8")))
            assert place in ids[file], address


def test_its_evidence_is_what_the_card_was_made_of(card: dict[str, Any]) -> None:
    pages = sorted(path.name for path in (FOLDER / "1").iterdir())
    assert pages == sorted(name for name in card["evidence"] if name.endswith(".html"))
    for name in pages:
        assert f"sha256:{hashlib.sha256((FOLDER / '1' / name).read_bytes()).hexdigest()}" == card["evidence"][name]


def test_its_signatures_hold_by_another_implementation() -> None:
    """libsodium, over the pre-authentication encoding of DSSE made by hand; each about this very card."""
    people = parse_trust((FOLDER / "1.signers.toml").read_text(encoding="utf-8"), "signers").people
    keys = {key.public.keyid: (person, key.public.line) for person in people for key in person.keys}
    digest = hashlib.sha256(SOURCE.read_bytes()).hexdigest()
    steps = []
    for line in (FOLDER / "1.review.jsonl").read_text(encoding="utf-8").splitlines():
        envelope = json.loads(line)
        payload, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"].encode()
        (signature,) = envelope["signatures"]
        person, public = keys[signature["keyid"]]
        raw = base64.b64decode(public.split()[1])[-32:]
        signed = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
        VerifyKey(raw).verify(signed, base64.b64decode(signature["sig"]))
        statement = json.loads(payload)
        said = statement["predicate"]
        assert (said["person"], said["demo"], person.demo) == (person.name, True, True)
        subjects = {each["name"]: each["digest"]["sha256"] for each in statement["subject"]}
        steps.append((said["step"], subjects["card"] == digest))
    assert steps == [
        ("submit", False),
        ("assess", True),
        ("approve", True),
    ]  # the dialogue was filled in after the first
