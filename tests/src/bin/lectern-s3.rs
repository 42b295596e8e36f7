//! An S3 server over a folder, for the scenarios: `lectern-s3 FOLDER PORT`.
//!
//! It is `s3s-fs`, with two things beside it: what was put and kept is written
//! down, a line each, in `FOLDER/puts`; and while `FOLDER/refuse` holds an HTTP
//! status and an S3 error code, every upload is answered by that.

use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use lectern_tests::store::s3::{BUCKET, KEY_ID, SECRET};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, HttpError};
use tokio::net::TcpListener;

/// The server's folder and what it writes down.
struct Shelf {
    service: S3Service,
    folder: PathBuf,
    puts: Mutex<File>,
}

impl Shelf {
    fn open(folder: &Path) -> std::io::Result<Self> {
        let data = folder.join("data");
        std::fs::create_dir_all(data.join(BUCKET))?;
        let files = s3s_fs::FileSystem::new(data).map_err(|e| std::io::Error::other(format!("{e:?}")))?;
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
        let puts = File::options().append(true).create(true).open(folder.join("puts"))?;
        Ok(Self { service: builder.build(), folder: folder.to_owned(), puts: Mutex::new(puts) })
    }

    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Body>, HttpError> {
        if request.method() != Method::PUT {
            return self.service.call(request.map(Body::from)).await;
        }
        if let Ok(refusal) = std::fs::read_to_string(self.folder.join("refuse"))
            && let Some((status, code)) = refusal.split_once(' ')
        {
            let body = Body::from(format!("<Error><Code>{code}</Code></Error>"));
            let mut response = Response::new(body);
            *response.status_mut() =
                StatusCode::from_bytes(status.as_bytes()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return Ok(response);
        }
        let path = request.uri().path().to_owned();
        let answer = self.service.call(request.map(Body::from)).await;
        if answer.as_ref().is_ok_and(|response| response.status().is_success()) {
            let mut puts = self.puts.lock().unwrap_or_else(PoisonError::into_inner);
            let path = path.trim_start_matches('/').trim_start_matches(BUCKET).trim_start_matches('/');
            // A log that cannot be written shows in the test that reads it.
            let _ = writeln!(puts, "{path}");
        }
        answer
    }
}

async fn serve(folder: &Path, port: u16) -> std::io::Result<()> {
    let shelf = Arc::new(Shelf::open(folder)?);
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await?;
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        let shelf = Arc::clone(&shelf);
        connections.spawn(async move {
            let answer = service_fn(move |request| Arc::clone(&shelf).answer(request));
            let http = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            // A client that goes away is no fault of the server's.
            let _ = http.serve_connection(TokioIo::new(socket), answer).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(port)) = (arguments.next(), arguments.next().and_then(|port| port.parse().ok()))
    else {
        return Err(std::io::Error::other("use: lectern-s3 FOLDER PORT"));
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(serve(Path::new(&folder), port))
}
