from . import test_bridge_queue
from . import test_command
from . import test_automation_rule
from . import test_automation_options
from . import test_firmware_update
from . import test_settings
