"""Closed sets of codes that the tables share: languages, countries, occupations, employment codes."""

from __future__ import annotations

import re
from functools import cache

from babel import Locale

from ml.register.schema.column import Words

EMPLOYMENT_CODES = {
    "00": Words("employed by a measure", "työllistetty", "sysselsatt genom åtgärd"),
    "01": Words(
        "in work on the open labour market", "työssä yleisillä työmarkkinoilla", "i arbete på öppna arbetsmarknaden"
    ),
    "02": Words("unemployed", "työtön", "arbetslös"),
    "03": Words("laid off temporarily", "lomautettu", "permitterad"),
    "04": Words("on a shortened working week", "lyhennetyllä työviikolla", "med förkortad arbetsvecka"),
    "05": Words("outside the labour force", "työvoiman ulkopuolella", "utanför arbetskraften"),
    "06": Words("on unemployment pension", "työttömyyseläkkeellä", "med arbetslöshetspension"),
    "07": Words(
        "in an employment-promoting service",
        "työllistymistä edistävässä palvelussa",
        "i sysselsättningsfrämjande service",
    ),
    "08": Words("in education", "koulutuksessa", "i utbildning"),
}
EDUCATION_LEVELS = {
    "1": Words("basic education", "perusaste", "grundnivå"),
    "3": Words("upper secondary education", "toinen aste", "andra stadiet"),
    "4": Words("specialist vocational education", "erikoisammattikoulutusaste", "specialyrkesutbildning"),
    "5": Words("lowest level of higher education", "alin korkea-aste", "lägsta högre nivå"),
    "6": Words("lower higher education", "alempi korkeakouluaste", "lägre högskolenivå"),
    "7": Words("upper higher education", "ylempi korkeakouluaste", "högre högskolenivå"),
    "8": Words("doctoral education", "tutkijakoulutusaste", "forskarutbildning"),
}
OCCUPATION_MAJOR_GROUPS = {
    "0": Words("armed forces", "sotilaat", "militärer"),
    "1": Words("managers", "johtajat", "chefer"),
    "2": Words("professionals", "erityisasiantuntijat", "specialister"),
    "3": Words("technicians and associate professionals", "asiantuntijat", "experter"),
    "4": Words("clerical support workers", "toimisto- ja asiakaspalvelutyöntekijät", "kontors- och kundtjänstpersonal"),
    "5": Words("service and sales workers", "palvelu- ja myyntityöntekijät", "service- och försäljningspersonal"),
    "6": Words(
        "agricultural and forestry workers", "maanviljelijät, metsätyöntekijät ym.", "jordbrukare, skogsarbetare m.fl."
    ),
    "7": Words(
        "craft and trades workers",
        "rakennus-, korjaus- ja valmistustyöntekijät",
        "byggnads-, reparations- och tillverkningsarbetare",
    ),
    "8": Words("plant and machine operators", "prosessi- ja kuljetustyöntekijät", "process- och transportarbetare"),
    "9": Words("elementary occupations", "muut työntekijät", "övriga arbetstagare"),
}
_ISCO_MINOR = """
011 021 031 111 112 121 122 131 132 133 134 141 142 143 211 212 213 214 215 216 221 222 223 224 225 226 231 232 233
234 235 241 242 243 251 252 261 262 263 264 265 311 312 313 314 315 321 322 323 324 325 331 332 333 334 335 341 342
343 351 352 411 412 413 421 422 431 432 441 511 512 513 514 515 516 521 522 523 524 531 532 541 611 612 613 621 622
631 632 633 634 711 712 713 721 722 723 731 732 741 742 751 752 753 754 811 812 813 814 815 816 817 818 821 831 832
833 834 835 911 912 921 931 932 933 941 951 952 961 962
"""
NO_COUNTRIES = frozenset(["EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"])  # groups and stand-ins of Unicode's list
OCCUPATIONS = frozenset(_ISCO_MINOR.split())  # ISCO-08, three digits


@cache
def languages() -> frozenset[str]:
    """Return the two-letter language codes of ISO 639-1."""
    return frozenset(code for code in map(str, Locale("en").languages) if re.fullmatch("[a-z]{2}", code))


@cache
def countries() -> frozenset[str]:
    """Return the two-letter country codes of ISO 3166-1, and XX: none or unknown."""
    territories = (code for code in map(str, Locale("en").territories) if re.fullmatch("[A-Z]{2}", code))
    return (frozenset(territories) - NO_COUNTRIES) | {"XX"}
