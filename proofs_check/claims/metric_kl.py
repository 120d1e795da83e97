"""Beyond the paper: what the Kullback-Leibler divergence says of stopping early (`beyond-5/kl`)."""

from __future__ import annotations

import sympy as sp

from proofs_check.claim import Claim, Obligation, Repair, Statement, between, domain, positive, universal
from proofs_check.formula import And, Iff, Implies, eq, ge, gt, le, lt, ne
from theory.ideal import ideal_level
from theory.metrics.formulas import latent_kl_data, latent_kl_generated
from theory.notation import X, sigma, sigma_hat, with_exact_score, x
from theory.process import variance_at_noise

__all__ = ["CLAIMS"]

_t = sp.Symbol("t", nonnegative=True)
_COORDINATE = domain(positive(sigma, sigma_hat), between(X, 0, 1, open="left"), between(x, 0, 1), given=[lt(x, X)])
_HERE = domain(positive(sigma, sigma_hat), between(x, 0, 1, open="right"))
_v = variance_at_noise(sigma_hat**2)
_rate = _v.diff(x)
_generated, _data = latent_kl_generated(), latent_kl_data()
_generated_slope = _rate * (_v - sigma**2) / (2 * sigma**2 * _v)
_data_slope = _rate * (_v - sigma**2) / (2 * _v**2)
_n, _s, _w, _r, _Y = (sp.Symbol(name, positive=True) for name in ("n", "s", "w", "r", "Y"))
_log = sp.Symbol("L", real=True)
_m1, _m2 = _n / (_n - 2), _n**2 / ((_n - 2) * (_n - 4))


def _levels(name: str, slope: sp.Expr) -> Statement:
    return universal(
        f"beyond-5/kl/latent/{name}/level",
        f"{name}: unless hat sigma = 1, the slope is >= 0 exactly from the Frechet distance's own level x_j on",
        _COORDINATE.given(ne(sigma_hat, 1)),
        Iff(ge(slope, 0), ge(x, ideal_level())),
    )


def _at_last_step(slope: sp.Expr) -> sp.Expr:
    return slope.subs(x, 0).subs(sigma_hat, sp.sqrt(_Y * _s)).subs(sigma, sp.sqrt(_s))


def _convex(D: int) -> Obligation:
    return Obligation("beyond-5/kl/latent/convex[D=1]", "convex in x", _HERE, ge(_data_slope.diff(x), 0))


