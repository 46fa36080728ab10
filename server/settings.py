"""Settings of the service, from the environment (prefix ``TINGWEN_``) and a ``.env`` file."""

from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What a county sets; every field has a default that works on one machine.

    ``database_url`` is a SQLAlchemy address; empty means SQLite in ``data_dir``. ``public_url`` is
    the address under which people outside reach the service. ``argon2_…`` is what checking a
    password costs (RFC 9106): passes over the memory, and how much memory.
    ``review_second_share`` of the flagged answers are looked at by a second person, and about
    ``review_gold_share`` of what a caseworker sees is known already; ``review_seed`` makes another
    draw of both.

    ``twilio_…`` are the account at the carrier; ``twilio_api_base`` is another address of its REST
    interface, ``twilio_shared_key`` the secret of signatures with SHA-256. ``transfer_number`` is
    whom the telephone is passed to on 找人工. ``lines`` calls go on at once, ``calls_per_second``
    are dialled, and one person is tried ``tries_a_day`` times.
    """

    model_config = SettingsConfigDict(env_prefix="TINGWEN_", env_file=".env", extra="ignore")

    data_dir: Path = Path("data")
    database_url: SecretStr = SecretStr("")
    public_url: str = "http://127.0.0.1:8000"
    key_file: Path | None = None
    organisation: str = "街道残联"
    callback: str = "村（社区）专职委员"
    hotline: str = "120 或 110"
    link_hours: int = 72
    argon2_time: int = Field(default=3, ge=1)
    argon2_memory_kib: int = Field(default=65_536, ge=8)
    review_second_share: Annotated[float, Field(ge=0, le=1)] = 0.05
    review_gold_share: Annotated[float, Field(ge=0, le=1)] = 0.02
    review_seed: str = ""
    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr = SecretStr("")
    twilio_number: str = ""
    twilio_api_base: str = ""
    twilio_shared_key: SecretStr = SecretStr("")
    transfer_number: str = ""
    lines: int = Field(default=60, ge=1)
    calls_per_second: int = Field(default=1, ge=1)
    tries_a_day: int = Field(default=3, ge=1)

    @cached_property
    def database_address(self) -> str:
        """The address of the database."""
        written = self.database_url.get_secret_value()
        return written or f"sqlite:///{(self.data_dir / 'tingwen.db').resolve()}"

    @property
    def learned_dir(self) -> Path:
        """Where what was learned here is kept, in place of what comes with the release."""
        return self.data_dir / "learned"

    @cached_property
    def key_path(self) -> Path:
        """The file of the keys that personal data is encrypted with."""
        return self.key_file or self.data_dir / "keys.json"
