"""How long an answer asks to wait, whatever its status."""

from collections.abc import Callable
from uuid import UUID

import pytest

from syncd import errors
from syncd.recall.api import RecallApi
from syncd.recall.store import FileStore
from tests.core.samples import TRANSCRIPT_ID
from tests.recall.raw_server import RawServer, response


@pytest.mark.parametrize("status", [401, 402, 403, 404, 409, 429, 500, 502, 503])
def test_retry_after_of_any_status_is_kept(
    serve: Callable[..., RawServer],
    open_api: Callable[..., RecallApi],
    open_store: Callable[..., FileStore],
    status: int,
) -> None:
    api = serve(response(status, b'{"detail": "later"}', retry_after="20"))
    with pytest.raises(errors.RecallError) as of_api:
        open_api(api.url).retrieve(UUID(TRANSCRIPT_ID))
    store = serve(response(status, b"<Error><Code>SlowDown</Code></Error>", retry_after="20"))
    with pytest.raises(errors.DownloadError) as of_store:
        open_store(store.url).download(store.url)
    assert (of_api.value.retry_after_s, of_store.value.retry_after_s) == (20.0, 20.0)
