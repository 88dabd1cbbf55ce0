"""`apualy card`: show, check, diff, fill and publish, as people type them."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ml.governance.renderings import renderings

from ..conftest import FORMS

BOTH = ("card", "dialogue")


def kept(home: Path) -> dict[str, bytes]:
    """Return every file of the cards; a command that refuses leaves them as they were."""
    folder = home / "model_cards"
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def refused(ran: Any, code: int, words: str) -> None:
    assert (ran.code, ran.out) == (code, ""), ran
    assert words in ran.err
    assert ran.err.startswith("apualy: ")
    assert ran.err.count("\n") == 1
    assert "unexpected" not in ran.err


@pytest.fixture
def forms(tmp_path: Path) -> Path:
    """Return a folder with the demo's forms, and the document that they name."""
    return Path(shutil.copytree(FORMS, tmp_path / "forms"))


@pytest.fixture
def fill(apualy: Any, forms: Path) -> Callable[..., Any]:
    """Return what fills version 1 with a form, after one text in it was put in the place of another."""

    def run(form: str, old: str = "", new: str = "", *argv: object) -> Any:
        path = forms / f"{form}.toml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1) if old else text, encoding="utf-8")
        return apualy("card", "fill", "ltu-small", 1, "--form", path, "--as", "Ada", *argv)

    return run


# ---------------------------------------------------------------- show


@pytest.mark.parametrize(
    ("argv", "name"),
    [
        ([], "1.md"), (["--format", "md"], "1.md"), (["--format", "html"], "1.html"), (["--format", "json"], "1.json"),
    ],
)  # fmt: skip
def test_what_is_shown_is_what_stands_in_the_file(apualy: Any, drafts: Path, argv: list[str], name: str) -> None:
    ran = apualy("card", "show", "ltu-small", 1, *argv)
    assert (ran.code, ran.err) == (0, "")
    shown = (drafts / "model_cards" / "ltu-small" / name).read_text(encoding="utf-8")
    record = drafts / "model_cards" / "ltu-small" / "1.review.md"
    assert ran.out == (f"{shown}\n{record.read_text(encoding='utf-8')}" if name == "1.md" else shown)


@pytest.mark.parametrize(("argv", "language"), [([], "fi"), (["--language", "sv"], "sv"), (["--language", "en"], "en")])
def test_the_public_page_is_in_three_languages(apualy: Any, drafts: Path, argv: list[str], language: str) -> None:
    ran = apualy("card", "show", "ltu-small", 1, "--format", "public", *argv)
    assert (ran.code, ran.err) == (0, "")
    assert f'lang="{language}"' in ran.out.split(">")[1]


def test_the_newest_version_is_shown_when_none_is_named(apualy: Any, drafts: Path) -> None:
    assert json.loads(apualy("card", "show", "ltu-small", "--format", "json").out)["model"]["version"] == 2


@pytest.mark.parametrize("command", ["show", "check", "fill", "publish"])
@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["ltu-none"], "no model named ltu-none in var; known: ltu-small"),
        (["ltu-small", "3"], "ltu-small has no version 3 in var"),
        (["ltu-small", "one"], "'one' is not the number of a version"),
        ([], "MODEL"),
    ],
)
def test_what_is_not_there(apualy: Any, drafts: Path, command: str, argv: list[str], words: str) -> None:
    ran = apualy("card", command, *argv)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err


# ---------------------------------------------------------------- check


def test_check_lists_the_gaps_until_there_are_none(apualy: Any, drafts: Path, fill: Callable[..., Any]) -> None:
    ran = apualy("card", "check", "ltu-small", 1)
    lines = ran.out.splitlines()
    assert (ran.code, ran.err.count("\n")) == (4, 1)
    assert f"is not ready: {len(lines)} gaps, 0 files altered; apualy card fill ltu-small" in ran.err
    assert all(line.startswith("gap: ") for line in lines)
    found = json.loads(apualy("card", "check", "ltu-small", 1, "--json").out)
    assert [f"gap: {each['words']} ({each['place']})" for each in found["gaps"]] == lines
    assert found["altered"] == []

    assert "no gaps left" in [fill(form).out for form in BOTH][-1]
    ran = apualy("card", "check", "ltu-small", 1)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "the card of ltu-small version 1 is complete, and every file is as it was made\n"
    assert json.loads(apualy("card", "check", "ltu-small", 1, "--json").out) == {"gaps": [], "altered": []}


@pytest.mark.parametrize("name", ["1.md", "1.html", "1.public.sv.html", "1/audit.json", "1/evidence.html"])
@pytest.mark.parametrize("harm", ["changed", "gone"])
def test_check_names_a_file_that_is_not_as_it_was_made(apualy: Any, drafts: Path, name: str, harm: str) -> None:
    path = drafts / "model_cards" / "ltu-small" / name
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes() + b" ")
    ran = apualy("card", "check", "ltu-small", 1)
    assert ran.code == 4
    (line,) = (line for line in ran.out.splitlines() if line.startswith("altered: "))
    assert line.startswith(f"altered: {name} is not ")


