"""Rows of syncd.queue: tracked, claimed under a lease, waited for."""
