"""Passkeys (WebAuthn): registering one, and signing in with it after the password."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from models.staff import Account, Passkey, Staff

_NAME: Final = "听问"
_PREFERRED: Final = UserVerificationRequirement.PREFERRED


class PasskeyRefusedError(Exception):
    """What the browser sent proves no passkey of this account."""


@dataclass(frozen=True, slots=True)
class Passkeys:
    """Passkeys for the service at ``public_url``."""

    staff: Staff
    public_url: str

    @property
    def _host(self) -> str:
        return urlsplit(self.public_url).hostname or ""

    @property
    def _origin(self) -> str:
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    def to_register(self, account: Account) -> tuple[Any, bytes]:
        """Return what the browser needs to make a passkey, and the challenge in it."""
        options = generate_registration_options(
            rp_id=self._host,
            rp_name=_NAME,
            user_name=account.login,
            user_display_name=account.name,
            user_id=account.login.encode(),
            exclude_credentials=self._known(account.login),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=_PREFERRED
            ),
        )
        return json.loads(options_to_json(options)), options.challenge

    def register(
        self, account: Account, challenge: bytes, sent: dict[str, Any], label: str, now: datetime
    ) -> None:
        """Keep the passkey that was made. Raises :class:`PasskeyRefusedError`."""
        try:
            made = verify_registration_response(
                credential=sent,
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origin,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise PasskeyRefusedError from error
        passkey = Passkey(
            id=bytes_to_base64url(made.credential_id),
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            label=label,
            created_at=now,
        )
        self.staff.add_passkey(account.login, passkey, at=now)

    def to_sign(self, login: str) -> tuple[Any, bytes]:
        """Return what the browser needs to use a passkey, and the challenge in it."""
        options = generate_authentication_options(
            rp_id=self._host, allow_credentials=self._known(login), user_verification=_PREFERRED
        )
        return json.loads(options_to_json(options)), options.challenge

    def check(self, login: str, challenge: bytes, sent: dict[str, Any]) -> None:
        """Check that a passkey of ``login`` signed. Raises :class:`PasskeyRefusedError`."""
        mine = {one.id: one for one in self.staff.passkeys(login)}
        passkey = mine.get(str(sent.get("id", "")))
        if passkey is None:
            raise PasskeyRefusedError
        try:
            signed = verify_authentication_response(
                credential=sent,
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise PasskeyRefusedError from error
        self.staff.count_passkey(passkey.id, signed.new_sign_count)

    def _known(self, login: str) -> list[PublicKeyCredentialDescriptor]:
        return [
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.id))
            for one in self.staff.passkeys(login)
        ]
