"""The clients of the Recall API and of its file store; the only package that speaks HTTP."""

import sys

# httpx imports its own command line where it can, and with it click, rich and pygments: 6 MB that nothing here uses
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # None is how Python marks what is not there
