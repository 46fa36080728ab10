"""Settings of the service, from the environment (prefix ``TINGWEN_``) and a ``.env`` file."""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What a county sets; every field has a default that works on one machine.

    ``database_url`` is a SQLAlchemy address; empty means SQLite in ``data_dir``. ``public_url`` is
    the address under which people outside reach the service. ``argon2_…`` is what checking a
    password costs (RFC 9106): passes over the memory, and how much memory.
    ``review_second_share`` of the flagged answers are looked at by a second person, and about
    ``review_gold_share`` of what a caseworker sees is known already; ``review_seed`` makes another
    draw of both. With ``named_commands`` a roster is imported by command only for a named account.

    ``twilio_…`` are the account at the carrier; ``twilio_api_base`` is another address of its REST
    interface, ``twilio_shared_key`` the secret of signatures with SHA-256. ``transfer_number`` is
    whom the telephone is passed to on 找人工. ``lines`` calls go on at once, ``calls_per_second``
    are dialled, and one person is tried ``tries_a_day`` times a day and ``tries_a_week`` times in
    seven days.

    ``asterisk_…`` are an Asterisk in place of that account: ``ari`` the base address of its REST
    interface with ``user`` and ``password``, ``endpoint`` where a number is dialled
    (``PJSIP/{number}@trunk``), ``context`` the dialplan's that sends the sound to us, ``caller``
    the caller id; at ``listen_host`` and ``listen_port`` its AudioSocket connections are taken.

    ``recogniser`` hears: ``vosk`` or ``whisper``, or whichever has a model here. ``vosk_model``
    and ``whisper_model`` are folders of models in place of those in the data folder;
    ``recogniser_workers`` processes hear, one a core if 0. ``models_address`` is where archives of
    models lie, ``package_index`` and ``npm_registry`` where packages do; empty means where pip and
    npm look for them. ``voice`` speaks what no file in ``prompts_dir`` (``prompts`` in the data
    folder if not set) does.

    ``wechat_…`` are the official account: its token (none: no webhook), its EncodingAESKey (with
    it only safe mode is taken), AppID and AppSecret, and another address of its interface.

    ``print_font`` is a font file with all hanzi for printed forms, in place of an installed one.

    ``rasa_url`` is a Rasa server, ``llm_url`` an OpenAI-compatible one inside the county's own
    network; empty means none. ``rasa_python`` is a Python 3.10 that has Rasa; empty means that uv
    brings one.
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
    named_commands: bool = False
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
    asterisk_ari: str = ""
    asterisk_user: str = ""
    asterisk_password: SecretStr = SecretStr("")
    asterisk_endpoint: str = ""
    asterisk_context: str = "tingwen"
    asterisk_caller: str = ""
    asterisk_listen_host: str = "127.0.0.1"
    asterisk_listen_port: int = Field(default=9092, ge=0, le=65535)
    transfer_number: str = ""
    lines: int = Field(default=60, ge=1)
    calls_per_second: int = Field(default=1, ge=1)
    tries_a_day: int = Field(default=1, ge=1)
    tries_a_week: int = Field(default=3, ge=1)
    recogniser: Literal["auto", "vosk", "whisper"] = "auto"
    vosk_model: Path | None = None
    whisper_model: Path | None = None
    recogniser_workers: int = Field(default=0, ge=0)
    models_address: str = ""
    package_index: str = ""
    npm_registry: str = ""
    voice: Literal["auto", "kokoro", "espeak"] = "auto"
    kokoro_voice: str = "zf_xiaoxiao"
    prompts_dir: Path | None = None
    wechat_token: SecretStr = SecretStr("")
    wechat_aes_key: SecretStr = SecretStr("")
    wechat_app_id: str = ""
    wechat_app_secret: SecretStr = SecretStr("")
    wechat_api_base: str = ""
    print_font: str = ""
    rasa_url: str = ""
    rasa_python: str = ""
    llm_url: str = ""
    llm_model: str = ""
    llm_key: SecretStr = SecretStr("")

    @cached_property
    def database_address(self) -> str:
        """The address of the database."""
        written = self.database_url.get_secret_value()
        return written or f"sqlite:///{(self.data_dir / 'tingwen.db').resolve()}"

    @property
    def models_dir(self) -> Path:
        """Where speech models stand."""
        return self.data_dir / "models"

    @property
    def prompt_path(self) -> Path:
        """Where prompts lie that somebody has read in."""
        return self.prompts_dir or self.data_dir / "prompts"

    @property
    def spoken_dir(self) -> Path:
        """Where every sentence is kept that was spoken once."""
        return self.data_dir / "spoken"

    @property
    def learned_dir(self) -> Path:
        """Where what was learned here is kept, in place of what comes with the release."""
        return self.data_dir / "learned"

    @property
    def rasa_dir(self) -> Path:
        """Where Rasa's project and model are kept."""
        return self.data_dir / "rasa"

    @cached_property
    def key_path(self) -> Path:
        """The file of the keys that personal data is encrypted with."""
        return self.key_file or self.data_dir / "keys.json"
