"""The ethical dialogue: notice, describe, hear, weigh, recommend (the City's report, 4.2.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .answers import Day, Name, Row, Section, Text, View, asked

NormKey = Literal[
    "", "service", "improvement", "fairness", "no_harassment", "rules", "protection", "no_corruption", "help_in_time",
    "sustainability", "ethical_culture", "non_discrimination", "transparency", "human_control",
]  # fmt: skip
Who = Literal[
    "", "jobseekers", "jobseekers_representatives", "caseworkers", "service_managers", "service_providers",
    "employers", "experts", "others",
]  # fmt: skip
MUST_BE_HEARD: dict[str, tuple[Who, ...]] = {
    "jobseekers or their representatives": ("jobseekers", "jobseekers_representatives"),
    "caseworkers": ("caseworkers",),
}


@dataclass(frozen=True)
class Norm:
    """What a model is held against: its short name in gaps and tables, and its words in three languages."""

    key: NormKey
    name: str
    en: str
    fi: str
    sv: str

    def words(self, language: str) -> str:
        """Return the norm in "fi", "sv" or "en"."""
        return {"fi": self.fi, "sv": self.sv, "en": self.en}[language]


# The first ten are the City's ethical principles of 2019; the Finnish words are those of the report.
NORMS = (
    Norm("service", "service", "in all that is done, one is there to serve",
         "kaikessa toiminnassa ollaan palvelutehtävässä", "i all verksamhet har vi ett serviceuppdrag"),
    Norm("improvement", "constant improvement", "everything is done a little better all the time",
         "kaikki tehdään jatkuvasti hieman paremmin", "allt görs hela tiden lite bättre"),
    Norm("fairness", "fairness and equal treatment", "honesty, fairness and equal treatment are stressed",
         "rehellisyyttä, oikeudenmukaisuutta ja yhdenvertaista kohtelua on painotettava",
         "ärlighet, rättvisa och likabehandling ska framhållas"),
    Norm("no_harassment", "freedom from racism and harassment",
         "racism, discrimination, improper treatment and sexual harassment are not allowed",
         "rasismia, syrjintää, epäasiallista kohtelua ja seksuaalista häirintää ei tule sallia",
         "rasism, diskriminering, osakligt bemötande och sexuella trakasserier tillåts inte"),
    Norm("rules", "following all rules", "all rules that concern the City are followed",
         "kaikkia kaupunkia koskevia säännöksiä on noudatettava",
         "alla bestämmelser som gäller staden ska följas"),
    Norm("protection", "the protection of systems", "systems are well protected", "järjestelmät on suojattava hyvin",
         "systemen ska skyddas väl"),
    Norm("no_corruption", "freedom from corruption", "corruption and abuse are not allowed",
         "korruptiota ei tule sallia eikä väärinkäytöksiä", "korruption och missbruk tillåts inte"),
    Norm("help_in_time", "help in time", "help is offered in time, and the most vulnerable are supported",
         "apua on tarjottava ajoissa ja kaikkein haavoittuvimpia ihmisryhmiä on tuettava",
         "hjälp ska erbjudas i tid och de mest utsatta ska stödjas"),
    Norm("sustainability", "sustainability", "sustainable development is stressed, and climate change is fought",
         "kestävää kehitystä on painotettava ja ilmastonmuutosta torjuttava",
         "hållbar utveckling ska framhållas och klimatförändringen motverkas"),
    Norm("ethical_culture", "an ethical culture", "an ethical culture is built",
         "eettistä toimintakulttuuria on rakennettava", "en etisk verksamhetskultur ska byggas upp"),
    Norm("non_discrimination", "non-discrimination", "nobody is put at a disadvantage for a personal reason",
         "ketään ei saa syrjiä henkilöön liittyvän syyn perusteella",
         "ingen får diskrimineras av en orsak som gäller den enskilde som person"),
    Norm("transparency", "transparency", "everybody concerned can know what kind of model is used, and how",
         "kaikkien, joita asia koskee, on voitava tietää, millaista mallia käytetään ja miten",
         "alla som berörs ska kunna få veta vilken modell som används och hur"),
    Norm("human_control", "human control", "a person decides, and can always decide otherwise than the model says",
         "päätöksen tekee ihminen, ja hän voi aina päättää toisin kuin malli vihjaa",
         "en människa avgör och kan alltid avgöra annorlunda än modellens tips"),
)  # fmt: skip


NAMES = {norm.key: norm.name for norm in NORMS}


class Record(Section):
    """What a named person put down on a day."""

    by: Name = asked("who wrote it", "The name of the person who writes this.", "Maija Mallinen")
    date: Day = asked("the day", "The day on which it was written.", "2026-11-20", default=None)
    text: Text = asked("the text", "What is told.")


class Notice(Record):
    """What was noticed."""

    text: Text = asked(
        "the text",
        "What in this use of a model calls for an ethical look.",
        "A hint may change how much help a person gets.",
    )


class Description(Record):
    """What it is about."""

    text: Text = asked(
        "the text",
        "Who is touched, how, and what is at stake; what data is used, and of what kind.",
        "Everybody who registers; the register holds old decisions and their faults.",
    )


class Heard(Row):
    """Who was heard, and what they said."""

    who: Who = asked("who was heard", "The group that was heard.")
    by: Name = asked("who wrote it", "The name of the person who heard them.", "Maija Mallinen")
    date: Day = asked("the day", "The day on which they were heard.", "2026-11-12", default=None)
    said: Text = asked("what they said", "What they said, also against the model.", "They fear to be put in a box.")
    answer: Text = asked(
        "what was answered", "What was answered, or changed because of it.", "An objection stops the hint at once."
    )


class Weighed(Row):
    """One norm, and what the schools of ethics say of the model in its light."""

    norm: NormKey = asked("the norm", "The norm.")
    by: Name = asked("who weighed it", "The name of the person who weighs.", "Maija Mallinen")
    date: Day = asked("the day", "The day on which it was weighed.", "2026-11-20", default=None)
    duty: View = asked(
        "duty", "Duty: what is one bound to do or not to do? May be left empty, if another says something."
    )
    consequences: View = asked("consequences", "Consequences: what comes of it, and for whom? May be left empty.")
    virtue: View = asked("virtue", "Virtue: what would a good official do? May be left empty.")
    verdict: Literal["", "keeps", "strains", "breaks"] = asked(
        "the verdict", "Does the model keep the norm, strain it, or break it?"
    )


class Recommendation(Section):
    """What is recommended."""

    by: Name = asked("who recommends", "The name of the person who recommends.", "Maija Mallinen")
    date: Day = asked("the day", "The day of the recommendation.", "2026-11-25", default=None)
    recommend: Literal["", "approve", "approve_with_conditions", "reject"] = asked(
        "what is recommended", "What is recommended."
    )
    reasons: Text = asked("why it is recommended", "Why.", "It helps only as long as the caseworker judges first.")


class Dialogue(Section):
    """The ethical dialogue."""

    notice: Notice = asked("notice", "What was noticed.", default=Notice())
    description: Description = asked("description", "What it is about.", default=Description())
    heard: tuple[Heard, ...] = asked("who was heard", "Who was heard.", default=())
    weighing: tuple[Weighed, ...] = asked("weighing", "Each norm, weighed.", default=())
    recommendation: Recommendation = asked("recommendation", "What is recommended.", default=Recommendation())

    def days(self) -> tuple[tuple[str, tuple[Day, ...]], ...]:
        """Return the steps that follow each other, and the days on which they were taken."""
        return (
            ("notice", (self.notice.date,)),
            ("description", (self.description.date,)),
            ("weighing", tuple(each.date for each in self.weighing)),
            ("recommendation", (self.recommendation.date,)),
        )
