"""How many calls may be made now: budget, Retry-After, and circuit breaker, each decided from values."""
