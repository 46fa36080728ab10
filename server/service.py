"""The running service: its parts, put together once from the settings."""

from dataclasses import dataclass

from dialog.conversation import Conversation
from models.attempt import Attempts
from models.case import Cases
from models.conversation_store import TurnStore
from models.database import Database
from models.draw import Draw
from models.keys import KeyFile
from models.staff import Staff
from models.talk import Talk
from models.tries import TryLimits
from server.chat_desk import ChatDesk
from server.contact import Contacts
from server.desk.passkey import Passkeys
from server.desk.password import Passwords
from server.desk.sign_in import SignIn
from server.form_shelf import FormShelf
from server.reader import FormReader
from server.review.desk import Chances, ReviewDesk
from server.roster.desk_import import DeskImports
from server.settings import Settings
from server.speech import can_talk, office_of


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that a request or a command needs."""

    settings: Settings
    database: Database
    shelf: FormShelf
    store: TurnStore
    cases: Cases
    conversation: Conversation
    contacts: Contacts
    chat: ChatDesk
    reviews: ReviewDesk
    sign_in: SignIn
    imports: DeskImports

    @classmethod
    def open(cls, settings: Settings) -> "Service":
        """Open the data folder, its keys and its database, and bring the tables up to date."""
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        keys = KeyFile.open(settings.key_path)
        database = Database.open(
            settings.database_address,
            keys,
            tries=TryLimits(settings.tries_a_day, settings.tries_a_week),
        )
        database.migrate()
        shelf = FormShelf(settings.data_dir / "forms")
        store = TurnStore(database, shelf.find)
        office = office_of(settings)
        reader = FormReader(settings.learned_dir, settings)
        conversation = Conversation(reader, office)
        contacts = Contacts(Attempts(database))
        chat = ChatDesk(store, Talk(database), shelf.find, conversation, contacts)
        cases = Cases(database)
        chances = Chances(
            Draw(keys, settings.review_second_share, settings.review_seed),
            Draw(keys, settings.review_gold_share, settings.review_seed),
        )
        reviews = ReviewDesk.open(database, store, shelf.find, reader, office, chances)
        passkeys = Passkeys(Staff(database), settings.public_url)
        sign_in = SignIn(database, Passwords(settings), passkeys)
        return cls(
            settings,
            database,
            shelf,
            store,
            cases,
            conversation,
            contacts,
            chat,
            reviews,
            sign_in,
            DeskImports(database, shelf),
        )

    @property
    def can_talk(self) -> bool:
        """Whether there is a recogniser to hear people, and a voice."""
        return can_talk(self.settings)

    def close(self) -> None:
        """Give everything back."""
        self.database.close()
