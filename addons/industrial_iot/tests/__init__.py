from . import test_bridge_queue
