-- A copy of a database must not command the devices of the original.
DELETE FROM ir_config_parameter WHERE key IN ('iiot.bridge_url', 'iiot.bridge_key');
