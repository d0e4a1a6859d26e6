"""The registry: what is known of profiles, devices, commands, firmware and rules, whatever keeps it."""
