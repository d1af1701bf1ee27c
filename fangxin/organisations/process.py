"""A process as a table: what may follow what, who may do it, and which clause says so. Plain Python.

A module's `workflow.py` writes the rows; permission, buttons, the diagrams in the documents and the property tests
are all read from them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Role

# What is not in any table yet stands here.
NEW = "new"


class StepRefused(ActRefused):
    """The table does not allow this step to this person now; the message says which clause gives it to whom."""


@dataclass(frozen=True)
class Step:
    """One row. `to` maps what was chosen to the state that follows; "" when there is no choice.

    `place`: for whom, or where, a person must stand. `barred`: as whom they must not have acted before (four eyes).
    """

    verb: str
    title: str
    before: frozenset[str]
    to: Mapping[str, str]
    roles: frozenset[Role]
    place: str
    clause: str
    asks: tuple[str, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)
    barred: str = ""


@dataclass(frozen=True)
class Standing:
    """What the table must know of a matter and of the person asking: its state, their role, where they stand."""

    state: str
    role: Role
    at: frozenset[str]
    acted_as: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Process:
    """A table of steps with the words of its states, its places and of those who must not act twice."""

    name: str
    matter: str
    states: Mapping[str, str]
    places: Mapping[str, str]
    steps: tuple[Step, ...]
    barred: Mapping[str, str] = field(default_factory=dict)

    def open_steps(self, standing: Standing) -> Iterator[Step]:
        """The steps this person may take now, in the order of the table."""
        for step in self.steps:
            if standing.state in step.before and self._obstacle(step, standing) is None:
                yield step

    def allowed(self, verb: str, standing: Standing) -> Step:
        """The row for `verb`; StepRefused says in which state it may be taken, and which clause leaves it to whom."""
        step = next((row for row in self.steps if row.verb == verb), None)
        if step is None:
            raise StepRefused(f"{self.matter}没有名为“{verb}”的步骤。")
        if standing.state not in step.before:
            wanted = "、".join(title for state, title in self.states.items() if state in step.before)
            raise StepRefused(
                f"不能{step.title}：{self.matter}现为“{self.states[standing.state]}”，只有“{wanted}”时才可以（{step.clause}）。"
            )
        if obstacle := self._obstacle(step, standing):
            raise StepRefused(f"不能{step.title}：{obstacle}（{step.clause}）。")
        return step

    def find_step(self, verb: str, standing: Standing, choice: str = "") -> tuple[Step, str]:
        """The row for `verb` and the state that the choice leads to. StepRefused."""
        step = self.allowed(verb, standing)
        if choice not in step.to:
            offered = "、".join(dict.fromkeys(step.choices.values()))
            raise StepRefused(f"不能{step.title}：请在“{offered or '默认'}”中选择一项。")
        return step, step.to[choice]

    def step(self, verb: str) -> Step:
        """The row of that verb."""
        return next(row for row in self.steps if row.verb == verb)

    def _obstacle(self, step: Step, standing: Standing) -> str | None:
        if standing.role not in step.roles:
            who = "、".join(sorted(role.title for role in step.roles))
            return f"须由{who}办理，您现在的身份是{standing.role.title}"
        if step.place not in standing.at:
            return f"须由{self.places[step.place]}办理"
        if step.barred and step.barred in standing.acted_as:
            return self.barred[step.barred]
        return None
