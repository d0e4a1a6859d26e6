"""What scripts/odoo does once Odoo is installed: make the databases that are copied, start a server."""

import argparse
import re
import signal
import sys

from tests import odoo_installation as installation
from tests.odoo_cluster import PLAIN, WITH_ADDON, make_databases, new_cluster
from tests.odoo_installation import ADDON, OdooError, faults
from tests.odoo_server import Odoo
from tests.odoo_translation import write_terms

DEMO = f"""
from odoo.tools import convert_file
convert_file(env, "{ADDON}", "demo/iiot_demo.xml", {{}}, mode="init", noupdate=True)
env.cr.commit()
"""


def _start(port: int | None, *, plain: bool, demo: bool) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    cluster = new_cluster(with_addon=not plain)
    try:
        server = Odoo(cluster, cluster.new_database(PLAIN if plain else WITH_ADDON, "odoo"))
        if demo:
            cluster.run("shell", f"--database={server.database}", "--no-http", "--log-level=warn", script=DEMO)
        server.port = port or server.port
        server.start()
        print(f"Odoo {server.version} at {server.url}, database {server.database}; Ctrl-C ends it, data and all.")
        print("Users, each with its login as password: " + ", ".join(server.keys))
        for login, key in server.keys.items():
            print(f"  API key of {login}: {key}")
        print("Another key: log in, then Preferences > Security > API keys.")
        print(f"Its log: {server.log}", flush=True)
        try:
            server.wait()
        except KeyboardInterrupt:
            server.stop()
    finally:
        cluster.remove()


def _test(tags: str) -> None:
    cluster = new_cluster(with_addon=False)
    try:
        log = cluster.test_addon(tags)
    except OdooError as error:
        sys.exit(str(error))
    finally:
        cluster.remove()
    print("\n".join([*faults(log), *re.findall(r"\d+ failed, .* tests", log)]))


def _translate() -> None:
    cluster = new_cluster(with_addon=True)
    try:
        missing = write_terms(cluster)
    finally:
        cluster.remove()
    print("\n".join(missing) or "Everything is translated.")


def main() -> None:
    """Do what scripts/odoo asks for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["home", "setup", "start", "test", "translate"])
    parser.add_argument("--port", type=int)
    parser.add_argument("--plain", action="store_true", help="without the addon")
    parser.add_argument("--demo", action="store_true", help="with the addon's demo data")
    parser.add_argument("--tags", default=f"/{ADDON}", help="as in Odoo's --test-tags")
    options = parser.parse_args()
    if options.command == "home":
        print(installation.home())
    elif options.command == "setup":
        make_databases()
    elif options.command == "test":
        _test(options.tags)
    elif options.command == "translate":
        _translate()
    else:
        _start(options.port, plain=options.plain, demo=options.demo)


if __name__ == "__main__":
    main()
