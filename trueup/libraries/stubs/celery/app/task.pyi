"""Tasks."""

from celery import Task as Task
