"""Databases of a real Odoo for tests, copied from ones that were made before."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from types import MappingProxyType

from tests import odoo_installation as installation
from tests.mosquitto import free_port
from tests.odoo_installation import ADDON, ADDONS, OdooError
from tests.postgresql import Postgresql, program_path

MODULES = ("base", "web", "mail", "maintenance", "base_automation")
# The first is that of users; English is not there unless it is named.
LANGUAGES = ("en_US", "zh_CN")
# The databases that others are copied from: with the modules alone, and with the addon too.
PLAIN, WITH_ADDON = "plain", "addon"
INSTALL_SECONDS = 600
KEPT_TEMPLATES = 8

# Runs in `odoo shell`: makes users, each with an API key, and prints the keys. A user whose group the database does not
# have yet gets it in the next template.
USERS = """
import datetime, json
groups = {
    "operator": ["industrial_iot.group_iiot_user"],
    "engineer": ["industrial_iot.group_iiot_admin", "maintenance.group_equipment_manager"],
    "bridge": ["industrial_iot.group_iiot_bridge", "maintenance.group_equipment_manager"],
    "guest": [],
}
Users = env["res.users"].with_context(no_reset_password=True)
field = "group_ids" if "group_ids" in Users._fields else "groups_id"
keys = {}
for login in ["admin", *groups]:
    user = Users.search([("login", "=", login)])
    if not user:
        user = Users.create({"name": login.title(), "login": login, "password": login, "email": login + "@example.com"})
    if not env["res.users.apikeys"].sudo().search_count([("user_id", "=", user.id)]):
        key = env["res.users.apikeys"].with_user(user).sudo()
        if "expiration_date" in key._fields:
            keys[login] = key._generate("rpc", "tests", datetime.datetime.now() + datetime.timedelta(days=3650))
        else:
            keys[login] = key._generate("rpc", "tests")
    found = [env.ref(name, raise_if_not_found=False) for name in groups.get(login, [])]
    # Loading a language makes it the administrator's.
    user.write({field: [(4, group.id) for group in found if group], "lang": "en_US"})
# It would ask a server in the internet for news.
news = env.ref("mail.ir_cron_module_update_notification", raise_if_not_found=False)
if news:
    news.active = False