# ---------------------------------------------------------------- diff


def test_diff_says_what_changed_between_two_versions(apualy: Any, drafts: Path) -> None:
    ran = apualy("card", "diff", "ltu-small", 1, 2)
    assert (ran.code, ran.err) == (0, "")
    assert "seed: 1 → 2\n" in ran.out
    assert ran.out.startswith("AUC: ")
    found = json.loads(apualy("card", "diff", "ltu-small", 1, 2, "--json").out)
    assert len(found) == ran.out.count("\n")
    assert {"what": "seed", "before": "1", "after": "2", "note": ""} in found
    back = {each["what"]: each for each in json.loads(apualy("card", "diff", "ltu-small", 2, 1, "--json").out)}
    assert (back["seed"]["before"], back["seed"]["after"]) == ("2", "1")


def test_a_card_differs_from_itself_in_nothing_but_figures_that_are_the_same(apualy: Any, drafts: Path) -> None:
    found = json.loads(apualy("card", "diff", "ltu-small", 1, 1, "--json").out)
    assert [each for each in found if each["before"] != each["after"]] == []


@pytest.mark.parametrize(
    ("argv", "words"), [(["1", "3"], "no version 3"), (["0", "1"], "no version 0"), (["1"], "NEW")]
)
def test_diff_of_what_is_not_there(apualy: Any, drafts: Path, argv: list[str], words: str) -> None:
    ran = apualy("card", "diff", "ltu-small", *argv)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err


# ---------------------------------------------------------------- fill


@pytest.mark.parametrize("which", BOTH)
def test_a_form_reads_back_as_it_was_printed(
    apualy: Any, drafts: Path, fill: Callable[..., Any], forms: Path, which: str
) -> None:
    for form in BOTH:
        assert fill(form).code == 0
    earlier = kept(drafts)
    ran = apualy("card", "fill", "ltu-small", 1, "--print", which)
    assert (ran.code, ran.err) == (0, "")
    assert tomllib.loads(ran.out)
    (forms / "again.toml").write_text(ran.out, encoding="utf-8")
    again = apualy("card", "fill", "ltu-small", 1, "--form", forms / "again.toml", "--as", "Ada")
    assert (again.code, again.err) == (0, "")
    assert "no gaps left" in again.out
    before, after = (json.loads(each["ltu-small/1.json"])["people"] for each in (earlier, kept(drafts)))
    assert {**before, "filled": ()} == {**after, "filled": ()}


def test_printing_a_form_changes_nothing(apualy: Any, drafts: Path) -> None:
    earlier = kept(drafts)
    for which in BOTH:
        assert apualy("card", "fill", "ltu-small", 1, "--print", which).code == 0
    assert kept(drafts) == earlier


def test_what_is_filled_in_stands_on_every_page_and_in_version_1_alone(
    apualy: Any, drafts: Path, fill: Callable[..., Any]
) -> None:
    other = {name: content for name, content in kept(drafts).items() if name.startswith("ltu-small/2")}
    ran = fill("card", "Demo Employment Services, analytics", "Käyttöönotto & analytiikka")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("ltu-small version 1: filled in by Ada; ")
    files = kept(drafts)
    assert json.loads(files["ltu-small/1.json"])["people"]["made_by"]["unit"] == "Käyttöönotto & analytiikka"
    assert json.loads(files["ltu-small/1.json"])["people"]["filled"][-1]["by"] == "Ada"
    assert "Käyttöönotto" in files["ltu-small/1.md"].decode()
    assert "Käyttöönotto &amp; analytiikka" in files["ltu-small/1.html"].decode()
    assert {name: content for name, content in files.items() if name.startswith("ltu-small/2")} == other


@pytest.mark.parametrize(
    ("form", "old", "new", "words"),
    [
        ("card", "[made_by]", "[made_by", "TOML"),
        ("card", "[made_by]", "[maid_by]", "maid_by"),
        ("card", "unit =", "unity =", "unity"),
        ("card", "[oversight]\nwho = ", "[oversight]\nwho = 3 # ", "oversight.who"),
        ("card", 'likelihood = "high"', 'likelihood = "certain"', "likelihood"),
        ("card", 'about = "privacy"', 'about = "the weather"', "about"),
        ("card", "date = 2026-11-12", "date = 2126-11-12", "has not come yet"),
        ("card", "date = 2026-11-12", 'date = "soon"', "date"),
        ("card", 'document = "impact.md"', 'document = "nowhere.md"', "nowhere.md cannot be read"),
        ("card", 'document = "impact.md"', 'document = "."', "cannot be read"),
        ("card", "[oversight]", '[inputs]\nshoe = "It is told by feet."\n\n[oversight]', "inputs.shoe"),
        ("card", "[data]\n", '[data]\nother_reference = "Of the other sort."\n', "other_reference"),
        ("dialogue", 'norm = "service"', 'norm = "profit"', "norm"),
        ("dialogue", 'verdict = "keeps"', 'verdict = "shrugs"', "verdict"),
        ("dialogue", 'recommend = "approve_with_conditions"', 'recommend = "of course"', "recommend"),
        ("dialogue", "date = 2026-11-16", "date = 2026-11-01", "recommendation"),
    ],
)
def test_an_odd_form_is_refused_in_one_line_and_changes_nothing(
    drafts: Path, fill: Callable[..., Any], form: str, old: str, new: str, words: str
) -> None:
    earlier = kept(drafts)
    refused(fill(form, old, new), 3, words)
    assert kept(drafts) == earlier


