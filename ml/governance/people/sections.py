"""What people fill in about a model and its use: one type a section of the form `card`."""

from __future__ import annotations

from typing import Literal

from .answers import Day, Digest, InLanguages, Name, Report, Row, Section, Text, asked

Level = Literal["", "low", "medium", "high"]
About = Literal["", "unequal_treatment", "privacy", "over_reliance", "wrong_advice", "other"]
NAMED_RISKS: tuple[About, ...] = ("unequal_treatment", "privacy", "over_reliance", "wrong_advice")


class MadeBy(Section):
    """Who made it and who answers for it."""

    organisation: Name = asked("the organisation", "The organisation that uses the model.", "City of Helsinki")
    unit: Name = asked("the unit", "The unit that had it made.", "Employment Services, analytics")
    owner: Name = asked(
        "who answers for the model in use", "The role or person who answers for it in use.", "Head of Guidance"
    )
    contact: Name = asked(
        "the contact", "Where a jobseeker can write: the address of a role, not of a person.", "palaute@example.org"
    )


class Data(Section):
    """Data: purpose and legal basis."""

    source: InLanguages = asked(
        "the source", "Where the data comes from. The public page shows it.", default=InLanguages()
    )
    purpose: InLanguages = asked(
        "the purpose", "What the data was collected for, and that this use is within it.", default=InLanguages()
    )
    legal_basis: InLanguages = asked(
        "the legal basis", "The law that allows this use: act, section, article of the GDPR.", default=InLanguages()
    )
    controller: Name = asked("the controller", "The controller of the personal data.", "City of Helsinki")
    known_gaps: Text = asked(
        "what the data is known to lack",
        "What is known to be missing, late or wrong in the data, and for whom.",
        "Education is unknown for a quarter of foreign-language jobseekers.",
    )
    quality_report: Report = asked(
        "the quality report",
        'The digest of the data-quality report ("sha256:…"), or why there is none.',
        "There is none yet, because the register is synthetic.",
    )
    outcome_of_services: Text = asked(
        "what became of people in each service",
        "What is known of how people fared in each service, and how that was looked at.",
        "Not followed yet; a comparison group is planned for 2027.",
    )
    other_reference: Text = asked(
        "a reference beyond caseworkers' own judgement",
        "What else than caseworkers' own choices the model was held against.",
        "Two hundred cases were judged again by three caseworkers together.",
    )


SERVICE_NEED = "service-need"  # card["sort"] of such a model
NEEDS_ONLY = ("outcome_of_services", "other_reference")  # asked of a service-need model alone


class Oversight(Section):
    """Human oversight."""

    who: Text = asked(
        "who watches", "Who watches how the model does.", "The service manager and an analyst of the unit."
    )
    often: Name = asked("how often they look", "How often they look.", "Every month")
    training: Text = asked(
        "how a caseworker is trained",
        "What a caseworker learns before seeing a hint.",
        "Half a day: what a hint is, when it is wrong, how to disagree.",
    )
    stop: Text = asked(
        "how the model is stopped, and by whom",
        "How to stop the model at once, and who may.",
        "Any approver revokes it: apualy review revoke; it stops at once.",
    )


class Risk(Row):
    """One risk, and what is done about it."""

    about: About = asked("what it is about", "What the risk is about.")
    what: Text = asked(
        "what may go wrong", "What may go wrong, and for whom.", "Caseworkers follow the hint without thinking."
    )
    likelihood: Level = asked("how likely it is", "How likely it is.")
    severity: Level = asked("how bad it would be", "How bad it would be for the person.")
    measure: Text = asked(
        "what is done about it",
        "What is done about it.",
        "The caseworker records their own view before the hint is shown.",
    )
    owner: Name = asked("who sees to it", "Who sees to it.", "Head of Guidance")


class Assessment(Section):
    """An impact assessment that was made elsewhere."""

    reference: Name = asked("the reference", "Its number in the case register, or where it is kept.", "HEL 2026-012345")
    date: Day = asked("the day", "The day on which it was accepted.", "2026-11-02", default=None)
    digest: Digest = asked(
        "the digest of the document", 'The SHA-256 of the document; or write document = "path" and leave this empty.'
    )


class Impact(Section):
    """Impact assessments."""

    data_protection: Assessment = asked(
        "the data-protection impact assessment", "Article 35 of the GDPR.", default=Assessment()
    )
    fundamental_rights: Assessment = asked(
        "the fundamental-rights impact assessment", "Article 27 of the AI Act.", default=Assessment()
    )
