"""The wheel alone is enough: migrations and all, from any directory. The emulated Recall is in a wheel of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EMULATOR = ROOT / "packages" / "recall-emulator"


def install(source: Path, directory: Path) -> Path:
    """Build the wheel of a distribution, and unpack it into a directory that holds nothing else."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", f"{directory}/dist", str(source)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = (directory / "dist").glob("*.whl")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target"]
    subprocess.run([*pip, f"{directory}/lib", str(wheel)], check=True, capture_output=True)
    return directory / "lib"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with nothing in it but the unpacked wheel."""
    return install(ROOT, tmp_path_factory.mktemp("wheel"))


def test_an_installed_wheel_works_from_the_root_directory(installed: Path, empty_database_url: str) -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(installed), "SYNCD_DATABASE_URL": empty_database_url}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", *arguments]
        return subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, check=False)

    where = run("-c", "import syncd; print(syncd.__file__)")
    assert str(installed) in where.stdout
    for command in ("migrate", "status"):
        done = run("-m", "syncd", command)
        assert done.returncode == 0, done.stderr
    assert "syncd 0." in run("-m", "syncd", "--version").stdout
    assert (installed / "syncd" / "py.typed").exists()


def test_the_wheel_leaves_the_emulator_out(installed: Path) -> None:
    names = {path.relative_to(installed).parts[0] for path in installed.rglob("*.py")}
    assert names == {"syncd"}
    assert not (installed / "syncd" / "demo" / "emulator").exists()
    assert not any(path.name in ("fault_injection.py", "hostile.py") for path in installed.rglob("*.py"))


def test_the_emulator_is_installed_by_its_own_wheel(tmp_path: Path) -> None:
    library = install(EMULATOR, tmp_path)
    program = "import recall_emulator, sys; print(recall_emulator.__file__, 'syncd' in sys.modules)"
    command = [sys.executable, "-P", "-c", program]
    done = subprocess.run(
        command, env={"PYTHONPATH": str(library)}, cwd="/", capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [f"{library}/recall_emulator/__init__.py", "False"]
    assert (library / "recall_emulator" / "py.typed").exists()
    assert {path.relative_to(library).parts[0] for path in library.rglob("*.py")} == {"recall_emulator"}
