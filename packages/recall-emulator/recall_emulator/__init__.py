"""A Recall API on this machine: for trying syncd out, for its tests and for its benchmarks.

It stands alone: it shares no code with the rest of syncd, so that tests compare with an independent truth.
"""

from recall_emulator.configs import PROVIDER_KEYS
from recall_emulator.faults import Faults
from recall_emulator.hostile import HOSTILE_KINDS
from recall_emulator.mixed import mixed_world
from recall_emulator.options import EmulatorOptions
from recall_emulator.request_log import Request
from recall_emulator.scenario import Script
from recall_emulator.server import Emulator
from recall_emulator.store import Truth

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
