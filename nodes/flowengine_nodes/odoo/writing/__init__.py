"""How values get onto Odoo's records: merged, looked up, sent in few calls."""
