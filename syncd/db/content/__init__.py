"""What analysts read: transcripts, files, participants, utterances, search, provider words, events."""
