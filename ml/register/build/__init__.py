"""A pseudonymised extract → the cohort folder that `apualy train` reads."""

from ml.register.build.cohort import Built, build

__all__ = ["Built", "build"]
