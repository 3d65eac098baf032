"""Everything that decides: functions of values, with the clock and the jitter handed in."""
