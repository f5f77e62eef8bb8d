"""All settings of the portal: one frozen class, read from the environment with prefix ``PZSERVER_``.

Read once by an entry point (``app.py``, ``manage.py``, the worker, migrations) and passed on as a value.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Literal, Self

from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 2**20
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


class Settings(BaseSettings):
    """Settings with their defaults; every field becomes a row of ``docs/operator-guide.md``."""

    model_config = SettingsConfigDict(env_prefix="PZSERVER_", frozen=True, extra="ignore", populate_by_name=True)

    port: int = Field(
        default=8050, validation_alias=AliasChoices("PZSERVER_PORT", "PORT"), description="Port the server listens on."
    )
    host: str = Field(
        default="127.0.0.1",
        validation_alias=AliasChoices("PZSERVER_HOST", "HOST"),
        description="Address it listens on.",
    )
    data_dir: Path = Field(default=Path("data"), description="Folder under which everything the portal writes lives.")
    database_url: str = Field(default="", description="SQLAlchemy URL; empty means SQLite in the data folder.")
    storage_url: str = Field(default="", description="file:// or s3://bucket/prefix; empty means the data folder.")
    queue_url: str = Field(
        default="", description="Empty: jobs beside the server; redis:// or postgresql:// to share them."
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""), description="Signs sessions; empty: generated once, kept in data."
    )
    base_url: str = Field(default="", description="Public address used in shared links; empty: taken from the request.")
    upload_max_bytes: int = Field(default=200 * MIB, gt=0, description="Largest main file accepted, in bytes.")
    api_rate: str = Field(
        default="12000 per minute",
        pattern=r"^$|^[1-9]\d{0,8} per ([1-9]\d{0,3} )?(second|minute|hour|day)s?$",
        description="Requests to /api a person may send; empty: any number.",
    )
    demo: bool = Field(default=False, description="Demo data and one-click demo log-in; loopback only.")
    environment: Literal["production", "staging", "development"] = Field(
        default="production", description="Anything but production shows a banner on every page."
    )
    oidc_issuer: str = Field(default="", description="Issuer address of the single sign-on provider.")
    oidc_client_id: str = Field(default="", description="Client id registered with the provider.")
    oidc_client_secret: SecretStr = Field(
        default=SecretStr(""), description="Client secret registered with the provider."
    )
    oidc_groups_claim: str = Field(default="", description="Claim that lists the groups of a person.")

    @model_validator(mode="after")
    def _demo_stays_at_home(self) -> Self:
        if self.demo and self.host not in LOOPBACK_HOSTS:
            raise ValueError(
                f"PZSERVER_DEMO=1 offers a log-in without a password, so the server refuses to start on {self.host}. "
                "Unset PZSERVER_DEMO or listen on 127.0.0.1."
            )
        return self

    @property
    def resolved_data_dir(self) -> Path:
        """Absolute path of the data folder."""
        return self.data_dir.expanduser().resolve()

    @property
    def resolved_database_url(self) -> str:
        """SQLAlchemy URL, the embedded SQLite file when none is set."""
        return self.database_url or f"sqlite:///{self.resolved_data_dir / 'pzserver.sqlite3'}"

    @property
    def resolved_storage_url(self) -> str:
        """Storage URL, the files folder of the data folder when none is set."""
        return self.storage_url or f"file://{self.resolved_data_dir / 'files'}"

    def resolved_secret_key(self) -> str:
        """The signing key: the given one, else one generated once and kept in the data folder (mode 0600)."""
        if given := self.secret_key.get_secret_value():
            return given
        keeper = self.resolved_data_dir / "secret_key"
        if not keeper.exists():
            keeper.parent.mkdir(parents=True, exist_ok=True)
            draft = keeper.with_name(f"secret_key.{secrets.token_hex(4)}")
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_hex(32))
            try:
                keeper.hardlink_to(draft)  # atomic: two processes starting together agree on one key
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return keeper.read_text().strip()
