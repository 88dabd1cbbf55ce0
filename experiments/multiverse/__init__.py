"""How much of who is flagged hangs on decisions that data scientists make, though all models are about as good."""
