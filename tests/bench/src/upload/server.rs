//! A real S3 server over a folder, in a process of its own, that writes down
//! what is put.

use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use hyper_util::rt::{TokioExecutor, TokioIo};
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s::{S3Result, s3_error};

use crate::part::Part;
use crate::{BenchError, line};

pub(crate) const BUCKET: &str = "lessons";
pub(crate) const KEY: &str = "teacher";
pub(crate) const SECRET: &str = "secret";
/// Beside the bucket: a line for each PUT, its bytes and its path.
const PUTS: &str = "puts";
const BUCKETS: &str = "buckets";

struct PutLog(Mutex<File>);

#[async_trait::async_trait]
impl S3Access for PutLog {
    async fn check(&self, request: &mut S3AccessContext<'_>) -> S3Result<()> {
        if request.credentials().is_none() {
            return Err(s3_error!(AccessDenied, "unsigned"));
        }
        if request.method() == "PUT" {
            let length = request.headers().get("content-length");
            let bytes = length.and_then(|length| length.to_str().ok()).unwrap_or("0");
            let line = format!("{bytes} {}\n", request.uri().path());
            let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            log.write_all(line.as_bytes()).map_err(|_| s3_error!(InternalError, "the log is full"))?;
        }
        Ok(())
    }
}

/// In the process: serves the folder until it is ended. Says its port first.
pub(crate) fn serve(folder: &Path, port: u16) -> Result<(), BenchError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime
        .and_then(|runtime| runtime.block_on(accept(folder, port)))
        .map_err(BenchError::io("the S3 server"))
}

async fn accept(folder: &Path, port: u16) -> std::io::Result<()> {
    let log = File::options().append(true).create(true).open(folder.join(PUTS))?;
    let files = s3s_fs::FileSystem::new(folder.join(BUCKETS));
    let mut builder =
        S3ServiceBuilder::new(files.map_err(|e| std::io::Error::other(format!("the buckets: {e:?}")))?);
    builder.set_auth(SimpleAuth::from_single(KEY, SECRET));
    builder.set_access(PutLog(Mutex::new(log)));
    let service = builder.build();
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await?;
    line::table(&format!("{}\n", listener.local_addr()?.port()));
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        let service = service.clone();
        connections.spawn(async move {
            let http = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            // A client that goes away is no fault of the server's.
            let _ = http.serve_connection(TokioIo::new(socket), service).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

/// The process, and what it was brought.
#[derive(Debug)]
pub(crate) struct S3Server {
    _part: Part,
    folder: PathBuf,
    pub(crate) port: u16,
}

/// One PUT.
#[derive(Debug)]
pub(crate) struct Put {
    pub(crate) bytes: u64,
    pub(crate) path: String,
}

impl S3Server {
    /// Serves a folder, at a port or at any.
    pub(crate) fn start(folder: &Path, port: u16) -> Result<Self, BenchError> {
        let bucket = folder.join(BUCKETS).join(BUCKET);
        std::fs::create_dir_all(&bucket).map_err(BenchError::io(bucket.display()))?;
        let own = std::env::current_exe().map_err(BenchError::io("the bench itself"))?;
        let mut command = Command::new(own);
        command.arg("s3").arg(folder).arg(port.to_string());
        let (part, port) = Part::start_and_read_line("s3", &mut command, folder)?;
        let port = port.parse().map_err(|_| part.idle("did not say its port"))?;
        Ok(Self { _part: part, folder: folder.to_owned(), port })
    }

    /// The bucket on the disk.
    pub(crate) fn bucket(&self) -> PathBuf {
        self.folder.join(BUCKETS).join(BUCKET)
    }

    /// Everything that was put, in order.
    pub(crate) fn puts(&self) -> Result<Vec<Put>, BenchError> {
        let path = self.folder.join(PUTS);
        let text = std::fs::read_to_string(&path).map_err(BenchError::io(path.display()))?;
        let put = |line: &str| {
            let (bytes, path) = line.split_once(' ')?;
            Some(Put { bytes: bytes.parse().ok()?, path: path.to_owned() })
        };
        Ok(text.lines().filter_map(put).collect())
    }
}
