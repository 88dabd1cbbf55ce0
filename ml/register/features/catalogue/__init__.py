"""The features of the risk model, subject by subject, in the order in which the cohort has them.

No protected attribute is among them, and no obvious stand-in for one: neither language courses nor integration plans
are read. A missing level of education is a known stand-in for a foreign mother tongue (report 3.1.1): the audit
looks at it.
"""

from ml.register.features.catalogue.benefits import BENEFITS
from ml.register.features.catalogue.history import HISTORY
from ml.register.features.catalogue.person import PERSON
from ml.register.features.catalogue.plans import PLANS
from ml.register.features.catalogue.reasons import REASONS
from ml.register.features.catalogue.services import SERVICES
from ml.register.features.catalogue.windows import WINDOWS

FEATURES = (*HISTORY, *PERSON, *BENEFITS, *SERVICES, *PLANS)

__all__ = ["FEATURES", "REASONS", "WINDOWS"]
