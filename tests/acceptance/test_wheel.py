"""The wheel alone is enough: migrations and all, from any directory."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with nothing in it but the unpacked wheel."""
    directory = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", f"{directory}/dist", str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = (directory / "dist").glob("*.whl")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target"]
    subprocess.run([*install, f"{directory}/lib", str(wheel)], check=True, capture_output=True)
    return directory / "lib"


def test_an_installed_wheel_works_from_the_root_directory(installed: Path, empty_database_url: str) -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(installed), "SYNCD_DATABASE_URL": empty_database_url}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", *arguments]
        return subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, check=False)

    where = run("-c", "import syncd; print(syncd.__file__)")
    assert str(installed) in where.stdout
    for verb in ("migrate", "status"):
        done = run("-m", "syncd", verb)
        assert done.returncode == 0, done.stderr
    assert "syncd 0." in run("-m", "syncd", "--version").stdout
    assert (installed / "syncd" / "py.typed").exists()
