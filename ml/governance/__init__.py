"""Evidence → permission: policy, card, review, registry."""
