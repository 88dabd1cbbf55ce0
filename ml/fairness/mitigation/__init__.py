"""Ways to narrow a gap in false alarms: what each would cost, and whom."""
