"""Check flows before they run: every problem at once, and a plan for each flow that can run."""

from flowengine.linting.catalogue import CATALOGUE
from flowengine.linting.check import Check
from flowengine.linting.linter import Linter, lint
from flowengine.linting.result import LintResult

__all__ = ["CATALOGUE", "Check", "LintResult", "Linter", "lint"]
