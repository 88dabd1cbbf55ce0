"""Features of the history of unemployment, work and education."""

from __future__ import annotations

from ml.contracts import ColumnType, Kind
from ml.register.features.catalogue.windows import WINDOWS
from ml.register.features.feature import Feature, over_windows
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
        "those laid off temporarily are often called back",
        values={code: EMPLOYMENT_CODES[code] for code in ("02", "03")},
        reason="employment_status",
    ),
    Feature(
        "season",
        ColumnType.CATEGORY,
        Kind.IMMUTABLE,
        Words("Season of registration", "Vuodenaika työttömyyden alkaessa", "Årstid när arbetslösheten började"),
        ("employment_codes.start",),
        "seasonal work ends and begins again at the same time of the year",
        values=SEASONS,
        reason="season",
    ),
    Feature(
        "code_now",
        ColumnType.CATEGORY,
        Kind.CONTEXT,
        Words("Employment code now", "Työllisyyskoodi nyt", "Sysselsättningskod nu"),
        DAYS,
        "who is in a service or in short work is elsewhere on the way out of unemployment",
        values={**EMPLOYMENT_CODES, "none": NO_CODE},
        reason="employment_status",
    ),
    *over_windows(
        "unemployed_days",
        WINDOWS,
        Kind.IMMUTABLE,
        Words("Days unemployed", "Työttömyyspäivät", "Dagar i arbetslöshet"),
        DAYS,
        "codes 02 and 03; earlier unemployment is the strongest sign of later unemployment",
        reason="unemployment_history",
    ),
    *over_windows(
        "work_days",
        WINDOWS,
        Kind.IMMUTABLE,
        Words("Recorded days in work", "Kirjatut työssäolopäivät", "Antecknade dagar i arbete"),
        DAYS,
        "codes 01 and 04; as far as the register knows: those who are no jobseekers are not in it",
        reason="work_history",
    ),
    *over_windows(
        "education_days",
        WINDOWS,
        Kind.SERVICE_CAN_CHANGE,
        Words("Days in education", "Koulutuspäivät", "Dagar i utbildning"),
        DAYS,
        "code 08",
        reason="studies",
    ),
    *over_windows(
        "spells",
        WINDOWS,
        Kind.IMMUTABLE,
        Words(
            "Earlier spells of unemployment that began",
            "Alkaneet aiemmat työttömyysjaksot",
            "Tidigare arbetslöshetsperioder som började",
        ),
        DAYS,
        "repeated short spells tell of work that ends again",
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
        "who was unemployed long once is so more often again; only the days of the window count",
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
        "codes 01 and 04; 0 while in short work; missing without a job in the last five years",
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
        "codes 01 and 04, of any length",
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
        "the previous spell ended at most 365 days before this one began",
        reason="unemployment_history",
    ),
    Feature(
        "repeatedly_unemployed",
        ColumnType.BOOLEAN,
        Kind.IMMUTABLE,
        Words("Repeatedly unemployed", "Toistuvaistyötön", "Upprepade gånger arbetslös"),
        DAYS,
        "over 12 of the last 16 months, Statistics Finland's words; here over 365 of 487 days in codes 02 and 03",
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
        "out of the labour force is another way back than work; missing without an earlier spell in five years",
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
        "nothing is known of a newcomer's earlier unemployment",
        reason="unemployment_history",
    ),
)
