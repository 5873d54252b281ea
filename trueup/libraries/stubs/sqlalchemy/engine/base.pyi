"""Engines and connections."""

from sqlalchemy import Connection as Connection
from sqlalchemy import Engine as Engine
from sqlalchemy import NestedTransaction as NestedTransaction
from sqlalchemy import RootTransaction as RootTransaction
from sqlalchemy import Transaction as Transaction
from sqlalchemy import TwoPhaseTransaction as TwoPhaseTransaction
