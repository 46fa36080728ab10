"""The exchange of a service, as its settings want it."""

from collections.abc import Sequence
from functools import partial

from server.service import Service
from server.settings import Settings
from server.speech import FixedTexts, office_of, recogniser_of, spare_of, voice_of
from server.telephone.exchange import Exchange, Voices
from telephony.activity import Rounds, SileroActivity
from telephony.carrier import Carrier
from telephony.carriers.asterisk import AsteriskAccount, AsteriskCarrier
from telephony.carriers.fault import CarrierFault
from telephony.carriers.twilio import TwilioCarrier
from telephony.failure import CarrierError
from telephony.speaker import Speaker

#: What says that a carrier is wanted; of Asterisk, all of it is needed.
_TWILIO = ("twilio_account_sid", "twilio_auth_token", "twilio_number")
_ASTERISK = ("asterisk_ari", "asterisk_user", "asterisk_password", "asterisk_endpoint")


def ready_exchange(service: Service) -> Exchange:
    """Return the exchange of ``service``."""
    return Exchange(service, carrier_of(service.settings), voices_of(service))


def carrier_of(settings: Settings) -> Carrier:
    """Return the carrier that the settings name: Asterisk where it is set, and else Twilio.

    Raises :class:`telephony.failure.CarrierError` where both are set, or half of Asterisk.
    """
    asterisk, twilio = _given(settings, _ASTERISK), _given(settings, _TWILIO)
    if asterisk and twilio:
        raise CarrierError(CarrierFault.CARRIER_UNCLEAR, given=_names((*twilio, *asterisk)))
    if asterisk:
        return AsteriskCarrier(_account(settings, asterisk))
    return TwilioCarrier(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        settings.twilio_number,
        settings.twilio_api_base,
    )


def _account(settings: Settings, given: Sequence[str]) -> AsteriskAccount:
    missing = [name for name in _ASTERISK if name not in given]
    if missing:
        raise CarrierError(
            CarrierFault.CARRIER_HALF_SET, missing=_names(missing), given=_names(given)
        )
    return AsteriskAccount(
        settings.asterisk_ari,
        settings.asterisk_user,
        settings.asterisk_password.get_secret_value(),
        settings.asterisk_endpoint,
        settings.asterisk_context,
        settings.asterisk_caller,
    )


def _given(settings: Settings, names: Sequence[str]) -> list[str]:
    """Return which of these settings are not empty."""
    return [name for name in names if getattr(settings, name)]


def _names(names: Sequence[str]) -> str:
    return "、".join(f"TINGWEN_{name.upper()}" for name in names)


def voices_of(service: Service) -> Voices:
    """Return who speaks and who listens."""
    settings = service.settings
    voice = voice_of(settings, FixedTexts(service.shelf, office_of(settings)))
    speaker = Speaker(voice, spare_of(settings))
    return Voices(speaker, recogniser_of(settings), partial(SileroActivity, Rounds()))
