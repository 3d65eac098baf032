"""When to ask again, and which page of the list is worth a call. The interface is Policy, in policy.py."""
