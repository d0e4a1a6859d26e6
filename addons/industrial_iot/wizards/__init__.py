from . import command_wizard, config_token_wizard, rollout_wizard, update_wizard
