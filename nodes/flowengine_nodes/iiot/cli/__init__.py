"""Commands of the industrial IoT domain, on the store of an engine, whether it runs or not."""
