"""What browsers are sent besides pages: nothing in it leads off the host, and an address is of one content."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from fastapi import FastAPI

from ml.errors import UsageError
from serving.pages.assets import CREDITS, FETCHED, SCRIPTS, Assets, read_assets, routes

from ....functional.test_api.house import TestClient

REPO = Path(__file__).parents[4]
SVG = "http://www.w3.org/2000/svg"  # the name of a vocabulary, which nobody fetches
STYLE, SCRIPT = "app.css", "htmx.js"


@pytest.fixture(scope="module")
def assets() -> Assets:
    return read_assets()


@pytest.fixture
def client(assets: Assets) -> TestClient:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(routes(assets))
    return TestClient(app)


def style(assets: Assets) -> str:
    return assets.named[STYLE].content.decode()


def test_the_stylesheet_leads_nowhere(assets: Assets) -> None:
    text = style(assets).replace(SVG, "")
    assert set(re.findall(r"url\(\s*[\"']?([a-z/]*[:]?)", text)) == {"data:"}
    assert not re.search(r"https?:|//[a-z]|@import|@font-face|sourceMappingURL|\.woff", text)


def test_the_script_leads_nowhere(assets: Assets) -> None:
    assert "sourceMappingURL" not in assets.named[SCRIPT].content.decode()


def test_hds_comes_first_then_the_look_of_all_pages_then_what_is_of_some(tmp_path: Path) -> None:
    for name in SCRIPTS:
        (tmp_path / f"{name}.js").write_text("")
    for name in ("a", "app", "z"):
        (tmp_path / f"{name}.css").write_text(f"/* of {name} */ .of-{name} {{ margin: 0; }}\n")
    text = style(read_assets(own=tmp_path))
    found = [text.index(each) for each in ("--color-bus:#0000bf", ".hds-button{", ".of-app", ".of-a ", ".of-z")]
    assert found == sorted(found)


def test_no_comment_is_sent_but_whose_it_is(assets: Assets) -> None:
    assert re.findall(r"/\*.*?\*/", style(assets), re.DOTALL) == [CREDITS.strip()]


def test_no_font_is_asked_for_that_is_not_free(assets: Assets) -> None:
    *_, last = re.findall(r"--font-default:([^;]*);", style(assets))
    assert last.strip().startswith("system-ui")


def test_nothing_wrong_or_done_is_red_or_green(assets: Assets) -> None:
    """HDS's colours for both are named again later, by colours that are neither."""
    for name in ("error", "success"):
        *_, last = re.findall(rf"--color-{name}:([^;]*);", style(assets))
        assert re.fullmatch(r" var\(--color-(black-90|bus)\)", last)


@pytest.mark.parametrize(
    ("name", "media_type"), [(STYLE, "text/css; charset=utf-8"), (SCRIPT, "text/javascript; charset=utf-8")]
)
@pytest.mark.parametrize("accepts", ["gzip, deflate, br", "br;q=1.0, gzip;q=0.8", "GZIP"])
def test_it_is_sent_packed_and_may_be_kept_for_ever(
    name: str, media_type: str, accepts: str, client: TestClient, assets: Assets
) -> None:
    with client.stream("GET", assets.address(name), headers={"Accept-Encoding": accepts}) as answer:
        packed = b"".join(answer.iter_raw())
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert int(answer.headers["content-length"]) == len(packed) < 20_000
    assert gzip.decompress(packed) == assets.named[name].content


@pytest.mark.parametrize("accepts", ["", "identity", "br", "gzip;q=0", "gzip; q=0.000", "xgzip"])
def test_who_does_not_take_gzip_gets_it_plain(accepts: str, client: TestClient, assets: Assets) -> None:
    answer = client.get(assets.address(STYLE), headers={"Accept-Encoding": accepts})
    assert "content-encoding" not in answer.headers
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.content == assets.named[STYLE].content


@pytest.mark.parametrize(
    "file",
    ["app.css", "app.0000000000000000.css", "htmx.js", "..%2fassets.py", "%2e%2e/package.json", "hds-core/LICENSE", ""],
)
def test_whatever_else_is_asked_for_is_not_there(file: str, client: TestClient) -> None:
    answer = client.get(f"/static/{file}")
    assert answer.status_code == 404


def test_it_is_only_read(client: TestClient, assets: Assets) -> None:
    assert client.head(assets.address(STYLE)).status_code == 200
    assert client.post(assets.address(STYLE)).status_code == 405


def test_another_content_has_another_address(tmp_path: Path, assets: Assets) -> None:
    fetched = tmp_path / "node_modules"
    shutil.copytree(FETCHED / "hds-core", fetched / "hds-core")
    shutil.copytree(FETCHED / "htmx.org", fetched / "htmx.org")
    assert read_assets(fetched) == assets
    with (fetched / "hds-core" / "lib" / "base.min.css").open("a") as base:
        base.write("p{margin:0}")
    assert read_assets(fetched).address(STYLE) != assets.address(STYLE)
    assert read_assets(fetched).address(SCRIPT) == assets.address(SCRIPT)


@pytest.mark.parametrize("missing", ["hds-core", "hds-core/lib/components/button", "htmx.org"])
def test_what_was_not_fetched_is_said_with_what_to_do(missing: str, tmp_path: Path) -> None:
    fetched = tmp_path / "node_modules"
    for name in ("hds-core", "htmx.org"):
        shutil.copytree(FETCHED / name, fetched / name)
    shutil.rmtree(fetched / missing)
    with pytest.raises(UsageError, match=rf"no style.*{missing.partition('/')[0]}.*run make assets$"):
        read_assets(fetched)


def test_a_wheel_has_them_too(tmp_path: Path) -> None:
    """Made of a copy, for hatchling may leave something behind."""
    source = tmp_path / "src"
    for folder in ("ml", "serving", "model_cards"):
        shutil.copytree(REPO / folder, source / folder, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    for name in (".gitignore", "README.md", "apualy.py", "pyproject.toml"):
        shutil.copyfile(REPO / name, source / name)
    (source / "serving" / "pages" / "node_modules").symlink_to(FETCHED)
    build = f"from hatchling.build import build_wheel; build_wheel({str(tmp_path)!r})"
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "installed")
    installed = tmp_path / "installed" / "serving" / "pages"
    assert read_assets(installed / "node_modules") == read_assets()
    assert (installed / "static" / STYLE).read_bytes() == (REPO / "serving" / "pages" / "static" / STYLE).read_bytes()
