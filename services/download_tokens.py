"""Tokens of download addresses: signed, for one person, one product and one archive, for a quarter of an hour."""

from __future__ import annotations

from functools import cached_property

from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

from services.errors import NotAllowed
from services.models.identity import Actor
from services.models.prepared import PreparedKind
from services.settings import Settings

LIFETIME_S = 900
_SALT = "prepared download"
_PREPARE_AGAIN = "Prepare the download again to get a new one."


class DownloadTokens:
    """Makes and checks tokens. They are no log-in: whoever uses one must be the person it was made for.

    Parameters
    ----------
    settings : Settings
        Hold the key they are signed with, which is read at first use.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _signer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._settings.resolved_secret_key(), salt=_SALT)

    def issue(self, actor: Actor, product_id: int, kind: PreparedKind, key: str) -> str:
        """Token with which this person can fetch the bytes at ``key`` for ``LIFETIME_S`` seconds."""
        return str(self._signer.dumps([actor.user_id, product_id, kind.value, key]))

    def key(self, actor: Actor, product_id: int, kind: PreparedKind, token: str) -> str:
        """Address of the bytes that a token stands for.

        Raises
        ------
        NotAllowed
            If it is missing, damaged or expired, or was made for another person, product or kind of download.
        """
        if not token:
            raise NotAllowed(f"A download address needs its token. {_PREPARE_AGAIN}")
        try:
            user_id, for_product, for_kind, key = self._signer.loads(token, max_age=LIFETIME_S)
        except SignatureExpired as error:
            raise NotAllowed(f"This download address has expired. {_PREPARE_AGAIN}") from error
        except BadData as error:
            raise NotAllowed(f"The token of this download address is damaged. {_PREPARE_AGAIN}") from error
        if user_id != actor.user_id:
            raise NotAllowed(f"This download address was made for another person. {_PREPARE_AGAIN}")
        if (for_product, for_kind) != (product_id, kind.value):
            raise NotAllowed(f"This download address belongs to another download. {_PREPARE_AGAIN}")
        return str(key)