def test_every_problem_of_a_form_is_told_at_once(drafts: Path, fill: Callable[..., Any], forms: Path) -> None:
    path = forms / "card.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('likelihood = "high"', 'likelihood = "certain"'), "utf-8")
    ran = fill("card", "unit =", "unity =")
    refused(ran, 3, "unity")
    assert ran.err.count("likelihood") == 2


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["--form", "none.toml", "--as", "Ada"], 2, "none.toml: cannot be read"),
        (["--form", ".", "--as", "Ada"], 2, "cannot be read"),
        (["--form", "forms/card.toml"], 2, "--as NAME"),
        (["--form", "forms/card.toml", "--as", " "], 2, "--as NAME"),
        (["--form", "latin.toml", "--as", "Ada"], 2, "latin.toml: cannot be read"),
    ],
)
def test_a_form_that_nobody_can_take(
    apualy: Any, drafts: Path, forms: Path, argv: list[str], code: int, words: str
) -> None:
    (drafts.parent / "latin.toml").write_bytes('unit = "Työ"'.encode("latin-1"))
    earlier = kept(drafts)
    refused(apualy("card", "fill", "ltu-small", 1, *argv), code, words)
    assert kept(drafts) == earlier


def test_after_submission_only_the_dialogue_is_filled_in_and_after_assessment_nothing(
    drafts: Path, fill: Callable[..., Any], review_in: Any
) -> None:
    review_in(drafts, 1, ("fill", "submit"))
    earlier = kept(drafts)
    ran = fill("card", "Demo Employment Services, analytics", "Another unit altogether")
    refused(ran, 4, "is submitted: only its dialogue can be filled in, not made_by")
    assert kept(drafts) == earlier
    assert fill("dialogue", "We do not want to be put in a box", "We would rather not be put in a box").code == 0
    assert "rather not be put in a box" in (drafts / "model_cards" / "ltu-small" / "1.md").read_text(encoding="utf-8")

    review_in(drafts, 1, ("assess",))
    earlier = kept(drafts)
    for form in BOTH:
        refused(fill(form), 4, "is assessed: what was assessed stays as it is; return the version first")
    assert kept(drafts) == earlier
    review_in(drafts, 1, ("return",))
    assert fill("card").code == 0


# ---------------------------------------------------------------- publish


def test_a_published_card_can_be_rendered_again_from_its_source(apualy: Any, in_use: Path, tmp_path: Path) -> None:
    ran = apualy("card", "publish", "ltu-small", 1, "--to", "published")
    assert (ran.code, ran.err, ran.out) == (0, "", "published/ltu-small/1.md\n")
    folder = tmp_path / "published" / "ltu-small"
    card = json.loads((folder / "1.json").read_text(encoding="utf-8"))
    for name, text in renderings(card).items():
        assert (folder / name).read_bytes() == text.encode()
        assert (folder / name).read_bytes() == (in_use / "model_cards" / "ltu-small" / name).read_bytes()
    assert (folder / "1.json").read_bytes() == (in_use / "model_cards" / "ltu-small" / "1.json").read_bytes()
    assert "approved with conditions" in (folder / "1.review.md").read_text(encoding="utf-8")
    assert (folder / "1" / "evidence.html").is_file()
    assert str(tmp_path) not in "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.*"))


def test_publishing_again_gives_the_same_files(apualy: Any, in_use: Path, tmp_path: Path) -> None:
    for _ in range(2):
        assert apualy("card", "publish", "ltu-small", 1, "--to", "published").code == 0
    apualy("card", "publish", "ltu-small", 1, "--to", "elsewhere")
    one, other = (
        {path.relative_to(tmp_path / to): path.read_bytes() for path in (tmp_path / to).rglob("*") if path.is_file()}
        for to in ("published", "elsewhere")
    )
    assert one == other


def test_a_place_that_cannot_be_written_to(apualy: Any, in_use: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    ran = apualy("card", "publish", "ltu-small", 1, "--to", "taken")
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "taken" in ran.err
