//! A real nginx on ports of its own.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use crate::process::{self, Process, Signal};
use crate::{eventually, ports};

/// One nginx process with its folder.
#[derive(Debug)]
pub(crate) struct Nginx {
    process: Option<Process>,
    http_port: u16,
    folder: TempDir,
}

const START_LIMIT: Duration = Duration::from_secs(10);

impl Nginx {
    /// Starts a server. `modules` are loaded; `rtmp` stands beside the `http`
    /// block, `locations` in its only server.
    pub(crate) fn start(modules: &[&str], rtmp: &str, locations: impl FnOnce(&str) -> String) -> Self {
        let folder = crate::folder::temporary("nginx");
        let here = folder.path().display().to_string();
        let http_port = ports::tcp();
        let mut text = String::new();
        for module in modules {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "load_module /usr/lib/nginx/modules/{module}.so;");
        }
        let locations = locations(&here);
        let rtmp = rtmp.replace("{folder}", &here);
        let _ = write!(
            text,
            "daemon off;\nmaster_process off;\npid {here}/nginx.pid;\nerror_log stderr notice;\n\
             events {{ worker_connections 128; }}\n{rtmp}\n\
             http {{\n  access_log off;\n  client_body_temp_path {here}/body;\n  proxy_temp_path {here}/proxy;\n  \
             fastcgi_temp_path {here}/fastcgi;\n  uwsgi_temp_path {here}/uwsgi;\n  scgi_temp_path {here}/scgi;\n  \
             server {{\n    listen 127.0.0.1:{http_port};\n    root {here};\n    client_max_body_size 64m;\n    \
             {locations}\n  }}\n}}\n"
        );
        std::fs::write(folder.path().join("nginx.conf"), text).expect("nginx.conf can be written");
        let mut this = Self { process: None, http_port, folder };
        this.launch();
        this
    }

    /// Starts it again on the same ports.
    pub(crate) fn launch(&mut self) {
        assert!(self.process.is_none(), "nginx runs already");
        let mut command = process::command("nginx", "nginx-light");
        command.arg("-c").arg(self.path("nginx.conf")).arg("-p").arg(self.folder.path());
        command.args(["-e", "stderr"]);
        let mut process = Process::start("nginx", command, &self.path("nginx.log"));
        eventually("nginx answers", START_LIMIT, || {
            if let Some(status) = process.ended() {
                panic!(
                    "nginx ended at its start ({status}); it needs libnginx-mod-rtmp and \
                     libnginx-mod-http-dav-ext:\n{}",
                    process.log()
                );
            }
            TcpStream::connect(("127.0.0.1", self.http_port)).ok()
        });
        self.process = Some(process);
    }

    /// Ends it at once.
    pub(crate) fn kill(&mut self) {
        drop(self.process.take());
    }

    pub(crate) fn signal(&self, signal: Signal) {
        self.process.as_ref().expect("nginx runs").signal(signal);
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn http_port(&self) -> u16 {
        self.http_port
    }

    /// The body of a page.
    pub(crate) fn get(&self, path: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.http_port))?;
        stream.set_read_timeout(Some(START_LIMIT))?;
        write!(stream, "GET {path} HTTP/1.0\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
    }
}
