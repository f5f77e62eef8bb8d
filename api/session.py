"""Who asks: one guard before every request sets the request context, checks the log-in and the CSRF token."""

from __future__ import annotations

import logging
import re
import secrets
import time
from dataclasses import dataclass
from urllib.parse import quote

from flask import Flask, Response, g, redirect, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFProtect, generate_csrf

from api.about import about_page
from api.errors import answer
from api.headers import is_static
from api.paths import API_PREFIX
from services.container import Container
from services.context import READ_ONLY_TOKEN, RequestContext, set_context
from services.errors import NotAllowed
from services.models.identity import Actor, TokenInfo
from services.users import SESSION_LIFETIME

logger = logging.getLogger(__name__)

CSRF_COOKIE = "_csrf_token"
SESSION_KEY = "session_id"
"""Where the cookie keeps the id of its session, by which it is logged out."""
THEME_COOKIE = "pz_theme"
CREDENTIAL_PATHS = frozenset({"/api/obtain_token/"})
"""Here user name and password come along, and no cookie counts."""
OPEN_PATHS = CREDENTIAL_PATHS | {"/login", "/login/demo", "/logout", "/robots.txt", "/which_environment/"}
HEALTH_PATHS = frozenset({"/healthz", "/readyz"})
PROGRAM_PREFIXES = ("/api", "/files", "/_")
API_PAGES = frozenset({"/api/docs/"})
"""Pages for people below /api: who is signed out logs in and comes back."""
TOKEN_PREFIXES = ("/api", "/files")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
TOKEN_KEYWORDS = frozenset({"token", "bearer"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class SignedIn(UserMixin):
    """A person as flask-login keeps them; the cookie holds the user id and the epoch of the session."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.id = f"{actor.user_id}.{actor.session_epoch}"


class QuietSessions(SecureCookieSessionInterface):
    """Cookie sessions that leave static files alone: they stay cacheable for everybody."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the session cookie, except on static files and health checks."""
        if not is_static(request.path) and request.path not in HEALTH_PATHS:
            super().save_session(app, session, response)


def safe_next(target: str | None) -> str:
    """Address to go to after the log-in: one of ours, else the home page.

    It must start with exactly one slash and hold no backslash, blank or control character, which browsers drop or
    turn into slashes: each of them has been used to lead people elsewhere.
    """
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return "/"
    if any(ord(letter) <= 0x20 or ord(letter) == 0x7F for letter in target):
        return "/"
    return "/" if target.split("?")[0] in OPEN_PATHS else target


def requested_address() -> str:
    """Path and query of this request, as an address to come back to."""
    query = request.query_string.decode("ascii", "replace")
    return quote(request.path) + (f"?{query}" if query else "")


def sign_in(actor: Actor) -> None:
    """Start a session for a person; whatever the browser had before is thrown away."""
    session.clear()
    session.permanent = True
    session[SESSION_KEY] = secrets.token_hex(16)
    login_user(SignedIn(actor))


def sign_out(container: Container) -> None:
    """End the session of this browser, and of every copy of its cookie."""
    if session_id := session.get(SESSION_KEY):
        container.users.end_session(session_id)
    logout_user()
    session.clear()


def register(server: Flask, container: Container, *, is_https: bool) -> None:
    """Hang sessions, CSRF protection and the guard on a server."""
    server.session_interface = QuietSessions()
    server.config.update(
        SESSION_COOKIE_NAME="pz_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_https,
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=SESSION_LIFETIME,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    csrf = CSRFProtect(server)
    _remember_people(server, container)
    server.before_request(lambda: _guard(container, csrf))
    server.after_request(lambda response: _hand_out_csrf(response, is_https=is_https))
    server.after_request(_log)
    server.teardown_request(lambda _: set_context(None))


def _remember_people(server: Flask, container: Container) -> None:
    people = LoginManager(server)

    @people.user_loader
    def load(session_id: str) -> SignedIn | None:
        user_id = session_id.partition(".")[0]
        own_id = session.get(SESSION_KEY, "")
        actor = container.users.actor_of_session(int(user_id), own_id) if user_id.isdecimal() else None
        person = SignedIn(actor) if actor else None
        return person if person and person.id == session_id else None


def _guard(container: Container, csrf: CSRFProtect) -> Response | None:
    g.started_s = time.perf_counter()
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
    if is_static(request.path):
        return None
    is_anonymous = request.path in HEALTH_PATHS or request.path in CREDENTIAL_PATHS
    caller = Caller(None) if is_anonymous else _who(container)
    g.actor_id = caller.actor.user_id if caller.actor else None
    set_context(_context(container, caller))
    if is_anonymous:
        return None
    if caller.actor is None and request.path not in OPEN_PATHS:
        return _turn_away()
    if request.method not in SAFE_METHODS:
        _check_may_write(caller, csrf)
    return None


def _context(container: Container, caller: Caller) -> RequestContext:
    return RequestContext(
        container,
        caller.actor,
        g.request_id,
        _base_url(container),
        by_token=caller.by_token,
        is_read_only=caller.token is not None and caller.token.is_read_only,
        token_expires_at=caller.token.expires_at if caller.token else None,
        theme=_theme(),
    )


def _check_may_write(caller: Caller, csrf: CSRFProtect) -> None:
    """Refuse a browser without CSRF token; a token that may only read, too, where routes do not see to it."""
    if not caller.by_token:
        csrf.protect()
    elif caller.token is not None and caller.token.is_read_only and not request.path.startswith(API_PREFIX):
        raise NotAllowed(READ_ONLY_TOKEN)


@dataclass(frozen=True, slots=True)
class Caller:
    """Person asking, and whether a token said so (then no cookie counts and no CSRF token is needed)."""

    actor: Actor | None
    by_token: bool = False
    token: TokenInfo | None = None


def _who(container: Container) -> Caller:
    header = request.headers.get("Authorization", "")
    if header and request.path.startswith(TOKEN_PREFIXES):
        keyword, _, key = header.partition(" ")
        known = keyword.lower() in TOKEN_KEYWORDS and key.strip()
        holder = container.tokens.holder_of(key.strip()) if known else None
        return Caller(holder.actor if holder else None, by_token=True, token=holder.info if holder else None)
    return Caller(current_user.actor if current_user.is_authenticated else None)


def _turn_away() -> Response:
    if request.path.rstrip("/") == "/about" and request.method in SAFE_METHODS:
        return about_page()
    is_program = request.path.startswith(PROGRAM_PREFIXES) and request.path not in API_PAGES
    if is_program or request.method not in SAFE_METHODS:
        refusal = answer(401, "Log in, or send an API token, to go on.", "not_signed_in")
        refusal.headers["WWW-Authenticate"] = 'Token realm="PZ Server"'
        return refusal
    return redirect("/login?next=" + quote(requested_address(), safe=""))  # type: ignore[return-value]


def _base_url(container: Container) -> str:
    return (container.settings.base_url or request.host_url).rstrip("/")


def _theme() -> str:
    return "dark" if request.cookies.get(THEME_COOKIE) == "dark" else "light"


def _hand_out_csrf(response: Response, *, is_https: bool) -> Response:
    if response.mimetype == "text/html" and not is_static(request.path):
        response.set_cookie(CSRF_COOKIE, generate_csrf(), samesite="Lax", secure=is_https)
    return response


def _log(response: Response) -> Response:
    response.headers.setdefault("X-Request-ID", g.get("request_id", "-"))
    if not is_static(request.path):
        facts = {
            "request_id": g.get("request_id"),
            "actor_id": g.get("actor_id"),
            "method": request.method,
            "path": request.path,
            "status": response.status_code,
            "duration_ms": round((time.perf_counter() - g.get("started_s", time.perf_counter())) * 1000, 1),
        }
        logger.info("request answered", extra=facts)
    return response
