"""The life of the process: the scheduler, readiness, the watchdog, stopping. The only APScheduler."""
