"""The life of the process: the metronome, readiness, the watchdog, stopping. The only APScheduler."""
