"""`latent-stopping verify`, `why` and `mutate`: decide claims."""

from __future__ import annotations

import argparse
from contextlib import nullcontext
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proofs_check.cli.outputs import check_output

if TYPE_CHECKING:
    from collections.abc import Mapping

    from proofs_check.claim import Claim
    from proofs_check.contents import Entry
    from proofs_check.verify import Run

__all__ = ["add_parser", "add_run_options", "cache_folder", "decide", "run_data", "select"]

_MOST_JOBS, _LEAST_MEMORY = 256, 64
_IDS = "claim ids or patterns; after a file of your own claims, ids of that file"


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """The options of every command that decides claims."""
    parser.add_argument("--jobs", type=int, metavar="N", help="processes (default: as many as there are processors)")
    parser.add_argument("--cache", metavar="DIR", help="where decisions are kept (default: the user's cache folder)")
    parser.add_argument("--no-cache", action="store_true", help="decide everything anew and keep nothing")
    parser.add_argument(
        "--memory", type=int, metavar="MIB", help="MiB of memory for each process (default: its share of the machine's)"
    )
    parser.add_argument("--json", metavar="FILE", help="write the run as JSON; - for standard output only")


def add_parser(subparsers: Any) -> None:
    """Add `verify`, `why` and `mutate`."""
    verify = subparsers.add_parser(
        "verify", help="decide claims: holds, holds-if, fails (with witness and repair), undetermined",
        description="Decide the claims IDS (all by default). A pattern such as 'prop-2*' is allowed; an id "
        "stands for its children too. FILE.py, your own code, is run and its CLAIMS are decided instead.",
    )  # fmt: skip
    verify.add_argument("ids", nargs="*", metavar="[FILE.py] IDS", help=_IDS)
    verify.add_argument("--no-twins", action="store_true", help="skip the wrong twins")
    verify.add_argument("--report", metavar="DIR", help="write DIR/index.html too, as `report` does")
    verify.set_defaults(run=_verify)
    why = subparsers.add_parser("why", help="statement, hypotheses, derivation, evidence and witness of one claim")
    why.add_argument("ids", nargs="+", metavar="[FILE.py] IDS", help=_IDS)
    why.add_argument("--smt2", metavar="DIR", help="write each query the solvers were asked, to ask any other solver")
    why.set_defaults(run=_why)
    mutate = subparsers.add_parser(
        "mutate", help="wrong twins of every obligation: killed, survived, no verdict, true",
        description="Change every established obligation slightly and see whether the engines notice.",
    )  # fmt: skip
    mutate.add_argument("ids", nargs="*", metavar="[FILE.py] IDS", help=_IDS)
    mutate.add_argument("--all", action="store_true", help="list every twin, not only those that need a look")
    mutate.add_argument(
        "--per-operator", type=int, default=3, metavar="N", help="twins per obligation and operator (3)"
    )
    mutate.set_defaults(run=_mutate)
    for parser in (verify, why, mutate):
        add_run_options(parser)


def select(patterns: list[str], registry: Mapping[str, Claim | Entry], *, children: bool = True) -> list[str]:
    """The claims that `patterns` name, in registry order.

    Raises:
        ValueError: a pattern that names nothing.
    """
    if not patterns:
        return [id for id, claim in registry.items() if not claim.imported]
    chosen: set[str] = set()
    for pattern in patterns:
        found = {id for id in registry if fnmatchcase(id, pattern)}
        if children:
            found |= {id for id in registry if any(id.startswith(f"{f}/") for f in list(found) or [pattern])}
        if not found:
            close = [id for id in registry if pattern.split("/")[0][:4] in id][:8]
            hint = f"; did you mean {', '.join(close)}?" if close else ""
            raise ValueError(f"no claim matches {pattern!r}{hint} (see `latent-stopping list`)")
        chosen |= found
    return [id for id in registry if id in chosen]


def _asked(
    args: argparse.Namespace, patterns: list[str], *, children: bool = True
) -> tuple[list[str], dict[str, Claim]]:
    """The claims that the positional arguments `patterns` name, and the part of the registry that they rest on.

    Raises:
        ValueError, OSError: a pattern that names nothing, a claim file that cannot be used, options out of range.
    """
    from proofs_check.contents import contents, load_for
    from proofs_check.userclaims import load_claims, split_file, with_registry

    file, patterns = split_file(patterns)
    if file is None:
        known = contents(_directory(args))
        ids = select(patterns, known.claims, children=children)
        return ids, load_for(ids, known)
    own = load_claims(file)
    return select(patterns, own, children=children), with_registry(own, _directory(args))


def cache_folder() -> Path | None:
    """The user's cache folder; None where the user has no home."""
    from platformdirs import user_cache_dir

    try:
        folder = Path(user_cache_dir("latent-stopping"))
    except RuntimeError:
        return None
    return folder if folder.is_absolute() else None


