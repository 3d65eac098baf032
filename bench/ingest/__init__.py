"""How fast finished transcripts become rows, as whole processes: `python -m bench.ingest`."""
