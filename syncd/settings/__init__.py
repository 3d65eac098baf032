"""Every setting, read once from the environment, a TOML file and systemd's credentials, and checked.

The environment wins over the file, the file over a credential. The names are the same everywhere: SYNCD_REGION in
the environment is `region` in the file that SYNCD_CONFIG names. docs/settings.md lists them; a test compares.
"""

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from syncd.core.reading.origin import Origin, read_origins
from syncd.core.reading.proxy import ProxyAddress, read_proxy
from syncd.errors import ConfigError
from syncd.settings.sources import CONFIG_VARIABLE, PREFIX, given_settings, secret_from_file, written
from syncd.settings.spelling import respelt
from syncd.settings.values import ApiKey, BaseUrl, DatabaseUrl, Name, Origins, ProxyUrl, parts_of, read_value

__all__ = ["CONFIG_VARIABLE", "PREFIX", "REGIONS", "ROOT_STATE", "Settings", "all_settings", "load_settings"]

ROOT_STATE = Path("/var/lib/syncd-embedded")
"""Root's own; the name of the service would be a folder that systemd keeps for it."""
OF_DATABASE = ("database_url", "database_url_file", "state_dir", "workspace")
"""The settings that say which database to look into, and which workspace of it."""
REGIONS = ("us-east-1", "us-west-2", "eu-central-1", "ap-northeast-1")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an operator can set. Times are seconds, sizes bytes."""

    database_url: Annotated[
        DatabaseUrl | None,
        Meta(description="Postgres to keep the transcripts in; unset: the embedded Postgres, if it is installed"),
    ] = None
    database_url_file: Annotated[
        Path | None, Meta(description="file that holds the database's URL, instead of SYNCD_DATABASE_URL")
    ] = None
    api_key: Annotated[ApiKey | None, Meta(description="Recall API key of the workspace")] = None
    api_key_file: Annotated[
        Path | None, Meta(description="file that holds the API key, instead of SYNCD_API_KEY")
    ] = None
    region: Annotated[str, Meta(description="Recall region of the workspace: " + ", ".join(REGIONS))] = "us-east-1"
    api_url: Annotated[BaseUrl | None, Meta(description="base URL of the API, in place of the region's own")] = None
    workspace: Annotated[Name, Meta(description="name of the workspace that the key belongs to")] = Name("default")
    retrieve_limit: Annotated[
        int, Meta(ge=2, description="Retrieve Transcript calls a minute that the workspace may make")
    ] = 300
    list_limit: Annotated[
        int,
        Meta(
            ge=0, description="List Transcripts calls a minute that the workspace may make; 0: the list is not read"
        ),
    ] = 60
    limit_share: Annotated[
        float, Meta(gt=0, le=1, description="share of both limits that syncd keeps to; other software has the rest")
    ] = 1.0
    discover: Annotated[bool, Meta(description="track transcripts that nobody handed in, as the list shows them")] = (
        False
    )
    created_after: Annotated[
        datetime | None,
        Meta(
            tz=True, description="discover those created after this time; unset: after the first start with discovery"
        ),
    ] = None
    on_delete: Annotated[
        Literal["keep", "erase"],
        Meta(description="what becomes of the content here of a transcript that Recall has deleted"),
    ] = "keep"
    retention_days: Annotated[
        int | None,
        Meta(ge=1, description="erase transcripts that were created so many days ago; unset: they are kept"),
    ] = None
    download_origins: Annotated[
        Origins, Meta(description="comma-separated origins that files may be downloaded from")
    ] = Origins("https://*.amazonaws.com,https://*.recall.ai")
    ca_file: Annotated[
        Path | None,
        Meta(description="PEM file of further authorities whose certificates are trusted, for the API and for files"),
    ] = None
    proxy: Annotated[
        ProxyUrl | None,
        Meta(description="HTTP proxy for the API and for files, such as http://proxy.example.com:3128; unset: none"),
    ] = None
    proxy_file: Annotated[
        Path | None, Meta(description="file that holds the proxy's URL, instead of SYNCD_PROXY")
    ] = None
    payload_limit: Annotated[int, Meta(ge=1024, description="largest file to download, decoded bytes")] = 256 * 2**20
    download_seconds: Annotated[float, Meta(gt=0, description="total time one download may take")] = 300.0
    retrieve_seconds: Annotated[float, Meta(gt=0, description="total time one API call may take")] = 30.0
    concurrency: Annotated[
        int, Meta(ge=1, le=256, description="transcripts worked on at the same time by one process")
    ] = 16
    tick_seconds: Annotated[float, Meta(ge=0.05, le=60, description="how often a process claims due transcripts")] = (
        0.25
    )
    sleep_seconds: Annotated[
        float,
        Meta(
            ge=0.05,
            le=3600,
            description="how long a process sleeps at most while nothing is due, where it is not told of new ids",
        ),
    ] = 5.0
    lease_seconds: Annotated[float, Meta(ge=3, description="how long a silent worker keeps its transcripts")] = 60.0
    heartbeat_seconds: Annotated[
        float,
        Meta(ge=1, le=3600, description="how often a process writes that it is alive; after three times it is dead"),
    ] = 10.0
    drain_seconds: Annotated[float, Meta(ge=0, description="how long a stop waits for work in progress")] = 20.0
    database_connections: Annotated[
        int, Meta(ge=3, le=1000, description="connections to the database that one process makes at most")
    ] = 10
    database_wait_seconds: Annotated[float, Meta(ge=0, description="how long a start waits for the database")] = 60.0
    state_dir: Annotated[
        Path | None,
        Meta(
            description="folder of the embedded Postgres; unset: ~/.local/state/syncd, root's /var/lib/syncd-embedded"
        ),
    ] = None
    log_format: Annotated[
        Literal["auto", "console", "json"],
        Meta(description="lines for people or for machines; auto: for people on a terminal"),
    ] = "auto"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="least severe line to log")
    ] = "info"

    @property
    def base_url(self) -> str:
        """Where the API answers. Raises ConfigError for a region nobody knows."""
        if self.api_url is not None:
            return self.api_url
        if self.region not in REGIONS:
            known = ", ".join(REGIONS)
            raise ConfigError(
                f"{written('region')}: {self.region} is not one of {known}; for another set SYNCD_API_URL to its base"
                " URL."
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
    def key(self) -> ApiKey:
        """The API key, from wherever it was given. Raises ConfigError where there is none."""
        key = self.api_key or secret_from_file("api_key", self.api_key_file, ApiKey.read)
        if key is None:
            raise ConfigError(
                "No API key. Set SYNCD_API_KEY or SYNCD_API_KEY_FILE, or give the service a credential named api_key."
            )
        return key

    @property
    def dsn(self) -> DatabaseUrl | None:
        """The database, from wherever it was given; None: the embedded one. Raises ConfigError for a bad file."""
        return self.database_url or secret_from_file("database_url", self.database_url_file, DatabaseUrl.read)

    @property
    def proxy_url(self) -> ProxyUrl | None:
        """The proxy, from wherever it was given; None: there is none. Raises ConfigError for a bad file."""
        return self.proxy or secret_from_file("proxy", self.proxy_file, ProxyUrl.read)

    @property
    def proxy_address(self) -> ProxyAddress | None:
        """The same, read."""
        url = self.proxy_url
        return None if url is None else read_proxy(url.get_secret_value())

    @property
    def state_directory(self) -> Path:
        """The directory of the embedded Postgres: the setting, systemd's state directory, or the user's own.

        Raises ConfigError where the user has none, and where it is relative to a directory that has been deleted.
        """
        if self.state_dir is None and os.geteuid() == 0 and "STATE_DIRECTORY" not in os.environ:
            return ROOT_STATE
        users = Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state", "syncd")
        given = self.state_dir or Path(os.environ.get("STATE_DIRECTORY", str(users)).split(":")[0])
        try:
            return given.expanduser().absolute()
        except RuntimeError:
            raise ConfigError("This user has no home. Set SYNCD_DATABASE_URL or SYNCD_STATE_DIR.") from None
        except FileNotFoundError:
            lost = f"{written('state_dir')}: {given} is relative to the working directory, which has been deleted."
            raise ConfigError(lost) from None


def all_settings() -> Mapping[str, msgspec.structs.FieldInfo]:
    """The settings there are, by name: type and default of each. Its type holds limits and description (parts_of)."""
    return {field.name: field for field in msgspec.structs.fields(Settings)}


def load_settings(others: list[str] | None = None) -> Settings:
    """Read and check all settings. Raises ConfigError that names the setting, never its value.

    With `others`, what is wrong with settings that nobody needs who only looks into the database is added there, and
    these have their defaults.
    """
    found, faults = dict[str, object](), dict[str, str]()
    given = given_settings(all_settings(), faults)
    for name, field in all_settings().items():
        if name in given:
            try:
                found[name] = read_value(field.type, respelt(name, parts_of(field.type)[0], given[name]))
            except ValueError as error:
                faults[name] = f"{written(name)}: {error}"
    settings = msgspec.structs.replace(Settings(), **found)
    if faults and (others is None or not _is_database_known(settings, faults)):
        raise ConfigError("; ".join(faults.values()))
    if others is not None:
        others += faults.values()
    return settings


def _is_database_known(settings: Settings, faults: Mapping[str, str]) -> bool:
    """Whether none of the faults is about which database to look into.

    A name that is not known, and a file that cannot be read, may be; but not where another place names the database.
    """
    is_clear = faults.keys() <= all_settings().keys() or settings.dsn is not None
    return is_clear and faults.keys().isdisjoint(OF_DATABASE)
