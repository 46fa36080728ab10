"""The account, put together from the settings."""

import os

from models.clip import Clips
from models.identity_question import IdentityQuestions
from models.invitation import Invitations
from models.opt_out import OptOuts
from models.outbox import Outbox
from models.talk import Talk
from models.wechat_contact import WechatContacts
from models.wechat_mail import WechatMail
from server.service import Service
from server.settings import Settings
from server.wechat.api import BASE, WechatApi
from server.wechat.binding import Binding
from server.wechat.desk import WechatDesk
from server.wechat.ear import Ear
from server.wechat.front import (
    PATIENCE,
    PATIENCE_WITHOUT_INTERFACE,
    Mail,
    WechatFront,
)
from server.wechat.gate import Gate
from server.wechat.porter import Porter
from server.wechat.postman import Postman
from server.wechat.reply import ReplyWriter
from server.wechat.seal import Seal
from server.wechat.talk import WechatTalk
from telephony.recogniser import Recogniser
from telephony.recognisers.absent import AbsentRecogniser


def open_front(service: Service, recogniser: Recogniser | None = None) -> WechatFront | None:
    """Return the front of the account, or None if no token is set.

    Voice messages are heard by ``recogniser``; without one, or with one that is absent, not. Raises
    :class:`server.wechat.fault.RefusedError` if the key of safe mode is none.
    """
    settings, database = service.settings, service.database
    token, aes_key = (
        settings.wechat_token.get_secret_value(),
        settings.wechat_aes_key.get_secret_value(),
    )
    if not token:
        return None
    seal = Seal(aes_key, settings.wechat_app_id) if aes_key else None
    people, exchanges, api = WechatContacts(database), Talk(database), wechat_api(settings)
    office, mail = service.conversation.office, WechatMail(database)
    talk = WechatTalk(
        service.store, exchanges, service.shelf.find, service.conversation, service.contacts
    )
    ear = None
    if recogniser is not None and not isinstance(recogniser, AbsentRecogniser):
        ear = Ear(recogniser, api, talk, exchanges, Clips(database))
    binding = Binding(people, IdentityQuestions(database), database.keys, office)
    outbox, invitations, opt_outs = Outbox(database), Invitations(database), OptOuts(database)
    postman = Postman(outbox, invitations, people, opt_outs, api, f"wechat-{os.getpid()}")
    return WechatFront(
        gate=Gate(token, seal),
        writer=ReplyWriter(token, seal),
        desk=WechatDesk(people, binding, talk, office),
        parts=Mail(mail, people, postman, api),
        porter=Porter(mail.admit),
        patience=PATIENCE if api.is_set else PATIENCE_WITHOUT_INTERFACE,
        ear=ear,
    )


def wechat_api(settings: Settings) -> WechatApi:
    """Return the interface of the account of the settings."""
    return WechatApi(
        settings.wechat_app_id,
        settings.wechat_app_secret.get_secret_value(),
        (settings.wechat_api_base or BASE).rstrip("/"),
    )
