"""Advice in words: horizons, frequencies, bands, reasons, caveats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from ml.contracts import Kind, Outcome, Reason
from ml.models.bands import Cuts
from ml.models.calibrate import Calibrator
from ml.models.trained import Refit, TrainedModel
from serving.hints.risk import compute_risk, span
from serving.hints.risk_words import frequency_words, horizon_words, word_risk
from serving.hints.words import uncapitalised
from serving.language import Language
from serving.wire.advice import RiskPart

Languages = Mapping[str, Language]
MODEL = {"name": "small", "version": 1, "digest": "", "card": ""}


@pytest.mark.parametrize(
    ("unit", "unit_days", "horizon", "english", "finnish", "swedish"),
    [
        ("2 weeks", 14.0, 13.0, "at 6 months", "6 kuukauden kohdalla", "efter 6 månader"),
        ("2 weeks", 14.0, 6.0, "at 12 weeks", "12 viikon kohdalla", "efter 12 veckor"),
        ("2 weeks", 14.0, 0.5, "at 1 week", "1 viikon kohdalla", "efter 1 vecka"),
        ("day", 1.0, 365.0, "at 12 months", "12 kuukauden kohdalla", "efter 12 månader"),
        ("day", 1.0, 91.0, "at 3 months", "3 kuukauden kohdalla", "efter 3 månader"),
        ("days", 1.0, 30.0, "at 30 days", "30 päivän kohdalla", "efter 30 dagar"),  # 1.4 % off a month
        ("day", 1.0, 1.0, "at 1 day", "1 päivän kohdalla", "efter 1 dag"),
        ("month", 30.4375, 1.0, "at 1 month", "1 kuukauden kohdalla", "efter 1 månad"),
        ("month", 30.4375, 4.5, "at 4.5 months", "4,5 kuukauden kohdalla", "efter 4,5 månader"),
        ("week", 7.0, 1500.0, "at 345 months", "345 kuukauden kohdalla", "efter 345 månader"),
    ],
)
def test_horizon_in_words(
    unit: str, unit_days: float, horizon: float, english: str, finnish: str, swedish: str, languages: Languages
) -> None:
    outcome = Outcome("spell", unit, unit_days, horizon, (horizon,))
    said = [horizon_words(span(outcome, horizon), languages[code]) for code in ("en", "fi", "sv")]
    assert said == [english, finnish, swedish]


@pytest.mark.parametrize(
    ("probability", "people"),
    [
        (0.0, "Fewer than 1 in 20"),
        (0.0499, "Fewer than 1 in 20"),
        (0.05, "About 1 in 10"),
        (0.149, "About 1 in 10"),
        (0.15, "About 2 in 10"),
        (0.43, "About 4 in 10"),
        (0.45, "About 5 in 10"),
        (0.9499, "About 9 in 10"),
        (0.95, "More than 19 in 20"),
        (1.0, "More than 19 in 20"),
    ],
)
def test_probability_as_a_frequency(probability: float, people: str, languages: Languages) -> None:
    words = frequency_words(probability, "at 12 months", languages["en"])
    assert words == f"{people} people in a like situation are still unemployed at 12 months."


def ask(model: TrainedModel, language: Language, *, weak: bool = False, **inputs: Any) -> RiskPart:
    words = word_risk(compute_risk(model, inputs, weak=weak), language)
    return RiskPart.model_validate({"model": MODEL, "as_of": "2026-11-29", "valid_until": "2026-12-29", **words})


def test_chances_fall_and_lie_within_their_intervals(model: TrainedModel, languages: Languages) -> None:
    found = ask(model, languages["en"], tenure=5.0, trade="cook", course=True)
    first, second = (each.still_unemployed for each in found.horizons)
    assert (first.probability, second.probability) == (0.5, 0.2689)
    assert all(each.low < each.probability < each.high for each in (first, second))
    assert [(each.units, each.unit, each.days) for each in found.horizons] == [
        (13.0, "2 weeks", 182.0),
        (26.0, "2 weeks", 364.0),
    ]


@pytest.mark.parametrize(
    ("inputs", "band", "words"),
    [
        ({"tenure": 5.0, "trade": "welder", "course": False}, "low", "smaller than for most"),
        ({"tenure": 15.0, "trade": "welder", "course": False}, "typical", "about as usual"),
        ({"tenure": 5.0, "trade": "cook", "course": False}, "elevated", "greater than for most"),
        ({"tenure": None, "trade": "cook", "course": False}, "elevated", "greater than for most"),
        ({"tenure": 5.0, "trade": "astronaut", "course": False}, "uncertain", "too uncertain"),
        ({"tenure": 55.0, "trade": "cook", "course": False}, "uncertain", "too uncertain"),
        ({"tenure": 5.0, "course": False}, "uncertain", "too uncertain"),  # missing where it may not be
    ],
)
def test_bands(inputs: Mapping[str, Any], band: str, words: str, model: TrainedModel, languages: Languages) -> None:
    found = ask(model, languages["en"], **inputs)
    assert found.band == band
    assert words in str(found.band_words)


def test_words_speak_of_the_main_horizon(model: TrainedModel, languages: Languages) -> None:
    found = ask(model, languages["en"], tenure=5.0, trade="cook", course=False)
    assert found.words == "About 7 in 10 people in a like situation are still unemployed at 12 months."


def test_reasons_by_kind_and_direction(model: TrainedModel, languages: Languages) -> None:
    found = ask(model, languages["en"], tenure=7.5, trade="cook", course=True)
    assert [each.text for each in found.reasons] == [
        "This can change: Trade (cook) goes together with a longer spell of unemployment.",
        "Background: Years in the lost job (7.5) goes together with a longer spell of unemployment.",
        "A service can change this: On a course (yes) goes together with a shorter spell of unemployment.",
    ]
    assert [(each.reason, each.value, each.kind, each.goes_with) for each in found.reasons] == [
        ("trade", "cook", Kind.CAN_CHANGE, "longer"),
        ("tenure", 7.5, Kind.CONTEXT, "longer"),
        ("course", True, Kind.SERVICE_CAN_CHANGE, "shorter"),
    ]


def test_reasons_in_finnish_use_its_labels_and_its_comma(model: TrainedModel, languages: Languages) -> None:
    found = ask(model, languages["fi"], tenure=7.5, trade="cook", course=True)
    assert found.reasons[1].text == "Taustatieto: Vuosia työssä (7,5) liittyy pidempään työttömyysjaksoon."


def test_a_value_reads_in_the_language_where_the_contract_says_how(model: TrainedModel, languages: Languages) -> None:
    spoken = {"fi": {"cook": "kokki"}}
    inputs = [
        replace(each, column=replace(each.column, translations=spoken)) if each.column.name == "trade" else each
        for each in model.encoder.inputs
    ]
    finnish = replace(model, encoder=replace(model.encoder, inputs=tuple(inputs)))
    texts = {language: ask(finnish, languages[language], tenure=7.5, trade="cook", course=True).reasons[0].text
             for language in ("fi", "sv")}  # fmt: skip
    assert "(kokki)" in texts["fi"]
    assert "(cook)" in texts["sv"]


LABELS = {"en": "Experience and trade", "fi": "Kokemus ja ammatti", "sv": "Erfarenhet och yrke"}


@pytest.fixture
def grouped(model: TrainedModel) -> TrainedModel:
    """Return the model that tells tenure and trade together."""
    experience = Reason("experience", LABELS)
    inputs = tuple(
        each if each.column.name == "course" else replace(each, column=replace(each.column, reason=experience))
        for each in model.encoder.inputs
    )
    return replace(model, encoder=replace(model.encoder, inputs=inputs))


@pytest.mark.parametrize(
    ("code", "inputs", "text"),
    [
        ("en", {"tenure": 7.5, "trade": "cook"},
         "This can change: Experience and trade (trade: cook) goes together with a longer spell of unemployment."),
        ("en", {"tenure": 19.0, "trade": "cook"},
         "Background: Experience and trade (years in the lost job: 19) goes together with a longer spell of "
         "unemployment."),
        ("fi", {"tenure": 18.5, "trade": "cook"},
         "Taustatieto: Kokemus ja ammatti (vuosia työssä: 18,5) liittyy pidempään työttömyysjaksoon."),
        ("sv", {"tenure": 18.5, "trade": "cook"},
         "Bakgrund: Erfarenhet och yrke (years in the lost job: 18,5) hänger samman med en längre "
         "arbetslöshetsperiod."),
        ("fi", {"tenure": 5.0}, "Tämä voi muuttua: Kokemus ja ammatti (trade: ei tiedossa) liittyy pidempään "
         "työttömyysjaksoon."),
        ("sv", {"tenure": 5.0, "trade": "010190-123A"},
         "Det här kan förändras: Erfarenhet och yrke (trade: ett värde som modellen inte känner till) hänger samman "
         "med en längre arbetslöshetsperiod."),
    ],
)  # fmt: skip
def test_a_reason_of_several_inputs_is_told_by_its_label_and_its_strongest_input(
    code: str, inputs: Mapping[str, Any], text: str, grouped: TrainedModel, languages: Languages
) -> None:
    (reason,) = ask(grouped, languages[code], course=False, **inputs).reasons
    assert reason.text == text
    assert (reason.reason, reason.label, reason.goes_with) == ("experience", LABELS[code], "longer")


def test_a_reason_is_told_by_an_input_that_pulls_its_way(grouped: TrainedModel, languages: Languages) -> None:
    """A welder's trade (−1) outweighs fourteen years of tenure (+0.9), which no shorter spell goes together with."""
    (reason,) = ask(grouped, languages["en"], tenure=14.0, trade="welder", course=False).reasons
    assert (reason.column, reason.goes_with) == ("trade", "shorter")
    (reason,) = ask(grouped, languages["en"], tenure=16.0, trade="welder", course=False).reasons
    assert (reason.column, reason.goes_with) == ("tenure", "longer")


