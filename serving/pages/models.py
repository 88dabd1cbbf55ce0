"""The models: which are in use, their versions and cards; for data scientists the runs behind them, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ml.contracts import Column, ColumnType
from ml.errors import NotFoundError
from ml.governance.registry import Registry
from serving.api.models import list_models, see_model
from serving.identity.roles import Role
from serving.language import Language, marked
from serving.models.versions import Version, versions
from serving.permissions import Action
from serving.wire.models import HorizonTime, InputDescription, ModelLine, ModelsAnswer

from .model_words import About, about, last_day, state_words
from .page import Page, View, Visit
from .words import KINDS

RUNS = frozenset({Role.DATA_SCIENTIST, Role.OPERATOR})  # who is shown how a version is made again
AUDIT = "audit.{language}.html"
EVIDENCE = "evidence.html"
YES, NO = marked("yes"), marked("no")
WORD, ANY, MISSING = marked("a word of the register"), marked("a number"), marked("may be missing")
BETWEEN, FROM = marked("a number from {low} to {high}"), marked("a number from {low} up")
UP_TO = marked("a number up to {high}")


@dataclass(frozen=True)
class VersionRow:
    """A version: where it stands, and what there is to read of it.

    until    the day on which its approval ends, ISO; None, as `by`: no approval is in force
    closed   why the gate does not let it be used, in English; None: it does, or nobody approved it
    card     its card as a page; None: it cannot be read
    audit    the fairness report in the reader's language, `evidence` all figures, `record` what was signed
    run      in MLflow; None: the card cannot be read
    mlflow   its page at MLflow, None where nobody said where that is
    """

    name: str
    version: int
    state: str
    used: bool
    until: str | None
    by: str | None
    closed: str | None
    card: str | None
    audit: str | None
    evidence: str | None
    record: str
    run: str | None
    trained: str | None
    method: str | None
    mlflow: str | None


@dataclass(frozen=True)
class ModelBox:
    """A model and its versions, the newest first.

    in_use   what the service says of it; None: it gives no hints, and `refused` says why where it should
    until    the day on which the approval of the version in use ends, ISO
    newest   what there is to read first: the version in use, stopped or not, else the newest; None: no card can be read
    """

    name: str
    about: About
    in_use: ModelLine | None
    refused: str | None
    until: str | None
    rows: Sequence[VersionRow]
    newest: VersionRow | None


@dataclass(frozen=True)
class Mlflow:
    """How MLflow's own pages are opened: their address, or the command that serves them; one of them is None."""

    address: str | None
    command: str | None


@dataclass(frozen=True)
class ModelsPage:
    """All models; `mlflow` None: the reader is not shown runs."""

    models: Sequence[ModelBox]
    mlflow: Mlflow | None


@dataclass(frozen=True)
class InputLine:
    """An input: its label and its values in words, and its name in the contract."""

    label: str
    values: str
    name: str


@dataclass(frozen=True)
class Inputs:
    """Inputs of a kind, in words."""

    kind: str
    inputs: Sequence[InputLine]


@dataclass(frozen=True)
class Changes:
    """What changed between a version and the one before it, in English, what weighs most first."""

    version: int
    previous: int
    changes: Sequence[Any]


@dataclass(frozen=True)
class ModelPage:
    """One model: its versions, what it takes, what changed. `inputs` empty: it is not in use."""

    box: ModelBox
    horizons: Sequence[HorizonTime]
    inputs: Sequence[Inputs]
    changes: Sequence[Changes]
    mlflow: Mlflow | None


def models(visit: Visit) -> View:
    """Show all models; those in use first, service needs before the others."""
    answer, registry = list_models(visit), visit.service.registry
    names = [each.name for each in answer.models]
    names += [name for name in answer.refused if name not in names]
    names += [name for name in (() if registry is None else registry.cards.names()) if name not in names]
    boxes = tuple(_box(visit, answer, name, _versions(visit, name)) for name in names)
    return View("models.html.jinja", ModelsPage(boxes, _mlflow(visit)))


def model(visit: Visit) -> View:
    """Show one model."""
    name, answer = visit.path["name"], list_models(visit)
    found = _versions(visit, name)
    box = _box(visit, answer, name, found)
    if box.in_use is None and not found:
        raise NotFoundError("there is no such model here")
    told = None if box.in_use is None else see_model(visit)
    return View(
        "model.html.jinja",
        ModelPage(
            box=box,
            horizons=() if told is None else told.horizons,
            inputs=() if told is None else tuple(_by_kind(told.inputs, visit)),
            changes=tuple(_changes(found)),
            mlflow=_mlflow(visit),
        ),
    )


def card_path(name: str, version: int) -> str:
    """Return the address of a card's page."""
    return f"/models/{name}/cards/{version}"


