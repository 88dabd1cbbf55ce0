"""Card → the public description, which a jobseeker can read without any training."""

from .page import public_page
from .words import LANGUAGES

__all__ = ["LANGUAGES", "public_page"]
