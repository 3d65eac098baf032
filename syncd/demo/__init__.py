"""The demo: syncd without a key, against an emulated Recall.

The emulated Recall is a distribution of its own, recall-emulator, which the extra `demo` brings.
"""

import importlib.util

from syncd.errors import ConfigError


def require_emulator() -> None:
    """Raises ConfigError where recall-emulator is not installed."""
    if importlib.util.find_spec("recall_emulator") is None:
        raise ConfigError("The emulated Recall is not installed: pip install 'syncd[demo]'")
