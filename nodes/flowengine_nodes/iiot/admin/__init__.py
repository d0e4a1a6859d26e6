"""The registry in the admin API: what the editor's pages of devices, firmware and rules work with."""
