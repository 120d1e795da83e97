"""A program as a function of balls that wastes nothing: bound steps, constants kept, many points at a time."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Any

from theory.evaluate.ball_steps import STEPS, ArbBackend, flint_library, power_of_ball
from theory.evaluate.program import Program

if TYPE_CHECKING:
    from flint import arb

__all__ = ["BallFunction"]


def _select(backend: ArbBackend, tests: Sequence[bool], *operands: Any) -> Any:
    """`select` on one flat list of operands; `tests` says which branch has a test, which comes before its value."""
    branches, rest = [], iter(operands)
    for tested in tests:
        truth = next(rest) if tested else True
        branches.append((truth, next(rest)))
    return backend.select(branches)


def _rows(columns: Sequence[arb | list[arb]], points: list[int]) -> list[Any]:
    return [[column[i] for i in points] if type(column) is list else column for column in columns]


def _needed(program: Program) -> set[int]:
    """The slots on which the result depends."""
    first = len(program.symbols)
    needed, open_slots = set(), [program.result]
    while open_slots:
        slot = open_slots.pop()
        if slot not in needed:
            needed.add(slot)
            if slot >= first:
                open_slots += _used(*program.steps[slot - first])
    return needed


def _used(name: str, args: tuple[Any, ...]) -> list[int]:
    """The slots that a step reads."""
    if name == "select":
        return [slot for pair in args[0] for slot in pair if slot is not None]
    return list({"constant": (), "compare": args[1:], "power": args[:1]}.get(name, args))


def _negations(program: Program) -> dict[int, int]:
    """Slots `-1 * a` that only sums use, with `a`: subtracting `a` saves the product."""
    first = len(program.symbols)
    minus = {first + k for k, (name, args) in enumerate(program.steps) if name == "constant" and args[0] == -1}
    found: dict[int, int] = {}
    for slot, (name, args) in enumerate(program.steps, first):
        if name == "mul" and (args[0] in minus) != (args[1] in minus):
            found[slot] = args[1] if args[0] in minus else args[0]
    for name, args in program.steps:
        if name != "add" or (args[0] in found and args[1] in found):
            for slot in _used(name, args):
                found.pop(slot, None)
    found.pop(program.result, None)
    return found


class BallFunction:
    """A compiled expression as a function of balls, for many points at few precisions.

    Constants are made once per precision and the steps are bound to their functions beforehand, so that a step costs
    little more than Arb's own work; `columns` takes a step for all points before the next one.
    """

    def __init__(self, program: Program) -> None:
        first = len(program.symbols)
        self._cases: list[tuple[BallFunction | None, BallFunction]] = []
        if program.result >= first and program.steps[program.result - first][0] == "select":
            # a branch is only evaluated where its test leaves it open
            for test, value in program.steps[program.result - first][1][0]:
                asked = None if test is None else BallFunction(replace(program, result=test))
                self._cases.append((asked, BallFunction(replace(program, result=value))))
            return
        backend, negated, needed = ArbBackend(), _negations(program), _needed(program)
        kinds = {first + k: name for k, (name, _) in enumerate(program.steps) if first + k in needed}
        fixed = [slot for slot, name in kinds.items() if name == "constant"]
        made = [slot for slot, name in kinds.items() if name != "constant" and slot not in negated]
        # arguments first, then constants, then results in their order
        place = {slot: k for k, slot in enumerate([*range(first), *fixed, *made])}
        self._values = [program.steps[slot - first][1][0] for slot in fixed]
        self._constants: dict[int, list[arb]] = {}
        self._result = place[program.result]
        self._steps: list[tuple[Any, tuple[int, ...]]] = []
        for slot in made:
            name, args = program.steps[slot - first]
            step, read = STEPS.get(name), tuple(_used(name, args))
            if name == "add" and (args[0] in negated or args[1] in negated):
                whole, less = args if args[1] in negated else args[::-1]
                step, read = operator.sub, (whole, negated[less])
            elif name == "power":
                step, read = (
                    (operator.mul, (*read, *read)) if args[1] == 2 else (partial(power_of_ball, k=args[1]), read)
                )
            elif name == "compare":
                step = partial(backend.compare, args[0])
            elif name == "select":
                step = partial(_select, backend, tuple(test is not None for test, _ in args[0]))
            self._steps.append((step, tuple(place[a] for a in read)))

    def __call__(self, point: Sequence[arb], bits: int) -> arb:
        """The ball at `point`; `bits` must be the precision in force (see `precision`)."""
        if self._cases:
            return self._by_cases(list(point), [0], bits)[0]
        slots: list[Any] = [*point, *(self._constants.get(bits) or self._constants_at(bits))]
        push = slots.append
        for step, args in self._steps:
            if len(args) == 2:
                push(step(slots[args[0]], slots[args[1]]))
            elif len(args) == 1:
                push(step(slots[args[0]]))
            else:
                push(step(*(slots[a] for a in args)))
        return slots[self._result]

    def columns(self, columns: Sequence[arb | list[arb]], bits: int) -> list[arb]:
        """The balls at many points: one ball, or one list of balls of a common length, for each argument.

        What depends on single balls only is computed once. `bits` must be the precision in force.

        Raises:
            ValueError: lists of different lengths.
        """
        lengths = {len(column) for column in columns if type(column) is list}
        if len(lengths) > 1:
            raise ValueError(f"columns must have one length, got {sorted(lengths)}")
        count = lengths.pop() if lengths else 1
        if self._cases:
            return self._by_cases(columns, list(range(count)), bits)
        slots: list[Any] = [*columns, *(self._constants.get(bits) or self._constants_at(bits))]
        for step, args in self._steps:
            operands = [slots[a] for a in args]
            if any(type(operand) is list for operand in operands):
                rows = [operand if type(operand) is list else repeat(operand) for operand in operands]
                slots.append(list(map(step, *rows)))
            else:
                slots.append(step(*operands))
        found = slots[self._result]
        return found if type(found) is list else [found] * count

    def _by_cases(self, columns: Sequence[arb | list[arb]], points: list[int], bits: int) -> list[arb]:
        """At each of `points` the first branch that certainly applies, or the union of those that may."""
        found: list[Any] = [None] * len(points)
        for test, value in self._cases:
            if not points:
                break
            truths = repeat(True) if test is None else test.columns(_rows(columns, points), bits)
            may = [(i, truth) for i, truth in zip(points, truths, strict=False) if truth is not False]
            balls = value.columns(_rows(columns, [i for i, _ in may]), bits) if may else []
            for (i, _), ball in zip(may, balls, strict=False):
                found[i] = ball if found[i] is None else found[i].union(ball)
            certain = {i for i, truth in may if truth is True}
            points = [i for i in points if i not in certain]
        return [flint_library().arb.nan() if ball is None else ball for ball in found]

    def _constants_at(self, bits: int) -> list[arb]:
        backend = ArbBackend()
        return self._constants.setdefault(bits, [backend.constant(value) for value in self._values])
