"""The code that the guide gives to people who write automated actions is the code that the addon's tests run."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
GUIDE = (ROOT / "docs/odoo-commands.md").read_text()
TESTS = ROOT / "addons/industrial_iot/tests/test_automation_options.py"
EXAMPLES = {
    target.id: ast.literal_eval(node.value)
    for node in ast.parse(TESTS.read_text()).body
    if isinstance(node, ast.Assign)
    for target in node.targets
    if isinstance(target, ast.Name)
}


@pytest.mark.parametrize("name", ["OPTION_B", "OPTION_C", "OPTION_D"])
def test_guide_shows_the_code_that_the_addon_is_tested_with(name: str) -> None:
    assert f"```py\n{EXAMPLES[name].strip()}\n```" in GUIDE
