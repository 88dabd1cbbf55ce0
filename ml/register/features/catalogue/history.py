"""Features of the history of unemployment, work and education."""

from __future__ import annotations

from ml.contracts import ColumnType, Kind
from ml.register.features.catalogue.windows import over_years
from ml.register.features.feature import Feature
from ml.register.outcomes import ENDINGS
from ml.register.schema import Words
from ml.register.schema.codes import EMPLOYMENT_CODES

DAYS = ("employment_codes.code", "employment_codes.start", "employment_codes.end")
SEASONS = {
    "winter": Words("winter", "talvi", "vinter"),
    "spring": Words("spring", "kevät", "vår"),
    "summer": Words("summer", "kesä", "sommar"),
    "autumn": Words("autumn", "syksy", "höst"),
}
NO_CODE = Words("no code", "ei koodia", "ingen kod")

HISTORY = (
    Feature(
        "days_unemployed",
        ColumnType.NUMBER,
        Kind.CONTEXT,
        Words(
            "Days unemployed so far",
            "Työttömyyspäivät tähän mennessä",
            "Dagar i arbetslöshet hittills",
        ),
        DAYS,
        "the longer a spell has lasted, the seldomer it ends in the next month; 0 at registration",
        reason="spell_so_far",
    ),
    Feature(
        "opening_code",
        ColumnType.CATEGORY,
        Kind.CONTEXT,
        Words(
            "Employment code at registration",
            "Työllisyyskoodi työttömyyden alkaessa",
            "Sysselsättningskod när arbetslösheten började",
        ),
        ("employment_codes.code",),
        "people laid off temporarily are often called back; other unemployed people have no job that waits for them",
        values={code: EMPLOYMENT_CODES[code] for code in ("02", "03")},
        reason="employment_status",
    ),
    Feature(
        "season",
        ColumnType.CATEGORY,
        Kind.IMMUTABLE,
        Words("Season of registration", "Vuodenaika työttömyyden alkaessa", "Årstid när arbetslösheten började"),
        ("employment_codes.start",),
        "seasonal work ends and begins again at the same time of the year; by the month of the first day",
        values=SEASONS,
        reason="season",
    ),
    Feature(
        "code_now",
        ColumnType.CATEGORY,
        Kind.CONTEXT,
        Words("Employment code now", "Työllisyyskoodi nyt", "Sysselsättningskod nu"),
        DAYS,
        "people in a service, in education or in short work are at another point on the way out than those with none",
        values={**EMPLOYMENT_CODES, "none": NO_CODE},
        reason="employment_status",
    ),
    *over_years(
        "unemployed_days",
        Kind.IMMUTABLE,
        Words("Days unemployed", "Työttömyyspäivät", "Dagar i arbetslöshet"),
        DAYS,
        "earlier unemployment goes together with longer spells (O'Connell et al. 2012)",
        reason="unemployment_history",
        counted="counted in codes 02 and 03",
    ),
    *over_years(
        "work_days",
        Kind.IMMUTABLE,
        Words("Recorded days in work", "Kirjatut työssäolopäivät", "Antecknade dagar i arbete"),
        DAYS,
        "little recent work goes together with longer spells (O'Connell et al. 2012); "
        "work abroad is unseen: may tell of origin (audited)",
        reason="work_history",
    ),
    *over_years(
        "education_days",
        Kind.SERVICE_CAN_CHANGE,
        Words("Days in education", "Koulutuspäivät", "Dagar i utbildning"),
        DAYS,
        "tells days of study from days of which nothing is known; may tell of age (audited)",
        reason="studies",
        counted="counted in code 08",
    ),
    *over_years(
        "spells",
        Kind.IMMUTABLE,
        Words(
            "Earlier spells of unemployment that began",
            "Alkaneet aiemmat työttömyysjaksot",
            "Tidigare arbetslöshetsperioder som började",
        ),
        DAYS,
        "many spells tell of work that ends again, which days alone do not",
        reason="unemployment_history",
    ),
    Feature(
        "longest_spell_days_5y",
        ColumnType.NUMBER,
        Kind.IMMUTABLE,
        Words(
            "Days of the longest earlier spell of unemployment in the last five years",
            "Pisimmän aiemman työttömyysjakson kesto päivinä viiden viime vuoden aikana",
            "Den längsta tidigare arbetslöshetsperiodens längd i dagar under de fem senaste åren",
        ),
        DAYS,
        "a recent long spell goes together with another long one (O'Connell et al. 2012); "
        "only its days in the five years count",
        reason="unemployment_history",
    ),
    Feature(
        "months_since_job",
        ColumnType.NUMBER,
        Kind.CONTEXT,
        Words(
            "Months since the last recorded job ended",
            "Kuukaudet edellisen kirjatun työn päättymisestä",
            "Månader sedan det senaste antecknade arbetet upphörde",
        ),
        DAYS,
        "time without work goes together with longer spells (O'Connell et al. 2012); 0 while in short work; "
        "missing without a job in five years",
        missing=True,
        reason="time_without_work",
    ),
    Feature(
        "worked",
        ColumnType.BOOLEAN,
        Kind.IMMUTABLE,
        Words(
            "Recorded in work in the last five years",
            "Kirjattu työssäolo viiden viime vuoden aikana",
            "Antecknad i arbete under de fem senaste åren",
        ),
        DAYS,
        "no work in five years differs from work long ago; may tell of age or origin (audited); "
        "only restates that months since a job are missing",
        reason="work_history",
    ),
    Feature(
        "returned",
        ColumnType.BOOLEAN,
        Kind.IMMUTABLE,
        Words(
            "Unemployed again within a year of the previous spell",
            "Työttömäksi uudelleen vuoden sisällä edellisestä jaksosta",
            "Arbetslös på nytt inom ett år från föregående period",
        ),
        DAYS,
        "a return within a year tells that the last way out did not hold; at most 365 days between the spells",
        reason="unemployment_history",
    ),
    Feature(
        "repeatedly_unemployed",
        ColumnType.BOOLEAN,
        Kind.IMMUTABLE,
        Words("Repeatedly unemployed", "Toistuvaistyötön", "Upprepade gånger arbetslös"),
        DAYS,
        "short breaks hide lasting unemployment (Statistics Finland: over 12 of 16 months); "
        "over 365 of 487 days in codes 02 and 03",
        reason="unemployment_history",
    ),
    Feature(
        "previous_ending",
        ColumnType.CATEGORY,
        Kind.IMMUTABLE,
        Words(
            "How the previous spell ended",
            "Miten edellinen työttömyysjakso päättyi",
            "Hur föregående arbetslöshetsperiod upphörde",
        ),
        DAYS,
        "other ways out are followed by other ways back; "
        "may tell of age (audited), health or family (not audited); missing without a spell",
        missing=True,
        values={code: words for code, words in ENDINGS.items() if code != "under way"},
        reason="unemployment_history",
    ),
    Feature(
        "first_registration",
        ColumnType.BOOLEAN,
        Kind.IMMUTABLE,
        Words(
            "First spell in five years",
            "Ensimmäinen työttömyysjakso viiteen vuoteen",
            "Den första arbetslöshetsperioden på fem år",
        ),
        DAYS,
        "no known spell is not the same as a good record; may tell of age or origin (audited); "
        "only restates a longest earlier spell of 0 days",
        reason="unemployment_history",
    ),
)
