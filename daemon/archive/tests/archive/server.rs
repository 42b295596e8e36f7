//! A real nginx with WebDAV on a port of its own.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::lesson::program;

pub(crate) struct Nginx {
    child: Child,
    pub(crate) port: u16,
    folder: tempfile::TempDir,
}

impl Nginx {
    pub(crate) fn start() -> Self {
        Self::start_with("", "")
    }

    /// With a certificate and its key in one file; with `clients`, only those
    /// are served whom this authority has signed.
    pub(crate) fn start_tls(pem: &Path, clients: Option<&Path>) -> Self {
        let pem = pem.display();
        let mut more = format!("ssl_certificate {pem}; ssl_certificate_key {pem};");
        if let Some(ca) = clients {
            more += &format!("ssl_client_certificate {}; ssl_verify_client on;", ca.display());
        }
        Self::start_with("ssl", &more)
    }

    fn start_with(listen: &str, more: &str) -> Self {
        // Between taking a port and listening on it somebody else may take it.
        (0..5).find_map(|_| Self::try_start(listen, more)).expect("nginx did not start on five ports")
    }

    fn try_start(listen: &str, more: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let root = folder.path().display();
        std::fs::create_dir_all(folder.path().join("www/open")).unwrap();
        std::fs::create_dir_all(folder.path().join("www/listed")).unwrap();
        std::fs::create_dir_all(folder.path().join("www/secret")).unwrap();
        std::fs::write(folder.path().join("users"), "teacher:{PLAIN}ge h@im/\n").unwrap();
        let configuration = format!(
            r#"
load_module /usr/lib/nginx/modules/ngx_http_dav_ext_module.so;
daemon off; master_process off; pid {root}/pid; error_log {root}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off; client_max_body_size 2m;
  client_body_temp_path {root}/body; proxy_temp_path {root}/proxy; fastcgi_temp_path {root}/fastcgi;
  uwsgi_temp_path {root}/uwsgi; scgi_temp_path {root}/scgi;
  server {{
    listen 127.0.0.1:{port} {listen}; {more} root {root}/www;
    location /open/ {{ dav_methods PUT DELETE MKCOL; }}
    location /listed/ {{ dav_methods PUT DELETE MKCOL; dav_ext_methods PROPFIND; }}
    location /secret/ {{
      dav_methods PUT DELETE MKCOL; auth_basic "lessons"; auth_basic_user_file {root}/users;
    }}
    location /forbidden/ {{ deny all; }}
    location /full/ {{ return 507; }}
    location /broken/ {{ return 503; }}
    location /odd/ {{ return 418; }}
    location /portal/ {{ default_type text/html; return 200 "<html>sign in</html>"; }}
    location /gate/ {{ return 511; }}
    location /moved/ {{ return 302 http://portal.example/login?token=geheim; }}
    location /read-only/ {{ }}
  }}
}}
"#
        );
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, configuration).unwrap();
        let mut child = program("nginx", "nginx-light")
            .args(["-p", &root.to_string(), "-c"])
            .arg(&file)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        for _ in 0..100 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(Self { child, port, folder });
            }
            if child.try_wait().unwrap().is_some() {
                return None;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = child.kill();
        None
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    /// A file as it lies on the server's disk.
    pub(crate) fn on_disk(&self, path: &str) -> Option<Vec<u8>> {
        std::fs::read(self.folder.path().join("www").join(path)).ok()
    }

    /// Stops it in its tracks: the kernel still takes connections.
    pub(crate) fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    pub(crate) fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).unwrap();
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
