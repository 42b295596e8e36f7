//! A real S3 server over a folder, on a port of its own.

use std::collections::HashMap;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use hyper_util::rt::{TokioExecutor, TokioIo};
use lectern_archive::store::{Credentials, StoreOptions, Style};
use s3s::auth::{S3Auth, SecretKey};
use s3s::host::MultiDomain;
use s3s::service::S3ServiceBuilder;
use s3s::{S3Error, S3Result, s3_error};

/// What the virtual hosts of the server end in.
pub(crate) const DOMAIN: &str = "s3.test";

#[derive(Clone, Default)]
struct Keys(Arc<Mutex<HashMap<String, String>>>);

#[async_trait::async_trait]
impl S3Auth for Keys {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        let known = self.0.lock().unwrap().get(access_key).cloned();
        let unknown = || -> S3Error { s3_error!(InvalidAccessKeyId, "no such key") };
        known.map(SecretKey::from).ok_or_else(unknown)
    }
}

pub(crate) struct S3Server {
    pub(crate) port: u16,
    keys: Keys,
    folder: tempfile::TempDir,
    _stop: tokio::sync::oneshot::Sender<()>,
}

impl S3Server {
    /// With a bucket `lessons` and the key `teacher`, `secret`.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("buckets");
        std::fs::create_dir_all(root.join("lessons")).unwrap();
        let keys = Keys::default();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let (tell, port) = std::sync::mpsc::sync_channel(1);
        let auth = keys.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(root).unwrap());
                builder.set_auth(auth);
                builder.set_host(MultiDomain::new([DOMAIN]).unwrap());
                let service = builder.build();
                let any = SocketAddr::from(([127, 0, 0, 1], 0));
                let listener = tokio::net::TcpListener::bind(any).await.unwrap();
                tell.send(listener.local_addr().unwrap().port()).unwrap();
                let mut connections = tokio::task::JoinSet::new();
                let serve = async {
                    loop {
                        let (socket, _) = listener.accept().await.unwrap();
                        let service = service.clone();
                        connections.spawn(async move {
                            let http = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                            let _ = http.serve_connection(TokioIo::new(socket), service).await;
                        });
                    }
                };
                tokio::select! { () = serve => {}, _ = stopped => {} }
            });
        });
        let server = Self { port: port.recv().unwrap(), keys, folder, _stop: stop };
        server.admit("teacher", "secret");
        server.hold("teacher", "secret", None);
        server
    }

    /// From now on the server knows only this key.
    pub(crate) fn admit(&self, id: &str, secret: &str) {
        *self.keys.0.lock().unwrap() = HashMap::from([(id.to_owned(), secret.to_owned())]);
    }

    /// From now on the box holds this key.
    pub(crate) fn hold(&self, id: &str, secret: &str, token: Option<&str>) {
        let mut file = tempfile::NamedTempFile::new_in(self.folder.path()).unwrap();
        let token = token.map(|token| format!("session_token = \"{token}\"\n")).unwrap_or_default();
        write!(file, "access_key_id = \"{id}\"\nsecret_access_key = \"{secret}\"\n{token}").unwrap();
        file.persist(self.key_file()).unwrap();
    }

    pub(crate) fn key_file(&self) -> PathBuf {
        self.folder.path().join("keys.toml")
    }

    /// The bucket by its path, as the server is reached at `port`.
    pub(crate) fn options_at(&self, port: u16) -> StoreOptions {
        StoreOptions {
            endpoint: Some(format!("http://127.0.0.1:{port}")),
            style: Style::Path,
            credentials: Some(Credentials::File(self.key_file())),
            ..StoreOptions::new("s3://lessons/village")
        }
    }

    pub(crate) fn options(&self) -> StoreOptions {
        self.options_at(self.port)
    }

    /// A file as it lies on the server's disk.
    pub(crate) fn on_disk(&self, path: &str) -> Option<Vec<u8>> {
        std::fs::read(self.folder.path().join("buckets/lessons").join(path)).ok()
    }
}
