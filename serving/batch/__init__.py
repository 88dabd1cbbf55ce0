"""Many at once: clients from a file, the hints of a night, and hints of inputs that another system hands in."""
