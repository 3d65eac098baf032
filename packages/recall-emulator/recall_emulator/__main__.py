"""`python -m recall_emulator` is the command."""

from recall_emulator.command import main

main()