def files_of(name: str) -> str:
    """Return the address of the folder of a model's card files."""
    return f"/v1/models/{name}/cards"


def _versions(visit: Visit, name: str) -> list[Version]:
    registry = visit.service.registry
    if registry is None or name not in registry.cards.names():
        return []
    return versions(registry, visit.service.models, name, visit.service.now())


def _box(visit: Visit, answer: ModelsAnswer, name: str, found: Sequence[Version]) -> ModelBox:
    in_use = next((each for each in answer.models if each.name == name), None)
    rows = tuple(_row(visit, each, in_use) for each in found)
    readable = [each for each in rows if each.card is not None]
    used = None if in_use is None else in_use.version
    newest = next((each for each in readable if each.version == used), readable[0] if readable else None)
    until = None if in_use is None else last_day(in_use.expires)
    return ModelBox(name, about(name, visit.language), in_use, answer.refused.get(name), until, rows, newest)


def _row(visit: Visit, each: Version, in_use: ModelLine | None) -> VersionRow:
    folder = f"{files_of(each.name)}/{each.version}"
    card, shown, base = each.card, _mlflow(visit), None
    if shown is not None and shown.address is not None:
        base = f"{shown.address}/#/models/{each.name}/versions/{each.version}"
    approval = each.approval if each.in_force else None
    evidence = {} if card is None else card["evidence"]
    audit = AUDIT.format(language=visit.language.code)
    return VersionRow(
        name=each.name,
        version=each.version,
        state=state_words(each.state, visit.language),
        used=in_use is not None and in_use.version == each.version and in_use.stopped is None,
        until=None if approval is None else last_day(approval.expires),
        by=None if approval is None else approval.by,
        closed=each.closed,
        card=None if card is None else card_path(each.name, each.version),
        audit=f"{folder}/{audit}" if audit in evidence else None,
        evidence=f"{folder}/{EVIDENCE}" if EVIDENCE in evidence else None,
        record=f"{folder}.review.html",
        run=None if card is None else card["provenance"]["run"],
        trained=None if card is None else card["provenance"]["trained_at"],
        method=None if card is None else card["method"]["kept"],
        mlflow=base,
    )


def _by_kind(inputs: Sequence[InputDescription], visit: Visit) -> list[Inputs]:
    held = visit.service.models.held.values()
    columns = {each.column.name: each.column for one in held if one.approved.name == visit.path["name"]
               for each in one.model.encoder.inputs}  # fmt: skip
    found = []
    for kind, words in KINDS.items():
        of_kind = [InputLine(each.label, _values(each, columns, visit.language), each.name)
                   for each in inputs if each.kind == kind]  # fmt: skip
        if of_kind:
            found.append(Inputs(visit.language.gettext(words), of_kind))
    return found


def _values(told: InputDescription, columns: Mapping[str, Column], language: Language) -> str:
    """Return in words what an input may be."""
    text, number = language.gettext, language.number
    if told.allowed is not None:
        said = ", ".join(columns[told.name].value_words(value, language.code) for value in told.allowed)
    elif told.type is not ColumnType.NUMBER:
        said = f"{text(YES)}, {text(NO)}" if told.type is ColumnType.BOOLEAN else text(WORD)
    elif told.minimum is not None and told.maximum is not None:
        said = text(BETWEEN, low=number(told.minimum), high=number(told.maximum))
    elif told.minimum is not None:
        said = text(FROM, low=number(told.minimum))
    else:
        said = text(ANY) if told.maximum is None else text(UP_TO, high=number(told.maximum))
    return f"{said}; {text(MISSING)}" if told.missing_allowed else said


def _changes(found: Sequence[Version]) -> list[Changes]:
    return [
        Changes(each.version, each.card["previous"], each.card["changes"])
        for each in found
        if each.card is not None and each.card["previous"] is not None
    ]


def _mlflow(visit: Visit) -> Mlflow | None:
    """Return how MLflow's pages are opened, for those who work with runs."""
    registry = visit.service.registry
    if registry is None or visit.who.roles.isdisjoint(RUNS):
        return None
    if visit.service.mlflow_pages is not None:
        return Mlflow(visit.service.mlflow_pages, None)
    if registry.store.served:
        return Mlflow(registry.store.shown, None)
    return Mlflow(None, f"mlflow ui --backend-store-uri {_store(registry)}")


def _store(registry: Registry) -> str:
    """Return the database as MLflow's command takes it, without user and password."""
    store = registry.store
    return f"sqlite:///{registry.home.absolute()}/mlflow/mlflow.db" if store.address is None else store.shown


PAGES = (
    Page("GET", "/models", Action.SEE_MODELS, models),
    Page("GET", "/models/{name}", Action.SEE_MODELS, model),
)
