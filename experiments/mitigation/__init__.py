"""What narrowing a gap in false alarms costs, and whom."""
