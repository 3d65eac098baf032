"""Budgets, the log of calls, and circuit breakers, shared by all processes on the database."""
