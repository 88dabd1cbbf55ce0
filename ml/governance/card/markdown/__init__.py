"""A card as Markdown: made from its JSON alone, so that the same card gives the same bytes."""