def test_a_reason_called_as_its_input_is_not_said_twice(model: TrainedModel, languages: Languages) -> None:
    reason = Reason("work", {"en": "Trade"})
    inputs = tuple(replace(each, column=replace(each.column, reason=reason)) if each.column.name == "trade" else each
                   for each in model.encoder.inputs)  # fmt: skip
    told = ask(replace(model, encoder=replace(model.encoder, inputs=inputs)), languages["en"], tenure=5.0,
               trade="cook", course=False)  # fmt: skip
    assert [each.text for each in told.reasons] == [
        "This can change: Trade (cook) goes together with a longer spell of unemployment."
    ]


@pytest.mark.parametrize(
    ("label", "within"),
    [
        ("Days unemployed", "days unemployed"),
        ("Ääni", "ääni"),
        ("ISCO group", "ISCO group"),
        ("TE-palvelut", "TE-palvelut"),
        ("B2 course", "B2 course"),
        ("A", "a"),
        ("300 days", "300 days"),
        ("", ""),
    ],
)
def test_a_label_within_a_sentence(label: str, within: str) -> None:
    assert uncapitalised(label) == within


def test_a_category_never_seen_is_a_reason_and_is_not_repeated(model: TrainedModel, languages: Languages) -> None:
    found = ask(model, languages["en"], tenure=5.0, trade="010190-123A", course=False)
    (reason,) = found.reasons
    assert (reason.column, reason.value) == ("trade", None)
    assert "Trade (a value that the model does not know) goes together" in reason.text
    assert "010190" not in repr(found)


