"""`syncd emulator` and `syncd demo` need recall-emulator; the rest of syncd never imports it."""

import os
import re
import subprocess
import sys
import threading

import httpx
import pytest

DEADLINE_S = 60.0
WITHOUT = "import sys; sys.modules['recall_emulator'] = None; from syncd.cli import main; main()"
ALL_BUT_THE_DEMO = """
import importlib, pkgutil, sys, syncd
for module in pkgutil.walk_packages(syncd.__path__, "syncd."):
    if not module.name.startswith(("syncd.demo.", "syncd.__main__")):
        importlib.import_module(module.name)
assert "syncd.cli.emulator" in sys.modules
sys.exit("recall_emulator" in sys.modules)
"""


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S, check=False)


def in_a_shell(lines: list[str]) -> dict[str, str]:
    """Return the settings of syncd that a program sees after these lines were pasted into a shell."""
    script = "".join([*lines, "env"])
    done = subprocess.run(
        ["sh", "-c", script], capture_output=True, text=True, timeout=DEADLINE_S, check=True, env={"PATH": os.defpath}
    )
    return dict(re.findall(r"^(SYNCD_\w+)=(.*)$", done.stdout, re.MULTILINE))


def test_it_tells_the_settings_with_which_syncd_reaches_it() -> None:
    command = [sys.executable, "-m", "syncd", "emulator", "--port", "0", "--files-port", "0", "--key", "k$HOME'"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        deadline = threading.Timer(DEADLINE_S, process.kill)
        deadline.start()
        lines: list[str] = []
        assert process.stderr is not None
        while not lines or "SYNCD_DOWNLOAD_ORIGINS" not in lines[-1]:
            lines.append(process.stderr.readline())
            assert lines[-1], "it ended without saying where it is"
        told = in_a_shell([line for line in lines if "SYNCD_" in line])
        url, key = f"{told['SYNCD_API_URL']}/api/v1/transcript/", {"Authorization": f"Token {told['SYNCD_API_KEY']}"}
        assert httpx.get(url, headers=key, trust_env=False, timeout=DEADLINE_S).status_code == 200
        assert told["SYNCD_API_KEY"] == "k$HOME'"
        assert told["SYNCD_DOWNLOAD_ORIGINS"].startswith("http://127.0.0.1:")
        process.terminate()
        assert process.wait(DEADLINE_S) == 0
        deadline.cancel()


def test_its_help_is_that_of_the_emulator() -> None:
    done = python("-m", "syncd", "emulator", "--help")
    assert done.returncode == 0
    assert "usage: syncd emulator" in done.stdout
    assert "--throttle-every" in done.stdout


@pytest.mark.parametrize("arguments", [["demo"], ["emulator"], ["emulator", "--port", "0"]])
def test_without_the_package_one_sentence_says_what_to_install(arguments: list[str]) -> None:
    done = python("-c", WITHOUT, *arguments)
    assert done.returncode == 78
    assert done.stderr == "syncd: The emulated Recall is not installed: pip install 'syncd[demo]' [SYNCD-SETTING]\n"


def test_the_rest_of_syncd_never_imports_it() -> None:
    done = python("-c", ALL_BUT_THE_DEMO)
    assert done.returncode == 0, done.stderr
