"""The register's tables as contracts: each column is declared once, and everything else follows from it."""

from ml.register.schema.column import RegisterColumn, Sensitivity, Table, ValueType, Words
from ml.register.schema.purposes import PURPOSES, Purpose
from ml.register.schema.tables.abilitator import ABILITATOR
from ml.register.schema.tables.benefits import BENEFITS
from ml.register.schema.tables.employment_codes import EMPLOYMENT
from ml.register.schema.tables.jobseekers import JOBSEEKERS
from ml.register.schema.tables.placements import PLACEMENTS
from ml.register.schema.tables.plans import PLANS
from ml.register.schema.tables.services import SERVICES

TABLES = {table.name: table for table in (JOBSEEKERS, EMPLOYMENT, SERVICES, BENEFITS, PLANS, ABILITATOR, PLACEMENTS)}

__all__ = ["PURPOSES", "TABLES", "Purpose", "RegisterColumn", "Sensitivity", "Table", "ValueType", "Words"]
