"""The reasons that people are told: each sums what several features say, all of them of one kind.

Nouns in the singular, for they are the subject of "… goes together with a longer spell" in three languages.
"""

from ml.register.schema import Words

REASONS = {
    "spell_so_far": Words("Length of this spell", "Tämän työttömyysjakson kesto", "Längden på denna arbetslöshet"),
    "employment_status": Words("Employment status", "Työllisyystilanne", "Sysselsättningssituation"),
    "season": Words("Time of the year", "Vuodenaika", "Årstid"),
    "unemployment_history": Words("Earlier unemployment", "Aiempi työttömyys", "Tidigare arbetslöshet"),
    "work_history": Words("Earlier work", "Aiempi työssäolo", "Tidigare arbete"),
    "time_without_work": Words("Time since the last job", "Aika edellisestä työstä", "Tid sedan det senaste arbetet"),
    "studies": Words("Time in education", "Opiskelu", "Studier"),
    "education": Words("Education", "Koulutus", "Utbildning"),
    "occupation": Words("Occupation", "Ammatti", "Yrke"),
    "benefits": Words("Unemployment benefit", "Työttömyysetuus", "Arbetslöshetsförmån"),
    "services": Words(
        "Participation in employment services",
        "Palveluihin osallistuminen",
        "Deltagande i sysselsättningsfrämjande service",
    ),
    "contact": Words("Contact with the service", "Yhteydenpito työllisyyspalveluihin", "Kontakt med servicen"),
    "job_search": Words("Job search", "Työnhaku", "Jobbsökning"),
}
