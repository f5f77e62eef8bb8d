"""Requests to one server: who asks, how long to wait, what to send again, and errors as ours."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

import requests
from requests.auth import AuthBase

from pzserver.errors import ConnectionFailed, NotFound, RequestFailed

CONNECT_LIMIT_S = 10.0
ANSWER_LIMIT_S = 300.0
"""Longest silence of the server; reading a large table at the end of an upload can take minutes."""
TRIES = 4
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 60.0
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
TOO_MANY_REQUESTS = 429
PASSING_STATUSES = frozenset({TOO_MANY_REQUESTS, 502, 503, 504})
"""Answers that a second try may better: too many requests, and a server that is being restarted."""
LONGEST_TEXT = 500

Answer = requests.Response


class TokenAuth(AuthBase):
    """Puts the token on a request; neither its text nor its repr shows it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign one request."""
        request.headers["Authorization"] = f"Token {self._token}"
        return request

    def __repr__(self) -> str:
        return "TokenAuth(***)"


class Transport:
    """Requests below one API address.

    Parameters
    ----------
    base_url : str
        Address of the API, ending in ``/api/``.
    token : str
        API token.
    timeout_s : float
        Longest silence of the server before giving up, seconds.
    """

    def __init__(
        self, base_url: str, token: str, *, timeout_s: float = ANSWER_LIMIT_S, agent: str = "pzserver"
    ) -> None:
        self.base_url = base_url
        self._timeouts = (CONNECT_LIMIT_S, timeout_s)
        self._session = requests.Session()
        self._session.auth = TokenAuth(token)
        self._session.headers.update({"Accept": "application/json", "User-Agent": agent})

    def __repr__(self) -> str:
        return f"Transport({self.base_url!r})"

    def url(self, path: str) -> str:
        """Address of a path below the API; of an address given by the server, only path and query count.

        The token goes to the server that the person named, never elsewhere, and a proxy that mixes up http and
        https in the server's addresses does no harm.
        """
        if "://" not in path and not path.startswith("/"):
            return self.base_url + path
        given, own = urlsplit(urljoin(self.base_url, path)), urlsplit(self.base_url)
        return urlunsplit((own.scheme, own.netloc, given.path, given.query, ""))

    def json(self, method: str, path: str, *, retry: bool = False, **options: Any) -> Any:
        """Decoded answer to one request; None for an empty one.

        Parameters
        ----------
        retry : bool
            Send it again after a passing failure though it is no safe method: only for calls that may be repeated.
        options
            ``params``, ``json``, ``data``, ``headers``, as ``requests`` takes them.

        Raises
        ------
        NotFound
            If the server knows no such thing (404).
        RequestFailed
            If it refuses for another reason, or does not answer.
        """
        answer = self.send(method, path, retry=retry, **options)
        if answer.status_code == 204 or not answer.content:
            return None
        try:
            return answer.json()
        except requests.exceptions.JSONDecodeError as error:
            raise RequestFailed(
                f"{answer.url} answered, but not as a PZ Server does. Check the host: it is the address of a portal.",
                status_code=answer.status_code,
                body=answer.text[:LONGEST_TEXT],
            ) from error

    @contextlib.contextmanager
    def stream(self, path: str, **options: Any) -> Iterator[Answer]:
        """Open answer of a GET whose bytes the caller takes piece by piece, as they were stored."""
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"} | dict(options.pop("headers", {}))
        answer = self.send("GET", path, stream=True, headers=headers, **options)
        with answer:
            yield answer

    def send(self, method: str, path: str, *, retry: bool = False, **options: Any) -> Answer:
        """Answer to one request, sent again a few times if that is safe and may help."""
        may_repeat = retry or method in SAFE_METHODS
        for attempt in range(1, TRIES + 1):
            is_last = attempt == TRIES
            try:
                answer = self._session.request(method, self.url(path), timeout=self._timeouts, **options)
            except (requests.exceptions.ConnectionError, requests.exceptions.Timeout) as error:
                if is_last or not may_repeat:
                    raise self._unreachable(error) from error
                time.sleep(_pause_s(attempt))
                continue
            except requests.exceptions.RequestException as error:
                raise self._unreachable(error) from error
            # What was turned away for its number alone has not been looked at: sending it again repeats nothing.
            passing = PASSING_STATUSES if may_repeat else {TOO_MANY_REQUESTS}
            if is_last or answer.status_code not in passing:
                break
            answer.close()
            time.sleep(_pause_s(attempt, answer.headers.get("Retry-After")))
        if not answer.ok:
            raise refusal(answer)
        return answer

    def _unreachable(self, error: requests.exceptions.RequestException) -> ConnectionFailed:
        kinds = {
            requests.exceptions.SSLError: "Certificate error",
            requests.exceptions.ProxyError: "Proxy error",
            requests.exceptions.Timeout: "Time-out",
            requests.exceptions.ConnectionError: "Connection error",
        }
        kind = next((word for cls, word in kinds.items() if isinstance(error, cls)), "Request error")
        return ConnectionFailed(
            f"{kind}: {self.base_url} does not answer ({type(error).__name__}). Check the host and your network."
        )


def _pause_s(attempt: int, asked: str | None = None) -> float:
    """Seconds before the next try: what the server asks for, else twice as long each time."""
    if asked and asked.isascii() and asked.isdecimal():
        return min(float(asked), LONGEST_PAUSE_S)
    return min(FIRST_PAUSE_S * 2.0 ** (attempt - 1), LONGEST_PAUSE_S)


def refusal(answer: Answer) -> RequestFailed:
    """Exception for an answer that is no success, with the server's own words."""
    try:
        body: object = answer.json()
    except requests.exceptions.JSONDecodeError:
        body = answer.text[:LONGEST_TEXT].strip()
    cls = NotFound if answer.status_code == 404 else RequestFailed
    return cls(
        _words(body) or f"The server answered {answer.status_code} {answer.reason}.",
        status_code=answer.status_code,
        body=body,
        request_id=answer.headers.get("X-Request-ID"),
    )


def _words(body: object) -> str:
    """The server's sentence, then what it says of single fields."""
    if not isinstance(body, Mapping):
        return str(body or "")
    detail = body.get("detail") or body.get("error") or ""
    fields = [
        f"{name}: {' '.join(map(str, reasons))}"
        for name, reasons in body.items()
        if name != "detail" and isinstance(reasons, list)
    ]
    told = [str(detail), *(text for text in fields if text.partition(": ")[2] not in str(detail))]
    return " ".join(part for part in told if part) or str(dict(body))