CLAIMS = (
    Claim(
        id="beyond-5/kl",
        title="KL in the data space is infinite in both directions",
        section="7 Beyond the paper",
        printed="If d < D and every sigma_j > 0, KL(generated || data) = KL(data || generated) = oo at every stop: it cannot choose one.",
        statements=(
            universal(
                "beyond-5/kl/generated", "v/s = e^{-t}: a dropped coordinate's KL(generated || data) grows at least like (t - 1)/2",
                domain(between(_t, 0, None)), ge((sp.exp(-_t) - 1 + _t) / 2, (_t - 1) / 2),
            ),
            universal(
                "beyond-5/kl/data", "s/v = w^2, log(w^2) <= 2(w - 1): its KL(data || generated) is at least (w - 1)^2/2",
                domain(positive(_w), between(_log, None, None), given=[le(_log, 2 * (_w - 1))]), ge((_w**2 - 1 - _log) / 2, (_w - 1) ** 2 / 2),
            ),
        ),
        conventions=(
            "The generated law lives on a subspace of dimension d, which has probability 0 under the data, so neither law is absolutely continuous "
            "with respect to the other. The statements say how the divergence grows as the decoder's variance v in a dropped direction "
            "tends to 0.",
            "For data of rank d0 = d both are finite; for d0 < d they are infinite before the last step.",
        ),
        ours=True,
    ),
    Claim(
        id="beyond-5/kl/latent",
        title="KL between the latent laws",
        section="7 Beyond the paper",
        printed="Between latent laws (first d coordinates) both directions have, coordinate by coordinate, the Frechet distance's own ideal level x_j: with the "
        "exact score the last step is best for every d; with the plug-in score KL(generated || data) is convex in x. Both grow with d, "
        "so d = 1 is always optimal and (A) is empty.",
        statements=(
            universal("beyond-5/kl/latent/generated/slope", "KL(generated || data): the slope", _HERE, eq(_generated.diff(x), _generated_slope)),
            universal("beyond-5/kl/latent/data/slope", "KL(data || generated): the slope", _HERE, eq(_data.diff(x), _data_slope)),
            _levels("generated", _generated_slope),
            _levels("data", _data_slope),
            universal(
                "beyond-5/kl/latent/exact", "exact score: both slopes are >= 0", domain(positive(sigma), between(x, 0, 1)),
                And((ge(with_exact_score(_generated_slope), 0), ge(with_exact_score(_data_slope), 0))),
            ),
            universal(
                "beyond-5/kl/latent/generated/convex", "KL(generated || data) is convex in x", _HERE,
                And((eq(_generated_slope.diff(x), _rate**2 / (2 * _v**2)), ge(_rate**2 / (2 * _v**2), 0))),
            ),
            universal(
                "beyond-5/kl/latent/positive", "a term is 0 at v = s and its derivative in log(v/s) has the sign of v - s: it is >= 0",
                domain(positive(_r)),
                And((
                    Implies(gt(_r, 1), And((gt(_r - 1, 0), gt(1 - 1 / _r, 0)))),
                    Implies(lt(_r, 1), And((lt(_r - 1, 0), lt(1 - 1 / _r, 0)))),
                )),
            ),
        ),
        uses=("eq-5",),
        conventions=("So beyond-1 carries over to KL(generated || data): ordered levels x_j give (B), its slopes being non-decreasing in x.",),
        derivation=(("x_j", ideal_level()),),
        ours=True,
    ),
    Claim(
        id="beyond-5/kl/convex",
        title="KL(data || generated) is not convex in the noise level",
        section="7 Beyond the paper",
        printed="The latent KL(data || generated) is convex in x.",
        statements=(Statement("beyond-5/kl/convex/printed", "convex in x, one coordinate", instance=_convex, sizes=(1,)),),
        repairs=(
            Repair(
                "hypothesis",
                "v <= 2 sigma^2 at the level considered",
                (universal("beyond-5/kl/convex/repaired", "second derivative >= 0", _HERE.given(le(_v, 2 * sigma**2)), ge(_data_slope.diff(x), 0)),),
                outside=(Obligation("beyond-5/kl/convex/outside", "second derivative >= 0", _HERE.given(gt(_v, 2 * sigma**2)), ge(_data_slope.diff(x), 0)),),
                sharp="necessary and sufficient unless hat sigma = 1",
            ),
        ),
    ),
    Claim(
        id="beyond-5/kl/average",
        title="KL between latent laws, on average over training sets",
        section="7 Beyond the paper",
        printed="E d/dx KL(generated || data) at x = 0 is -(1/(n-2)) sum_{j<=d} 1/sigma_j^2 < 0 for every spectrum, d and n > 2; "
        "E d/dx KL(data || generated) is (1/(n-2)) sum_{j<=d} (1 - 2n/((n-4) sigma_j^2)) for n > 4, negative if all sigma_j^2 <= 2.",
        statements=(
            universal(
                "beyond-5/kl/average/terms", "hat sigma^2 = Y s: both slopes at x = 0 as sums of powers of Y", domain(positive(_s, _Y)),
                And((
                    eq(_at_last_step(_generated_slope), (1 / _s - 1 / (_Y * _s) - _Y + 1) / 2),
                    eq(_at_last_step(_data_slope), (1 / (_Y * _s) - 1 / (_Y**2 * _s) - 1 + 1 / _Y) / 2),
                )),
            ),
            universal(
                "beyond-5/kl/average/generated", "with E Y = 1 and E 1/Y = n/(n-2)", domain(positive(_s), between(_n, 2, None, open="left")),
                eq((1 / _s - _m1 / _s - 1 + 1) / 2, -1 / ((_n - 2) * _s)),
            ),
            universal(
                "beyond-5/kl/average/data", "and E 1/Y^2 = n^2/((n-2)(n-4))", domain(positive(_s), between(_n, 4, None, open="left")),
                eq((_m1 / _s - _m2 / _s - 1 + _m1) / 2, (1 - 2 * _n / ((_n - 4) * _s)) / (_n - 2)),
            ),
            universal(
                "beyond-5/kl/average/data/sign", "negative if s <= 2", domain(between(_s, 0, 2, open="left"), between(_n, 4, None, open="left")),
                lt((1 - 2 * _n / ((_n - 4) * _s)) / (_n - 2), 0),
            ),
        ),
        uses=("beyond-5/kl/latent",),
        proof_uses=("import/inverse-chi-square",),
        conventions=("For n <= 2 (n <= 4) the mean is -oo.",),
        ours=True,
    ),
    Claim(
        id="import/inverse-chi-square",
        title="Moments of the inverse chi-square law",
        section="Imported",
        printed="E 1/chi2_n = 1/(n-2) for n > 2, E 1/chi2_n^2 = 1/((n-2)(n-4)) for n > 4.",
        statements=(),
        citation="N. L. Johnson, S. Kotz, N. Balakrishnan, Continuous Univariate Distributions, vol. 1, 2nd ed., Wiley, 1994, Chapter 18",
    ),
)  # fmt: skip
