"""The exchange of a service, as its settings want it."""

from server.service import Service
from server.settings import Settings
from server.speech import FixedTexts, office_of, recogniser_of, voice_of
from server.telephone.exchange import Exchange, Voices
from telephony.activity import SileroActivity
from telephony.carrier import Carrier
from telephony.carriers.twilio import TwilioCarrier
from telephony.speaker import Speaker


def ready_exchange(service: Service) -> Exchange:
    """Return the exchange of ``service``."""
    return Exchange(service, carrier_of(service.settings), voices_of(service))


def carrier_of(settings: Settings) -> Carrier:
    """Return the carrier that the settings name."""
    return TwilioCarrier(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        settings.twilio_number,
        settings.twilio_api_base,
    )


def voices_of(service: Service) -> Voices:
    """Return who speaks and who listens."""
    settings = service.settings
    speaker = Speaker(voice_of(settings, FixedTexts(service.shelf, office_of(settings))))
    return Voices(speaker, recogniser_of(settings), SileroActivity)
