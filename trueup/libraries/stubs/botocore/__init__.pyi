"""What boto3 stands on."""

__version__: str
