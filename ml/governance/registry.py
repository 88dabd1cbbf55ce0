"""The model registry behind the gate: versions, their cards and their reviews, in one home folder (design.md 2.17).

    <home>/mlflow/                  MLflow's store, unless another address is named (ml/governance/store.py)
    <home>/model_cards/             the cards (ml/governance/cards.py)
    <home>/review/log.jsonl         every step of every review, signed and chained (ml/governance/signing/log.py)
    <home>/trust.toml               whose signatures count

The log is the truth: which version may be used is read from its signatures. MLflow mirrors it for people who look at
its pages, and remembers how long the log was, so that a log cut short is noticed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ml.contracts import Policy
from ml.errors import ApualyError, GateError

from .card.changes import with_changes
from .cards import Cards, made_digest
from .files import write_whole
from .gate import Pass, require_in_force
from .people import fill
from .policy import read_policy
from .renderings import read_text, renderings
from .review.fillable import require_fillable
from .review.history import Review, in_use, review_of
from .review.record import render_review
from .review.statement import Binding, Statement
from .review.states import IN_FORCE, Step
from .review.steps import WITHOUT_CARD, Ask, Material, require_rules, signing, statements_of
from .signing.canonical import canonical
from .signing.chain import Chain, Witness
from .signing.clock import note_time, require_clock
from .signing.keys import SigningKey
from .signing.log import append, holding, verify_log
from .signing.trust import Trust, read_trust
from .signing.trust_text import person_block
from .store import OPEN, Mirrored, Store


@dataclass(frozen=True)
class Approved:
    """A version that may be used for advice now; its artefact is still to be fetched and held against the digest.

    witness  how long the log was and its last digest when this was found: it never gets shorter
    """

    name: str
    version: int
    digest: str
    card: Mapping[str, Any]
    card_text: str
    approved_by: str
    expires: datetime
    conditions: tuple[str, ...]
    witness: Witness


class NotMirroredError(GateError):
    """A step was signed, stands in the log and counts; MLflow or the pages of the card could not follow."""


class Registry:
    """Versions of models, their cards and their reviews, in one home folder."""

    def __init__(
        self,
        home: Path,
        policy: Policy,
        *,
        policy_path: Path | None = None,
        trust: Path | None = None,
        tracking_uri: str | None = None,
        demo: bool = False,
    ) -> None:
        """Open the registry; the store is made on first use.

        policy_path   where the policy was read, to notice that it changed; None: it cannot change
        trust         the trust file; `<home>/trust.toml` otherwise
        tracking_uri  where MLflow is; a SQLite file in the home otherwise
        demo          whether the signature of a demo person counts
        """
        self.home = home
        self.policy = policy
        self.policy_path = policy_path
        self.cards = Cards(home)
        self.log = home / "review" / "log.jsonl"
        self.seen = home / "review" / "seen"
        self.trust_path = trust or home / "trust.toml"
        self.store = Store(home, tracking_uri)
        self.demo = demo

    # ---------------------------------------------------------------- the card

    def publish(self, card: Mapping[str, Any], evidence: Mapping[str, str]) -> Path:
        """Write a new version's card, its pages and its evidence, all or nothing; return the path of its Markdown.

        MLflow remembers what the machine wrote, so that a figure edited before the review is noticed.
        """
        self.store.remember_card(card["model"]["name"], card["model"]["version"], made_digest(card))
        return self.cards.publish(card, evidence)

    def fill(
        self, name: str, version: int, answers: str | Mapping[str, Any], folder: Path, by: str, at: datetime
    ) -> dict[str, Any]:
        """Return the card after people filled in a form; its files are written anew.

        answers  the form as TOML, or section → answers
        folder   where documents that the form names are

        Raises FormError when the form is odd, GateError when the version is past being filled in.
        """
        with holding(self.log):  # nobody submits or assesses meanwhile
            review, card = self.review(name, version), self.cards.read(name, version)
            filled = fill(card, answers, folder, by, at)
            require_fillable(review, card, filled, at)
            before = card["previous"]
            filled = with_changes(filled, None if before is None else self.cards.read(name, before))
            self.cards.rewrite(filled)
        return filled

    def altered(self, name: str, version: int) -> tuple[str, ...]:
        """Return what of a card is not as it was made, in words."""
        made = self.store.card(name, version)
        figures = () if made == made_digest(self.cards.read(name, version)) else (
            f"{version}.json says other things than training wrote in it",
        )  # fmt: skip
        return (*figures, *self._changes(name, version), *self.cards.altered(name, version))

    def _changes(self, name: str, version: int) -> tuple[str, ...]:
        """Return, in words, that the card does not tell what changed since the version before."""
        card = self.cards.read(name, version)
        before = card["previous"]
        told = with_changes(card, None if before is None else self.cards.read(name, before))["changes"]
        return () if told == card["changes"] else (f"{version}.json does not tell what changed since version {before}",)

    def publish_to(self, name: str, version: int, target: Path) -> Path:
        """Copy a card for readers elsewhere, with its signed steps and the public keys of who signed them.

        Raises GateError when a file is not as it was made.
        """
        self.cards.require(name, version)
        odd = (*self.altered(name, version), *self.cards.strays(self.review(name, version)))
        if odd:
            raise GateError(f"the card of {name} version {version} is not as it was made: {'; '.join(odd)}")
        chain = self._chain(self.store.witness(name))
        mine = [each for each in chain.entries if each.statement["predicate"]["name"] == name
                and each.statement["predicate"]["version"] == version]  # fmt: skip
        path = self.cards.copy(name, version, target)
        signers = dict.fromkeys(person_block(each.by) for each in mine if each.by is not None)
        write_whole(path.with_suffix(".review.jsonl"), "".join(f"{canonical(e.envelope).decode()}\n" for e in mine))
        write_whole(path.with_suffix(".signers.toml"), "\n".join(signers))
        return path

    # ---------------------------------------------------------------- the review

    @property
    def trust(self) -> Trust:
        """Return whose signatures count, as the trust file says now."""
        return read_trust(self.trust_path)

    def review(self, name: str, version: int) -> Review:
        """Return the review of a version that has a card."""
        self.cards.require(name, version)
        return review_of(self.statements(name), name, version)

    def statements(self, name: str) -> tuple[Statement, ...]:
        """Return what counts of the log, found whole, and as long as MLflow remembers for a model."""
        return statements_of(self.chain(name))

    def chain(self, name: str) -> Chain:
        """Return the log, found whole, and at least as long as MLflow remembers for a model."""
        return self._chain(self.store.witness(name))

    def chain_alone(self) -> Chain:
        """Return the log, found whole in itself; whether its end was cut off is not asked."""
        return self._chain(None)

    def used(self, name: str) -> int | None:
        """Return the version whose approval stands in the log, whatever the time and the gate say."""
        return in_use(self.statements(name), name)

    def take(self, ask: Ask, key: SigningKey) -> Review:
        """Take one step of a review; return the review after it.

        Raises GateError when the step is not open, or what must hold for it does not; UsageError when words are
        missing. The signed step is in the log before MLflow is told; cut short between, `promote` makes up for it.
        """
        trust, revokes = self.trust, ask.step is Step.REVOKE
        if ask.step not in WITHOUT_CARD:
            self.cards.require(ask.name, ask.version)
        # Nothing may stand in the way of a revocation: neither MLflow, nor a log that it remembers otherwise.
        witness = None if revokes else self.store.witness(ask.name)
        if not revokes:
            require_clock(self.seen, ask.at, self._chain(None).at)
        sign = signing(ask, lambda: self.material(ask.name, ask.version), key, trust, self.policy)
        if ask.audit is not None:
            self._keep(ask.audit)
        append(self.log, trust, sign, witness)
        note_time(self.seen, ask.at)
        try:
            self.mirror(ask.name, ask.at)
        except ApualyError as problem:
            raise NotMirroredError(
                f"the step stands in the log, and counts; but MLflow or the card's pages could not follow ({problem}). "
                f"Mend that, then: apualy review promote {ask.name}"
            ) from problem
        return review_of(statements_of(self._chain(None)), ask.name, ask.version)

    def _keep(self, audit: str) -> None:
        """Keep the file of an audit by its digest: what a signature names can be looked at."""
        digest = hashlib.sha256(audit.encode()).hexdigest()
        write_whole(self.log.with_name("audits") / f"{digest}.json", audit)

    def promote(self, name: str, now: datetime) -> Approved:
        """Let MLflow say again what the log and the gate say; return the version that may be used now.

        Raises GateError when none may: MLflow says so too then.
        """
        if self.cards.versions(name):
            self.mirror(name, now)
        return self.load_approved(name, now)

    def mirror(self, name: str, now: datetime) -> None:
        """Let MLflow's alias and tags say what the log and the gate say, and remember how long the log is.

        Raises ApualyError when MLflow cannot be told: the log holds all the same.
        """
        with holding(self.log):  # what a later step told MLflow is not overwritten by an earlier one
            chain = self._chain(self.store.witness(name))
            self.store.remember_log(name, chain.witness)  # before all else: it keeps the log from being cut
            statements = statements_of(chain)
            reviews = [review_of(statements, name, version) for version in self.cards.versions(name)]
            for review in reviews:
                self.cards.record(review)
            told = {review.version: self._mirrored(review, statements, now) for review in reviews}
            used = in_use(statements, name)
            self.store.tell(name, told, used if used in told and told[used].gate == OPEN else None)

    def _mirrored(self, review: Review, statements: tuple[Statement, ...], now: datetime) -> Mirrored:
        state, approval = review.state(now), review.approval
        gate = state.value
        if state in IN_FORCE:
            try:
                self._let_through(statements, review, now)
                gate = OPEN
            except GateError as refusal:
                gate = f"closed: {refusal}"[:500]
        return Mirrored(state.value, None if approval is None else approval.expires.isoformat(), gate)

    def verify(self) -> Chain:
        """Return the whole log, found whole: chain, signatures, and at least as long as MLflow remembers.

        Raises GateError that names the first entry that is not as it was written.
        """
        found = self._chain(None)
        for witness in self.store.witnesses().values():
            self._chain(witness)
        return found

    # ---------------------------------------------------------------- the gate

    def load_approved(self, name: str, now: datetime) -> Approved:
        """Return the version that may be used now, whatever the alias says. Raises GateError when none may."""
        if not self.cards.versions(name):
            raise GateError(self._none_in_use(name, (), now))  # MLflow's store is not made to say so
        chain = self._chain(self.store.witness(name), now)
        statements = statements_of(chain)
        version = in_use(statements, name)
        if version is None:
            raise GateError(self._none_in_use(name, statements, now))
        review = review_of(statements, name, version)
        passed, card = self._let_through(statements, review, now)
        note_time(self.seen, now)
        text = f"{renderings(card)[f'{version}.md']}\n{render_review(review)}"
        return Approved(
            name, version, passed.binding.artefact, card, text, passed.by, passed.expires, passed.conditions,
            chain.witness,
        )  # fmt: skip

    def _let_through(
        self, statements: tuple[Statement, ...], review: Review, now: datetime
    ) -> tuple[Pass, dict[str, Any]]:
        """Return pass and card of a version whose approval is in force and keeps the rules. Raises GateError."""
        card, bound = self._bound(review.name, review.version)
        passed = require_in_force(review, bound, now, demo=self.demo)
        # How a card is rendered may change with a newer apualy; what was signed is its source.
        require_rules(
            statements,
            Material(card, json.dumps(card, ensure_ascii=False), (), bound, self.policy),
            review.name,
            review.version,
        )
        return passed, card

    def require_still_approved(self, approved: Approved, now: datetime) -> None:
        """Raise GateError when the version may not be used any more: all is asked again, but MLflow is not needed."""
        statements = statements_of(self._chain(approved.witness, now))
        self._let_through(statements, review_of(statements, approved.name, approved.version), now)
        note_time(self.seen, now)

    def watched(self, approved: Approved) -> tuple[Path, ...]:
        """Return the files on which it hangs whether the version may be used: it may have ended when one changes."""
        card = self.cards.path(approved.name, approved.version)
        return (self.log, card, self.trust_path, *(() if self.policy_path is None else (self.policy_path,)))

    def fetch(self, approved: Approved, into: Path) -> Path:
        """Return the folder of a copy of the artefact: what is checked is then what is loaded.

        Raises GateError when the artefact is gone.
        """
        return self.store.download(approved.name, approved.version, into)

    def _chain(self, witness: Witness | None, now: datetime | None = None) -> Chain:
        """Return the log, found whole; where nothing was ever signed, nobody needs to be trusted yet."""
        chain = verify_log(self.log, self.trust if self.log.exists() else Trust(()), witness)
        if now is not None:
            require_clock(self.seen, now, chain.at)
        return chain

    def _none_in_use(self, name: str, statements: tuple[Statement, ...], now: datetime) -> str:
        """Return why there is nothing to use."""
        versions = self.cards.versions(name)
        if not versions:
            return f"there is no model named {name}; known models: {', '.join(self.cards.names()) or 'none'}"
        states = ", ".join(
            f"version {each} is {review_of(statements, name, each).state(now).value}" for each in versions[-3:]
        )
        return f"no version of {name} is approved ({states}); see where it stands: apualy review status {name}"

    def _bound(self, name: str, version: int) -> tuple[dict[str, Any], Binding]:
        """Return the card, and the digests of what is there now; the card is of the very bytes of its digest."""
        card, digest = self.cards.read_bound(name, version)
        policy = self.policy if self.policy_path is None else read_policy(self.policy_path)
        return card, Binding(card["model"]["digest"], digest, policy.digest)

    def material(self, name: str, version: int) -> Material:
        """Return what a step would be about, as it is now. Raises GateError when the card cannot be read."""
        card, bound = self._bound(name, version)
        return Material(
            card, read_text(self.cards.made_of(card, bound.card)), self.altered(name, version), bound, self.policy
        )
