"""The commands about the service's own database: each parses, calls one function and prints."""
