"""Which service entity a jobseeker was placed in, and whether a rule or a caseworker did it."""

from __future__ import annotations

from ml.contracts import Role
from ml.register.schema.column import RegisterColumn, Table, ValueType, Words
from ml.register.schema.tables.shared import day, entered, identity_code, uses

SERVICE_ENTITIES = {
    "skills": Words("skills and career guidance", "osaaminen ja uraohjaus", "kunnande och karriärvägledning"),
    "rehabilitation": Words(
        "work-rehabilitative services", "työhön kuntouttavat palvelut", "arbetsrehabiliterande service"
    ),
    "integration": Words("integration services", "kotoutumisen palvelut", "integrationsservice"),
    "interview_first": Words("an interview first", "ensin haastattelu", "först en intervju"),
}
PLACED_BY = {
    "rule": Words("by rule", "säännön perusteella", "enligt regel"),
    "caseworker": Words(
        "by a caseworker", "vastuutyöntekijän arvion perusteella", "enligt ansvarig tjänstemans bedömning"
    ),
}

PLACEMENTS = Table(
    name="placements",
    words=Words(
        "Placements in the three service entities (report, appendix 2)",
        "Asiakkaiden ohjaaminen kolmeen palvelukokonaisuuteen (raportin liite 2)",
        "Hänvisningar till de tre servicehelheterna (rapportens bilaga 2)",
    ),
    columns=(
        identity_code(),
        RegisterColumn(
            "service_entity",
            ValueType.CODE,
            Words("Service entity", "Palvelukokonaisuus", "Servicehelhet"),
            roles=uses(Role.OUTCOME, "service-need", "planning"),
            codes=SERVICE_ENTITIES,
        ),
        day(
            "date",
            Words("Day of placement", "Ohjaamisen päivä", "Dag för hänvisningen"),
            purposes=("service-need", "planning"),
        ),
        RegisterColumn(
            "placed_by",
            ValueType.CODE,
            Words("Who placed", "Ohjaamisen peruste", "Grund för hänvisningen"),
            roles=uses(Role.OUTCOME, "service-need", "planning"),
            codes=PLACED_BY,
        ),
        entered(("service-need", "planning")),
    ),
    key=("identity_code", "date"),
    happened="date",
    entered="entered",
)
