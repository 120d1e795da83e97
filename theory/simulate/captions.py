"""What a reproduced figure shows, and where the printed settings cannot give what is printed."""

from __future__ import annotations

from itertools import pairwise

from theory.noise import log_snr_of_noise, noise_of_time
from theory.simulate.chain import euler_chain
from theory.simulate.reproduce import Reproduction

__all__ = ["caption"]


def caption(figure: Reproduction) -> list[str]:
    """What the printed settings give, and what they cannot give, one sentence or two each."""
    setting, exact = figure.setting, figure.curves[0]
    s2 = [float(v) for v in setting.variances]
    step = setting.horizon / figure.steps
    lines = [
        f"Euler-Maruyama from p_T, OU, T = {setting.horizon:g}, {figure.steps} uniform steps, {figure.paths} paths, "
        f"plug-in score from {figure.points} training points. How many samples the paper's figure used is not printed."
    ]
    lost = [x for x in exact.crossings if x.euler is None and s2[x.dimension - 1] > 0]
    for x in lost[:1]:
        floor = float(euler_chain(exact.taus, [s2[x.dimension - 1]]).variances()[-1, 0])
        lines.append(
            f"A simulation with {figure.steps} uniform steps cannot show crossing t_{x.dimension} = {x.theory:.6f}: "
            f"its last step leaves a variance of {floor:.4g} (2h = {2 * step:.3g}), and keeping coordinate "
            f"{x.dimension} pays only below 4 sigma^2 = {4 * s2[x.dimension - 1]:.3g}. The SDE itself crosses at "
            f"T - t = {setting.horizon - x.theory:.3g}."
        )
    if setting.name == "4-left":
        lines.append(
            "Two variances are 1e-10, while prop-2 assumes strictly decreasing ones: t_8 = t_9 (ties do no harm)."
        )
    else:
        lines.append(
            "The variances 10 and 0.2 differ, while prop-3, which the figure is to illustrate, assumes equal ones on "
            "the subspace; the theorem for unequal variances (text-6) covers it."
        )
    hats = [x.theory for x in figure.curves[1].crossings if s2[x.dimension - 1] > 0]
    ordered = all(a <= b for a, b in pairwise(hats))
    lines.append(
        "In this training sample the estimated times hat t_d are "
        + (
            "ordered, as prop-2b supposes."
            if ordered
            else "not ordered: the event that prop-2b supposes did not occur."
        )
    )
    if setting.name == "4-right":
        start, last = log_snr_of_noise(noise_of_time([setting.horizon, step]))
        lines.append(
            f"The printed axis, lambda from about -6 to 6, is out of reach: for OU with T = {setting.horizon:g} lambda "
            f"runs from {start:.2f} to {last:.2f}, one step before the end. The schedule behind that axis is missing."
        )
        floor = float(exact.euler[-1, -1] - exact.euler[-1, 3])
        lines.append(
            f"With variance 0 the exact score is singular at t = T; Euler-Maruyama never evaluates it there and leaves "
            f"2h a coordinate, so that dimension 6 loses {floor:.3g} to dimension 4 at the end, where the SDE ties."
        )
    return lines
