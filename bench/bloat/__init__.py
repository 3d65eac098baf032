"""Whether the queue stays small and quick, with and without somebody's old snapshot."""
