"""The exchange of a service, as its settings want it."""

from server.service import Service
from server.settings import Settings
from server.speech import recogniser_of
from server.telephone.exchange import Exchange, Voices
from telephony.activity import SileroActivity
from telephony.carrier import Carrier
from telephony.carriers.twilio import TwilioCarrier
from telephony.speaker import Speaker
from telephony.tone_voice import ToneVoice


def ready_exchange(service: Service) -> Exchange:
    """Return the exchange of ``service``."""
    return Exchange(service, carrier_of(service.settings), voices_of(service.settings))


def carrier_of(settings: Settings) -> Carrier:
    """Return the carrier that the settings name."""
    return TwilioCarrier(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        settings.twilio_number,
        settings.twilio_api_base,
    )


def voices_of(settings: Settings) -> Voices:
    """Return who speaks and who listens."""
    return Voices(Speaker(ToneVoice()), recogniser_of(settings), SileroActivity)
