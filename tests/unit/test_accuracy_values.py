"""The worst points that the accuracy study found, corners, and what the values are at exact zeros and poles.

The truth is an Arb enclosure, computed here, of the expression as `theory` states it.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import sympy as sp
from flint import arb
from sympy.codegen.cfunctions import expm1

from theory import noise, values
from theory.capped_score import FROM_SWITCH, NEVER, THROUGHOUT, generated_variance_capped, plateau, y
from theory.capped_time import estimated, inverse_relaxation, never_capped, relaxing_part, stays_capped
from theory.evaluate.arb import BallFunction, precision
from theory.evaluate.program import compile_expression
from theory.notation import T, cap, q, sigma_hat, tau, x
from theory.process import variance_at_noise
from theory.schedules import OU

#: units in the last place of the true value; the study's worst on a million points per function is below 8
FEW = 8.0

_in_time = {sigma_hat: sp.sqrt(estimated), y: sp.exp(-2 * tau), q: sp.exp(-2 * T)}
STATED = {name: (build(), symbols) for name, (build, symbols) in values.FORMULAS.items()}
STATED |= {
    "capped_variance": (generated_variance_capped().subs(_in_time, simultaneous=True), (estimated, cap, T, tau)),
    "generated_variances": (variance_at_noise(estimated), (x, estimated)),
    "noise_of_time": (OU.noise_level, (tau,)),
    "time_of_noise": (OU.time_of_noise, (x,)),
    "log_snr_of_noise": (OU.log_snr.subs(tau, OU.time_of_noise), (x,)),
    "log_snr_of_time": (OU.log_snr, (tau,)),
}


def function(name):
    return getattr(values, name, None) or getattr(noise, name)


def truth(name, point):
    balls = BallFunction(compile_expression(*STATED[name]))
    for bits in (128, 512, 2048, 8192, 32768):
        with precision(bits):
            ball = balls([arb(v) for v in point], bits)
            if ball.is_finite() and (ball.rel_accuracy_bits() >= 80 or abs(ball) < arb(2) ** -1076):
                return ball
    raise AssertionError(f"{name} has no certain value at {point}")


def error(found, ball):
    """In units in the last place of the true value."""
    true = float(ball)
    if found == true:
        return 0.5
    with precision(128):
        return abs(float((ball - arb(found)) / arb(float(np.spacing(abs(true))))))


WORST = {
    "kept_term": [
        (9.672616612496717e-06, 1.000000000000754, 3.2955274492730035e-16),
        (1.9716398309755352, 18.161020201258857, 0.5987092117403973),
        (0.2500000000000002, 3.085881468480384, 0.9999999999999999),
        (2.187650205876237, 3.142881515858182e-05, 0.9999958970994144),
        (0.25000001107268033, 2.646781236122821, 1.0),
        (1e300, 1e-300, 5e-324),
        (0.3, 0.3, 1e-40),
        (0.3, float(np.nextafter(0.3, 1)), 0.0),
    ],
    "slope": [
        (7.433206862689908e-120, 0.07317810001236284, 1.460523393071301e-10),
        (0.0006067411291403576, 3.0186660100852727, 0.9999999999999999),
        (5.163478093146088e-294, 2.065391237257977e-293, 5e-324),
        (0.011470211059792613, 3.023513059228553, 0.9999999999999999),
        (2.3684346696431207e-10, 1.8156718674327115e-13, 9.471923006706768e-10),
        (4.0, 1 + 2.0**-52, 0.5),
    ],
    "curvature": [
        (0.023825807091314755, 1.0000000127545703, 4.5789009866326354e-11),
        (5e-301, 1.1160587408466174, 0.9997977634699544),
        (1e300, 1e300, 0.5),
        (0.004, 0.016, 2.76e-05),
    ],
    "increment": [
        (4.7825581042566037e170, 1.0714748025981247e183, 0.9999999999995293),
        (6.018706611621759e-06, 6.029569181891341e-06, 3.12052412118985e-05),
        (0.17323108631922293, 2.756368587773477, 0.9310402366900314),
        (0.9999999999999996, 1.000000000112048, 0.9999960267482252),
        (5.787004661130908e-190, 2.314801864452363e-189, 5e-324),
    ],
    "criterion_term": [
        (0.8005127675904777, 0.2816065307105144),
        (1.0000000005205447, 4.000000002082181),
        (0.5, 1 - 2.0**-53),
        (1e-300, 1e300),
    ],
    "threshold": [
        (0.24999994869209155, 0.45337796560665283),
        (0.24999999999999875, 0.4425419472185919),
        (0.3, 1 - 2.0**-53),
    ],
    "clipped_level": [
        (0.24999578671147757, 0.4694278772292884, 0.9999999793131179),
        (0.03896774471247421, 0.03896774471247646, 0.8143975113016754),
        (0.1, 0.4, 1.0),
    ],
    "ideal_level": [
        (0.9787021819197822, 0.44099714639287696, 0.9999999999999961),
        (0.015583800227348758, 2.901303143687675e-06, 0.01636796579204233),
        (2.0, 3.0, 0.9),
    ],
    "threshold_time": [
        (0.24850941184444705, 0.30948931861759615, 23.36480008679697),
        (3.35843358486302e-07, 1.343373433875154e-06, 5.551115123125335e-17),
        (0.22109328831212963, 0.0002402846173372435, 2.055180121485785),
        (0.25 - 2.0**-54, 0.1, 700.0),
    ],
    "capped_variance": [
        (0.004224879872560469, 211.4737487965743, 0.0002536403188647025, 0.00012682015943235125),
        (2.4494566938747815e-294, 2.6256083834301716e293, 2.7641618788266165, 0.0),
        (0.07571835158801776, 11.877004218533589, 0.004607408269631184, 0.004590477878467518),
        (0.9993373211886174, 1.0205898708639296, 1.1976298454546652e-13, 5.988149227273326e-14),
        (0.0, 1e300, 1e-300, 0.0),
        (0.0, float(np.nextafter(1.0, 2)), 700.0, 1e-300),
        (1e300, 1.5, 700.0, 1e-300),
        (0.5, 2.0, 1.0, 0.0),
        (0.3, 1e16, 1e-16, 1e-17),
    ],
    "capped_switch_time": [
        (0.0013900728328164718, 612.2544849577251),
        (6.452969600627788e-191, 1.4116981541009965e190),
        (0.5571156932550363, 1.6416443363029907),
    ],
    "generated_variances": [
        (0.3243138593808403, 81.66385913592909),
        (0.011594351481929499, 13.309205817958174),
        (1 - 2.0**-53, 1e300),
        (5e-324, 1e-300),
    ],
    "noise_of_time": [(0.007457305879139805,), (0.3465735902799727,), (1e-300,), (700.0,)],
    "time_of_noise": [(0.029561301994101726,), (0.0038925602502940014,), (5e-324,), (1 - 2.0**-53,)],
    "log_snr_of_noise": [
        (0.29443177031417755,),
        (0.3233143957605763,),
        (0.5 + 2.0**-53,),
        (0.5,),
        (5e-324,),
        (1 - 2.0**-53,),
    ],
    "log_snr_of_time": [(0.19603188892730447,), (0.4538198496231085,), (0.34657359027997264,), (700.0,), (1e-300,)],
    "chernoff_upper_exponent": [
        (0.06453855300860467, 2.8697307705296663e26),
        (0.011283330016360416, 1.7333393528672355e-130),
        (1e-150, 1e300),
        (1e300, 1e-300),
    ],
    "chernoff_lower_exponent": [
        (3.946613622043009e-06, 124506290.0),
        (0.4663803967200092, 3.989461963846234e-82),
        (1e-12, 1000.0),
        (1 - 2.0**-53, 1e9),
    ],
    "printed_exponent": [
        (0.03169739696541872, 15991.0),
        (0.07841497171861056, 7.72443376123121e104),
        (1e-160, 1e9),
        (1e150, 1e-10),
    ],
    "printed_exponent_absolute": [
        (0.015711834690993815, 18081144.0),
        (2.8349714991015604, 8715822361.216864),
        (1e150, 1e300),
    ],
    "capped_plateau": [(float(np.nextafter(1.0, 2)),), (1e300,)],
}


@pytest.mark.parametrize("name", [*values.FORMULAS, *(n for n in STATED if n not in values.FORMULAS)])
def test_worst_points_stay_within_a_few_units_in_the_last_place(name):
    columns = np.array(WORST[name]).T
    for point, found in zip(WORST[name], function(name)(*columns).tolist(), strict=True):
        assert error(found, truth(name, point)) <= FEW, point


CORNERS = (0.0, 1e-300, 1 - 2.0**-53, 1.0, 1 + 2.0**-52, 4.0, 1e300)


@pytest.mark.parametrize("name", ["kept_term", "slope", "increment", "curvature"])
def test_every_corner_of_a_coordinate(name):
    grid = [p for p in itertools.product(CORNERS, CORNERS, (0.0, 5e-324, 0.25, 1 - 2.0**-53, 1.0)) if p[1] or p[2]]
    found = function(name)(*np.array(grid).T)
    for point, value in zip(grid, found.tolist(), strict=True):
        ball = truth(name, point)
        assert value == float(ball) or error(value, ball) <= FEW, point
        assert np.sign(value) == np.sign(float(ball)), point


def test_zeros_are_exact_and_signs_certain():
    s = np.array([0.3, 1e-300, 7e150, 1e300])
    assert (values.kept_term(s, None, 0.0) == 0).all()
    assert (values.slope(s, 1.0, [0.0, 0.3, 0.7, 1.0]) == 0).all()
    assert (values.increment(s / 4, s, 0.0) == 0).all()
    assert (values.criterion_term(s, s) == 0).all()
    assert (values.slope(s, np.nextafter(s, np.inf), 0.0) != 0).all()
    above, below = np.nextafter(s / 4, np.inf), np.nextafter(s / 4, 0)
    assert (values.increment(above, s, 0.0) < 0).all()
    assert (values.increment(below, s, 0.0) > 0).all()
    assert not np.signbit(values.kept_term(s, None, 0.0)).any()


def test_poles_and_empty_quotients():
    assert values.slope(0.5, 0.0, 0.0) == -np.inf
    assert values.criterion_term(0.5, 0.0) == -np.inf
    assert values.curvature(0.5, 0.0, 0.0) == np.inf
    # where sigma = 0 the kept term is x + (1-x) sigma_hat^2
    assert values.slope(0.0, 0.0, 0.0) == 1 == values.criterion_term(0.0, 0.0)
    assert values.curvature(0.0, 0.0, 0.0) == 0
    assert values.chernoff_lower_exponent(1.0, 3.0) == np.inf


def test_the_extended_threshold_and_its_time_follow_the_conventions():
    s, h = np.array([0.1, 0.1, 0.25, 1.0, 0.1]), np.array([0.2, 2.0, 1.0, 2.0, 0.5])
    found = values.threshold(s, h).tolist()
    assert found == [pytest.approx(0.25), -np.inf, np.inf, np.inf, pytest.approx(-0.2)]
    assert values.clipped_level(s, h, 0.2).tolist() == [0.2, 0.0, 0.2, 0.2, 0.0]
    # an infinite threshold means pure noise is enough, a negative one that nothing is
    assert values.threshold_time(s, h, 2.0).tolist() == [pytest.approx(2 + np.log(0.75) / 2), 2.0, 0.0, 0.0, 2.0]
    assert values.threshold_time([0.25, 0.3], None, 2.0).tolist() == [0.0, 0.0]


def test_cap_matters_below_the_resolution_of_e_to_minus_two_tau():
    # e^(-2 tau) = 1 in double precision, yet C tau is not small
    found = values.capped_variance(0.0, 1e300, 2.5e-301, [0.0, 1.25e-301, 2.5e-301])
    assert found.tolist() == pytest.approx([np.exp(-1), np.exp(-0.5), 1.0], rel=1e-14)


def _in_y_and_q(e):
    e = e.doit().replace(expm1, lambda a: sp.exp(a) - 1)

    def power(argument):
        argument = sp.expand(argument)
        return q ** (-argument.coeff(T) / 2) * y ** (-argument.coeff(tau) / 2)

    return e.replace(sp.exp, power)


def test_positive_forms_of_the_capped_variance_are_the_stated_ones():
    h = {sigma_hat: sp.sqrt(estimated)}
    free, held = NEVER.phases[0].variance.subs(h), THROUGHOUT.phases[0].variance
    switched = FROM_SWITCH.phases[1]
    assert sp.cancel(_in_y_and_q(never_capped()) - free) == 0
    assert sp.simplify(sp.expand_power_base(_in_y_and_q(stays_capped()) - held, force=True)) == 0
    assert sp.cancel(_in_y_and_q(1 + inverse_relaxation()) * (switched.first / y).subs(h) - 1) == 0
    assert sp.cancel(_in_y_and_q(relaxing_part()) - (switched.start - plateau()).subs(h)) == 0


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: values.kept_term(-1.0, 1.0, 0.5), "sigma2 must be finite and >= 0"),
        (lambda: values.slope(1.0, np.nan, 0.5), "sigma_hat2 must be finite"),
        (lambda: values.increment(1.0, 1.0, 1.5), "level must lie in"),
        (lambda: values.capped_variance(1.0, 1.0, 1.0, 0.0), "cap must be finite and > 1"),
        (lambda: values.capped_variance(1.0, 2.0, 1.0, 1.5), "time must not exceed the horizon"),
        (lambda: values.threshold_time(0.1, None, 0.0), "horizon must be finite and > 0"),
        (lambda: values.chernoff_lower_exponent(1.5, 3.0), "deviation must be finite and >= 0 and <= 1"),
        (lambda: noise.log_snr_of_time(-1.0), "time must be >= 0"),
    ],
)
def test_bad_arguments_are_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_log_snr_reaches_both_ends():
    assert noise.log_snr_of_time([0.0, 700.0]).tolist() == [np.inf, -1400.0]
    assert noise.log_snr_of_noise([0.0, 0.5, 1.0]).tolist() == [np.inf, 0.0, -np.inf]
