"""URLs of databases."""

from sqlalchemy import make_url as make_url
from sqlalchemy import URL as URL
