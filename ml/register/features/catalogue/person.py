"""Features of a person's education and occupation."""

from __future__ import annotations

from ml.contracts import ColumnType, Kind
from ml.register.features.feature import Feature
from ml.register.schema import Words
from ml.register.schema.codes import OCCUPATION_MAJOR_GROUPS

EDUCATIONS = {
    "basic": Words("basic", "perusaste", "grundnivå"),
    "secondary": Words("upper secondary", "toinen aste", "andra stadiet"),
    "higher": Words("higher education", "korkea-aste", "högre nivå"),
}

PERSON = (
    Feature(
        "education",
        ColumnType.CATEGORY,
        Kind.SERVICE_CAN_CHANGE,
        Words("Level of education", "Koulutusaste", "Utbildningsnivå"),
        ("jobseekers.education_level",),
        "less education goes together with longer spells (O'Connell et al. 2012); unknown, like finer levels, "
        "may tell of origin (audited): three classes",
        missing=True,
        values=EDUCATIONS,
        reason="education",
    ),
    Feature(
        "occupation_group",
        ColumnType.CATEGORY,
        Kind.CONTEXT,
        Words("Occupational group", "Ammattiryhmä", "Yrkesgrupp"),
        ("jobseekers.occupation",),
        "demand for work differs between occupations; may tell of gender or origin (audited), "
        "so only ten major groups of ISCO-08",
        missing=True,
        values=OCCUPATION_MAJOR_GROUPS,
        reason="occupation",
    ),
)
