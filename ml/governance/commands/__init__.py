"""The commands of reviewers: cards, reviews, keys. Each parses, calls one function and prints."""
