"""What is promised of things outside, checked against the real ones."""
