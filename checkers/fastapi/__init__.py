"""Rules about how FastAPI is used: parameters, errors, status codes, events, CORS."""
