"""The routes that other systems and the pages use: each a thin function from what was asked to an answer."""
