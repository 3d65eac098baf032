"""The long-running process: signals, the scheduler, readiness, the watchdog. The only APScheduler."""