env.cr.commit()
print("keys " + json.dumps(keys))
"""


class OdooCluster:
    """A PostgreSQL with the databases that others are copied from, and the addon as it was when this was made.

    Args:
        template: Folder that an earlier cluster was kept in; None begins with nothing.
        addons: Folder of modules besides Odoo's own.
    """

    def __init__(self, template: Path | None, addons: Path | None) -> None:
        self.postgresql = Postgresql(None if template is None else template / "data")
        self.directory = self.postgresql.directory
        # Odoo is another user than PostgreSQL, and needs its socket.
        self.directory.chmod(0o755)
        self._files = self.directory / "odoo"
        self._files.mkdir()
        self.addons = self._files / "addons"
        self.addons.mkdir()
        if addons is not None:
            shutil.copytree(addons, self.addons, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        self._filestore = self._files / "data" / "filestore"
        self._filestore.mkdir(parents=True)
        self._keys: dict[str, str] = {}
        if template is not None:
            subprocess.run(["cp", "--archive", template / "filestore", self._filestore.parent], check=True)
            self._keys = json.loads((template / "keys.json").read_text())
        if (user := installation.user()) is not None:
            subprocess.run(["chown", "--recursive", user, self._files], check=True)
        self._number = 0
        self.postgresql.start()

    @property
    def keys(self) -> Mapping[str, str]:
        """The API key of each user, by login."""
        return MappingProxyType(self._keys)

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run a statement and return its rows as lines.

        Args:
            statement: SQL.
            database: Name of the database to run it in.
        """
        address = [f"--host={self.directory}", "--username=postgres", f"--dbname={database}"]
        command = [program_path("psql"), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", *address]
        command.append(f"--command={statement}")
        done = subprocess.run(command, check=False, capture_output=True, text=True, env={"PATH": os.defpath})
        if done.returncode != 0:
            raise OdooError(statement, done.stderr)
        return done.stdout

    def new_database(self, template: str = WITH_ADDON, name: str | None = None) -> str:
        """Copy a database and return the name of the copy.

        Args:
            template: Name of the database to copy; nobody may be using it.
            name: What to call it.
        """
        if name is None:
            self._number += 1
            name = f"{template}_{self._number}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template} OWNER odoo STRATEGY file_copy")
        if (self._filestore / template).exists():
            # Odoo never changes a file that it keeps: the copies may share them.
            sources = [self._filestore / template, self._filestore / name]
            subprocess.run(["cp", "--archive", "--link", *sources], check=True)
        return name

    def drop(self, database: str) -> None:
        """Remove a database that is not used any more."""
        self.sql(f"DROP DATABASE {database} WITH (FORCE)")
        shutil.rmtree(self._filestore / database, ignore_errors=True)

    def spawn(self, command: str, *options: str, output: int, piped: bool = False) -> "subprocess.Popen[bytes]":
        """Start one of Odoo's commands.

        Args:
            command: As in ``odoo server``.
            options: Options of its command line.
            output: File descriptor for all that it writes.
            piped: Give it a standard input to write to.
        """
        # Odoo refuses to look for modules where there are none.
        folders = [
            path for path in (self.addons, installation.code() / "addons") if any(path.glob("*/__manifest__.py"))
        ]
        line = [str(installation.home() / "venv/bin/python"), "-m", "odoo", command]
        line += [f"--db_host={self.directory}", "--db_user=odoo", "--db_maxconn=16"]
        if folders:
            line.append(f"--addons-path={','.join(map(str, folders))}")
        line += [f"--data-dir={self._filestore.parent}"]
        return subprocess.Popen(
            [*line, *options],
            stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=self._files,
            user=installation.user(),
            group=None if installation.user() is None else "nogroup",
            extra_groups=None if installation.user() is None else [],
            env={
                "PATH": os.defpath,
                "LC_ALL": "C.UTF-8",
                "PYTHONPATH": str(installation.code()),
                "HOME": str(self._files),
            },
        )

    def run(self, command: str, *options: str, script: str = "") -> str:
        """Run one of Odoo's commands to its end and return what it wrote.

        Args:
            command: As in ``odoo server``.
            options: Options of its command line.
            script: Its standard input.

        Raises:
            OdooError: When it fails.
        """
        path = self.directory / "run.log"
        with path.open("w+b") as output:
            process = self.spawn(command, *options, output=output.fileno(), piped=bool(script))
            process.communicate(script.encode() or None, timeout=INSTALL_SECONDS)
            output.seek(0)
            log = output.read().decode()
        if process.returncode != 0:
            raise OdooError(f"odoo {command} {' '.join(options)}", "\n".join(installation.faults(log)) or log)
        return log

    def install(self, database: str, modules: Iterable[str], *options: str) -> str:
        """Install modules without demo data and return the log.

        Args:
            database: Where.
            modules: Their technical names.
            options: More options of Odoo's command line.
        """
        what = [f"--database={database}", f"--init={','.join(modules)}", "--without-demo=True"]
        return self.run("server", *what, *options, "--stop-after-init", "--no-http", "--max-cron-threads=0")

    def test_addon(self, tags: str) -> str:
        """Install the addon in a new database, run its own tests there and return the log.

        Args:
            tags: Which tests, as Odoo's ``--test-tags`` takes them.

        Raises:
            OdooError: When it cannot be installed or a test fails.
        """
        database = self.new_database(PLAIN)
        what = [f"--database={database}", f"--init={ADDON}", "--without-demo=True", f"--test-tags={tags}"]
        try:
            http = ["--http-interface=127.0.0.1", f"--http-port={free_port()}"]
            return self.run("server", *what, *http, "--stop-after-init")
        finally:
            self.drop(database)

    def make_users(self, database: str) -> None:
        """Give the database the users of tests, and remember their API keys."""
        log = self.run("shell", f"--database={database}", "--no-http", "--log-level=warn", script=USERS)
        line = next((line for line in log.splitlines() if line.startswith("keys ")), None)
        if line is None:
            raise OdooError("the users of tests cannot be made", log)
        self._keys |= json.loads(line.removeprefix("keys "))

    def keep(self, folder: Path) -> None:
        """Stop it and keep its databases in a folder."""
        self.postgresql.stop()
        making = folder.with_name(f".{folder.name}")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        subprocess.run(["cp", "--archive", self.postgresql.data, making / "data"], check=True)
        subprocess.run(["cp", "--archive", self._filestore, making / "filestore"], check=True)
        (making / "keys.json").write_text(json.dumps(self._keys))
        making.rename(folder)
        self.postgresql.remove()

    def remove(self) -> None:
        """Stop and remove everything."""
        self.postgresql.stop("immediate")
        self.postgresql.remove()


