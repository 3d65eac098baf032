"""The path of a transcript: intake, poll, download, load. Each file is gather, decide, apply."""
