"""What only people know of a model: forms, the ethical dialogue, and what is still missing."""

from .form import fill, form
from .gaps import Gap, gaps
from .people import People, people_of

__all__ = ["Gap", "People", "fill", "form", "gaps", "people_of"]
