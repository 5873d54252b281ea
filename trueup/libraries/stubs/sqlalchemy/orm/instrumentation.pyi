"""Class managers."""

from sqlalchemy.orm import ClassManager as ClassManager
