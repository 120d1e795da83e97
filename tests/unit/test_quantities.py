"""Named quantities: sums over coordinates without symbolic sums, exact zeros, zeros of slopes, many digits."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import pytest
from flint import arb
from sympy import Piecewise, Rational, Symbol, sqrt

from theory.capped_score import generated_variance_capped, y
from theory.evaluate import compile_expression, enclose, enclose_digits, enclose_many
from theory.evaluate.arb import BallFunction, as_ball, precision, raise_precision
from theory.evaluate.ball_steps import STEPS, ArbBackend
from theory.frechet import criterion, curvature, distance_slope, distance_squared, kept, slope
from theory.notation import cap, coordinate, coordinate_hat, q, sigma, sigma_hat, x
from theory.quantities import QUANTITIES, Total, enclose_quantity, enclose_total, enclose_zero
from theory.tricomi import root_mean, tricomi_u

TRUE, HATS = "4,1,9/25,1/9", "9/4,5/4,1/3,1/8"


@pytest.mark.parametrize(
    ("name", "formula"),
    [("F", distance_squared(4, 3)), ("F-slope", distance_slope(3)), ("criterion", criterion(3))],
)
def test_a_sum_over_coordinates_is_the_formula(name: str, formula) -> None:
    given = {"sigma2": TRUE, "sigma_hat2": HATS, "d": "3"} | ({} if name == "criterion" else {"x": "1/7"})
    ball = enclose_quantity(QUANTITIES[name], given, 40)
    roots = {coordinate(j): sqrt(Rational(s)) for j, s in enumerate(TRUE.split(","), 1)}
    roots |= {coordinate_hat(j): sqrt(Rational(h)) for j, h in enumerate(HATS.split(","), 1)}
    true = enclose_digits(formula.subs(roots | {x: Rational(1, 7)}), {}, 60)
    assert ball.contains(true)
    assert ball.rel_accuracy_bits() > 132


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("F", {"sigma2": "1,1/2", "d": "2", "x": "0"}),
        ("criterion", {"sigma2": "2,1/2", "d": "2"}),
        ("kept-term", {"sigma2": "1/3", "x": "0"}),
        # two coordinates that cancel, 9/4 - 9/4
        ("F-slope", {"sigma2": "49/4,4", "sigma_hat2": "4,1/4", "d": "2", "x": "0"}),
    ],
)
def test_what_is_zero_is_said_to_be_zero(name: str, given: dict[str, str]) -> None:
    assert enclose_quantity(QUANTITIES[name], given, 50).is_zero()


def test_what_is_nearly_zero_keeps_its_digits() -> None:
    given = {"sigma2": "1", "sigma_hat2": "1." + "0" * 200 + "1", "x": "0"}
    ball = enclose_quantity(QUANTITIES["kept-term"], given, 20)
    assert ball.rel_accuracy_bits() > 66
    with precision(200):
        assert abs(ball * arb(10) ** 402 * 4 - 1) < arb(10) ** -15


def test_a_long_spectrum_needs_no_symbolic_sum() -> None:
    D = 512
    given = {
        "sigma2": ",".join(str(Fraction(1, j + 1)) for j in range(D)),
        "sigma_hat2": ",".join(str(Fraction(11, 10 * j + 9)) for j in range(D)),
        "d": "300",
        "x": "1/7",
    }
    ball = enclose_quantity(QUANTITIES["F"], given, 50)
    # written down as one expression it took minutes
    assert ball.rel_accuracy_bits() > 166
    kept_part = math.fsum(
        (math.sqrt(1 / 7 + 6 / 7 * 11 / (10 * j + 9)) - math.sqrt(1 / (j + 1))) ** 2 for j in range(300)
    )
    assert float(ball) == pytest.approx(kept_part + math.fsum(1 / (j + 1) for j in range(300, D)), rel=1e-12)


@pytest.mark.parametrize("digits", [5, 50, 300])
def test_a_level_is_bracketed_by_signs(digits: int) -> None:
    given = {"sigma2": "1,3/5", "sigma_hat2": "11/10,1/2", "d": "2", "T": "2"}
    ball = enclose_quantity(QUANTITIES["optimal-level"], given, digits)
    assert ball.rel_accuracy_bits() >= 3.32 * digits
    total = QUANTITIES["optimal-level"].build(
        {
            "sigma2": [Fraction(1), Fraction(3, 5)],
            "sigma_hat2": [Fraction(11, 10), Fraction(1, 2)],
            "d": 2,
            "T": Fraction(2),
        }
    )
    with precision(1200):
        assert total.ball(1200, arb(ball.lower())) <= 0
        assert total.ball(1200, arb(ball.upper())) >= 0


def test_levels_at_the_ends_and_far_down() -> None:
    from theory.notation import x as level

    straight = Total(level - Rational(1, 10**60), {}, root=level)
    ball = enclose_zero(straight, arb(1), 30)
    with precision(400):
        assert ball.contains(as_ball(Fraction(1, 10**60)))
        assert ball.rad() < arb(10) ** -88
    assert enclose_zero(Total(level + 1, {}, root=level), arb(1), 10).is_zero()
    assert enclose_zero(Total(level - 3, {}, root=level), arb(1), 10) == 1
    assert enclose_zero(Total(level, {}, root=level), arb(1), 10).is_zero()


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("capped-variance", {"sigma_hat2": "4", "C": "5", "tau": "0", "T": "30"}, 4.0),
        ("capped-variance", {"sigma_hat2": "0.01", "C": "5", "tau": "2", "T": "2"}, 1.0),
        ("threshold-level", {"sigma2": "1/10", "T": "9"}, 1 / 3),
        ("threshold-level", {"sigma2": "1/10", "sigma_hat2": "1/2", "T": "2"}, 0.0),
        ("threshold-level", {"sigma2": "1", "T": "1"}, 1 - math.exp(-2)),
        ("tail-printed", {"n": "1000", "eps": "1/10"}, 2 * math.exp(-1000 / 440)),
        ("tail-upper", {"n": "100", "eps": "1"}, math.exp(-50 * (1 - math.log(2)))),
        ("tail-lower", {"n": "100", "eps": "1/2"}, math.exp(-50 * (math.log(2) - 0.5))),
    ],
)
def test_values_known_otherwise(name: str, given: dict[str, str], value: float) -> None:
    assert float(enclose_quantity(QUANTITIES[name], given, 20)) == pytest.approx(value, rel=1e-13)


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("capped-variance", {"sigma_hat2": "1", "C": "1", "tau": "0", "T": "1"}, "C must be > 1"),
        ("capped-variance", {"sigma_hat2": "1", "C": "2", "tau": "2", "T": "1"}, r"tau must lie in \[0, T\]"),
        ("tail-lower", {"n": "3", "eps": "1"}, "eps must be < 1"),
        ("tail-upper", {"n": "3", "eps": "-1"}, "eps must be >= 0"),
        ("expected-distance", {"sigma2": "1", "n": "3", "d": "1", "x": "1"}, r"x must lie in \(0, 1\)"),
        ("stop-time", {"x": "1"}, "no finite value"),
    ],
)
def test_what_is_refused(name: str, given: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        enclose_quantity(QUANTITIES[name], given, 10)


def test_columns_are_the_points_one_by_one() -> None:
    rows = [{sigma: Fraction(i, 7), sigma_hat: Fraction(i + 2, 9), x: Fraction(i, 40)} for i in range(1, 30)]
    for expression in (kept(), slope(), curvature()):
        lists = {s: [row[s] for row in rows] for s in (sigma, sigma_hat, x)}
        for one, ball in zip(rows, enclose_many(expression, lists, 150), strict=True):
            finer = enclose(expression, one, 600)
            assert ball.contains(finer)
            assert ball.rel_accuracy_bits() > 120 or finer.contains(0)
    fixed = enclose_many(kept(), {sigma: Fraction(1, 3), sigma_hat: [1, 2, 3], x: 0}, 100)
    assert [float(b) for b in fixed] == pytest.approx([4 / 9, 25 / 9, 64 / 9])
    with pytest.raises(ValueError, match="one length"):
        enclose_many(kept(), {sigma: [1, 2], sigma_hat: [1, 2, 3], x: 0}, 100)


def test_cases_are_taken_point_by_point_and_joined_where_open() -> None:
    expression = generated_variance_capped()
    symbols = (sigma_hat, cap, q, y)
    points = [(Fraction(i, 20), 1 + Fraction(i * i, 30), Fraction(1, i + 1), Fraction(2, i + 2)) for i in range(1, 60)]
    program = compile_expression(expression, symbols)
    fast = BallFunction(program)
    with precision(150):
        columns = [[as_ball(point[k]) for point in points] for k in range(4)]
        together = fast.columns(columns, 150)
        for i, ball in enumerate(together):
            point = [column[i] for column in columns]
            assert ball.overlaps(program.run(ArbBackend(), point))
            assert ball.overlaps(fast(point, 150))
            assert ball.rel_accuracy_bits() > 100
    step = Piecewise((Rational(1), x < 1), (Rational(3), True))
    with precision(60):
        either = BallFunction(compile_expression(step, [x])).columns([[arb(0), arb(1, 0.5), arb(2)]], 60)
    assert [float(ball) for ball in (either[0], either[2])] == [1, 3]
    assert either[1].contains(1)
    assert either[1].contains(3)


def test_a_difference_is_not_mistaken() -> None:
    """`-1 * a` is folded into the sums that use it, and kept where something else does."""
    a, b = Symbol("a"), Symbol("b")
    point = {a: Fraction(2, 7), b: Fraction(5, 3)}
    for expression in (a - b, b - a, -a, -a - b, (-a) ** 3 + b - a, sqrt(b - a) - a, 1 - a - b - (-a) * b):
        value = expression.subs({s: Rational(v.numerator, v.denominator) for s, v in point.items()})
        assert enclose(expression, point, 100).contains(enclose_digits(value, {}, 60))


@pytest.mark.parametrize("n", [700, 10**5, 10**9])
def test_tricomi_far_below_its_parameter(n: int) -> None:
    z = Fraction(n, 40)
    true = tricomi_u(-Rational(1, 2), Rational(1 - n, 2), x)
    ball, finer = enclose(true, {x: z}, 200), enclose(true, {x: z}, 500)
    assert ball.contains(finer)
    assert ball.rel_accuracy_bits() > 150
    with precision(500):
        other = as_ball(z).hypgeom_u(arb(-1) / 2, arb(1 - n) / 2)
        assert ball.overlaps(other)
        assert other.rel_accuracy_bits() > 400
    tiny = enclose_digits(root_mean(n), {sigma: Fraction(10**150), x: Fraction(1, 10**300)}, 50)
    assert float(tiny) == pytest.approx(1e150 * (1 - 1 / (4 * n)), rel=1 / n**2 + 1e-14)


def test_mpmath_agrees_to_a_hundred_digits() -> None:
    given = {"sigma2": TRUE, "sigma_hat2": HATS, "d": "3", "x": "1/7"}
    ball = enclose_quantity(QUANTITIES["F"], given, 100)
    with mpmath.workdps(130):
        s, h = (
            [mpmath.mpf(Fraction(v).numerator) / Fraction(v).denominator for v in t.split(",")] for t in (TRUE, HATS)
        )
        level = mpmath.mpf(1) / 7
        value = sum((mpmath.sqrt(level + (1 - level) * h[j]) - mpmath.sqrt(s[j])) ** 2 for j in range(3)) + s[3]
        text = mpmath.nstr(value, 125)
    with precision(600):
        assert ball.contains(arb(text))


def test_precision_is_raised_until_the_radius_says_so() -> None:
    seen = []

    def loses(bits: int) -> arb:
        seen.append(bits)
        return arb(1, arb(2) ** (300 - bits))

    ball = raise_precision(loses, 30)
    assert ball.rel_accuracy_bits() >= 100
    assert seen == [133 * 2**k for k in range(len(seen))]
    assert seen[-2] - 300 < 101 <= seen[-1] - 299
    with pytest.raises(ValueError, match="digits must be at least 1"):
        enclose_total(Total(x, {x: Fraction(1)}), 0)


@pytest.mark.parametrize("n", [1, 2, 10, 11, 400, 100_000])
@pytest.mark.parametrize("z", ["9", "64.9", "1e4"])
def test_u_on_a_ball_holds_its_values_at_both_ends_and_stays_narrow(n: int, z: str) -> None:
    with precision(400):
        for a, c in ((arb(-1) / 2, arb(1 - n) / 2), (arb(1) / 2, arb(3 - n) / 2)):
            low = as_ball(Fraction(z)).mid()
            high = (low * (1 + as_ball(Fraction("1e-9")))).mid()
            got = STEPS["hypu"](a, c, low.union(high))
            for end in (low, high):
                assert got.contains(end.hypgeom_u(a, c))
            assert got.rad() < got.mid() * 1e-9 * max(1.0, n / float(low)) ** 0.5
