"""How many calls may be made now: the budget of a route, Retry-After, and the circuit breaker of a workspace."""
