import re
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import fields
from pathlib import Path

import httpx
import pytest

from recall_emulator import Faults
from recall_emulator.command import parse
from recall_emulator.options import EmulatorOptions

DEADLINE_SECONDS = 60.0

Run = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def run() -> Iterator[Run]:
    """Start the command in a process of its own, on free ports."""
    with ExitStack() as stack:

        def start(*flags: str) -> subprocess.Popen[str]:
            command = [sys.executable, "-m", "recall_emulator", "--port", "0", "--files-port", "0", *flags]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield start


def origins(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Read from standard error where the API and the file store are."""
    assert process.stderr is not None
    deadline = threading.Timer(DEADLINE_SECONDS, process.kill)
    deadline.start()
    line = process.stderr.readline()
    deadline.cancel()
    api, files = re.findall(r"http://[\d.]+:\d+", line)
    return api, files


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_a_signal_and_ends_cleanly(
    run: Run, client: httpx.Client, tmp_path: Path, ending: signal.Signals
) -> None:
    ids_file = tmp_path / "ids"
    process = run(
        "--transcripts", "3", "--over", "0", "--ids-file", str(ids_file), "--key", "k=space", "--error-first", "1"
    )
    api, files = origins(process)
    assert process.stdout is not None
    ids = [str(uuid.UUID(process.stdout.readline().strip())) for _ in range(3)]
    url = f"{api}/api/v1/transcript/{ids[0]}/"
    assert [client.get(url, headers={"Authorization": "Token k"}).status_code for _ in range(2)] == [503, 200]
    assert files != api
    assert ids_file.read_text().split() == ids
    process.send_signal(ending)
    assert process.wait(DEADLINE_SECONDS) == 0


def test_the_example_it_prints_works(run: Run, client: httpx.Client) -> None:
    process = run()
    origins(process)
    assert process.stderr is not None
    example = re.search(r"curl -H 'Authorization: (.+?)' (\S+)", process.stderr.readline())
    assert example is not None
    assert client.get(example[2], headers={"Authorization": example[1]}).status_code == 200


def test_a_taken_port_is_told_in_one_line(run: Run) -> None:
    port = origins(run())[0].rpartition(":")[2]
    second = run("--port", port)
    _, told = second.communicate(timeout=DEADLINE_SECONDS)
    assert second.returncode == 1
    advice = "choose another port with --port or --files-port"
    assert told == f"Cannot listen on 127.0.0.1:{port}: Address already in use; {advice}.\n"


def test_a_taken_port_of_the_file_store_is_told_like_that_of_the_api(run: Run) -> None:
    port = origins(run())[1].rpartition(":")[2]
    second = run("--files-port", port)
    _, told = second.communicate(timeout=DEADLINE_SECONDS)
    assert second.returncode == 1
    assert told.startswith(f"Cannot listen on 127.0.0.1:{port}: ")


def test_an_address_of_another_machine_is_told_without_advice_about_ports(run: Run) -> None:
    process = run("--host", "192.0.2.1")
    _, told = process.communicate(timeout=DEADLINE_SECONDS)
    assert process.returncode == 1
    assert told.startswith("Cannot listen on 192.0.2.1:0: ")
    assert "--port" not in told


def test_a_file_of_ids_that_cannot_be_written_is_told_in_one_line(run: Run, tmp_path: Path) -> None:
    process = run("--ids-file", str(tmp_path))
    _, told = process.communicate(timeout=DEADLINE_SECONDS)
    assert process.returncode == 1
    assert f"Cannot write {tmp_path}" in told
    assert "Traceback" not in told


def test_fields_of_a_scenario_are_given_to_all_it_begins_with(run: Run, client: httpx.Client) -> None:
    process = run("--transcripts", "3", "--over", "0", "--scenario", '{"metadata": {"a": "b"}, "end": "done"}')
    api, _ = origins(process)
    assert process.stdout is not None
    process.stdout.readline()
    listed = client.get(f"{api}/api/v1/transcript/", headers={"Authorization": "demo-key"}).json()["results"]
    assert [each["metadata"] for each in listed] == [{"a": "b"}] * 3


def test_fields_that_no_scenario_can_have_are_told_in_one_line(run: Run) -> None:
    process = run("--transcripts", "1", "--scenario", '{"words": -1}')
    _, told = process.communicate(timeout=DEADLINE_SECONDS)
    assert process.returncode == 1
    assert told.splitlines()[-1].startswith("Cannot add a transcript with the fields of --scenario: words must be ")
    assert "Traceback" not in told


def test_every_fault_is_an_option_of_its_own_type() -> None:
    given = {
        "throttle_every": 2,
        "retry_after": "date",
        "drip_seconds": 0.5,
        "gzip": True,
        "foreign_next": "http://x",
    }
    flags = [f"--{name.replace('_', '-')}" + ("" if value is True else f"={value}") for name, value in given.items()]
    assert parse(flags, "it").options.faults == Faults(**given)  # type: ignore[arg-type]  # one value of each type


@pytest.mark.parametrize("field", [field.name for field in fields(Faults)])
def test_every_fault_is_off_without_its_flag(field: str) -> None:
    assert getattr(parse([], "it").options.faults, field) == getattr(Faults(), field)


def test_what_is_not_told_is_as_in_python() -> None:
    assert parse(["--port", "0", "--files-port", "0"], "it").options == EmulatorOptions()


@pytest.mark.parametrize(
    "flags", [["--no-such"], ["--port", "x"], ["--window", "round"], ["--throttle", "1"], ["an argument"]]
)
def test_arguments_that_cannot_be_used_end_it_with_2(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(flags, "it")
    assert ended.value.code == 2
    assert "it: error: " in capsys.readouterr().err


@pytest.mark.parametrize(
    "flag",
    [
        "--transcripts=-1",
        "--over=-0.5",
        "--over=nan",
        "--latency=-1",
        "--page-size=0",
        "--retrieve-limit=-1",
        "--list-limit=-1",
        "--link-seconds=-1",
        "--port=65536",
        "--throttle-every=-1",
        "--error-status=99",
        "--drip-seconds=-1",
        "--key=",
        "--key==space",
        "--key=a b",
        "--other-limit=-1",
        "--scenario=[]",
    ],
)
def test_a_value_out_of_its_range_is_told_in_one_sentence(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse([flag], "it")
    assert ended.value.code == 2
    name = flag.partition("=")[0]
    usage, told = capsys.readouterr().err.splitlines()
    assert usage.startswith("usage: ")
    assert told.startswith(f"it: error: argument {name}: ")
    assert " must be " in told
    assert ", not " in told


def test_help_fits_an_ascii_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--help"], "it")
    shown = capsys.readouterr().out
    assert shown.isascii()
    assert all(f"--{field.name.replace('_', '-')}" in shown for field in fields(Faults))
