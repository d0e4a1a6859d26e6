"""What is done when this module is taken out of a database."""


def uninstall_hook(env):
    """Remove the automated actions of rules: without the rules they would stop every change of their records."""
    rules = env["iiot.automation.rule"].search([])
    rules.unlink()
