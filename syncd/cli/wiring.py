"""What the commands that call Recall begin with: settings with a key, and a worker."""

import os
import socket
import uuid
from collections.abc import Callable

from syncd import __version__
from syncd.cli.bootstrap import open_settings
from syncd.core.queue.limits import WorkerLimits
from syncd.core.rate_limit.budget import share_of
from syncd.db.engine import Engine
from syncd.db.queue.processes import Process
from syncd.log import get_logger
from syncd.pipeline.list_plan import Discovery
from syncd.recall.api import RecallApi
from syncd.recall.store import FileStore
from syncd.recall.transport import Network
from syncd.recall.trust import ssl_context
from syncd.settings import Settings
from syncd.worker.worker import Worker

log = get_logger(__name__)


def open_settings_with_key() -> Settings:
    """The settings; what is wrong with the way to Recall should not have to wait for the database.

    Raises ConfigError.
    """
    return with_key(open_settings())


def with_key(settings: Settings) -> Settings:
    """The same settings, with which Recall can be asked. Raises ConfigError."""
    settings.key, settings.base_url, settings.proxy_address  # noqa: B018  they are read, and so checked
    ssl_context(settings.ca_file)
    if settings.sends_key_in_clear:
        log.warning("SYNCD_API_URL is plain http to another machine: the API key can be read on the way")
    return settings


def this_process(workspace: str) -> Process:
    """Who serves the workspace, with a name that no other process has or had."""
    host, pid = socket.gethostname(), os.getpid()
    return Process(f"{host}:{pid}:{uuid.uuid4().hex[:8]}", workspace, host, pid, __version__)


def make_worker(
    engine: Engine, settings: Settings, process: Process, on_slot_free: Callable[[], None] = lambda: None
) -> Worker:
    """A worker for the workspace of the settings."""
    network = Network(settings.ca_file, settings.proxy_address)
    api = RecallApi(settings.base_url, settings.key, settings.retrieve_seconds, network)
    store = FileStore(settings.origins, settings.payload_limit, settings.download_seconds, network)
    limits = WorkerLimits(
        workspace=settings.workspace,
        retrieve_limit=share_of(settings.retrieve_limit, settings.limit_share),
        list_limit=share_of(settings.list_limit, settings.limit_share),
        concurrency=settings.concurrency,
        lease_s=settings.lease_seconds,
        call_s=settings.retrieve_seconds,
        holder=process.process,
        erases_deleted=settings.on_delete == "erase",
    )
    discovery = Discovery(settings.discover, settings.created_after)
    return Worker(engine, api, store, limits, discovery, on_slot_free)
