"""Who the jobseekers are: one record a version of a person's facts."""

from __future__ import annotations

from ml.contracts import Kind, Role
from ml.register.schema.codes import EDUCATION_LEVELS, OCCUPATIONS, countries, languages
from ml.register.schema.column import RegisterColumn, Sensitivity, Table, ValueType, Words
from ml.register.schema.tables.shared import EVERYWHERE, day, entered, identity_code, uses

GENDERS = {"1": Words("men", "miehet", "män"), "2": Words("women", "naiset", "kvinnor")}
PLAN_DAYS = ("integration_plan_start", "integration_plan_end")  # first and last day of an integration plan

JOBSEEKERS = Table(
    name="jobseekers",
    words=Words(
        "People who have been jobseekers, one record each time their facts changed",
        "Työnhakijana olleet henkilöt, yksi tietue jokaisesta tietojen muutoksesta",
        "Personer som varit arbetssökande, en post för varje ändring av uppgifterna",
    ),
    columns=(
        identity_code(),
        RegisterColumn(
            "birth_date",
            ValueType.DATE,
            Words("Date of birth", "Syntymäaika", "Födelsedatum"),
            Sensitivity.QUASI_IDENTIFIER,
            uses(Role.PROTECTED, *EVERYWHERE),
        ),
        RegisterColumn(
            "gender",
            ValueType.CODE,
            Words("Gender", "Sukupuoli", "Kön"),
            Sensitivity.PROTECTED,
            uses(Role.PROTECTED, *EVERYWHERE),
            codes=GENDERS,
        ),
        RegisterColumn(
            "mother_tongue",
            ValueType.CODE,
            Words("Mother tongue (ISO 639-1)", "Äidinkieli (ISO 639-1)", "Modersmål (ISO 639-1)"),
            Sensitivity.PROTECTED,
            uses(Role.PROTECTED, *EVERYWHERE),
            codes=languages(),
        ),
        RegisterColumn(
            "citizenship",
            ValueType.CODE,
            Words("Citizenship (ISO 3166-1)", "Kansalaisuus (ISO 3166-1)", "Medborgarskap (ISO 3166-1)"),
            Sensitivity.PROTECTED,
            uses(Role.PROTECTED, *EVERYWHERE),
            codes=countries(),
        ),
        RegisterColumn(
            "municipality",
            ValueType.CODE,
            Words("Municipality of residence", "Asuinkunta", "Boendekommun"),
            Sensitivity.QUASI_IDENTIFIER,
            uses(Role.PROTECTED),
            pattern=r"\d{3}",
        ),
        RegisterColumn(
            "postal_code",
            ValueType.CODE,
            Words("Postal code of residence", "Asuinpaikan postinumero", "Boendeortens postnummer"),
            Sensitivity.QUASI_IDENTIFIER,
            uses(Role.PROTECTED),
            pattern=r"\d{5}",
        ),
        RegisterColumn(
            "education_level",
            ValueType.CODE,
            Words("Level of education", "Koulutusaste", "Utbildningsnivå"),
            Sensitivity.QUASI_IDENTIFIER,
            uses(Role.FEATURE, *EVERYWHERE),
            Kind.SERVICE_CAN_CHANGE,
            required=False,
            codes=EDUCATION_LEVELS,
        ),
        RegisterColumn(
            "education_code",
            ValueType.CODE,
            Words("Education, four digits", "Koulutus neljällä numerolla", "Utbildning med fyra siffror"),
            Sensitivity.QUASI_IDENTIFIER,
            uses(Role.FEATURE),
            Kind.SERVICE_CAN_CHANGE,
            required=False,
            pattern=r"\d{4}",
        ),
        RegisterColumn(
            "occupation",
            ValueType.CODE,
            Words(
                "Occupation (ISCO-08, three digits)", "Ammatti (ISCO-08, kolme numeroa)", "Yrke (ISCO-08, tre siffror)"
            ),
            Sensitivity.QUASI_IDENTIFIER,
            uses(Role.FEATURE, *EVERYWHERE),
            Kind.CONTEXT,
            required=False,
            codes=OCCUPATIONS,
        ),
        RegisterColumn(
            "arrived_in_finland",
            ValueType.DATE,
            Words("Date of arrival in Finland", "Maahantulopäivä", "Datum för ankomst till Finland"),
            Sensitivity.PROTECTED,
            uses(Role.PROTECTED),
            required=False,
        ),
        RegisterColumn(
            "integration_plan_start",
            ValueType.DATE,
            Words("Integration plan from", "Kotoutumissuunnitelma alkaen", "Integrationsplan från"),
            Sensitivity.PROTECTED,
            uses(Role.PROTECTED, "service-need"),  # the rule of the integration entity needs it, no score does
            required=False,
        ),
        RegisterColumn(
            "integration_plan_end",
            ValueType.DATE,
            Words("Integration plan until", "Kotoutumissuunnitelma päättyy", "Integrationsplan till"),
            Sensitivity.PROTECTED,
            uses(Role.PROTECTED, "service-need"),
            required=False,
        ),
        RegisterColumn(
            "work_ability_limited",
            ValueType.BOOLEAN,
            Words("Limited work ability", "Työkyvyn rajoite", "Nedsatt arbetsförmåga"),
            Sensitivity.SPECIAL_CATEGORY,
            uses(Role.PROTECTED),
            required=False,
        ),
        day(
            "valid_from",
            Words("Facts hold from", "Tiedot voimassa alkaen", "Uppgifterna gäller från"),
            purposes=EVERYWHERE,
        ),
        entered(EVERYWHERE),
    ),
    key=("identity_code", "valid_from"),
    happened="valid_from",
    entered="entered",
)
