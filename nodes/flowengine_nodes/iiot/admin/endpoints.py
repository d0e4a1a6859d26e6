"""All operations of the registry in the admin API."""

from flowengine_nodes.iiot.admin import (
    automation_api,
    commands_api,
    devices_api,
    firmware_api,
    profiles_api,
    rollouts_api,
    updates_api,
)

ENDPOINTS = (
    *devices_api.ENDPOINTS,
    *profiles_api.ENDPOINTS,
    *commands_api.ENDPOINTS,
    *firmware_api.ENDPOINTS,
    *updates_api.ENDPOINTS,
    *rollouts_api.ENDPOINTS,
    *automation_api.ENDPOINTS,
)
