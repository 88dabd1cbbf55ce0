"""A register of people who do not exist; and, until it has gone, the small cohort that came before it."""

from ml.register.synthetic.extract import oracle_folder, write_register
from ml.register.synthetic.unfairness import Unfairness, parse_unfairness
from ml.register.synthetic.write import write_synthetic

__all__ = ["Unfairness", "oracle_folder", "parse_unfairness", "write_register", "write_synthetic"]
