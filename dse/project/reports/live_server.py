"""A server of live reports: it reads a store, and nothing can be written or run through it."""

from __future__ import annotations

import hmac
import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dse.errors import DseError
from dse.extras import require
from dse.project.reports.live_pages import LivePages
from dse.report import page_assets

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

LEAST_TOKEN = 16
"""Characters of a token that nobody guesses."""
_COOKIE = "dse-token"
_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; worker-src blob:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class LiveServer:
    """What serves the reports of a store."""

    url: str
    """Of the store."""
    host: str = "127.0.0.1"
    port: int = 8008
    """0 for any that is free."""
    token: str | None = None
    """What readers have to know; wherever else than on this machine it is needed."""
    allow: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        """Check where it may listen.

        Raises:
            DseError: for another place than this machine without a token, and a short token.
        """
        if self.token is not None and len(self.token) < LEAST_TOKEN:
            raise DseError(
                f"token: expected {LEAST_TOKEN} characters or more, not {len(self.token)}"
            )
        if self.token is None and not self._is_local:
            raise DseError(
                f"host: {self.host} is reached by others; --token TEXT has readers know it"
            )

    @property
    def _is_local(self) -> bool:
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def application(self, pages: LivePages) -> Starlette:
        """Return what answers requests, for a server of ASGI."""
        require("starlette.applications", "serve", "a server")
        from starlette.applications import Starlette
        from starlette.middleware import Middleware
        from starlette.middleware.trustedhost import TrustedHostMiddleware
        from starlette.routing import Route

        doors = _Doors(pages, self.token)
        # Pages of other sites must not reach it by a name of theirs that leads here.
        hosts = ["127.0.0.1", "localhost", "[::1]"] if self._is_local else ["*"]
        return Starlette(
            routes=[
                Route("/", doors.page),
                Route("/candidates", doors.page),
                Route("/studies/{id}", doors.page),
                Route("/assets/{name}", doors.asset),
                Route("/overview/{key}", doors.section),
                Route("/candidates/{key}", doors.section),
                Route("/studies/{id}/{key}", doors.section),
            ],
            middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=hosts)],
        )

    def serve(self, told: Callable[[str], None] = print) -> None:
        """Serve until it is interrupted.

        Args:
            told: is told where, once it listens.

        Raises:
            DseError: for a store that there is not, or where it cannot listen.
        """
        uvicorn = require("uvicorn", "serve", "a server")
        pages = LivePages(self.url, self.allow)
        try:
            with self.listening() as listener:
                host = f"[{self.host}]" if ":" in self.host else self.host
                told(f"http://{host}:{listener.getsockname()[1]}")
                config = uvicorn.Config(
                    self.application(pages), log_level="warning", access_log=False
                )
                uvicorn.Server(config).run(sockets=[listener])
        finally:
            pages.close()

    def listening(self) -> socket.socket:
        """Return where it listens.

        Raises:
            DseError: where it cannot.
        """
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self.host, self.port))
            listener.listen()
        except OSError as error:
            listener.close()
            raise DseError(f"{self.host}:{self.port}: {error.strerror or error}") from error
        return listener


class _Doors:
    """What answers each kind of request."""

    def __init__(self, pages: LivePages, token: str | None) -> None:
        self._pages, self._token = pages, token
        self._assets = page_assets()

    def page(self, request: Request) -> Response:
        return self._guarded(request, lambda: self._pages.page(*_page_of(request)))

    def section(self, request: Request) -> Response:
        path, where = _page_of(request, behind=1)
        key, known = request.path_params["key"], request.query_params.get("known", "")
        return self._guarded(request, lambda: self._pages.section(path, key, where, known))

    def asset(self, request: Request) -> Response:
        from starlette.responses import Response

        kind, content = self._assets.get(request.path_params["name"], ("", b""))
        if not kind:
            return Response("there is no such file", 404)
        headers = {**_HEADERS, "Cache-Control": "max-age=3600"}
        return Response(content, media_type=kind, headers=headers)

    def _guarded(self, request: Request, answer: Callable[[], str | None]) -> Response:
        from starlette.responses import HTMLResponse, PlainTextResponse, Response

        if not self._may(request):
            return PlainTextResponse("a token is needed: ?token=…", 403, headers=_HEADERS)
        try:
            found = answer()
        except DseError as error:
            return PlainTextResponse(str(error), 404, headers=_HEADERS)
        if found is None:
            return Response(status_code=204, headers=_HEADERS)
        response = HTMLResponse(found, headers=_HEADERS)
        if self._token is not None:
            response.set_cookie(_COOKIE, self._token, httponly=True, samesite="strict")
        return response

    def _may(self, request: Request) -> bool:
        if self._token is None:
            return True
        given = request.query_params.get("token") or request.cookies.get(_COOKIE, "")
        return hmac.compare_digest(given.encode(), self._token.encode())


def _page_of(request: Any, behind: int = 0) -> tuple[str, str | None]:
    """Return the path of the page that a request is about, and its condition."""
    parts = [part for part in request.url.path.split("/") if part]
    path = "/" + "/".join(parts[: len(parts) - behind])
    return "/" if path == "/overview" else path, request.query_params.get("where")
