"""The calls that block, by family: data only, in the canonical names of the stubs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

VERSION = 1
"""Raise it whenever the table changes: findings that are kept depend on it."""

OFFLOAD = "`await run_in_threadpool(...)`"
_BLOCK = "`await run_in_threadpool(...)` on the whole block"
_VERBS = "delete get head options patch post put request"
_FETCH = "execute executemany fetchall fetchmany fetchone __iter__ __next__"
_STAT = "exists lexists isfile isdir islink ismount getsize getmtime getatime getctime samefile"

_STRIPE = {
    n.replace("_", ""): f"_{n.lower()}"
    for n in (
        "Account Balance_Transaction Charge Coupon Customer Event Invoice Invoice_Item Payment_Intent Payment_Link"
        " Payment_Method Payout Price Product Promotion_Code Refund Setup_Intent Stripe_Client Subscription"
        " Subscription_Item Token Transfer Webhook_Endpoint"
    ).split()
} | {"billing_portal.Session": "billing_portal._session", "checkout.Session": "checkout._session"}
_KUBERNETES = {
    "AppsV1Api": "apps_v1_api",
    "BatchV1Api": "batch_v1_api",
    "CoreV1Api": "core_v1_api",
    "CustomObjectsApi": "custom_objects_api",
    "NetworkingV1Api": "networking_v1_api",
    "RbacAuthorizationV1Api": "rbac_authorization_v1_api",
}
"""Classes, and the module each is defined in."""

Row: TypeAlias = tuple[str, str, str, Mapping[str, str]]
"""(level, family, what to call instead, {prefix: names below it}); `*` is everything below the prefix."""
ROWS: tuple[Row, ...] = (
    ("H", "sleep", "`await asyncio.sleep(...)`", {"time": "sleep"}),
    ("H", "console", OFFLOAD, {"builtins": "input", "getpass": "getpass", "fileinput": "input"}),
    ("H", "process", "`await asyncio.create_subprocess_exec(...)` or `await anyio.run_process(...)`", {
        "subprocess": "run call check_call check_output getoutput getstatusoutput Popen",
        "subprocess.Popen": "wait communicate",
        "os": "system popen wait wait3 wait4 waitpid posix_spawn posix_spawnp spawnl spawnle spawnlp spawnlpe spawnv"
        " spawnve spawnvp spawnvpe",
    }),
    ("H", "requests", "`httpx.AsyncClient`, or `await run_in_threadpool(...)`", {
        "requests": _VERBS,
        "requests.Session": _VERBS + " send",
        "requests.Response": "iter_content iter_lines",
    }),
    ("H", "urllib", "`httpx.AsyncClient`, or `await run_in_threadpool(...)`", {
        "urllib.request": "urlopen urlretrieve",
        "urllib.request.OpenerDirector": "open",
        "urllib3": "request",
        "urllib3.PoolManager": "request request_encode_body request_encode_url urlopen",
        "urllib3.HTTPConnectionPool": "request request_encode_body request_encode_url urlopen",
        "http.client.HTTPConnection": "connect request send getresponse",
        "http.client.HTTPResponse": "read readline",
        "xmlrpc.client.ServerProxy": "*",
    }),
    ("H", "httpx", "the same call of `httpx.AsyncClient`, awaited", {
        "httpx": _VERBS + " stream",
        "httpx.Client": _VERBS + " send stream",
    }),
    ("H", "socket", "asyncio streams, `await loop.getaddrinfo(...)`", {
        "socket": "create_connection getaddrinfo gethostbyname gethostbyname_ex gethostbyaddr getfqdn getnameinfo",
        "socket.socket": "accept connect connect_ex recv recv_into recvfrom send sendall sendfile sendto",
        "ssl": "get_server_certificate",
    }),
    ("H", "mail", "`aiosmtplib`, or a background task that is a plain `def`", {
        "smtplib": "SMTP SMTP_SSL LMTP",
        "smtplib.SMTP": "connect ehlo helo login noop quit send_message sendmail starttls verify",
        "imaplib": "IMAP4 IMAP4_SSL",
        "imaplib.IMAP4": "*",
        "imaplib.IMAP4_SSL": "*",
        "poplib": "POP3 POP3_SSL",
        "poplib.POP3": "*",
        "poplib.POP3_SSL": "*",
        "ftplib": "FTP FTP_TLS",
        "ftplib.FTP": "*",
        "ftplib.FTP_TLS": "*",
    }),
    ("H", "wait", "the primitive of the same name in `asyncio`, or `await asyncio.wrap_future(...)`", {
        "threading.Lock": "acquire",
        "threading.RLock": "acquire",
        "threading.Condition": "acquire wait wait_for",
        "threading.Event": "wait",
        "threading.Semaphore": "acquire",
        "threading.Barrier": "wait",
        "threading.Thread": "join",
        "queue.Queue": "get put join",
        "queue.SimpleQueue": "get",
        "concurrent.futures": "wait as_completed",
        "concurrent.futures.Future": "result exception",
        "concurrent.futures.Executor": "map",
        "multiprocessing.Process": "join",
        "multiprocessing.pool.Pool": "apply map starmap imap imap_unordered join",
        "multiprocessing.pool.AsyncResult": "get wait",
        "multiprocessing.queues.Queue": "get put",
        "multiprocessing.queues.SimpleQueue": "get put",
        "multiprocessing.queues.JoinableQueue": "join",
    }),
    ("H", "event-loop", "`await` the coroutine", {
        "asyncio": "run",
        "asyncio.Runner": "run",
        "asyncio.AbstractEventLoop": "run_until_complete run_forever",
    }),
    ("H", "sqlalchemy", "`AsyncSession`", {
        "sqlalchemy.orm.Session": "execute scalars scalar get get_one flush commit rollback refresh merge merge_all"
        " connection begin_nested prepare bulk_insert_mappings bulk_save_objects bulk_update_mappings",
        "sqlalchemy.orm.SessionTransaction": "commit rollback prepare",
        "sqlalchemy.orm.Query": "all first one one_or_none scalar count get delete update value values __iter__"
        " __getitem__",
        "sqlmodel.Session": "exec",
        "flask_sqlalchemy.SQLAlchemy": "create_all drop_all reflect first_or_404 get_or_404 one_or_404 paginate",
        "flask_sqlalchemy.query.Query": "first_or_404 get_or_404 one_or_404 paginate",
        "sqlalchemy.Engine": "connect begin raw_connection execute scalar table_names has_table run_callable"
        " transaction",
        "sqlalchemy.Connection": "execute scalars scalar exec_driver_sql commit rollback",
        "sqlalchemy.Transaction": "commit rollback",
        "sqlalchemy.MetaData": "create_all drop_all reflect",
        "sqlalchemy.Table": "create drop exists",
        "sqlalchemy.Index": "create drop",
        "sqlalchemy.Sequence": "create drop",
        "sqlalchemy.Inspector": "*",
    }),
    # Only with a transaction open, which `close` rolls back.
    ("M", "sqlalchemy", "`AsyncSession`, or a `def` dependency", {"sqlalchemy.orm.Session": "close reset invalidate"}),
    ("H", "database-driver", "the driver's async class (`aiosqlite`, `asyncpg`, `psycopg.AsyncConnection`, ...)", {
        "sqlite3": "connect",
        "sqlite3.Connection": "backup commit execute executemany executescript iterdump rollback",
        "sqlite3.Cursor": _FETCH + " executescript",
        "psycopg2": "connect",
        "psycopg2.extensions.connection": "commit rollback",
        "psycopg2.extensions.cursor": _FETCH + " callproc copy_expert copy_from copy_to",
        "psycopg2.extras": "execute_batch execute_values",
        "psycopg": "connect",
        "psycopg.Connection": "connect commit execute rollback",
        "psycopg.Cursor": _FETCH + " copy stream",
        "pymysql": "connect",
        "pymysql.connections.Connection": "begin commit ping query rollback select_db",
        "pymysql.cursors.Cursor": _FETCH + " callproc",
        "MySQLdb": "connect",
        "MySQLdb.connect": "*",
        "mysql.connector": "connect",
        "mysql.connector.connect": "*",
        "pymssql": "connect",
        "pymssql.connect": "*",
        "pyodbc": "connect",
        "pyodbc.connect": "*",
        "oracledb": "connect",
        "oracledb.connect": "*",
        "snowflake.connector": "connect",
        "snowflake.connector.connect": "*",
        "clickhouse_driver.Client": "*",
        "clickhouse_connect": "get_client",
        "clickhouse_connect.get_client": "*",
        "duckdb": "connect execute query sql",
        "duckdb.connect": "*",
    }),
    ("H", "orm", OFFLOAD, {
        "peewee.Model": "get get_or_none get_by_id get_or_create select create save delete_instance bulk_create"
        " bulk_update create_table drop_table",
        "pony.orm": "commit flush rollback select get count",
        "django.db.models.Model": "save delete refresh_from_db",
        "django.db.models.QuerySet": "*",
        "django.db.models.Manager": "*",
    }),
    ("H", "redis", "the same call of `redis.asyncio.Redis`, awaited", {
        "redis.Redis": "*",
        "redis.client.Pipeline": "execute watch unwatch",
        "redis.client.PubSub": "get_message listen psubscribe punsubscribe subscribe unsubscribe",
        "redis.lock.Lock": "acquire extend locked owned reacquire release __enter__",
    }),
    ("H", "search", "the library's async client (`AsyncMongoClient`, `AsyncElasticsearch`, ...)", {
        "pymongo.collection.Collection": "aggregate bulk_write count_documents create_index create_indexes delete_many"
        " delete_one distinct drop drop_index drop_indexes estimated_document_count find_one find_one_and_delete"
        " find_one_and_replace find_one_and_update index_information insert_many insert_one list_indexes rename"
        " replace_one update_many update_one watch",
        "pymongo.cursor.Cursor": "__iter__ __getitem__ distinct explain next to_list",
        "pymongo.database.Database": "aggregate command create_collection drop_collection list_collection_names"
        " list_collections validate_collection watch",
        "pymongo.MongoClient": "bulk_write drop_database list_database_names list_databases server_info watch",
        "elasticsearch.Elasticsearch": "*",
        "opensearchpy.OpenSearch": "*",
        "cassandra.cluster.Cluster": "connect",
        "cassandra.cluster.Session": "execute",
        "neo4j.GraphDatabase.driver": "*",
        "neo4j.Driver": "execute_query verify_connectivity",
        "neo4j.Session": "run execute_read execute_write read_transaction write_transaction",
    }),
    ("H", "cloud", "`aioboto3`, the library's async client, or `await run_in_threadpool(...)`", {
        "botocore.client.BaseClient": "*",
        "botocore.paginate.Paginator": "paginate",
        "botocore.waiter.Waiter": "wait",
        "boto3.resources.base.ServiceResource": "*",
        "google.cloud.storage.Client": "*",
        "google.cloud.storage.Bucket": "*",
        "google.cloud.storage.Blob": "*",
        "google.cloud.bigquery.Client": "*",
        "google.cloud.firestore.Client": "*",
        "google.cloud.pubsub_v1.SubscriberClient": "*",
        "google.cloud.secretmanager.SecretManagerServiceClient": "*",
        "azure.storage.blob.BlobServiceClient": "*",
        "azure.storage.blob.ContainerClient": "*",
        "azure.storage.blob.BlobClient": "*",
        "minio.Minio": "*",
    }),
    # 257 ms for the first client of a process, 3 to 8 ms for each later one.
    ("M", "cloud", "one client, made when the application starts", {
        "boto3": "client resource",
        "boto3.session.Session": "client resource",
    }),
    ("H", "service", "the library's async client, or `await run_in_threadpool(...)`", {
        **{f"stripe.{n}": "*" for n in _STRIPE},
        **{f"openai.{n}": "*" for n in (
            "OpenAI AzureOpenAI ChatCompletion Completion Embedding Image Moderation Audio"
        ).split()},
        **{f"anthropic.{n}": "*" for n in ("Anthropic", "AnthropicBedrock", "AnthropicVertex")},
        "twilio.rest.Client": "*",
        "sendgrid.SendGridAPIClient": "*",
        "slack_sdk.WebClient": "*",
        "slack_sdk.webhook.WebhookClient": "*",
        "docker": "from_env",
        "docker.from_env": "*",
        "docker.DockerClient": "*",
        **{f"kubernetes.client.{n}": "*" for n in _KUBERNETES},
        "git.Repo": "*",
        "paramiko.SSHClient": "*",
        "paramiko.SFTPClient": "*",
        "paramiko.Transport": "*",
        "ldap3.Connection": "*",
        "dns.resolver": "query resolve",
        "dns.resolver.Resolver": "query resolve resolve_address resolve_name",
        "jwt.PyJWKClient": "fetch_data get_jwk_set get_signing_key get_signing_key_from_jwt get_signing_keys",
    }),
    ("H", "broker", "`aio_pika`, `aiokafka`, or `await run_in_threadpool(...)`", {
        "celery.result.AsyncResult": "get wait",
        "celery.result.GroupResult": "get join",
        "celery.Task": "apply",
        "kafka.KafkaProducer": "flush",
        "kafka.KafkaConsumer": "poll commit __next__",
        "confluent_kafka.Producer": "flush",
        "confluent_kafka.Consumer": "poll consume commit",
        "pika": "BlockingConnection",
        "pika.BlockingConnection": "*",
        "pika.adapters.blocking_connection.BlockingChannel": "*",
    }),
    # One round trip to the broker.
    ("M", "broker", OFFLOAD, {
        "celery.Task": "delay apply_async retry",
        "celery.Celery": "send_task",
        "celery.canvas.Signature": "delay apply_async",
        "rq.Queue": "enqueue enqueue_at enqueue_call enqueue_in",
    }),
    ("H", "hashing", "`await run_in_threadpool(...)`: hashing lets other threads run", {
        "bcrypt": "hashpw checkpw kdf",
        "passlib.context.CryptContext": "hash verify encrypt genhash verify_and_update dummy_verify",
        "passlib.hash._Handler": "hash verify encrypt",
        "argon2.PasswordHasher": "hash verify",
        "pwdlib.PasswordHash": "hash verify verify_and_update",
        "hashlib": "pbkdf2_hmac scrypt",
        "werkzeug.security": "generate_password_hash check_password_hash",
        "django.contrib.auth.hashers": "make_password check_password",
        "nacl.pwhash": "*",
    }),
    ("H", "dataframe", "`await run_in_threadpool(...)`, or a pool of processes", {
        "pandas": "read_clipboard read_csv read_excel read_feather read_fwf read_gbq read_hdf read_html read_iceberg"
        " read_json read_orc read_parquet read_pickle read_sas read_spss read_sql read_sql_query read_sql_table"
        " read_stata read_table read_xml",
        "pandas.DataFrame": "to_csv to_excel to_feather to_hdf to_html to_json to_orc to_parquet to_pickle"
        " to_sql to_stata to_xml",
        "polars": "read_csv read_database read_excel read_json read_parquet",
        "numpy": "load loadtxt genfromtxt save savetxt savez savez_compressed",
    }),
    ("H", "media", "`await run_in_threadpool(...)`, or a pool of processes", {
        "PIL.Image": "open",
        "PIL.Image.Image": "convert filter load resize rotate save thumbnail transform",
        "PIL.Image.open": "convert filter load resize rotate save thumbnail transform",
        "openpyxl": "load_workbook",
        "openpyxl.Workbook": "save",
        "pypdf": "PdfReader",
        "pypdf.PdfWriter": "write",
        "PyPDF2": "PdfReader PdfFileReader",
        "pdfplumber": "open",
        "fitz": "open",
        "docx": "Document",
        "reportlab.pdfgen.canvas.Canvas": "save",
        "reportlab.platypus.SimpleDocTemplate": "build",
        "weasyprint.HTML": "write_pdf write_png",
        "pytesseract": "image_to_string image_to_data",
        "cv2": "*",
    }),
    ("H", "tree", _BLOCK, {"shutil": "copytree move rmtree make_archive unpack_archive"}),
    ("M", "archive", _BLOCK, {
        "shutil": "copy copy2 copyfile copyfileobj",
        "zipfile": "ZipFile",
        "zipfile.ZipFile": "extract extractall open read testzip write writestr",
        "tarfile": "open",
        "tarfile.TarFile": "add addfile extract extractall extractfile open",
        "gzip": "open",
        "bz2": "open",
        "lzma": "open",
    }),
    ("M", "file", _BLOCK, {
        "builtins": "open",
        "os": "fdopen read write",
        "pathlib.Path": "open read_bytes read_text write_bytes write_text",
        "tempfile": "NamedTemporaryFile TemporaryDirectory TemporaryFile mkdtemp mkstemp",
        "json": "dump load",
        "pickle": "dump load",
        "tomllib": "load",
        "shelve": "open",
        "dbm": "open",
        "configparser.ConfigParser": "read",
        "configparser.RawConfigParser": "read",
        "xml.etree.ElementTree": "parse",
    }),
    ("M", "file", "the method of the same name of the `UploadFile`, awaited", {
        "tempfile.SpooledTemporaryFile": "read readline readlines write writelines __iter__",
    }),
    ("M", "tree", _BLOCK, {"os": "fwalk scandir walk", "pathlib.Path": "rglob walk"}),
    ("L", "metadata", "leave it: a thread costs more", {
        "os.path": _STAT,
        "os": "access chmod chown link listdir lstat makedirs mkdir readlink remove removedirs rename renames replace"
        " rmdir stat symlink truncate unlink utime",
        "pathlib.Path": "chmod exists glob group hardlink_to is_block_device is_char_device is_dir is_fifo is_file"
        " is_mount is_socket is_symlink iterdir lchmod lstat mkdir owner readlink rename replace resolve rmdir"
        " samefile stat symlink_to touch unlink",
        "glob": "glob iglob",
    }),
)

# Below a `.*`, but building, naming or configuring something only.
HARMLESS: Mapping[str, str] = {
    "redis.Redis": "__init__ bf close from_pool from_url ft json lock pipeline pubsub register_script ts",
    "botocore.client.BaseClient": "can_paginate close generate_presigned_post generate_presigned_url get_paginator"
    " get_waiter",
    "boto3.resources.base.ServiceResource": "Bucket Object ObjectSummary Queue Table Topic",
    "elasticsearch.Elasticsearch": "options",
    "google.cloud.storage.Client": "bucket bucket.blob",
    "google.cloud.storage.Bucket": "blob",
    "google.cloud.firestore.Client": "collection collection.document document",
    "azure.storage.blob.BlobServiceClient": "from_connection_string get_blob_client get_container_client",
    "azure.storage.blob.ContainerClient": "from_connection_string get_blob_client",
    "azure.storage.blob.BlobClient": "from_connection_string",
    "openai.OpenAI": "copy with_options",
    "openai.AzureOpenAI": "copy with_options",
    "anthropic.Anthropic": "copy with_options",
    "MySQLdb.connect": "cursor",
    "mysql.connector.connect": "cursor",
    "neo4j.GraphDatabase.driver": "session",
    "oracledb.connect": "cursor",
    "paramiko.SSHClient": "set_missing_host_key_policy",
    "pymssql.connect": "cursor",
    "pyodbc.connect": "cursor",
    "snowflake.connector.connect": "cursor",
    "sqlalchemy.Inspector": "clear_cache",
}

# Where a library defines what it exports under the name above: the name it has when its own source is read.
HOMES: Mapping[str, str] = {
    "azure.storage.blob.BlobClient": "azure.storage.blob._blob_client.BlobClient",
    "azure.storage.blob.BlobServiceClient": "azure.storage.blob._blob_service_client.BlobServiceClient",
    "azure.storage.blob.ContainerClient": "azure.storage.blob._container_client.ContainerClient",
    "clickhouse_driver.Client": "clickhouse_driver.client.Client",
    "django.db.models.Manager": "django.db.models.manager.BaseManager",
    "django.db.models.Model": "django.db.models.base.Model",
    "django.db.models.QuerySet": "django.db.models.query.QuerySet",
    "docker.DockerClient": "docker.client.DockerClient",
    "elasticsearch.Elasticsearch": "elasticsearch._sync.client.Elasticsearch",
    "git.Repo": "git.repo.base.Repo",
    "google.cloud.storage.Blob": "google.cloud.storage.blob.Blob",
    "google.cloud.storage.Bucket": "google.cloud.storage.bucket.Bucket",
    "google.cloud.storage.Client": "google.cloud.storage.client.Client",
    "kafka.KafkaConsumer": "kafka.consumer.group.KafkaConsumer",
    "kafka.KafkaProducer": "kafka.producer.kafka.KafkaProducer",
    **{f"kubernetes.client.{n}": f"kubernetes.client.api.{module}.{n}" for n, module in _KUBERNETES.items()},
    "ldap3.Connection": "ldap3.core.connection.Connection",
    "minio.Minio": "minio.api.Minio",
    "mysql.connector.connect": "mysql.connector.pooling.connect",
    "neo4j.Driver": "neo4j._sync.driver.Driver",
    "neo4j.Session": "neo4j._sync.work.session.Session",
    "openai.AzureOpenAI": "openai.lib.azure.AzureOpenAI",
    "openai.OpenAI": "openai._client.OpenAI",
    "anthropic.Anthropic": "anthropic._client.Anthropic",
    "openpyxl.Workbook": "openpyxl.workbook.workbook.Workbook",
    "openpyxl.load_workbook": "openpyxl.reader.excel.load_workbook",
    "oracledb.connect": "oracledb.connection.connect",
    "paramiko.SFTPClient": "paramiko.sftp_client.SFTPClient",
    "paramiko.SSHClient": "paramiko.client.SSHClient",
    "pika.BlockingConnection": "pika.adapters.blocking_connection.BlockingConnection",
    "pypdf.PdfReader": "pypdf._reader.PdfReader",
    "pypdf.PdfWriter": "pypdf._writer.PdfWriter",
    "sendgrid.SendGridAPIClient": "sendgrid.sendgrid.SendGridAPIClient",
    "slack_sdk.WebClient": "slack_sdk.web.client.WebClient",
    "slack_sdk.webhook.WebhookClient": "slack_sdk.webhook.client.WebhookClient",
    **{f"stripe.{n}": f"stripe.{module}.{n.rpartition('.')[2]}" for n, module in _STRIPE.items()},
    "urllib3.HTTPConnectionPool": "urllib3.connectionpool.HTTPConnectionPool",
    "urllib3.PoolManager": "urllib3.poolmanager.PoolManager",
}

OFFLOADERS = frozenset(
    {
        "anyio.to_process.run_sync",
        "anyio.to_thread.run_sync",
        "asgiref.sync.SyncToAsync",
        "asgiref.sync.sync_to_async",
        "asyncer.asyncify",
        "asyncio.AbstractEventLoop.run_in_executor",
        "asyncio.to_thread",
        "celery.Task.apply_async",
        "celery.Task.delay",
        "concurrent.futures.Executor.map",
        "concurrent.futures.Executor.submit",
        "fastapi.concurrency.contextmanager_in_threadpool",
        "multiprocessing.Process",
        "starlette.background.BackgroundTask",
        "starlette.background.BackgroundTasks.add_task",
        "starlette.concurrency.iterate_in_threadpool",
        "starlette.concurrency.run_in_threadpool",
        "threading.Thread",
        "threading.Timer",
        "trio.to_thread.run_sync",
    }
)
"""Calls that run the function they are given somewhere else than on the loop: its body is not followed there."""

DATABASE_BRIDGES = frozenset(
    {
        "sqlalchemy.ext.asyncio.AsyncConnection.run_sync",
        "sqlalchemy.ext.asyncio.AsyncSession.run_sync",
    }
)
"""Calls in whose function family `sqlalchemy` does not block; everything else in it does."""
