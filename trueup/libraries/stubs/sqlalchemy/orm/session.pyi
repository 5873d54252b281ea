"""Sessions."""

from sqlalchemy.orm import close_all_sessions as close_all_sessions
from sqlalchemy.orm import make_transient as make_transient
from sqlalchemy.orm import make_transient_to_detached as make_transient_to_detached
from sqlalchemy.orm import object_session as object_session
from sqlalchemy.orm import ORMExecuteState as ORMExecuteState
from sqlalchemy.orm import Session as Session
from sqlalchemy.orm import sessionmaker as sessionmaker
from sqlalchemy.orm import SessionTransaction as SessionTransaction
