"""Engines: each decides obligations in one way and makes the evidence for it."""
