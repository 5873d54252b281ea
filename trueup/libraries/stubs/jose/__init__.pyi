"""python-jose."""

from jose import jwt as jwt
from jose.exceptions import ExpiredSignatureError as ExpiredSignatureError
from jose.exceptions import JOSEError as JOSEError
from jose.exceptions import JWSError as JWSError
from jose.exceptions import JWTError as JWTError
