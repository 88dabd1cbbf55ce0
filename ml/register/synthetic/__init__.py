"""A register of people who do not exist, with the truth about them beside it."""

from ml.register.synthetic.extract import clients_file, oracle_folder, write_register
from ml.register.synthetic.unfairness import Unfairness, parse_unfairness

__all__ = ["Unfairness", "clients_file", "oracle_folder", "parse_unfairness", "write_register"]
