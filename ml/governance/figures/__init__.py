"""The figures of a report as plain JSON: the same in `--json`, in the card and in the run."""
