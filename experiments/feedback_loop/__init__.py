"""Whether the gap between groups grows when hints change services, and their outcomes train the next model."""
