"""Names in braces that stand for values in the parameters of a command."""

import re

_PLACEHOLDER = re.compile(r"\{([a-z_]+(?:\.[A-Za-z0-9_]+)*)\}")


def filled(params, found):
    """Return parameters with values in the place of names; what is no name stays as it is.

    Args:
        params: JSON, in which a text that is just ``{name}`` stands for a value.
        found: Called with each name; returns its value.
    """
    if isinstance(params, str):
        match = _PLACEHOLDER.fullmatch(params)
        return found(match[1]) if match else params
    if isinstance(params, dict):
        return {name: filled(value, found) for name, value in params.items()}
    if isinstance(params, list):
        return [filled(value, found) for value in params]
    return params
