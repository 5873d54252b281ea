"""OAuth 2."""

from fastapi.security import OAuth2 as OAuth2
from fastapi.security import OAuth2AuthorizationCodeBearer as OAuth2AuthorizationCodeBearer
from fastapi.security import OAuth2PasswordBearer as OAuth2PasswordBearer
from fastapi.security import OAuth2PasswordRequestForm as OAuth2PasswordRequestForm
from fastapi.security import OAuth2PasswordRequestFormStrict as OAuth2PasswordRequestFormStrict
from fastapi.security import SecurityScopes as SecurityScopes
