"""The rooms in their order, each way in one MLflow run. Knows the order, and no maths."""
