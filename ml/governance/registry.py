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
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from ml.contracts import Policy
from ml.errors import GateError

from .cards import Cards, source
from .gate import Pass, require_in_force
from .people import fill
from .policy import read_policy
from .renderings import renderings
from .review.history import Review, review_of
from .review.statement import Binding, Statement
from .review.states import IN_FORCE, State
from .review.steps import Ask, Material, in_use, require_rules, signing, statements_of
from .signing.chain import Chain, Witness
from .signing.clock import note_time, require_clock
from .signing.keys import SigningKey
from .signing.log import append, holding, read_log, verify_log
from .signing.trust import Trust, read_trust

ALIAS = "approved"
ARTEFACT_PATH = "artifacts/artefact"  # where MLflow keeps the folder inside its logged model
DIGEST_TAG = "apualy.digest"
STATE_TAG = "apualy.state"
EXPIRES_TAG = "apualy.expires"
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
        self._tracking_uri = tracking_uri
        self.demo = demo

    # ---------------------------------------------------------------- MLflow

    @property
    def tracking_uri(self) -> str:
        """Return the address of MLflow's store; its folder is made here, since SQLite makes none."""
        if self._tracking_uri is not None:
            return self._tracking_uri
        folder = self.home.absolute() / "mlflow"
        folder.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{folder / 'mlflow.db'}"

    @property
    def client(self) -> MlflowClient:
        """Return MLflow's client on this home."""
        logging.getLogger("alembic").setLevel(logging.WARNING)  # hundreds of lines on a new store otherwise
        # What goes wrong there is raised as well, and told in one line; MLflow would log a traceback beside it.
        logging.getLogger("mlflow.store").setLevel(logging.CRITICAL)
        return MlflowClient(self.tracking_uri, self.tracking_uri)

    def experiment(self, name: str) -> str:
        """Return the id of the experiment, made when it is new.

        Its artefacts are under this home, unless a server keeps them: that has a place of its own.
        """
        client = self.client
        found = client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        served = self.tracking_uri.startswith(("http://", "https://"))
        place = None if served else (self.home.absolute() / "mlflow" / "artifacts" / name).as_uri()
        return str(client.create_experiment(name, place))

    def register(self, name: str, model_id: str, run_id: str, digest: str) -> int:
        """Return the number of a new version that points to a logged model."""
        client = self.client
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
        self.client.delete_model_version(name, str(version))

    # ---------------------------------------------------------------- the card

    def fill(self, name: str, version: int, text: str, folder: Path, by: str, at: datetime) -> dict[str, Any]:
        """Return the card after people filled in a form; its files are written anew.

        folder  where documents that the form names are

        Raises ContractError when the form is odd, GateError when the version is past being filled in.
        """
        with holding(self.log):  # nobody submits or assesses meanwhile
            review, card = self.review(name, version), self.cards.read(name, version)
            filled = fill(card, text, folder, by, at)
            _require_fillable(review, card, filled, at)
            self.cards.rewrite(filled)
        return filled

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
        self.cards.require(ask.name, ask.version)
        witness, trust = self._witness(ask.name), self.trust
        require_clock(self.seen, ask.at, read_log(self.log).at)
        append(self.log, trust, signing(ask, lambda: self._material(ask.name, ask.version), key, trust), witness)
        note_time(self.seen, ask.at)
        self.mirror(ask.name, ask.at)
        return self.review(ask.name, ask.version)

    def promote(self, name: str, now: datetime) -> Approved:
        """Move the alias to the version that may be used now, after the gate. Raises GateError when none may."""
        approved = self.load_approved(name, now)
        self.mirror(name, now)
        return approved

    def mirror(self, name: str, now: datetime) -> None:
        """Let MLflow's alias and tags say what the log says, and remember how long the log is."""
        client, chain = self.client, self._chain(self._witness(name))
        statements = statements_of(chain)
        used = None
        for version in self.cards.versions(name):
            review = review_of(statements, name, version, self.cards.newer(name, version))
            self.cards.record(review)
            state = review.state(now)
            used = version if state in IN_FORCE else used
            client.set_model_version_tag(name, str(version), STATE_TAG, state.value)
            if review.approval is not None:
                client.set_model_version_tag(name, str(version), EXPIRES_TAG, review.approval.expires.isoformat())
        if used is not None:
            client.set_registered_model_alias(name, ALIAS, str(used))
        elif self.aliased(name) is not None:
            client.delete_registered_model_alias(name, ALIAS)
        client.set_registered_model_tag(name, WITNESS_TAG, f"{chain.witness.entries}:{chain.witness.last}")

    def aliased(self, name: str) -> int | None:
        """Return the version to which MLflow's alias points."""
        try:
            return int(self.client.get_model_version_by_alias(name, ALIAS).version)
        except MlflowException:  # no such model or no such alias: MLflow tells them apart only by its wording
            return None

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
        chain = self._chain(self._witness(name), now)
        statements = statements_of(chain)
        version = in_use(statements, name)
        if version is None:
            raise GateError(self._none_in_use(name, statements, now))
        passed = self._require(statements, name, version, now)
        card = self.cards.read(name, version)
        # How a card is rendered may change with a newer apualy; what was signed is its source.
        signed = Material(card, source(card), (), passed.binding, self.cards.newer(name, version), self.policy)
        require_rules(statements, signed, name, version)
        note_time(self.seen, now)
        return Approved(
            name, version, passed.binding.artefact, card, renderings(card)[f"{version}.md"], passed.by, passed.expires,
            passed.conditions, chain.witness,
        )  # fmt: skip

    def require_still_approved(self, approved: Approved, now: datetime) -> None:
        """Raise GateError when the version may not be used any more: all is asked again, but MLflow is not needed."""
        statements = statements_of(self._chain(approved.witness, now))
        self._require(statements, approved.name, approved.version, now)
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

    def _require(self, statements: tuple[Statement, ...], name: str, version: int, now: datetime) -> Pass:
        review = review_of(statements, name, version, self.cards.newer(name, version))
        return require_in_force(review, self._binding(name, version), now, demo=self.demo)

    def _none_in_use(self, name: str, statements: tuple[Statement, ...], now: datetime) -> str:
        """Return why there is nothing to use."""
        versions = self.cards.versions(name)
        if not versions:
            return f"there is no model named {name}; known models: {', '.join(self.cards.names()) or 'none'}"
        states = ", ".join(
            f"version {each} is {review_of(statements, name, each).state(now).value}" for each in versions[-3:]
        )
        return f"no version of {name} is approved ({states}); see where it stands: apualy review status {name}"

    def _binding(self, name: str, version: int) -> Binding:
        card = self.cards.read(name, version)
        policy = self.policy if self.policy_path is None else read_policy(self.policy_path)
        return Binding(card["model"]["digest"], self.cards.digest(name, version), policy.digest)

    def _material(self, name: str, version: int) -> Material:
        card = self.cards.read(name, version)
        return Material(
            card, renderings(card)[f"{version}.md"], self.cards.altered(name, version), self._binding(name, version),
            self.cards.newer(name, version), self.policy,
        )  # fmt: skip

    def _witness(self, name: str) -> Witness | None:
        """Return what MLflow remembers of the log. Raises GateError when MLflow cannot be asked."""
        try:
            said = self.client.get_registered_model(name).tags.get(WITNESS_TAG)
        except MlflowException as problem:
            if problem.error_code == "RESOURCE_DOES_NOT_EXIST":
                return None
            raise GateError(f"MLflow at {self.home} cannot be asked about {name}: {problem.message}") from problem
        if said is None:
            return None
        count, _, last = said.partition(":")
        return Witness(int(count), last)


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