def test_a_missing_value_can_be_a_reason(model: TrainedModel, languages: Languages) -> None:
    (reason,) = ask(model, languages["sv"], tenure=5.0, course=False).reasons
    assert (reason.value, reason.goes_with) == (None, "longer")
    assert "Trade (uppgift saknas) hänger samman" in reason.text


def test_always_says_that_it_does_not_know_the_person(model: TrainedModel, languages: Languages) -> None:
    found = ask(model, languages["en"], tenure=5.0, trade="cook", course=False)
    assert found.caveats == [
        "This is a statistical hint about people in a like situation; it does not know this person."
    ]


@pytest.mark.parametrize(
    ("inputs", "weak", "caveat"),
    [
        (
            {"tenure": 5.0, "trade": "cook"},
            True,
            "The model is weak: it tells people's situations apart only a little.",
        ),
        (
            {"tenure": 55.0, "trade": "diver"},
            False,
            "The model has not learnt from values like these: Years in the lost job, Trade. The hint is uncertain.",
        ),
        ({"tenure": None, "trade": "cook"}, False, "The hint was made without knowing: Years in the lost job."),
        ({"trade": "cook"}, False, "The hint was made without knowing: Years in the lost job."),
    ],
)
def test_caveats(inputs: Mapping[str, Any], weak: bool, caveat: str, model: TrainedModel, languages: Languages) -> None:
    found = ask(model, languages["en"], weak=weak, course=False, **inputs)
    assert found.caveats[1:] == [caveat]


WIDE, UNSTABLE, UNLIKE = (
    "People in a like situation were too few, or too unlike each other: the interval is wide.",
    "Models trained on other people do not agree on this case. The hint is uncertain.",
    "These values were seldom seen together in the data that the model learnt from. The hint is uncertain.",
)


