from . import test_bridge_queue
from . import test_command
