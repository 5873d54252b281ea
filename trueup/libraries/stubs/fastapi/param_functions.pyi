"""Parameters."""

from fastapi import Body as Body
from fastapi import Cookie as Cookie
from fastapi import Depends as Depends
from fastapi import File as File
from fastapi import Form as Form
from fastapi import Header as Header
from fastapi import Path as Path
from fastapi import Query as Query
from fastapi import Security as Security
