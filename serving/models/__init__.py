"""The models in use: loaded behind the gate, watched, and exchanged when a newer approval lands."""
