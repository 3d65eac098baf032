"""What happens to a row of the queue. The interface is decide, in decide.py, which answers an Outcome."""
