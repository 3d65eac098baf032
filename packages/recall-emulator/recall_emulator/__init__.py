"""A Recall.ai transcript API and its file store on this machine, with faults on request.

Start an Emulator, add a Scenario for each transcript, point a client at its URLs, and compare what the client has
with what the emulator expected of it. From a shell: `python -m recall_emulator`; from another language: the command,
and the routes under /_emulator/.
"""

from recall_emulator.changes import Change
from recall_emulator.configs import PROVIDER_KEYS
from recall_emulator.faults import Faults
from recall_emulator.hostile import HOSTILE_KINDS
from recall_emulator.mixed import mixed_scenarios
from recall_emulator.options import EmulatorOptions
from recall_emulator.request_log import Request
from recall_emulator.scenario import Scenario
from recall_emulator.server import Emulator
from recall_emulator.state import Expected

__all__ = [
    "HOSTILE_KINDS",
    "PROVIDER_KEYS",
    "Change",
    "Emulator",
    "EmulatorOptions",
    "Expected",
    "Faults",
    "Request",
    "Scenario",
    "mixed_scenarios",
]
