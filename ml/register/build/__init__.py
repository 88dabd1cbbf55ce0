"""A pseudonymised extract → the cohort folder that `apualy train` reads."""

from ml.register.build.cohort import Built, Limits, build

__all__ = ["Built", "Limits", "build"]
