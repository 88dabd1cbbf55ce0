"""Whether two spellings name one person, and which spellings name nobody surely."""

from __future__ import annotations

import unicodedata

_BLANK = "\u115f\u1160\u3164\uffa0\u2800"  # letters and signs that show nothing
# Letters that are another letter with a stroke, or two letters, and have no accent to take off; after casefold.
_STROKES = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ŧ": "t", "ŋ": "n", "æ": "ae", "œ": "oe", "þ": "th"}
)
# Cyrillic and Greek letters that look like a Latin one, small or capital; after casefold.
_LOOK_ALIKES = str.maketrans("авекмнорстухіјѕԁԛԝһӏαβεζηικμνορτυχϲ", "abekmhopctyxijsdqwhlabezhikmnoptyxc")
_ALONE = ("LATIN", "CYRILLIC", "GREEK")  # scripts whose letters are taken for each other


def same_person(one: str, other: str) -> bool:
    """Return whether two spellings name one person.

    Case, accents, order of the words, punctuation, characters that nobody sees and letters of another script that
    look the same do not make another. A namesake is told apart by a middle name or a number, written out.
    """
    return bool(_forms(one) & _forms(other))


def nobody(name: str) -> bool:
    """Return whether a name has no letter or figure in it."""
    return not _forms(name)


def name_problem(name: str) -> str | None:
    """Return what is wrong with a name as the trust file writes it, or None."""
    if nobody(name):
        return "a name has letters"
    if any(unicodedata.category(each) in {"Cc", "Cf", "Co", "Cs"} or each in _BLANK for each in name):
        return f"{name!r} has characters that nobody sees; write it again by hand"
    scripts = {_script(each) for each in unicodedata.normalize("NFKC", name) if _is_letter(each)}
    if len(scripts) > 1 and scripts & set(_ALONE):
        return f"{name!r} mixes letters of {' and '.join(sorted(scripts))}; write it in one script"
    return None


def _forms(name: str) -> frozenset[str]:
    """Return what is compared: the words in order of the alphabet, with punctuation as a gap and as nothing; no gaps.

    So "Lovelace, Ada" is "Ada Lovelace", "O'Brien" is both "OBrien" and "O Brien", and "Annamaria" is "Anna Maria".
    """
    plain = _plain(name)
    spaced = "".join(each if each.isalnum() else " " for each in plain).split()
    glued = "".join(each for each in plain if each.isalnum() or each.isspace()).split()
    return frozenset({" ".join(sorted(spaced)), " ".join(sorted(glued)), "".join(spaced)} - {""})


def _plain(name: str) -> str:
    """Return a name without case, accents, strokes and what nobody sees, in Latin letters where they look the same."""
    seen = "".join(each for each in name if each not in _BLANK and unicodedata.category(each) != "Cf")
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", seen).casefold()).casefold()
    bare = "".join(each for each in folded if not unicodedata.category(each).startswith("M"))
    return bare.translate(_STROKES).translate(_LOOK_ALIKES)


def _is_letter(character: str) -> bool:
    """Return whether a character is a letter of a script (a raised apostrophe is of none)."""
    return unicodedata.category(character) in {"Lu", "Ll", "Lt", "Lo"}


def _script(letter: str) -> str:
    return unicodedata.name(letter, "an unknown script").split()[0]
