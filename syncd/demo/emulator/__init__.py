"""A Recall API on this machine: for trying syncd out, for its tests and for its benchmarks.

It stands alone: it shares no code with the rest of syncd, so that tests compare with an independent truth.
"""

from syncd.demo.emulator.configs import PROVIDER_KEYS
from syncd.demo.emulator.faults import Faults
from syncd.demo.emulator.hostile import HOSTILE_KINDS
from syncd.demo.emulator.journal import Request
from syncd.demo.emulator.mixture import mixed_world
from syncd.demo.emulator.options import EmulatorOptions
from syncd.demo.emulator.script import Script
from syncd.demo.emulator.server import Emulator
from syncd.demo.emulator.shelf import Truth

__all__ = [
    "HOSTILE_KINDS",
    "PROVIDER_KEYS",
    "Emulator",
    "EmulatorOptions",
    "Faults",
    "Request",
    "Script",
    "Truth",
    "mixed_world",
]
