"""The model registry behind the gate: the only client of MLflow's registry.

State in one folder (design.md 2.17):

    <home>/mlflow/                  MLflow's store, unless another address is named (PostgreSQL, or a server over HTTP)
    <home>/model_cards/             the cards (ml/governance/cards.py)
    <home>/review/log.jsonl         every step of every review, signed and chained (ml/governance/signing/log.py)
    <home>/trust.toml               whose signatures count

The log is the truth: which version may be used is read from its signatures. MLflow's alias and tags mirror it for
people who look at MLflow's pages, and moving them by hand changes nothing. MLflow also remembers how long the log was,
so that a log cut short is noticed.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import mlflow
from mlflow import MlflowClient
from mlflow.entities.model_registry import RegisteredModel
from mlflow.exceptions import MlflowException

from ml.contracts import Policy
from ml.errors import ApualyError, GateError, UsageError

from .card.changes import with_changes
from .cards import Cards, made_digest, source
from .files import write_whole
from .gate import require_in_force
from .people import fill
from .policy import read_policy
from .renderings import renderings
from .review.history import Review, in_use, review_of
from .review.record import render_review
from .review.statement import Binding, Statement
from .review.states import IN_FORCE, State, Step
from .review.steps import Ask, Material, require_rules, signing, statements_of
from .signing.canonical import canonical
from .signing.chain import Chain, Witness
from .signing.clock import note_time, require_clock
from .signing.keys import SigningKey
from .signing.log import append, holding, read_log, verify_log
from .signing.trust import Trust, read_trust
from .signing.trust_text import person_block
from .store import Store

ALIAS = "approved"
ARTEFACT_PATH = "artifacts/artefact"  # where MLflow keeps the folder inside its logged model
DIGEST_TAG = "apualy.digest"
STATE_TAG = "apualy.state"
EXPIRES_TAG = "apualy.expires"
MADE_TAG = "apualy.card"  # of a version: digest of what training wrote in its card
WITNESS_TAG = "apualy.log"  # of a registered model: how many entries the log held, and the digest of the last


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
        self._answered = False
        self.demo = demo

    # ---------------------------------------------------------------- MLflow

    @property
    def tracking_uri(self) -> str:
        """Return the address of MLflow's store."""
        return self.store.uri

    @property
    def client(self) -> MlflowClient:
        """Return MLflow's client. Raises ApualyError when MLflow does not answer."""
        logging.getLogger("alembic").setLevel(logging.WARNING)  # hundreds of lines on a new store otherwise
        # What goes wrong there is raised as well, and told in one line; MLflow would log a traceback beside it.
        logging.getLogger("mlflow.store").setLevel(logging.CRITICAL)
        if not self._answered:
            self.store.require_answer()
            self._answered = True
        return MlflowClient(self.tracking_uri, self.tracking_uri)

    def experiment(self, name: str) -> str:
        """Return the id of the experiment, made when it is new."""
        client = self.client
        with self.store.told(f"for the experiment {name}"):
            found = client.get_experiment_by_name(name)
            if found is not None:
                return str(found.experiment_id)
            return str(client.create_experiment(name, self.store.artefacts(name)))

    def register(self, name: str, model_id: str, run_id: str, digest: str) -> int:
        """Return the number of a new version that points to a logged model."""
        client = self.client
        with self.store.told(f"for a new version of {name}"):
            try:
                client.create_registered_model(name)
            except MlflowException as problem:
                if problem.error_code != "RESOURCE_ALREADY_EXISTS":
                    raise
            made = client.create_model_version(
                name, f"models:/{model_id}", run_id, tags={DIGEST_TAG: digest, STATE_TAG: State.DRAFT.value},
                model_id=model_id,
            )  # fmt: skip
        return int(made.version)

    def withdraw(self, name: str, version: int) -> None:
        """Remove a version whose card could not be written: no model without a card."""
        with self.store.told(f"to remove version {version} of {name}, which has no card"):
            self.client.delete_model_version(name, str(version))

    # ---------------------------------------------------------------- the card

    def publish(self, card: Mapping[str, Any], evidence: Mapping[str, str]) -> Path:
        """Write a new version's card, its pages and its evidence, all or nothing; return the path of its Markdown.

        MLflow remembers what the machine wrote, so that a figure edited before the review is noticed.
        """
        model = card["model"]
        with self.store.told(f"to remember the card of {model['name']} version {model['version']}"):
            self.client.set_model_version_tag(model["name"], str(model["version"]), MADE_TAG, made_digest(card))
        return self.cards.publish(card, evidence)

    def fill(self, name: str, version: int, text: str, folder: Path, by: str, at: datetime) -> dict[str, Any]:
        """Return the card after people filled in a form; its files are written anew.

        folder  where documents that the form names are

        Raises ContractError when the form is odd, GateError when the version is past being filled in.
        """
        with holding(self.log):  # nobody submits or assesses meanwhile
            review, card = self.review(name, version), self.cards.read(name, version)
            filled = fill(card, text, folder, by, at)
            _require_fillable(review, card, filled, at)
            before = card["previous"]
            filled = with_changes(filled, None if before is None else self.cards.read(name, before))
            self.cards.rewrite(filled)
        return filled

    def publish_to(self, name: str, version: int, target: Path) -> Path:
        """Copy a card for readers elsewhere, with its signed steps and the public keys of who signed them."""
        self.cards.require(name, version)
        chain = self._chain(self._witness(name))
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
        statements = statements_of(self._chain(self._witness(name)))
        return review_of(statements, name, version, self.cards.newer(name, version))

    def take(self, ask: Ask, key: SigningKey) -> Review:
        """Take one step of a review; return the review after it.

        Raises GateError when the step is not open, or what must hold for it does not; UsageError when words are
        missing. The signed step is in the log before MLflow is told; cut short between, `mirror` makes up for it.
        """
        trust, revokes = self.trust, ask.step is Step.REVOKE
        if not revokes:
            self.cards.require(ask.name, ask.version)
        witness = self._witness_if_there(ask.name) if revokes else self._witness(ask.name)
        require_clock(self.seen, ask.at, read_log(self.log).at)
        sign = signing(ask, lambda: self._material(ask.name, ask.version), key, trust, self.policy)
        append(self.log, trust, sign, witness)
        note_time(self.seen, ask.at)
        try:
            self.mirror(ask.name, ask.at)
        except ApualyError as problem:
            raise GateError(
                f"the step stands in the log, and counts; but MLflow or the card's pages could not follow ({problem}). "
                f"Mend that, then: apualy review promote {ask.name}"
            ) from problem
        return self._review(statements_of(self._chain(None)), ask.name, ask.version)

    def promote(self, name: str, now: datetime) -> Approved:
        """Let MLflow say again what the log says; return the version that may be used now.

        Raises GateError when none may: MLflow says so too then.
        """
        if self.cards.versions(name):
            self.mirror(name, now)
        return self.load_approved(name, now)

    def mirror(self, name: str, now: datetime) -> None:
        """Let MLflow's alias and tags say what the log says, and remember how long the log is.

        Raises ApualyError when MLflow cannot be told: the log holds all the same.
        """
        with holding(self.log):  # what a later step told MLflow is not overwritten by an earlier one
            chain = self._chain(self._witness(name), now)
            statements = statements_of(chain)
            reviews = [self._review(statements, name, version) for version in self.cards.versions(name)]
            for review in reviews:
                self.cards.record(review)
            with self.store.told("to say what the review log says"):
                self._tell(name, reviews, now)
                witness = f"{chain.witness.entries}:{chain.witness.last}"
                self.client.set_registered_model_tag(name, WITNESS_TAG, witness)

    def _tell(self, name: str, reviews: Sequence[Review], now: datetime) -> None:
        client, used = self.client, None
        there = {str(each.version) for each in client.search_model_versions(f"name = '{name}'")}
        for review in reviews:
            version, state = str(review.version), review.state(now)
            used = version if state in IN_FORCE else used
            if version not in there:
                continue  # somebody removed it from MLflow: there is nothing to tag, and the log holds
            client.set_model_version_tag(name, version, STATE_TAG, state.value)
            if review.approval is not None:
                client.set_model_version_tag(name, version, EXPIRES_TAG, review.approval.expires.isoformat())
        if used is not None:
            client.set_registered_model_alias(name, ALIAS, used)
        elif self.aliased(name) is not None:
            client.delete_registered_model_alias(name, ALIAS)

    def aliased(self, name: str) -> int | None:
        """Return the version to which MLflow's alias points; None: there is no such alias, or no such model."""
        known = self._known(name)
        return int(known.aliases[ALIAS]) if known is not None and ALIAS in known.aliases else None

    def verify(self) -> Chain:
        """Return the whole log, found whole: chain, signatures, and at least as long as MLflow remembers.

        Raises GateError that names the first entry that is not as it was written.
        """
        found = self._chain(None)
        statements_of(found)
        for name in self.cards.names():
            self._chain(self._witness(name))
        return found

    # ---------------------------------------------------------------- the gate

    def load_approved(self, name: str, now: datetime) -> Approved:
        """Return the version that may be used now, whatever the alias says. Raises GateError when none may."""
        if not self.cards.versions(name):
            raise GateError(self._none_in_use(name, (), now))  # MLflow's store is not made to say so
        chain = self._chain(self._witness(name), now)
        statements = statements_of(chain)
        version = in_use(statements, name)
        if version is None:
            raise GateError(self._none_in_use(name, statements, now))
        card, bound = self._bound(name, version)
        review = self._review(statements, name, version)
        passed = require_in_force(review, bound, now, demo=self.demo)
        # How a card is rendered may change with a newer apualy; what was signed is its source.
        signed = Material(card, source(card), (), bound, review.newer, self.policy)
        require_rules(statements, signed, name, version)
        note_time(self.seen, now)
        text = f"{renderings(card)[f'{version}.md']}\n{render_review(review)}"
        return Approved(
            name, version, bound.artefact, card, text, passed.by, passed.expires, passed.conditions, chain.witness
        )

    def require_still_approved(self, approved: Approved, now: datetime) -> None:
        """Raise GateError when the version may not be used any more: all is asked again, but MLflow is not needed."""
        statements = statements_of(self._chain(approved.witness, now))
        review = self._review(statements, approved.name, approved.version)
        require_in_force(review, self._bound(approved.name, approved.version)[1], now, demo=self.demo)
        note_time(self.seen, now)

    def watched(self, approved: Approved) -> tuple[Path, ...]:
        """Return the files on which it hangs whether the version may be used: it may have ended when one changes."""
        card = self.cards.path(approved.name, approved.version)
        return (self.log, card, self.trust_path, *(() if self.policy_path is None else (self.policy_path,)))

    def fetch(self, approved: Approved, into: Path) -> Path:
        """Return the folder of a copy of the artefact: what is checked is then what is loaded.

        Raises GateError when the artefact is gone.
        """
        try:
            source = self.client.get_model_version_download_uri(approved.name, str(approved.version))
            found = mlflow.artifacts.download_artifacts(
                f"{source}/{ARTEFACT_PATH}", dst_path=str(into), tracking_uri=self.tracking_uri
            )
        except (MlflowException, OSError) as problem:
            raise GateError(
                f"the artefact of {approved.name} version {approved.version} cannot be fetched: {problem}"
            ) from problem
        return Path(found)

    def _chain(self, witness: Witness | None, now: datetime | None = None) -> Chain:
        """Return the log, found whole; where nothing was ever signed, nobody needs to be trusted yet."""
        chain = verify_log(self.log, self.trust if self.log.exists() else Trust(()), witness)
        if now is not None:
            require_clock(self.seen, now, chain.at)
        return chain

    def _review(self, statements: tuple[Statement, ...], name: str, version: int) -> Review:
        return review_of(statements, name, version, self.cards.newer(name, version))

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

    def _material(self, name: str, version: int) -> Material:
        card, bound = self._bound(name, version)
        return Material(
            card, renderings(card)[f"{version}.md"], self.altered(name, version), bound,
            self.cards.newer(name, version), self.policy,
        )  # fmt: skip

    def altered(self, name: str, version: int) -> tuple[str, ...]:
        """Return what of a card is not as it was made, in words."""
        card = self.cards.read(name, version)
        with self.store.told(f"about {name} version {version}"):
            made = self.client.get_model_version(name, str(version)).tags.get(MADE_TAG)
        figures = () if made == made_digest(card) else (f"{version}.json says other things than training wrote in it",)
        return (*figures, *self.cards.altered(name, version))

    def _witness_if_there(self, name: str) -> Witness | None:
        """Return what MLflow remembers, None when it cannot be asked: nothing may stand in the way of a revocation."""
        try:
            return self._witness(name)
        except GateError:
            return None

    def _witness(self, name: str) -> Witness | None:
        """Return what MLflow remembers of the log. Raises GateError when MLflow cannot be asked."""
        try:
            known = self._known(name)
        except UsageError:
            raise
        except ApualyError as problem:
            raise GateError(str(problem)) from problem
        said = None if known is None else known.tags.get(WITNESS_TAG)
        if said is None:
            return None
        count, _, last = said.partition(":")
        if not count.isdecimal():
            raise GateError(f"MLflow at {self.store.shown} remembers the log of {name} as {said!r}; see who wrote that")
        return Witness(int(count), last)

    def _known(self, name: str) -> RegisteredModel | None:
        """Return what MLflow holds of a model, if it knows it. Raises ApualyError when MLflow cannot be asked."""
        client = self.client
        with self.store.told(f"about {name}"):
            try:
                return client.get_registered_model(name)
            except MlflowException as problem:
                if problem.error_code == "RESOURCE_DOES_NOT_EXIST":
                    return None
                raise


def _require_fillable(review: Review, before: Mapping[str, Any], after: Mapping[str, Any], now: datetime) -> None:
    """Raise GateError when the card may not change any more, or not in this."""
    state = review.state(now)
    if state not in (State.DRAFT, State.SUBMITTED):
        raise GateError(
            f"{review.what} is {state.value}: what was assessed stays as it is; return the version first, or train anew"
        )
    kept = ("dialogue", "filled")
    changed = [each for each in before["people"].keys() | after["people"].keys()
               if each not in kept and before["people"].get(each) != after["people"].get(each)]  # fmt: skip
    if state is State.SUBMITTED and changed:
        raise GateError(
            f"{review.what} is submitted: only its dialogue can be filled in, not {', '.join(sorted(changed))}; "
            "return the version first"
        )
