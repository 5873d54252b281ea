"""Work done behind the response."""

from fastapi import BackgroundTasks as BackgroundTasks
