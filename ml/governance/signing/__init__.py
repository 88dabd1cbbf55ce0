"""Who said it: keys of people, who trusts them for what, what they signed, and the log that nobody alters unseen."""
