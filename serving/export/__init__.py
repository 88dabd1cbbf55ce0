"""What is held of a client → what they are given: the same as JSON and as a page, in their language."""
