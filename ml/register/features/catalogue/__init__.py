"""The features of the risk model, subject by subject, in the order in which the cohort has them.

No protected attribute is among them, and no obvious stand-in for one: neither language courses nor integration plans
are read. A missing level of education is a known stand-in for a foreign mother tongue (report 3.1.1): the audit
looks at it.

`why` is read on the model card by those who may ask to drop an input. It begins with what the input goes together
with, never with what it causes; then which protected ground it may tell of ("audited": the audit has that attribute
and searches the inputs for stand-ins; "not audited": the register does not hold it); then why the window, and how it
is counted. "Only restates" says that other inputs hold the same. What was found elsewhere (`FOUND`) is all about the
risk of long unemployment, not about service needs.
"""

from ml.register.features.catalogue.benefits import BENEFITS
from ml.register.features.catalogue.history import HISTORY
from ml.register.features.catalogue.person import PERSON
from ml.register.features.catalogue.plans import PLANS
from ml.register.features.catalogue.reasons import REASONS
from ml.register.features.catalogue.services import SERVICES
from ml.register.features.catalogue.times import PACE
from ml.register.features.catalogue.windows import WINDOWS

FOUND = (
    "O'Connell, McGuinness, Kelly (2012), The transition from short- to long-term unemployment: a statistical "
    "profiling model for Ireland. The Economic and Social Review 43(1): a recent history of long-term "
    "unemployment, little recent work and a low level of education go together with a year of unemployment or more.",
    "Kyyrä, Pesola, Verho (2019), The spike at benefit exhaustion. Labour Economics 60: in Finland the rate of finding "
    "work rises in the two months before the right to the allowance ends.",
    "van Ours (2004), The locking-in effect of subsidized jobs. Journal of Comparative Economics 32(1).",
    "Maibom, Rosholm, Svarer (2017), Experimental evidence on the effects of early meetings and activation. The "
    "Scandinavian Journal of Economics 119(3): frequent individual meetings with caseworkers, more work later.",
)
FEATURES = (*HISTORY, *PERSON, *BENEFITS, *SERVICES, *PLANS)

__all__ = ["FEATURES", "FOUND", "PACE", "REASONS", "WINDOWS"]
