"""What a run looks like: on the terminal and as JSON."""
