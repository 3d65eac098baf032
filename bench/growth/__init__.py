"""What questions cost as finished transcripts become many."""
