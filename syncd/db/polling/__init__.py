"""What polling is planned with: waiting rows, observed durations, thresholds, the state of the list."""
