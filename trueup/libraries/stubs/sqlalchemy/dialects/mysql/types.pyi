"""Types of MySQL."""

from sqlalchemy.dialects.mysql import BIGINT as BIGINT
from sqlalchemy.dialects.mysql import BIT as BIT
from sqlalchemy.dialects.mysql import CHAR as CHAR
from sqlalchemy.dialects.mysql import DATETIME as DATETIME
from sqlalchemy.dialects.mysql import DECIMAL as DECIMAL
from sqlalchemy.dialects.mysql import DOUBLE as DOUBLE
from sqlalchemy.dialects.mysql import FLOAT as FLOAT
from sqlalchemy.dialects.mysql import INTEGER as INTEGER
from sqlalchemy.dialects.mysql import LONGBLOB as LONGBLOB
from sqlalchemy.dialects.mysql import LONGTEXT as LONGTEXT
from sqlalchemy.dialects.mysql import MEDIUMBLOB as MEDIUMBLOB
from sqlalchemy.dialects.mysql import MEDIUMINT as MEDIUMINT
from sqlalchemy.dialects.mysql import MEDIUMTEXT as MEDIUMTEXT
from sqlalchemy.dialects.mysql import NCHAR as NCHAR
from sqlalchemy.dialects.mysql import NUMERIC as NUMERIC
from sqlalchemy.dialects.mysql import NVARCHAR as NVARCHAR
from sqlalchemy.dialects.mysql import REAL as REAL
from sqlalchemy.dialects.mysql import SMALLINT as SMALLINT
from sqlalchemy.dialects.mysql import TEXT as TEXT
from sqlalchemy.dialects.mysql import TIME as TIME
from sqlalchemy.dialects.mysql import TIMESTAMP as TIMESTAMP
from sqlalchemy.dialects.mysql import TINYBLOB as TINYBLOB
from sqlalchemy.dialects.mysql import TINYINT as TINYINT
from sqlalchemy.dialects.mysql import TINYTEXT as TINYTEXT
from sqlalchemy.dialects.mysql import VARCHAR as VARCHAR
from sqlalchemy.dialects.mysql import YEAR as YEAR
