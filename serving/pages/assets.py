"""What browsers are sent besides pages: a stylesheet, htmx, scripts of ours; the address of each names its content.

HDS (hds-core, the City's design system) and htmx are fetched by npm at set-up, and not committed. htmx is of its
fourth series: unlike the second it keeps no copies of pages, which are about people, in the browser's storage; and it
needs neither eval nor injected style elements, so that our Content-Security-Policy forbids both.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from fastapi import APIRouter
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ml.errors import UsageError

HERE = Path(__file__).parent
FETCHED = HERE / "node_modules"
OWN = HERE / "static"
COMPONENTS = (
    "breadcrumb", "button", "card", "checkbox", "error-summary", "fieldset", "link", "notification", "pagination",
    "radio-button", "selection-group", "status-label", "table", "tag", "text-input",
)  # fmt: skip
SCRIPTS = ("hint", "unsent")  # of our own
CREDITS = "/* hds-core: (c) City of Helsinki, MIT; the rest: apualy, EUPL-1.2 */\n"
PATH = "/static/{file}"
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)  # for people who write styles; one may name a source map
_DIGITS = 16


@dataclass(frozen=True)
class Asset:
    """A file as browsers get it; its address changes with its content, so that it may be kept for ever."""

    address: str
    media_type: str
    content: bytes
    gzipped: bytes


@dataclass(frozen=True)
class Assets:
    """All of them, by name: `app.css`, `htmx.js`, and a script of ours for each of `SCRIPTS`."""

    named: Mapping[str, Asset]

    def address(self, name: str) -> str:
        """Return where a browser finds an asset; raises KeyError where there is none of that name."""
        return self.named[name].address


def read_assets(fetched: Path = FETCHED, own: Path = OWN) -> Assets:
    """Return what was fetched at set-up together with our own; raises UsageError where it was not fetched."""
    hds, htmx = fetched / "hds-core" / "lib", fetched / "htmx.org" / "dist" / "htmx.min.js"
    theirs = [hds / "base.min.css", *(hds / "components" / each / f"{each}.min.css" for each in COMPONENTS)]
    style = _style(_text(each) for each in [*theirs, *_in_order(own)])
    return Assets(
        {
            "app.css": _asset("app", "css", "text/css", CREDITS + style),
            "htmx.js": _asset("htmx", "js", "text/javascript", _text(htmx)),
            **{f"{name}.js": _asset(name, "js", "text/javascript", _text(own / f"{name}.js")) for name in SCRIPTS},
        }
    )


def routes(assets: Assets) -> APIRouter:
    """Return the route at which assets are served; what is not one of them is a 404."""
    by_address = {each.address: each for each in assets.named.values()}

    async def static(request: Request) -> Response:
        asset = by_address.get(request.url.path)
        if asset is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return _response(asset, request.headers)

    router = APIRouter()
    router.add_route(PATH, static, methods=["GET"], include_in_schema=False)
    return router


def _in_order(own: Path) -> list[Path]:
    """Return our stylesheets: the look of all pages, then what is of some."""
    return sorted(own.glob("*.css"), key=lambda file: (file.name != "app.css", file.name))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"the pages would have no style: there is no {file}; run make assets") from None


def _style(sheets: Iterable[str]) -> str:
    return "\n".join(_COMMENT.sub("", sheet).strip() for sheet in sheets)


def _asset(stem: str, suffix: str, media_type: str, text: str) -> Asset:
    content = text.encode()
    digest = hashlib.sha256(content).hexdigest()[:_DIGITS]
    return Asset(f"/static/{stem}.{digest}.{suffix}", media_type, content, gzip.compress(content, mtime=0))


def _response(asset: Asset, asked: Headers) -> Response:
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if not _takes_gzip(asked.get("accept-encoding", "")):
        return Response(asset.content, media_type=asset.media_type, headers=headers)
    return Response(asset.gzipped, media_type=asset.media_type, headers={**headers, "Content-Encoding": "gzip"})


def _takes_gzip(accepted: str) -> bool:
    """Return whether an Accept-Encoding names gzip, and not to refuse it (RFC 9110, 12.5.3)."""
    for each in accepted.lower().split(","):
        coding, _, weight = each.replace(" ", "").partition(";q=")
        if coding == "gzip":
            return weight.strip("0.") != "" if weight else True
    return False
