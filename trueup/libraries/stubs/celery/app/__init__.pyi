"""Applications."""

from celery import Celery as Celery
from celery import shared_task as shared_task
