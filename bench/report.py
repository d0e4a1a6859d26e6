"""The report: medians, ratios and goals as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.figure import Figure, Figures
from bench.scenarios import Scenario
from bench.stand import WINDOW

OURS = "flowengine"
PEER = "Node-RED"
LIMIT = "limit"


@dataclass
class Results:
    """Everything that was measured.

    Args:
        machine: What describes the machine, by its title.
        versions: Version of each side, by its name.
        rounds: Figures of each round, by scenario and side.
    """

    machine: dict[str, str]
    versions: dict[str, str]
    rounds: dict[str, dict[str, list[Figures]]] = field(default_factory=dict)

    def add(self, scenario: str, side: str, figures: Figures) -> None:
        self.rounds.setdefault(scenario, {}).setdefault(side, []).append(figures)

    def median(self, scenario: str, side: str, key: str) -> float | None:
        """Take the median of the rounds; None if the side was not measured."""
        rounds = self.rounds.get(scenario, {}).get(side)
        return median(figures[key] for figures in rounds) if rounds else None


def number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def row(results: Results, scenario: Scenario, figure: Figure) -> str:
    ours = results.median(scenario.name, OURS, figure.key)
    theirs = results.median(scenario.name, PEER, figure.key)
    ratio = "-" if ours is None or not theirs else f"{ours / theirs:.2f}"
    goal, met = "", ""
    if figure.goal is not None:
        goal = figure.goal.text(figure.unit)
        verdict = None if ours is None else figure.goal.met(ours, theirs)
        met = {None: "", True: "yes", False: "**no**"}[verdict]
    cells = (
        scenario.title,
        f"{figure.title}, {figure.unit}",
        number(ours, figure.digits),
        number(theirs, figure.digits),
        ratio,
        goal,
        met,
    )
    return f"| {' | '.join(cells)} |"


def comparison(results: Results, scenarios: Sequence[Scenario]) -> list[str]:
    return [
        f"| Scenario | Figure | {OURS} | {PEER} | ratio | goal | met |",
        "|---|---|--:|--:|--:|--:|---|",
        *(
            row(results, scenario, figure)
            for scenario in scenarios
            if scenario.name in results.rounds
            for figure in scenario.figures
        ),
    ]


def limits(results: Results, scenarios: Sequence[Scenario]) -> list[str]:
    """Say how far ours is from a client that does nothing but pass bytes on."""
    lines = [f"| Scenario | Figure | limit | {OURS} | times the limit |", "|---|---|--:|--:|--:|"]
    for scenario in scenarios:
        for figure in scenario.figures:
            limit = results.median(scenario.name, LIMIT, figure.key)
            ours = results.median(scenario.name, OURS, figure.key)
            if limit is not None and figure.unit == "µs":
                far = "-" if ours is None else f"{ours / limit:.1f}"
                cells = (scenario.title, figure.title, number(limit, 1), number(ours, 1), far)
                lines.append(f"| {' | '.join(cells)} |")
    return lines


def markdown(results: Results, scenarios: Sequence[Scenario]) -> str:
    """Write the whole page."""
    rounds = max((len(figures) for sides in results.rounds.values() for figures in sides.values()), default=0)
    lines = [
        "# Performance",
        "",
        f"Written by `make bench`. Medians of {rounds} rounds; the sides take turns on the same machine,",
        "each with a fresh broker and a fresh engine for every measurement. CPU is the user and system time",
        f"of all processes of the engine. The ratio is {OURS} to {PEER}. {PEER} acknowledges a message",
        f"when it has received it; {OURS} when the output is acknowledged, or stored in the outbox.",
        f"Where no rate is said, messages are sent as fast as {WINDOW:,} in flight allow. Every output is checked.",
        "",
        "| Machine | |",
        "|---|---|",
        *(f"| {title} | {value} |" for title, value in results.machine.items()),
        *(f"| {name} | {version} |" for name, version in results.versions.items() if name not in {OURS, LIMIT}),
        "",
        "## Against Node-RED",
        "",
        *comparison(results, scenarios),
        "",
        "## Against the limit",
        "",
        "The limit is a client on the same event loop that sends every message on as it came: no JSON, no",
        "flow, but the same acknowledgements in the same order.",
        "",
        *limits(results, scenarios),
    ]
    return "\n".join(lines) + "\n"
