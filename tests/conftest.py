from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("dev", max_examples=60, deadline=None)
settings.register_profile(
    "ci", max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(autouse=True)
def _terminal_width(monkeypatch):
    """Tables as on a wide terminal, whatever the tests run in; a test of narrow ones sets its own width."""
    monkeypatch.setenv("COLUMNS", "150")
