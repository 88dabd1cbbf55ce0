"""A checked extract → data for one purpose without identities; and back for one person, on the record."""

from ml.pseudonym import KEY, NEW_KEY, MasterKey, make_key_file, read_key
from ml.register.pseudonymise.custody import Chain, verify_log
from ml.register.pseudonymise.deliver import pseudonymise
from ml.register.pseudonymise.manifest import Pseudonymised, read_pseudonymised
from ml.register.pseudonymise.reidentification import reidentify
from ml.register.pseudonymise.report import Report
from ml.register.pseudonymise.rotation import rekey

__all__ = [
    "KEY",
    "NEW_KEY",
    "Chain",
    "MasterKey",
    "Pseudonymised",
    "Report",
    "make_key_file",
    "pseudonymise",
    "read_key",
    "read_pseudonymised",
    "reidentify",
    "rekey",
    "verify_log",
]
