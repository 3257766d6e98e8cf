"""OpenSSH and vsftpd, as Debian has them, each under the user who runs the tests and in a folder of its own."""

import getpass
import os
import shutil
import subprocess

from tests.demo.processes import free_port, wait_for_port


def program(name):
    """The path of a server; /usr/sbin is not in everybody's PATH."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    assert found, f"{name} is missing: ./dev test installs it"
    return found


class Server:
    def __init__(self, folder):
        self.folder = folder
        self.root = folder / "files"
        self.root.mkdir(parents=True)
        self.port = free_port()
        self.log = folder / "log"

    def __enter__(self):
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log)
        try:
            wait_for_port(self.port)
        except TimeoutError:
            self.__exit__()
            raise AssertionError(self.log.read_text()) from None
        return self

    def __exit__(self, *_exception):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class OpenSsh(Server):
    """sshd with internal-sftp, host keys of two kinds, and one key that logs in. Its folder is called "files"."""

    def __init__(self, folder, *, read_only=False):
        super().__init__(folder)
        self.username = getpass.getuser()
        for kind, bits in (("ed25519", "256"), ("rsa", "2048")):
            self.make_host_key(kind, bits)
        keygen(folder / "login", "ed25519", "256")
        self.private_key = (folder / "login").read_text()
        (folder / "authorized").write_text((folder / "login.pub").read_text())
        (folder / "config").write_text(
            f"""
            Port {self.port}
            ListenAddress 127.0.0.1
            HostKey {folder}/host_ed25519
            HostKey {folder}/host_rsa
            AuthorizedKeysFile {folder}/authorized
            PermitRootLogin prohibit-password
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            StrictModes no
            UsePAM no
            PidFile none
            Subsystem sftp internal-sftp
            ForceCommand internal-sftp -d {folder}{" -R" if read_only else ""}
            """
        )

    def make_host_key(self, kind, bits):
        keygen(self.folder / f"host_{kind}", kind, bits)

    def command(self):
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)  # sshd gives up its rights there
        return [program("sshd"), "-D", "-e", "-f", str(self.folder / "config")]

    def host_key(self, kind="ed25519"):
        """ "ssh-ed25519 AAAA…", as a connection pins it."""
        return " ".join((self.folder / f"host_{kind}.pub").read_text().split()[:2])


def keygen(path, kind, bits):
    path.unlink(missing_ok=True)
    subprocess.run(
        ["ssh-keygen", "-q", "-t", kind, "-b", bits, "-N", "", "-C", "test", "-f", str(path)],
        check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip


class Vsftpd(Server):
    """vsftpd with TLS on both lines and its default, that the data line resumes the session of the control line.

    Anybody logs in as "anonymous"; the folder is "in", because vsftpd wants a root that cannot be written.
    """

    username = "anonymous"

    def __init__(self, folder, authority=None, *, read_only=False):
        super().__init__(folder)
        self.root = self.root / "in"
        self.root.mkdir()
        self.root.parent.chmod(0o555)
        tls = ""
        if authority:
            certificate = authority.certificate(folder=folder)
            tls = f"""
ssl_enable=YES
allow_anon_ssl=YES
force_anon_data_ssl=YES
force_anon_logins_ssl=YES
ssl_tlsv1=YES
ssl_ciphers=HIGH
rsa_cert_file={certificate}
rsa_private_key_file={certificate}
"""
        (folder / "config").write_text(
            f"""listen=YES
listen_port={self.port}
listen_address=127.0.0.1
background=NO
run_as_launching_user=YES
seccomp_sandbox=NO
anonymous_enable=YES
no_anon_password=YES
anon_root={self.root.parent}
write_enable={"NO" if read_only else "YES"}
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
anon_world_readable_only=NO
anon_umask=022
secure_chroot_dir={folder}
xferlog_enable=NO
{tls}"""
        )

    def command(self):
        return [program("vsftpd"), str(self.folder / "config")]
