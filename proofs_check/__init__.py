"""What is claimed, and how it is decided."""
