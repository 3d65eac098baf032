"""Benchmarks, each run as a module: `python -m bench.polling`, and so on."""
