"""Whether people say something, and whether the words are their own."""

from __future__ import annotations

import re

_SIGNS = re.compile(r"[\W_]+")
LEAST_WORDS = 3  # of a reason, with letters in them: a word is no reason
LEAST_SENTENCE = 6  # words of what an approver says in their own, most of them different
LEAST_DIFFERENT = 5
SHORTEST = 1.7  # letters a word, on average: "x x x x x x" is no sentence


def words(text: str) -> int:
    """Return how many words there are that have a letter."""
    return sum(any(each.isalpha() for each in word) for word in text.split())


def plain(text: str) -> str:
    """Return a text without case and signs, so that two ways to write it are one."""
    return _SIGNS.sub(" ", text.casefold()).strip()


def is_sentence(text: str) -> bool:
    """Return whether a text may say something: enough words, of letters, most of them different."""
    words = plain(text).split()
    lettered = [each for each in words if any(letter.isalpha() for letter in each)]
    long_enough = sum(map(len, lettered)) >= SHORTEST * len(lettered)
    return len(lettered) >= LEAST_SENTENCE and len(set(lettered)) >= LEAST_DIFFERENT and long_enough
