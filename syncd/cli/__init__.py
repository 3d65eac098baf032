"""The commands, one small file each. The only typer."""

from syncd.cli.app import main

__all__ = ["main"]
