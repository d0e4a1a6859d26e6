"""System parameters of this module, and what counts where one is not set."""

DEFAULTS = {
    "iiot.mqtt_host": "localhost",
    "iiot.mqtt_port": "8883",
    "iiot.mqtt_use_tls": "True",
    "iiot.bridge_url": "",
    "iiot.bridge_key": "",
    "iiot.token_lifetime": "900",
    "iiot.command_ttl": "3600",
    "iiot.command_response_timeout": "30",
    "iiot.event_keep_days": "30",
    "iiot.history_keep_days": "365",
}


def text(env, name):
    """Return a parameter as text."""
    value = env["ir.config_parameter"].sudo().get_param(name)
    return DEFAULTS[name] if value is False or value is None else str(value).strip()


def number(env, name):
    """Return a parameter as a whole number; its default where somebody has written something else."""
    try:
        return int(text(env, name))
    except ValueError:
        return int(DEFAULTS[name])


def flag(env, name):
    """Return a parameter as a yes or no."""
    return text(env, name).lower() in {"true", "1", "yes", "on"}
