"""The Mosquitto configurations that the project ships, run as they are."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.certificates import Certificates
from tests.mosquitto import Mosquitto

DEPLOY = Path(__file__).parents[4] / "deploy" / "mosquitto"
ADMIN = "flowengine"
ADMIN_PASSWORD = "the engine's own password"
PLUGIN = "/usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so"


def with_dynamic_security(broker: Mosquitto, *, acl_file: bool = False) -> Mosquitto:
    """Let a broker that has not started ask the dynamic-security plugin, on its own port without TLS.

    Args:
        broker: The broker.
        acl_file: Whether it has the project's ACL file too.
    """
    lines = [*broker.config.read_text().splitlines(), f"plugin {PLUGIN}"]
    lines.append(f"plugin_opt_config_file {_accounts(broker)}")
    lines += [f"acl_file {DEPLOY / 'acl'}"] if acl_file else []
    broker.config.write_text("\n".join(line.replace("anonymous true", "anonymous false") for line in lines) + "\n")
    return broker


def as_deployed(
    broker: Mosquitto,
    name: str,
    certificates: Certificates,
    *,
    passwords: Mapping[str, str] | None = None,
    acl_file: bool = False,
) -> Mosquitto:
    """Let a broker that has not started run a configuration of the project, in the directory and on the port of a test.

    Args:
        broker: The broker.
        name: File of the configuration.
        certificates: Issue that of the server.
        passwords: Of each user, for the password file.
        acl_file: Whether to let an ACL file in that is commented out.
    """
    etc, var = broker.directory / "etc", broker.directory / "var"
    (etc / "certs").mkdir(parents=True)
    var.mkdir()
    certificate, key = certificates.issue(broker.host)
    shutil.copy(certificates.authority, etc / "certs" / "ca.crt")
    shutil.copy(certificate, etc / "certs" / "server.crt")
    shutil.copy(key, etc / "certs" / "server.key")
    shutil.copy(DEPLOY / "acl", etc / "acl")
    if passwords is not None:
        (etc / "passwords").write_text("".join(f"{user}:{password}\n" for user, password in passwords.items()))
        (etc / "passwords").chmod(0o600)
        subprocess.run(["mosquitto_passwd", "-U", str(etc / "passwords")], check=True, capture_output=True)
    else:
        shutil.copy(_accounts(broker), var / "dynamic-security.json")
    text = (DEPLOY / name).read_text()
    text = text.replace("/etc/mosquitto", str(etc)).replace("/var/lib/mosquitto", str(var))
    text = text.replace("#acl_file", "acl_file") if acl_file else text
    text = text.replace("listener 8883", f"listener {broker.port} {broker.host}")
    # As root it would become another user, who cannot read the directory.
    broker.config.write_text(f"user {_user()}\nlog_dest stderr\nlog_type all\n{text}")
    return broker


def forget_accounts(broker: Mosquitto) -> None:
    """Leave a broker that does not run only the account of its administrator."""
    (broker.directory / "accounts.json").unlink()
    _accounts(broker)


def _accounts(broker: Mosquitto) -> Path:
    path = broker.directory / "accounts.json"
    if not path.exists():
        command = ["mosquitto_ctrl", "dynsec", "init", str(path), ADMIN, ADMIN_PASSWORD]
        subprocess.run(command, check=True, capture_output=True)
    return path


def _user() -> str:
    return Path.home().owner()
