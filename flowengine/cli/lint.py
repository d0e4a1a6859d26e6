"""``flowengine lint``: check flows before they run."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from flowengine.cli.exit_code import ExitCode
from flowengine.cli.folder import NoDocumentError, existing, read_flows
from flowengine.cli.node_types import load_node_types
from flowengine.cli.parameters import Format, NodeFolders
from flowengine.cli.text import counted, json_text
from flowengine.flow.document_file import FLOW_SUFFIX, LAYOUT_SUFFIX, TEST_SUFFIX, DocumentFile
from flowengine.flow.environment import Environment
from flowengine.flow.folder import FlowFolder
from flowengine.flow.problem import Problem, Severity
from flowengine.flow.secrets import SecretStore
from flowengine.linting import LintResult
from flowengine.linting import lint as lint_folder
from flowengine.registry import Registry
from flowengine.testing.flow_tests import FlowTester, read_flow_tests

EXAMPLE = "Example: flowengine lint flows --strict"


def lint(
    path: Annotated[Path, typer.Argument(help="Folder of flows, or one file of it.", metavar="DIR|FILE")] = Path(
        "flows"
    ),
    *,
    nodes: NodeFolders = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors do.")] = False,
    format: Format = "text",
) -> None:
    """Check flows and their tests before they run.

    Every problem is shown at once, each with its place and what to do.

    Exits with 0 if nothing was found, with 1 if there are errors (with --strict, warnings too), with 2 if the folder
    cannot be read. Warnings alone exit with 0.
    """
    only = None if existing(path).is_dir() else path
    folder = read_flows(path if only is None else path.parent)
    tests = read_flow_tests(folder.path)
    if only is not None and only.name not in {file.path.name for file in (*_files(folder), *tests.values())}:
        raise NoDocumentError(only, (FLOW_SUFFIX, LAYOUT_SUFFIX, TEST_SUFFIX))
    known = load_node_types(nodes)
    result = lint_as_run_does(folder, known.registry, os.environ)
    tester = FlowTester(known.registry)
    # The tests of a broken flow can be checked once it is put right.
    usable = (file for file in tests.values() if file.id not in result.broken)
    found = (*result.problems, *(problem for file in usable for problem in tester.check(folder, file)))
    if only is not None:
        found = tuple(problem for problem in found if problem.file == str(folder.path / only.name))
    problems = (*known.problems, *found)
    flows = len(folder.flows) if only is None else 1
    if format == "json":
        print(json_text(_report(problems, flows)))
    else:
        for problem in problems:
            print(problem)
            if problem.hint:
                print(f"    {problem.hint}")
        print(_summary(problems, flows))
    if any(strict or problem.severity is Severity.ERROR for problem in problems):
        raise typer.Exit(ExitCode.PROBLEMS)


def lint_as_run_does(folder: FlowFolder, registry: Registry, variables: Mapping[str, str]) -> LintResult:
    """Check a folder with the variables and the secrets that ``flowengine run`` sees.

    Args:
        folder: The folder.
        registry: The node types.
        variables: Variables of the process.
    """
    environment = Environment.of_process(folder.path.absolute().parent, variables)
    secrets = SecretStore.of_folder(folder.path, variables)
    return lint_folder(folder, registry, environment, secrets.get)


def _files(folder: FlowFolder) -> Iterator[DocumentFile[Any]]:
    yield from folder.flows.values()
    yield from folder.layouts.values()
    yield folder.resources


def _count(problems: tuple[Problem, ...], severity: Severity) -> int:
    return sum(problem.severity is severity for problem in problems)


def _report(problems: tuple[Problem, ...], flows: int) -> dict[str, Any]:
    return {
        "flows": flows,
        "errors": _count(problems, Severity.ERROR),
        "warnings": _count(problems, Severity.WARNING),
        "problems": [problem.as_dict() for problem in problems],
    }


def _summary(problems: tuple[Problem, ...], flows: int) -> str:
    found = [counted(_count(problems, severity), severity.value) for severity in Severity if _count(problems, severity)]
    return f"{counted(flows, 'flow')}: {', '.join(found) or 'no problems'}"
