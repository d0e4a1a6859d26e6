"""Run the benchmark: ``python -m bench [--rounds 5] [--only NAME] [--json FILE] [--write]``."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from bench.engine import DEFAULT_COMMAND, FlowEngine
from bench.limit import Limit
from bench.machine import description
from bench.nodered.engine import NodeRed
from bench.nodered.install import NodeMissingError
from bench.report import Results, markdown
from bench.scenarios import DEVICE_SECONDS, ONCE, OURS_ALONE, Scenario, scenarios
from bench.side import Side
from bench.stand import RunError
from bench.worker import WorkerError

WORK = Path(__file__).parent / ".work"
PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
SIDES = ("flowengine", "node-red", "limit")


def sides(names: list[str], command: str) -> list[Side]:
    made: dict[str, Side] = {}
    if "flowengine" in names:
        made["flowengine"] = FlowEngine(command)
    if "node-red" in names:
        made["node-red"] = NodeRed(WORK / "nodered")
    if "limit" in names:
        made["limit"] = Limit()
    return list(made.values())


def measure(chosen: list[Side], wanted: list[Scenario], rounds: int) -> Results:
    """Let the sides take turns, scenario by scenario, round by round."""
    results = Results(description(), {side.name: side.version() for side in chosen})
    for turn in range(1, rounds + 1):
        for scenario in wanted:
            if turn > 1 and scenario.name in ONCE:
                continue
            for side in chosen:
                if side.name == Limit.name and not scenario.limited:
                    continue
                if side.name != FlowEngine.name and scenario.name in OURS_ALONE:
                    continue
                figures = scenario.measure(WORK, side)
                results.add(scenario.name, side.name, figures)
                said = "  ".join(f"{key} {value:,.2f}" for key, value in figures.items())
                print(f"{turn}/{rounds}  {scenario.name}  {side.name}: {said}", file=sys.stderr, flush=True)
    return results


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Compare flowengine with Node-RED.")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of every scenario (default: 5)")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        choices=[scenario.name for scenario in scenarios()],
        help="a scenario to run; may be given more than once (default: all)",
    )
    parser.add_argument(
        "--side",
        action="append",
        choices=SIDES,
        help="a side to run; may be given more than once (default: all)",
    )
    parser.add_argument(
        "--engine",
        default=DEFAULT_COMMAND,
        metavar="COMMAND",
        help="how flowengine is started (default: %(default)s)",
    )
    parser.add_argument(
        "--device-seconds",
        type=float,
        default=DEVICE_SECONDS,
        metavar="SECONDS",
        help="how long 10,000 devices send (default: %(default)g; 600 for ten minutes)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures of all rounds to a file")
    parser.add_argument("--write", action="store_true", help="write the report to docs/performance.md")
    return parser.parse_args()


def main() -> int:
    chosen = options()
    WORK.mkdir(exist_ok=True)
    every = scenarios(chosen.device_seconds)
    wanted = [scenario for scenario in every if not chosen.only or scenario.name in chosen.only]
    try:
        results = measure(sides(chosen.side or list(SIDES), chosen.engine), wanted, chosen.rounds)
    except (FileNotFoundError, NodeMissingError, RunError, WorkerError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    page = markdown(results, every)
    print(page)
    if chosen.json:
        chosen.json.write_text(json.dumps(asdict(results), indent=2) + "\n")
    if chosen.write:
        PAGE.write_text(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
