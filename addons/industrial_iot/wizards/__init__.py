from . import command_wizard
from . import config_token_wizard
from . import rollout_wizard
from . import update_wizard
