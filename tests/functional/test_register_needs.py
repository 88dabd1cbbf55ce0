"""Service needs and planning, command by command: from a synthetic register to what models and counts are made of."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import apualy as main
from ml.contracts import ENTITIES, INTERVIEW_FIRST, ColumnType, Role
from ml.errors import ContractError, DataError
from ml.register.build import build_placements, build_stock
from ml.register.cohort import build_cohort, read_placements, read_stock
from ml.register.cohort.declaration import read_contract
from ml.register.cohort.needs import read_declared
from ml.register.features import FEATURES
from ml.register.features.catalogue.abilitator import ABILITATOR
from ml.register.guard import rebuilt

RATED = ("work_ability", "daily_life", "inclusion", "skills")
STEPS = {
    "synth": "register synth --target-group 900 --seed 5 --out raw",
    "intake": "register intake --from raw --out checked",
    "key": "register key key",
    "needs": "register pseudonymise checked needs --purpose service-need --json "
    "--special jobseekers.work_ability_limited Act " + " ".join(f"--special abilitator.{name} Act" for name in RATED),
    "plain": "register pseudonymise raw plain --purpose service-need",
    "planning": "register pseudonymise checked planning --purpose planning",
    "build needs": "register build needs --json",
    "build plain": "register build plain --out var/cohorts/plain",
    "build planning": "register build planning",
}


@dataclass(frozen=True)
class Way:
    """Where the files of one way lie, and what each command printed."""

    folder: Path
    printed: dict[str, str]

    def cohort(self, name: str) -> Path:
        """Return a cohort folder."""
        return self.folder / "var" / "cohorts" / name


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Way:
    """Return a way that was walked once, from a synthetic register to the cohorts of both purposes."""
    folder = tmp_path_factory.mktemp("needs")
    printed = {}
    with contextlib.chdir(folder):
        for name, command in STEPS.items():
            out, err = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = main.main(command.split(), {"USER": "ada", "APUALY_PSEUDONYM_KEY_FILE": "key"})
            assert code == 0, (name, err.getvalue())
            printed[name], printed[f"{name} (error)"] = out.getvalue(), err.getvalue()
    return Way(folder, printed)


def test_placements_read_as_they_were_built(way: Way) -> None:
    placements = read_placements(way.cohort("service-need"))
    figures = json.loads(way.printed["build needs"])
    assert len(placements) == figures["rows"] > 1000
    assert len(np.unique(placements.person)) == figures["persons"] < len(placements)
    assert (placements.name, placements.as_of.isoformat()) == ("service-need", figures["as_of"])
    assert set(placements.entity) == {*ENTITIES, INTERVIEW_FIRST}
    counts = pd.crosstab(np.where(placements.by_caseworker, "caseworker", "rule"), placements.entity)
    told = {who: {name: int(n) for name, n in row.items() if n} for who, row in counts.iterrows()}
    assert told == figures["entities"]
    assert set(placements.entity[~placements.by_caseworker]) == {"integration"}
    assert np.datetime64(figures["opens"]) < placements.day.min()
    assert placements.day.max() <= np.datetime64("2020-01-31")


def test_features_are_those_of_the_catalogue_and_protected_attributes_lie_apart(way: Way) -> None:
    placements = read_placements(way.cohort("service-need"))
    assert list(placements.features) == [feature.name for feature in (*FEATURES, *ABILITATOR)]
    assert [column.name for column in placements.columns] == list(placements.features)
    for column in placements.columns:
        assert set(column.label) == {"en", "fi", "sv"}
        assert (placements.features[column.name].dtype == float) == (column.type is not ColumnType.CATEGORY)
        assert column.role is Role.FEATURE
    assert list(placements.protected) == [
        "age", "gender", "mother_tongue_group", "citizenship_group", "origin", "district", "work_ability_limited",
    ]  # fmt: skip
    assert [column.name for column in placements.protected_columns] == list(placements.protected)
    assert not set(placements.features) & {*placements.protected, "integration_plan", "service_entity", "placed_by"}
    assert placements.features["work_ability_rating"].notna().any()
    assert (placements.features["work_ability_change"].min(), placements.protected.isna().sum().sum()) < (0, 1)


def test_cohorts_name_the_report_of_the_intake_and_those_straight_from_raw_files_none(way: Way) -> None:
    digest = f"sha256:{hashlib.sha256((way.folder / 'checked' / 'quality.json').read_bytes()).hexdigest()}"
    assert read_placements(way.cohort("service-need")).quality_report == digest
    assert read_declared(way.cohort("planning"), "planning").quality_report == digest
    assert read_placements(way.cohort("plain")).quality_report == ""


def test_the_card_holds_the_digest_of_the_report(way: Way, apualy: Callable[..., Any], home: Path) -> None:
    digest = f"sha256:{hashlib.sha256((way.folder / 'checked' / 'quality.json').read_bytes()).hexdigest()}"
    ran = apualy("train", "service-need", "--cohort", way.cohort("service-need"), APUALY_HOME=str(home))
    assert (ran.code, ran.err) == (0, "")
    card = home / "model_cards" / "service-need" / "1.json"
    assert json.loads(card.read_text(encoding="utf-8"))["cohort"]["quality_report"] == digest
    assert f"Data-quality report: `{digest}`" in card.with_suffix(".md").read_text(encoding="utf-8")


def test_the_forms_of_the_demo_leave_no_gap_in_the_card(way: Way, apualy: Callable[..., Any], home: Path) -> None:
    forms = Path(__file__).parents[2] / "model_cards" / "demo"
    assert apualy("train", "service-need", "--cohort", way.cohort("service-need"), APUALY_HOME=str(home)).code == 0
    for form in ("card", "needs", "dialogue"):
        ran = apualy("card", "fill", "service-need", "--form", forms / f"{form}.toml", "--as", "Ada",
                     APUALY_HOME=str(home))  # fmt: skip
        assert (ran.code, ran.err) == (0, "")
    assert "no gaps left" in ran.out


def test_the_rule_agrees_with_the_plan_as_far_as_it_was_known(way: Way) -> None:
    """Caseworkers never placed whom a known plan covers; some plans were entered only after the placement.

    In a register as small as this one k-anonymity suppresses the plan of a quarter of those who have one.
    """
    placements = read_placements(way.cohort("service-need"))
    assert not (placements.plan_in_force & placements.by_caseworker).any()
    told = pq.read_table(way.cohort("service-need") / "protected.parquet")["integration_plan"].to_numpy()
    hidden = told == "suppressed"
    assert placements.plan_in_force[~placements.by_caseworker & ~hidden].mean() > 0.85
    assert placements.warnings == (
        f"{hidden.sum()} placements whose integration plan is suppressed: read as not in force",
    )


def test_without_a_legal_basis_ratings_stay_out_and_all_else_is_the_same(way: Way) -> None:
    rated, plain = (read_placements(way.cohort(name)) for name in ("service-need", "plain"))
    assert list(plain.features) == [feature.name for feature in FEATURES]
    pd.testing.assert_frame_equal(plain.features, rated.features[list(plain.features)])
    assert "work_ability_limited" not in plain.protected
    assert "special category, and no legal basis was named" in way.printed["build plain"]


def test_the_stock_is_of_those_unemployed_and_says_no_more_than_planning_may(way: Way) -> None:
    stock = read_stock(way.cohort("planning"))
    assert 500 < len(stock) < 1100
    assert set(stock.features["code_now"]) == {"unemployed", "laid off temporarily"}
    for_planning = [feature.name for feature in FEATURES if feature.is_for("planning")]
    assert list(stock.features) == for_planning
    printed = way.printed["build planning"]
    assert f"{len(stock)} people unemployed on 2020-01-31" in printed
    assert "contacts_1y, interview_trips_1y: plans.kind is not for the purpose planning" in printed


def test_each_command_says_where_its_cohort_is_and_what_comes_next(way: Way) -> None:
    assert way.printed["build plain"].endswith("cohort: var/cohorts/plain\nnext: apualy train service-need\n")
    assert way.printed["build planning"].endswith(f"cohort: {Path('var/cohorts/planning')}\n")
    assert "abilitator.skills" in json.loads(way.printed["needs"])["special"]


def test_purposes_keep_apart(way: Way) -> None:
    needs, planning = way.cohort("service-need"), way.cohort("planning")
    with pytest.raises(DataError, match="is a cohort for planning, not for service-need; give the folder of one for"):
        read_placements(planning)
    with pytest.raises(DataError, match="is a cohort for service-need, not for planning"):
        read_stock(needs)
    with pytest.raises(ContractError, match="no cohort of spells; give the folder of one built for ltu-risk"):
        build_cohort(read_contract(needs / "cohort.toml"), needs)
    with pytest.raises(DataError, match="is a cohort for service-need; the guard rebuilds cohorts of spells only"):
        rebuilt(needs, way.folder / "needs")
    with pytest.raises(DataError, match="was made for the purpose 'planning', and this cohort is for 'service-need'"):
        build_placements(way.folder / "planning", way.folder / "none")
    with pytest.raises(DataError, match="was made for the purpose 'service-need', and this cohort is for 'planning'"):
        build_stock(way.folder / "needs", way.folder / "none")
    assert not (way.folder / "none").exists()
    people = {name: set(pq.read_table(way.folder / name / "inputs/jobseekers.parquet")["pseudonym"].to_pylist())
              for name in ("needs", "planning")}  # fmt: skip
    assert not people["needs"] & people["planning"]


def test_the_same_rows_come_out_however_the_people_are_parted(way: Way, tmp_path: Path) -> None:
    for make, source, name in ((build_placements, "needs", "service-need"), (build_stock, "planning", "planning")):
        parted = make(way.folder / source, tmp_path / name, together=20_000)  # type: ignore[operator]
        for file in ("inputs.parquet", "protected.parquet"):
            if (way.cohort(name) / file).exists():
                assert pq.read_table(parted.folder / file).equals(pq.read_table(way.cohort(name) / file))
        assert parted.as_json() == json.loads((way.cohort(name) / "build.json").read_text())


def test_no_identity_code_is_anywhere(way: Way) -> None:
    with (way.folder / "raw" / "jobseekers.csv").open(encoding="utf-8-sig", newline="") as lines:
        codes = {row["identity_code"] for row in csv.DictReader(lines, delimiter=";")}
    searched = 0
    for text in (*way.printed.values(), *_texts(way.folder)):
        searched += 1
        assert not codes & set(re.findall(r"\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]", text))
    assert len(codes) > 1000
    assert searched > 60


def _texts(folder: Path) -> list[str]:
    texts = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.relative_to(folder).parts[0] not in ("raw", "raw.oracle", "checked"):
            texts.append(path.read_bytes().decode("latin-1"))
            if path.suffix == ".parquet":
                table = pq.read_table(path)
                texts += ["\n".join(map(str, column.unique().to_pylist())) for column in table.columns]
    return texts


# ---------------------------------------------------------------- folders that are damaged

Spoil = Callable[[Path], object]


def _edit(file: str, change: Callable[[pa.Table], pa.Table]) -> Spoil:
    return lambda folder: pq.write_table(change(pq.read_table(folder / file)), folder / file)


def _say(old: str, new: str) -> Spoil:
    def change(folder: Path) -> None:
        text = (folder / "cohort.toml").read_text(encoding="utf-8")
        assert old in text
        (folder / "cohort.toml").write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def _all(name: str, value: str) -> Callable[[pa.Table], pa.Table]:
    return lambda table: table.set_column(
        table.column_names.index(name), name, pa.array([value] * table.num_rows, pa.string())
    )


SPOILT: dict[str, tuple[Spoil, str]] = {
    "no declaration": (lambda folder: (folder / "cohort.toml").unlink(), "there is no cohort"),
    "a declaration cut short": (lambda folder: (folder / "cohort.toml").write_text("[cohort"), "is not valid TOML"),
    "no day": (_say("as_of = 2020-01-31", 'as_of = "then"'), "as_of .* must be a day like 2020-01-31"),
    "a strange key": (_say("[cohort]", "[cohort]\ncolour = 1"), "colour is unknown here"),
    "an entity that is a feature": (
        _say('[columns.service_entity]\ntype = "category"\nrole = "outcome"',
             '[columns.service_entity]\ntype = "category"\nrole = "feature"'),
        "column service_entity must be declared with role outcome",
    ),
    "no protected part": (lambda folder: (folder / "protected.parquet").unlink(), "does not exist"),
    "a row less": (_edit("protected.parquet", lambda table: table.slice(1)), r"rows of inputs, \d+ of protected"),
    "rows in another order": (
        _edit("protected.parquet", lambda table: table.take(list(range(table.num_rows))[::-1])),
        "row 1: column pseudonym differs",
    ),
    "another day": (
        _edit("protected.parquet", lambda table: table.set_column(
            1, "day", pc.add(table["day"].cast(pa.int32()), pa.scalar(1, pa.int32())).cast(pa.date32()))),
        "column day differs",
    ),
    "an undeclared column": (
        _edit("inputs.parquet", lambda table: table.append_column("shoe_size", table["day"])), "shoe_size",
    ),
    "a column less": (_edit("inputs.parquet", lambda table: table.drop_columns(["education"])), "education"),
    "an unknown entity": (_edit("inputs.parquet", _all("service_entity", "coaching")), "coaching"),
    "somebody else places": (_edit("inputs.parquet", _all("placed_by", "machine")), "machine"),
    "no rows": (_edit("inputs.parquet", lambda table: table.slice(0, 0)), "has no rows"),
    "no Parquet": (lambda folder: (folder / "inputs.parquet").write_bytes(b"day;entity"), "damaged Parquet"),
    "identity codes": (_edit("inputs.parquet", _all("education", "010190-900P")), "holds identity codes"),
}  # fmt: skip


@pytest.mark.parametrize("fault", SPOILT)
def test_a_damaged_cohort_of_placements_is_refused_in_one_line(way: Way, tmp_path: Path, fault: str) -> None:
    spoil, message = SPOILT[fault]
    folder = Path(shutil.copytree(way.cohort("service-need"), tmp_path / "cohort"))
    spoil(folder)
    with pytest.raises(DataError, match=message) as caught:
        read_placements(folder)
    assert "\n" not in str(caught.value)
    assert not re.search(r"[0-9a-f]{32}|\d{6}-\d{3}", str(caught.value)), "neither pseudonym nor identity code"


@pytest.mark.parametrize("fault", ["no declaration", "a declaration cut short", "no day", "an undeclared column",
                                   "a column less", "no rows", "no Parquet", "identity codes"])  # fmt: skip
def test_a_damaged_stock_is_refused_in_one_line(way: Way, tmp_path: Path, fault: str) -> None:
    spoil, message = SPOILT[fault]
    folder = Path(shutil.copytree(way.cohort("planning"), tmp_path / "cohort"))
    if fault == "an undeclared column":
        spoil = _edit("inputs.parquet", lambda table: table.append_column("shoe_size", table["code_now"]))
    spoil(folder)
    with pytest.raises(DataError, match=message) as caught:
        read_stock(folder)
    assert "\n" not in str(caught.value)


def test_an_entity_of_nobodys_is_refused_though_it_is_declared(way: Way, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(way.cohort("service-need"), tmp_path / "cohort"))
    _say('values = { "skills" = ', 'values = { "coaching" = "coaching", "skills" = ')(folder)
    _edit("inputs.parquet", _all("service_entity", "coaching"))(folder)
    with pytest.raises(DataError, match="column service_entity holds coaching, known are skills, rehabilitation"):
        read_placements(folder)


def test_a_stock_that_says_whose_it_is_is_refused(way: Way, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(way.cohort("planning"), tmp_path / "cohort"))
    with (folder / "cohort.toml").open("a", encoding="utf-8") as declaration:
        declaration.write('\n[columns.pseudonym]\nrole = "id"\nlabel = "Pseudonym"\n')
    with pytest.raises(DataError, match="has features and nothing else"):
        read_stock(folder)


def test_a_suppressed_plan_counts_as_none_and_is_told(way: Way, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(way.cohort("service-need"), tmp_path / "cohort"))
    before = read_placements(folder)
    _edit("protected.parquet", _all("integration_plan", "suppressed"))(folder)
    after = read_placements(folder)
    assert before.plan_in_force.any()
    assert not after.plan_in_force.any()
    assert f"{len(after)} placements whose integration plan is suppressed: read as not in force" in after.warnings
    assert after.digest != before.digest