@contextmanager
def _templates() -> Iterator[Path]:
    """Hold the folder of kept clusters for oneself."""
    folder = installation.home() / "templates"
    folder.mkdir(exist_ok=True)
    with (installation.home() / "templates.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield folder


def _base_template(templates: Path) -> Path:
    """Return the kept cluster with the database ``plain``; make it when there is none."""
    key = installation.digest(installation.identity(), " ".join((*MODULES, *LANGUAGES)).encode(), USERS.encode())
    folder = templates / f"base-{key}"
    if folder.exists():
        folder.touch()
        return folder
    cluster = OdooCluster(None, None)
    try:
        cluster.sql("CREATE ROLE odoo LOGIN CREATEDB")
        cluster.sql(f"CREATE DATABASE {PLAIN} TEMPLATE template0 OWNER odoo")
        cluster.install(PLAIN, MODULES, f"--load-language={','.join(LANGUAGES)}")
        cluster.make_users(PLAIN)
        cluster.keep(folder)
    except BaseException:
        cluster.remove()
        raise
    return folder


def make_databases() -> None:
    """Make the database ``plain`` where there is none yet: it takes longer than a test may."""
    with _templates() as templates:
        _base_template(templates)


def new_cluster(*, with_addon: bool) -> OdooCluster:
    """Return a running cluster with the database ``plain``, and ``addon`` when it is asked for.

    Databases that were made before from the same Odoo and the same addon are copied.

    Args:
        with_addon: Have a database with the addon too.

    Raises:
        OdooError: When the addon cannot be installed.
    """
    with _templates() as templates:
        base = _base_template(templates)
        if not with_addon:
            return OdooCluster(base, ADDONS)
        folder = templates / f"{base.name}-{installation.addon_digest(ADDONS)}"
        if not folder.exists():
            folder = _addon_template(base)
        folder.touch()
        return OdooCluster(folder, ADDONS)


def _addon_template(base: Path) -> Path:
    cluster = OdooCluster(base, ADDONS)
    # Somebody may be editing: what is remembered is what gets installed.
    folder = base.with_name(f"{base.name}-{installation.addon_digest(cluster.addons)}")
    try:
        cluster.new_database(PLAIN, WITH_ADDON)
        cluster.install(WITH_ADDON, [ADDON])
        cluster.make_users(WITH_ADDON)
        shutil.rmtree(folder, ignore_errors=True)
        cluster.keep(folder)
    except BaseException:
        cluster.remove()
        raise
    kept = sorted(base.parent.glob("base-*"), key=lambda path: path.stat().st_mtime)
    for old in kept[:-KEPT_TEMPLATES]:
        shutil.rmtree(old)
    return folder
