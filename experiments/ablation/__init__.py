"""What leaving protected attributes out of the model costs, and what it spares whom."""
