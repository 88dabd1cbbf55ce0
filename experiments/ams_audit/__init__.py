"""The Austrian AMS formula before the audit: a model that is known to discriminate must fail."""
