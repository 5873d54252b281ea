"""Inserts, updates and deletes."""

from sqlalchemy import Delete as Delete
from sqlalchemy import Insert as Insert
from sqlalchemy import Update as Update
from sqlalchemy import UpdateBase as UpdateBase
from sqlalchemy import ValuesBase as ValuesBase
