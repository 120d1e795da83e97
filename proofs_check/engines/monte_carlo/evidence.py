"""From the outcome of a statistical test to evidence, by one rule.

Rejected: REFUTED, at the stated false-alarm rate. Not rejected: SUPPORTED only if a departure of the size that the test
was designed for would have been rejected with the stated probability; otherwise UNKNOWN.
"""

from __future__ import annotations

import math

import numpy as np
import scipy

from proofs_check.verdict import Evidence, Verdict, issue

__all__ = ["check_rate", "conclude"]

ENGINE = "monte_carlo"


def check_rate(name: str, value: float) -> None:
    """Raise ValueError unless `value` is a probability strictly between 0 and 1."""
    if not 0 < value < 1:
        raise ValueError(f"{name} must lie strictly between 0 and 1, got {value}")


def conclude(
    *,
    rejected: bool,
    smallest: float,
    wanted: float,
    alarm: float,
    miss: float,
    samples: int,
    law: str,
    observed: str,
    seconds: float = 0.0,
) -> Evidence:
    """Make the evidence of one test.

    Args:
        rejected: whether the sample contradicts the claim at the rate `alarm`.
        smallest: the smallest discrepancy that this test, with this sample size, catches with probability `1 - miss`.
        wanted: the discrepancy that a pass must exclude.
        law: the exact law or bound behind the rates.
        observed: what was seen, in words.
    """
    able = smallest <= wanted and not math.isnan(smallest)
    verdict = Verdict.REFUTED if rejected else Verdict.SUPPORTED if able else Verdict.UNKNOWN
    said = {
        Verdict.REFUTED: f"contradicted ({observed}); a true claim would be with probability at most {alarm:.2g}",
        Verdict.SUPPORTED: f"{observed}; "
        + (f"a discrepancy of {wanted:.3g}" if wanted else "a false claim")
        + f" would pass with probability at most {miss:.2g}",
        Verdict.UNKNOWN: f"{observed}; undecided after {samples} samples"
        + (f", which see discrepancies from {smallest:.3g} on, not {wanted:.3g}" if math.isfinite(smallest) else ""),
    }[verdict]
    return issue(
        verdict=verdict,
        engine=ENGINE,
        detail=said,
        versions=(f"numpy {np.__version__}", f"scipy {scipy.__version__}"),
        certificate=(
            ("law", law),
            ("samples", str(samples)),
            ("false-alarm rate", repr(alarm)),
            ("false-pass rate", repr(miss)),
            ("smallest discrepancy", repr(smallest)),
            ("wanted discrepancy", repr(wanted)),
        ),
        seconds=seconds,
    )
