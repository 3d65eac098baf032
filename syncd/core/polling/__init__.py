"""When to poll, and which page of the list to read. The interface is Policy, in policy.py."""
