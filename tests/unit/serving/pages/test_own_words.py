"""Every form into which people write in their own words is marked, so that a browser asks before it is left."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

FORM = re.compile(r'(<form [^>]*method="post".*?</form>)', re.DOTALL)
WRITING = re.compile(r'<textarea|fields\.area|fields\.kept|fields\.line\("why"|why_field\(|review\.question')
TEMPLATES = files("serving.pages").joinpath("templates")
FORMS = [
    (template.name, form)
    for template in TEMPLATES.iterdir() if template.name.endswith(".jinja")
    for form in FORM.findall(template.read_text(encoding="utf-8")) if WRITING.search(form)
]  # fmt: skip


def test_there_are_such_forms() -> None:
    assert len(FORMS) >= 11


@pytest.mark.parametrize(("template", "form"), FORMS, ids=[name for name, _ in FORMS])
def test_a_form_for_own_words_is_marked(template: str, form: str) -> None:
    assert "own_words(" in form.partition("\n")[0] or "data-own-words" in form.partition("\n")[0], template
