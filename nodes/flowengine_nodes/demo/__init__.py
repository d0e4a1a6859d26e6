"""What stands in for a plant and for Odoo in the demo, independent of the engine."""
