"""One folder a question; benchmarks beside them."""
