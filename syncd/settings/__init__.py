"""Every setting, read once from the environment, a TOML file and systemd's credentials, and checked.

The environment wins over the file, the file over a credential. The names are the same everywhere: SYNCD_REGION in
the environment is `region` in the file that SYNCD_CONFIG names. docs/settings.md lists them; a test compares.
"""

import os
import tomllib
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import AwareDatetime, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from syncd.core.reading.origin import Origin, read_origins
from syncd.errors import ConfigError
from syncd.settings import values
from syncd.settings.sources import CONFIG_VARIABLE, PREFIX, ConfigFile, refuse_unknown, secret_from_file

__all__ = ["CONFIG_VARIABLE", "PREFIX", "REGIONS", "Settings", "load_settings"]

TEST_VARIABLE = "SYNCD_TEST_DATABASE_URL"
REGIONS = ("us-east-1", "us-west-2", "eu-central-1", "ap-northeast-1")


class Settings(BaseSettings):
    """Everything an operator can set. Times are seconds, sizes bytes."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
    )

    database_url: values.DatabaseUrl | None = Field(
        None, description="Postgres to keep the transcripts in; unset: the embedded Postgres, if it is installed"
    )
    database_url_file: Path | None = Field(
        None, description="file that holds the database's URL, instead of SYNCD_DATABASE_URL"
    )
    api_key: values.ApiKey | None = Field(None, description="Recall API key of the workspace")
    api_key_file: Path | None = Field(None, description="file that holds the API key, instead of SYNCD_API_KEY")
    region: str = Field("us-east-1", description="Recall region of the workspace: " + ", ".join(REGIONS))
    api_url: values.BaseUrl | None = Field(None, description="base URL of the API, in place of the region's own")
    workspace: values.Name = Field("default", description="name of the workspace that the key belongs to")
    retrieve_limit: int = Field(
        300, ge=2, description="Retrieve Transcript calls a minute that the workspace may make"
    )
    list_limit: int = Field(
        60, ge=0, description="List Transcripts calls a minute that the workspace may make; 0: the list is not read"
    )
    limit_share: float = Field(
        1.0, gt=0, le=1, description="share of both limits that syncd keeps to; other software has the rest"
    )
    discover: bool = Field(False, description="track transcripts that nobody handed in, as the list shows them")
    created_after: AwareDatetime | None = Field(
        None, description="discover those created after this time; unset: after the first start with discovery"
    )
    download_origins: values.Origins = Field(
        "https://*.amazonaws.com,https://*.recall.ai",
        description="comma-separated origins that files may be downloaded from",
    )
    payload_limit: int = Field(256 * 2**20, ge=1024, description="largest file to download, decoded bytes")
    download_seconds: float = Field(300.0, gt=0, description="total time one download may take")
    retrieve_seconds: float = Field(30.0, gt=0, description="total time one API call may take")
    concurrency: int = Field(16, ge=1, le=256, description="transcripts worked on at the same time by one process")
    tick_seconds: float = Field(0.25, ge=0.05, le=60, description="how often a process claims due transcripts")
    sleep_seconds: float = Field(
        5.0,
        ge=0.05,
        le=3600,
        description="how long a process sleeps at most while nothing is due and no hint could wake it",
    )
    lease_seconds: float = Field(60.0, ge=3, description="how long a silent worker keeps its transcripts")
    drain_seconds: float = Field(20.0, ge=0, description="how long a stop waits for work in progress")
    database_wait_seconds: float = Field(60.0, ge=0, description="how long a start waits for the database")
    state_dir: Path | None = Field(None, description="directory of the embedded Postgres")
    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="lines for people or for machines; auto: for people on a terminal"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least severe line to log")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment, then the file; no .env, which nobody asked for."""
        path = os.environ.get(CONFIG_VARIABLE)
        return env_settings, ConfigFile(settings_cls, path)

    @property
    def base_url(self) -> str:
        """Where the API answers. Raises ConfigError for a region nobody knows."""
        if self.api_url is not None:
            return self.api_url
        if self.region not in REGIONS:
            known = ", ".join(REGIONS)
            raise ConfigError(
                f"SYNCD_REGION={self.region} is not one of {known}; for another set SYNCD_API_URL to its base URL."
            )
        return f"https://{self.region}.recall.ai"

    @property
    def sends_key_in_clear(self) -> bool:
        """Whether the API is reached by plain http on another machine."""
        parts = urlsplit(self.base_url)
        is_here = parts.hostname == "localhost" or (parts.hostname or "").startswith(("127.", "::1"))
        return parts.scheme == "http" and not is_here

    @property
    def origins(self) -> tuple[Origin, ...]:
        """The allow-list of download origins."""
        return read_origins(self.download_origins)

    @property
    def key(self) -> SecretStr:
        """The API key, from wherever it was given. Raises ConfigError where there is none."""
        key = self.api_key or secret_from_file("api_key", self.api_key_file, values.api_key)
        if key is None:
            raise ConfigError(
                "No API key. Set SYNCD_API_KEY or SYNCD_API_KEY_FILE, or give the service a credential named api_key."
            )
        return key

    @property
    def dsn(self) -> SecretStr | None:
        """The database, from wherever it was given; None: the embedded one. Raises ConfigError for a bad file."""
        return self.database_url or secret_from_file("database_url", self.database_url_file, values.database_url)

    @property
    def state_directory(self) -> Path:
        """The directory of the embedded Postgres: the setting, systemd's state directory, or the user's own."""
        if self.state_dir is not None:
            return self.state_dir.expanduser()
        # root's own directory is closed to the user that Postgres runs as
        fallback = Path("/var/lib/syncd") if os.geteuid() == 0 else platformdirs.user_state_path("syncd")
        return Path(os.environ.get("STATE_DIRECTORY", str(fallback)).split(":")[0])


def load_settings() -> Settings:
    """Read and check all settings. Raises ConfigError that names the setting, never its value."""
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    named = [name for name in os.environ if name.upper().startswith(PREFIX)]
    refuse_unknown(named, [*known, CONFIG_VARIABLE, TEST_VARIABLE], str.upper)
    try:
        return Settings()
    except ValidationError as error:
        details = error.errors(include_input=False)
        raise ConfigError("; ".join(_complaint(detail["loc"], detail["msg"]) for detail in details)) from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reason = f"cannot be read: {error.strerror}" if isinstance(error, OSError) else f"is not TOML: {error}"
        raise ConfigError(f"{CONFIG_VARIABLE}={os.environ[CONFIG_VARIABLE]} {reason}.") from None


def _complaint(location: tuple[int | str, ...], message: str) -> str:
    name = ".".join(map(str, location))
    return f"{PREFIX}{name.upper()}: {message.removeprefix('Value error, ')}"
