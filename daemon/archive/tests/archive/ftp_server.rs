//! A real FTP server, Debian's pyftpdlib, on a port of its own.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use crate::lesson::program;

/// What is served: the folder, how it is secured, with which certificate.
const SCRIPT: &str = r#"
import sys
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
from pyftpdlib.servers import FTPServer
root, security, host = sys.argv[1:4]
authorizer = DummyAuthorizer()
authorizer.add_user("teacher", "ge h@im/", root, perm="elradfmwMT")
authorizer.add_user("guest", "guest", root, perm="elr")
handler = FTPHandler
if security in ("explicit", "implicit"):
    class Secured(TLS_FTPHandler):
        pass
    handler = Secured
    handler.certfile = sys.argv[4]
    handler.tls_control_required = handler.tls_data_required = True
if security == "implicit":
    class Implicit(Secured):
        def handle(self):
            self.secure_connection(self.ssl_context)
        def handle_ssl_established(self):
            TLS_FTPHandler.handle(self)
    handler = Implicit
if security == "no-mlsd":
    handler = type("Old", (FTPHandler,), {"proto_cmds": {k: v for k, v in FTPHandler.proto_cmds.items() if k not in ("MLSD", "MLST", "EPSV")}})
handler.authorizer = authorizer
server = FTPServer((host, 0), handler)
print(server.address[1], flush=True)
server.serve_forever()
"#;

pub(crate) struct FtpServer {
    child: Child,
    pub(crate) port: u16,
    folder: tempfile::TempDir,
}

impl FtpServer {
    /// `security` is `none`, `explicit`, `implicit` or `no-mlsd`, an old server.
    pub(crate) fn start(security: &str, certificate: Option<&Path>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::over(folder, security, "127.0.0.1", certificate)
    }

    pub(crate) fn over(folder: tempfile::TempDir, security: &str, host: &str, pem: Option<&Path>) -> Self {
        let mut command = program("/usr/bin/python3", "python3-pyftpdlib python3-openssl");
        command.args(["-c", SCRIPT]).arg(folder.path()).args([security, host]).args(pem);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse();
        let port =
            port.expect("the FTP server did not start: apt-get install python3-pyftpdlib python3-openssl");
        Self { child, port, folder }
    }

    pub(crate) fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://teacher:ge%20h%40im%2F@localhost:{}/{path}", self.port)
    }

    pub(crate) fn on_disk(&self, path: &str) -> Option<Vec<u8>> {
        std::fs::read(self.folder.path().join(path)).ok()
    }
}

impl Drop for FtpServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