@pytest.mark.parametrize(
    ("variance", "moved", "limit", "caveats"),
    [
        (0.01, [0.0] * 10, 300.0, []),
        (0.20, [0.0] * 10, 300.0, [WIDE]),
        (0.01, [0.0] * 7 + [0.2] * 3, 300.0, [UNSTABLE]),
        (0.01, [0.0] * 10, 1.0, [UNLIKE]),
        (0.20, [-1.5, 1.5] * 5, 1.0, [WIDE, UNSTABLE, UNLIKE]),
    ],
)
def test_why_a_hint_is_uncertain(
    variance: float, moved: list[float], limit: float, caveats: list[str], model: TrainedModel, languages: Languages
) -> None:
    """By each cause alone, and by all: the chance is 57 in 100, typical between 30 and 60."""
    calibrator = Calibrator(0.0, 0.0, 1.0, level_variance=variance)
    other = replace(
        model,
        calibrators=((calibrator, calibrator),),
        refits=tuple(Refit(model.scorer, ((Calibrator(0.0, by, 1.0),) * 2,)) for by in moved),
        familiarity=replace(model.familiarity, limit=limit),
    )
    for code in ("en", "fi", "sv"):
        found = ask(other, languages[code], tenure=18.0, trade="welder", course=False)
        assert found.caveats[1:] == [languages[code].gettext(each) for each in caveats]
        assert found.band == ("uncertain" if caveats else "typical")
        assert found.words is not None  # the chance is told all the same, with its interval
    assert all(languages["fi"].gettext(each) != each for each in caveats)


def test_a_value_never_seen_is_not_said_twice_to_be_strange(model: TrainedModel, languages: Languages) -> None:
    """Fifty years in a job are unlike all that was learnt from, alone: that they are so together is no news."""
    found = ask(model, languages["en"], tenure=50.0, trade="cook", course=False)
    assert found.band == "uncertain"
    assert [each for each in found.caveats if "seldom seen together" in each] == []


# ---------------------------------------------------------------- a spell that has lasted for some time


@pytest.fixture
def late(model: TrainedModel) -> TrainedModel:
    """Return the model that counts tenure as the time that the spell has lasted, in fortnights."""
    return replace(model, outcome=replace(model.outcome, entry="tenure"))


def test_a_horizon_that_was_reached_is_left_out(late: TrainedModel, languages: Languages) -> None:
    found = ask(late, languages["en"], tenure=13.0, trade="cook", course=False)
    assert [each.units for each in found.horizons] == [26.0]
    assert found.words == "About 9 in 10 people in a like situation are still unemployed at 12 months."
    assert found.band == "elevated"
    assert [each.units for each in ask(late, languages["en"], tenure=12.9, trade="cook", course=False).horizons] == [
        13.0,
        26.0,
    ]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("en", "Already unemployed for 12 months or longer: of that time there is nothing to predict."),
        ("fi", "Työttömyys on jo kestänyt vähintään 12 kuukautta: siltä ajalta ei ole mitään ennustettavaa."),
        ("sv", "Arbetslösheten har redan varat i minst 12 månader: för den tiden finns det inget att förutsäga."),
    ],
)
def test_with_every_horizon_reached_there_is_a_caveat_and_no_chance(
    code: str, said: str, late: TrainedModel, languages: Languages
) -> None:
    """No band either: "uncertain" would say that the model could not tell."""
    found = ask(late, languages[code], weak=True, tenure=26.0, trade="astronaut")
    assert (found.horizons, found.band, found.band_words, found.words) == ([], None, None, None)
    assert (found.reasons, found.caveats) == ([], [said])


def test_with_the_main_horizon_reached_the_next_one_is_spoken_of_without_a_band(
    late: TrainedModel, languages: Languages
) -> None:
    """Bands compare chances at the main horizon."""
    other = replace(late, outcome=replace(late.outcome, horizon=13.0), cuts=(Cuts(0.3, 0.6), None, None))
    found = ask(other, languages["en"], tenure=14.0, trade="cook", course=False)
    assert [each.units for each in found.horizons] == [26.0]
    assert (found.band, found.band_words) == (None, None)
    assert found.words == "About 9 in 10 people in a like situation are still unemployed at 12 months."
    assert found.caveats[0] == "Already unemployed for 6 months or longer: of that time there is nothing to predict."
    assert [each.column for each in found.reasons] == ["trade", "tenure"]


@pytest.mark.parametrize(
    ("unit", "unit_days", "horizon", "english", "finnish"),
    [
        ("week", 7.0, 1.0, "1 week", "1 viikon"),
        ("week", 7.0, 5.0, "5 weeks", "5 viikkoa"),
        ("day", 1.0, 1.0, "1 day", "1 päivän"),
        ("day", 1.0, 45.0, "45 days", "45 päivää"),
        ("month", 30.4375, 1.0, "1 month", "1 kuukauden"),
        ("month", 30.4375, 4.5, "4.5 months", "4,5 kuukautta"),
    ],
)
def test_how_long_in_words(
    unit: str, unit_days: float, horizon: float, english: str, finnish: str, late: TrainedModel, languages: Languages
) -> None:
    outcome = Outcome("spell", unit, unit_days, horizon, (horizon / 2, horizon), entry="tenure")
    for code, words in (("en", english), ("fi", finnish)):
        (said,) = ask(replace(late, outcome=outcome), languages[code], tenure=100.0).caveats
        assert f" {words}" in said
