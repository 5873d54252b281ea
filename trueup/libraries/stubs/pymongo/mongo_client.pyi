"""Clients."""

from pymongo import MongoClient as MongoClient
