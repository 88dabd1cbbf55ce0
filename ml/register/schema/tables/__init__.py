"""The seven tables of the register, one module each."""
