"""Whether the audit finds what is there, and nothing that is not."""
