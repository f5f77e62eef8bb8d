"""Log-in and log-out: plain pages that work without the application's scripts."""

from __future__ import annotations

from ipaddress import ip_address

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from api.rates import LoginBrake
from api.session import safe_next, sign_in, sign_out
from services.container import Container
from services.errors import InvalidInput, Unavailable

DEMO_USER = "demo"


def login_blueprint(container: Container, brake: LoginBrake) -> Blueprint:
    """Routes ``/login``, ``/login/demo`` and ``/logout``; only a POST logs anybody in or out."""
    routes = Blueprint("login", __name__)

    @routes.get("/login")
    def show() -> AnyResponse:
        if current_user.is_authenticated:
            return redirect(safe_next(request.args.get("next")))
        return _form(container, target=request.args.get("next"))

    @routes.post("/login")
    def enter() -> AnyResponse:
        return _enter(container, brake)

    @routes.post("/login/demo")
    def enter_demo() -> AnyResponse:
        return _enter_demo(container)

    @routes.get("/login/demo")
    @routes.get("/logout")
    def show_instead() -> AnyResponse:
        return redirect("/login")

    @routes.post("/logout")
    def leave() -> AnyResponse:
        sign_out(container)
        return redirect("/login")

    return routes


def _enter(container: Container, brake: LoginBrake) -> AnyResponse:
    username, password = request.form.get("username", "").strip(), request.form.get("password", "")
    target, address = request.form.get("next"), request.remote_addr or ""
    if not username or not password:
        return _form(container, 400, target, username, "Enter your username and your password.")
    if wait_s := brake.wait_s(username, address):
        response = _form(container, 429, target, username, _patience(wait_s))
        response.headers["Retry-After"] = str(wait_s)
        return response
    try:
        actor = container.users.authenticate(username, password)
    except InvalidInput as refusal:
        brake.failed(username, address)
        return _form(container, 401, target, username, refusal.message)
    brake.succeeded(username, address)
    sign_in(actor)
    return redirect(safe_next(target))


def _patience(wait_s: int) -> str:
    minutes = max(1, -(-wait_s // 60))
    unit = "minute" if minutes == 1 else "minutes"
    return f"Too many failed tries for this username. Wait {minutes} {unit} and try again."


def _enter_demo(container: Container) -> AnyResponse:
    if not offers_demo(container):
        return _form(container, 403, None, "", "The demo log-in is only offered on the machine the portal runs on.")
    actor = container.users.actor_named(DEMO_USER)
    if actor is None:
        raise Unavailable("The demo user does not exist yet. Run `python manage.py seed-demo` and try again.")
    sign_in(actor)
    return redirect(safe_next(request.form.get("next")))


def offers_demo(container: Container) -> bool:
    """Whether this visitor may log in without a password: demo mode, and a browser on the same machine."""
    if not container.settings.demo or request.headers.get("X-Forwarded-For"):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _form(
    container: Container, status: int = 200, target: str | None = None, username: str = "", problem: str = ""
) -> Response:
    page = render_template(
        "login.html",
        problem=problem,
        username=username,
        next=safe_next(target),
        demo=offers_demo(container),
        environment=container.settings.environment,
    )
    return make_response(page, status)
