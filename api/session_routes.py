"""Tokens from user name and password, who is logged in, log-out, and which portal this is."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from pydantic import Field

from api.endpoints import Resource
from api.errors import answer
from api.rates import LoginBrake
from api.session import sign_out
from api.wire import Body, Wire
from services.container import Container
from services.context import current_actor, current_context
from services.errors import InvalidInput


class Credentials(Body):
    """User name and password."""

    username: str = Field(min_length=1, max_length=150)
    password: str = Field(min_length=1, max_length=1024)


class TokenWire(Wire):
    """The key of a token, shown once."""

    token: str = Field(min_length=40, max_length=40)


class LoggedUserWire(Wire):
    """Who is asking."""

    username: str = Field(description="Name people see.")
    is_admin: bool


class LoggedOutWire(Wire):
    """Nothing to tell."""


def session_resource(container: Container, brake: LoginBrake) -> Resource:
    """Routes of tokens and sessions."""
    routes = Resource("session", tag="Session")

    @routes.post("/get_token/", answers={200: TokenWire}, summary="A new token")
    def get_token() -> TokenWire:
        """Your token without a label is made anew: the previous one ends, named tokens stay.

        Asked for with a token that expires, the new one expires with it.
        """
        end = current_context().token_expires_at
        return TokenWire(token=container.tokens.replace_unnamed(current_actor(), expires_at=end).key)

    @routes.post(
        "/obtain_token/", body=Credentials, answers={200: TokenWire}, summary="A new token for name and password"
    )
    def obtain_token(body: Credentials) -> TokenWire | Response:
        """As get_token, for programs that know the password; too many wrong ones and they wait."""
        return _obtain(container, brake, body)

    @routes.post("/logged_user/", answers={200: LoggedUserWire}, writes=False, summary="Who is asking")
    def logged_user() -> LoggedUserWire:
        """Your name, and whether you are an administrator."""
        actor = current_actor()
        return LoggedUserWire(username=actor.display_name, is_admin=actor.is_admin)

    @routes.post("/logout/", answers={200: LoggedOutWire}, summary="End the browser session")
    def log_out() -> LoggedOutWire:
        """Ends the session of this browser; tokens stay until they are revoked."""
        sign_out(container)
        return LoggedOutWire()

    return routes


def _obtain(container: Container, brake: LoginBrake, given: Credentials) -> TokenWire | Response:
    address = request.remote_addr or ""
    if wait_s := brake.wait_s(given.username, address):
        refusal = answer(429, f"Too many failed tries for this username. Wait {wait_s} seconds.", "too_many_requests")
        refusal.headers["Retry-After"] = str(wait_s)
        return refusal
    try:
        actor = container.users.authenticate(given.username, given.password)
    except InvalidInput:
        brake.failed(given.username, address)
        raise
    brake.succeeded(given.username, address)
    return TokenWire(token=container.tokens.replace_unnamed(actor).key)


def environment_blueprint(container: Container) -> Blueprint:
    """The open route that tells a production portal from others."""
    routes = Blueprint("environment", __name__)

    @routes.get("/which_environment/")
    def which_environment() -> Response:
        name = container.settings.environment
        return jsonify(enviroment_name=name, is_dev=name != "production")  # the key is misspelt in the contract

    return routes