def _directory(args: argparse.Namespace) -> Path | None:
    """The cache folder that the options name.

    Raises:
        ValueError, OSError: options that exclude each other or cannot work.
    """
    if args.jobs is not None and args.jobs < 1:
        raise ValueError(f"--jobs must be at least 1, got {args.jobs}")
    if args.jobs is not None and args.jobs > _MOST_JOBS:
        raise ValueError(f"--jobs must be at most {_MOST_JOBS}, got {args.jobs}")
    if args.memory is not None and args.memory < _LEAST_MEMORY:
        raise ValueError(f"--memory must be at least {_LEAST_MEMORY} MiB, got {args.memory}")
    if args.cache == "":
        raise ValueError("--cache needs a folder, got an empty name")
    if args.cache is not None and args.no_cache:
        raise ValueError("--cache and --no-cache exclude each other")
    check_output("--json", args.json)
    if args.no_cache:
        return None
    return Path(args.cache) if args.cache else cache_folder()


def decide(args: argparse.Namespace, ids: list[str], registry: dict[str, Claim], *, twins: int) -> Run:
    """Run the verifier with the command's options, under a progress bar; `twins` per obligation and operator.

    Raises:
        ValueError, OSError: options out of range.
    """
    from proofs_check.cache import Cache
    from proofs_check.cli.ending import Stopped, warn
    from proofs_check.engines.base import Budget
    from proofs_check.pool import default_jobs
    from proofs_check.report.terminal import progress_bar
    from proofs_check.userclaims import blaming, split_file
    from proofs_check.verify import verify

    directory = _directory(args)
    if directory is None and not args.no_cache:
        warn("there is no folder to keep decisions in; --cache DIR names one")
    cache = Cache(directory, warn)
    file, _ = split_file(getattr(args, "ids", []))
    try:
        with progress_bar() as progress, nullcontext() if file is None else blaming(file):
            return verify(
                ids,
                registry,
                budget=Budget(twins=twins),
                jobs=args.jobs or default_jobs(),
                cache=cache,
                twins=twins > 0,
                progress=progress,
                memory=None if args.memory is None else args.memory * 2**20,
            )
    except (KeyboardInterrupt, Stopped) as stopped:
        decisions = f"{cache.kept} new decision{'s' * (cache.kept != 1)}"
        stopped.add_note(f"{decisions} kept in {directory}" if directory else "nothing is kept without a cache")
        raise


def run_data(args: argparse.Namespace, patterns: list[str], *, twins: int) -> dict[str, Any]:
    """The run as plain data: a kept one if nothing has changed since, else decided now.

    Raises:
        ValueError, OSError: a pattern that names nothing, options out of range.
    """
    from proofs_check.report.json_ import run_to_json
    from proofs_check.run_cache import RunCache
    from proofs_check.userclaims import split_file

    if split_file(patterns)[0] is not None:
        ids, registry = _asked(args, patterns)
        return run_to_json(decide(args, ids, registry, twins=twins))
    kept = RunCache(_directory(args), patterns, twins)
    data = kept.get()
    if data is None:
        ids, registry = _asked(args, patterns)
        data = run_to_json(decide(args, ids, registry, twins=twins))
        kept.put(data)
    return data


def _verify(args: argparse.Namespace) -> int:
    from proofs_check.cli.report import check_directory, write
    from proofs_check.report.json_ import write_json
    from proofs_check.report.terminal import show_run

    directory = None if args.report is None else check_directory(args.report)
    data = run_data(args, args.ids, twins=0 if args.no_twins else 1)
    if args.json != "-":
        show_run(data)
    if args.json is not None:
        write_json(data, args.json)
    if directory is not None:
        write(data, args.ids, directory)
    return int(data["exit_code"])


def _why(args: argparse.Namespace) -> int:
    from proofs_check.report.json_ import run_to_json, write_json
    from proofs_check.report.smt2 import write_queries
    from proofs_check.report.terminal import show_claim

    if args.smt2 == "":
        raise ValueError("--smt2 needs a folder, got an empty name")
    if args.smt2 is not None and not Path(args.smt2).absolute().parent.is_dir():
        raise FileNotFoundError(f"--smt2 {args.smt2}: the folder {Path(args.smt2).parent} does not exist")
    ids, registry = _asked(args, args.ids, children=False)
    run = decide(args, ids, registry, twins=1)
    if args.json != "-":
        for result in run.results:
            show_claim(result)
    written, others = write_queries(run.results, Path(args.smt2)) if args.smt2 is not None else ([], 0)
    if args.json is not None:
        write_json(run_to_json(run), args.json)
    if args.json != "-" and args.smt2 is not None:
        print(f"wrote {len(written)} queries to {args.smt2}; {others} obligations were decided without a solver")
    return run.exit_code


def _mutate(args: argparse.Namespace) -> int:
    from proofs_check.report.json_ import write_json
    from proofs_check.report.terminal import show_twins

    if args.per_operator < 1:
        raise ValueError(f"--per-operator must be at least 1, got {args.per_operator}")
    ids, registry = _asked(args, args.ids)
    run = decide(args, ids, registry, twins=args.per_operator)
    if args.json != "-":
        show_twins(run.results, every=args.all)
    if args.json is not None:
        twins = [
            {
                "claim": r.claim.id,
                "twin": t.id,
                "operator": t.operator,
                "status": t.status,
                "engines": list(t.engines),
                "witness": None if t.witness is None else dict(t.witness),
                "goal": t.goal,
            }
            for r in run.results
            for t in r.twins
        ]
        write_json({"schema": 1, "twins": twins}, args.json)
    statuses = {t.status for r in run.results for t in r.twins}
    if "survived" in statuses:
        return 1
    return 2 if any(r.failed for r in run.results) else 3 if "no verdict" in statuses else 0
