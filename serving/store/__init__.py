"""What the service keeps: clients and their rights, judgements, hints, feedback, and the log of all of it."""
