"""The real command behind an HTTP proxy: the API and the files, and nothing beside it."""

import base64
from contextlib import closing
from pathlib import Path

from recall_emulator import Emulator, Scenario
from tests.conftest import Command
from tests.recall.tls_server import Proxy


def test_everything_goes_through_the_proxy_and_no_output_holds_its_password(
    syncd: Command, emulator: Emulator, tmp_path: Path
) -> None:
    ids = [emulator.add(Scenario()) for _ in range(3)]
    with closing(Proxy(login=base64.b64encode(b"me:canary-pass"))) as proxy:
        (tmp_path / "proxy").write_text(f"http://me:canary-pass@127.0.0.1:{proxy.port}\n", encoding="utf-8")
        behind = {"SYNCD_PROXY_FILE": str(tmp_path / "proxy")}
        assert syncd("track", *map(str, ids)).returncode == 0
        done = syncd("run", "--until-idle", "--timeout", "120", **behind)
        told = syncd("status")
    assert done.returncode == 0, done.stderr[-2000:]
    ports = {url.rpartition(":")[2] for url in (emulator.api_url, emulator.files_url)}
    asked = {head.split(b" ")[1].decode() for head in proxy.heads}
    assert asked == {f"127.0.0.1:{port}" for port in ports}
    assert len(proxy.heads) < len(emulator.requests()) + 1  # tunnels are used again
    assert "canary" not in done.stderr + done.stdout + told.stdout + told.stderr
