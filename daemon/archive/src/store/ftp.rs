//! An FTP server, in clear text or through TLS.
//!
//! A file is sent under a temporary name, its length is asked for, and only
//! then it gets its own: what stands under a fragment's name is whole. Data
//! connections are passive, to the address of the control connection, so that
//! a server behind NAT may name whatever it likes; over IPv6 they are `EPSV`.
//! Paths are relative to the folder where the login lands.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use async_native_tls::{Certificate, Identity, TlsConnector};
use async_trait::async_trait;
use bytes::Bytes;
use suppaftp::list::ListParser;
use suppaftp::tokio::{AsyncNativeTlsConnector, AsyncNativeTlsFtpStream};
use suppaftp::types::FileType;
use suppaftp::{FtpError, Mode, Status};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::StoreError;
use super::address::{FtpServer, Login, Security};
use super::credentials::Keyring;
use super::ftp_answer::{Trouble, is_absent, named};
use super::options::{StoreOptions, unusable};
use super::transport::{Entry, Found, Place, Transport};

/// What a file is called until it is whole.
const PART: &str = ".part";

/// Connections kept for the next call.
const IDLE: usize = 2;

/// How much is handed over between two looks at the clock, in bytes.
const PIECE: usize = 64 * 1024;

type Session = AsyncNativeTlsFtpStream;

pub(super) struct Ftp {
    server: FtpServer,
    login: Login,
    keyring: Option<Keyring>,
    ca: Vec<Certificate>,
    identity: Option<Identity>,
    idle: Mutex<Vec<Session>>,
}

impl Ftp {
    pub(super) fn new(
        server: FtpServer,
        login: Login,
        keyring: Option<Keyring>,
        options: &StoreOptions,
    ) -> Result<Self, StoreError> {
        let of = |path: &Option<PathBuf>| path.clone().unwrap_or_default();
        let mut ca = Vec::new();
        for der in options.read_ca()? {
            ca.push(Certificate::from_der(&der).map_err(|error| unusable(&of(&options.ca), &error))?);
        }
        let own = options.read_client_certificate()?;
        let identity = own.map(|own| Identity::from_pkcs8(&own.chain, &own.key)).transpose();
        let identity = identity.map_err(|error| unusable(&of(&options.client_certificate), &error))?;
        Ok(Self { server, login, keyring, ca, identity, idle: Mutex::new(Vec::new()) })
    }

    /// A connection that is logged in: one of before that still answers, or a
    /// new one.
    async fn session(&self, at: &Place<'_>) -> Result<Session, Trouble> {
        loop {
            let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(mut session) = kept else { break };
            if matches!(tokio::time::timeout(at.timeouts.connect, session.noop()).await, Ok(Ok(()))) {
                return Ok(session);
            }
        }
        let address = (self.server.host.as_str(), self.server.port);
        let connect = async {
            match self.server.security {
                Security::Implicit => {
                    Session::connect_secure_implicit(address, self.connector(), &self.server.host).await
                }
                Security::Explicit | Security::None => Session::connect(address).await,
            }
        };
        let connected = tokio::time::timeout(at.timeouts.connect, connect).await;
        let mut session = match connected {
            Ok(connected) => connected.map_err(Trouble::Connecting)?,
            Err(_) => return Err(Trouble::NoAnswer),
        };
        if self.server.security == Security::Explicit {
            session = session.into_secure(self.connector(), &self.server.host).await?;
        }
        let is_v6 = session.get_ref().await.peer_addr().is_ok_and(|peer| peer.is_ipv6());
        session.set_mode(if is_v6 { Mode::ExtendedPassive } else { Mode::Passive });
        session.set_passive_nat_workaround(true);
        let (user, password) = self.who()?;
        session.login(user, password).await?;
        session.transfer_type(FileType::Binary).await?;
        if self.server.security == Security::Implicit {
            // Most servers protect the data then without being asked.
            let _ = session.custom_command("PBSZ 0", &[Status::CommandOk]).await;
            let _ = session.custom_command("PROT P", &[Status::CommandOk]).await;
        }
        // Servers that do not know it speak UTF-8 anyway, or never will.
        let _ = session.opts("UTF8", Some("ON")).await;
        Ok(session)
    }

    fn connector(&self) -> AsyncNativeTlsConnector {
        let connector = TlsConnector::new();
        let connector = self.ca.iter().cloned().fold(connector, TlsConnector::add_root_certificate);
        match self.identity.clone() {
            Some(identity) => connector.identity(identity).into(),
            None => connector.into(),
        }
    }

    fn who(&self) -> Result<(String, String), Trouble> {
        let user = self.login.user.as_ref().map(|user| user.0.clone());
        match (&self.keyring, &self.login.password) {
            (Some(keyring), _) => keyring.login(user).map_err(Trouble::Credentials),
            (None, password) => {
                let password = password.as_ref().map(|password| password.0.clone());
                Ok((user.unwrap_or_else(|| "anonymous".to_owned()), password.unwrap_or_default()))
            }
        }
    }

    /// Keeps a connection for the next call. One that failed is not kept.
    fn keep(&self, session: Session) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE {
            idle.push(session);
        }
    }

    async fn upload(&self, at: &Place<'_>, bytes: &Bytes) -> Result<(), Trouble> {
        let mut session = self.session(at).await?;
        let part = format!("{}{PART}", at.location);
        if let Err(error) = send(&mut session, at, &part, bytes).await {
            let Trouble::Ftp(error) = error else { return Err(error) };
            if !is_absent(&error) {
                return Err(error.into());
            }
            make_parents(&mut session, at.location).await?;
            send(&mut session, at, &part, bytes).await?;
        }
        let there = session.size(&part).await?;
        if there != bytes.len() {
            return Err(Trouble::Truncated(format!("{there} of {} bytes arrived", bytes.len())));
        }
        if let Err(error) = session.rename(part.as_str(), at.location).await {
            // Some servers do not rename over what is there.
            if session.size(at.location).await.is_err() {
                return Err(error.into());
            }
            session.rm(at.location).await?;
            session.rename(part.as_str(), at.location).await?;
        }
        self.keep(session);
        Ok(())
    }

    async fn download(&self, at: &Place<'_>) -> Result<Option<Vec<u8>>, Trouble> {
        let mut session = self.session(at).await?;
        let mut stream = match session.retr_as_stream(at.location).await {
            Ok(stream) => stream,
            Err(error) if is_absent(&error) => {
                self.keep(session);
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        let mut bytes = Vec::new();
        let mut piece = vec![0; PIECE];
        loop {
            let read = tokio::time::timeout(at.timeouts.answer, stream.read(&mut piece)).await;
            let length = read.map_err(|_| Trouble::NoAnswer)?.map_err(FtpError::ConnectionError)?;
            if length == 0 {
                break;
            }
            bytes.extend_from_slice(&piece[..length]);
            if bytes.len() as u64 > at.limit_bytes {
                return Err(Trouble::TooLarge(bytes.len() as u64));
            }
        }
        // Its reply tells a whole file from a connection that ended early.
        let reply = tokio::time::timeout(at.timeouts.answer, stream.finish()).await;
        reply.map_err(|_| Trouble::NoAnswer)??;
        self.keep(session);
        Ok(Some(bytes))
    }

    async fn length(&self, at: &Place<'_>) -> Result<Option<Found>, Trouble> {
        let mut session = self.session(at).await?;
        let found = match session.size(at.location).await {
            Ok(bytes) => Some(Found { bytes: bytes as u64, md5: None }),
            Err(error) if is_absent(&error) => None,
            Err(error) => return Err(error.into()),
        };
        self.keep(session);
        Ok(found)
    }

    async fn remove(&self, at: &Place<'_>) -> Result<(), Trouble> {
        let mut session = self.session(at).await?;
        match session.rm(at.location).await {
            Err(error) if !is_absent(&error) => return Err(error.into()),
            _ => self.keep(session),
        }
        Ok(())
    }

    /// Every file below a folder, and every folder after those in it.
    async fn walk(
        &self,
        at: &Place<'_>,
        session: &mut Session,
    ) -> Result<(Vec<Entry>, Vec<String>), StoreError> {
        let (mut files, mut folders) = (Vec::new(), Vec::new());
        let mut open = vec![at.location.to_owned()];
        while let Some(folder) = open.pop() {
            let level = at.bounded(async { named(at, level(session, &folder).await) }).await?;
            for (name, bytes) in level {
                let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                match bytes {
                    Some(bytes) => files.push(Entry { path, bytes }),
                    None => open.push(path),
                }
            }
            folders.push(folder);
        }
        folders.reverse();
        Ok((files, folders))
    }
}

/// Sends a file under a name as it is.
async fn send(session: &mut Session, at: &Place<'_>, path: &str, bytes: &Bytes) -> Result<(), Trouble> {
    let mut stream = session.put_with_stream(path).await?;
    let mut broken = None;
    for piece in bytes.chunks(PIECE) {
        let written = tokio::time::timeout(at.timeouts.answer, stream.write_all(piece)).await;
        if let Err(error) = written.map_err(|_| Trouble::NoAnswer)? {
            broken = Some(error);
            break;
        }
    }
    // A server that closes early says why in its reply.
    let reply = tokio::time::timeout(at.timeouts.answer, stream.finish()).await;
    match (reply.map_err(|_| Trouble::NoAnswer)?, broken) {
        (Err(error @ FtpError::UnexpectedResponse(_)), _) => Err(error.into()),
        (_, Some(error)) => Err(FtpError::ConnectionError(error).into()),
        (reply, None) => Ok(reply?),
    }
}

/// Makes each folder above a file. One that is there already is refused, and
/// what follows tells whether it was for another reason.
async fn make_parents(session: &mut Session, location: &str) -> Result<(), Trouble> {
    for (at, _) in location.match_indices('/') {
        match session.mkdir(&location[..at]).await {
            Ok(()) | Err(FtpError::UnexpectedResponse(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Names in a folder with their lengths; folders have none.
async fn level(session: &mut Session, folder: &str) -> Result<Vec<(String, Option<u64>)>, Trouble> {
    let of = (!folder.is_empty()).then_some(folder);
    let listed = match session.mlsd(of).await {
        Ok(lines) => lines.iter().map(|line| ListParser::parse_mlsd(line)).collect::<Vec<_>>(),
        Err(FtpError::UnexpectedResponse(reply))
            if matches!(reply.status, Status::BadCommand | Status::NotImplemented | Status::BadArguments) =>
        {
            match session.list(of).await {
                Ok(lines) => lines
                    .iter()
                    .filter(|line| !line.starts_with("total "))
                    .map(|line| ListParser::parse_posix(line).or_else(|_| ListParser::parse_dos(line)))
                    .collect(),
                Err(error) if is_absent(&error) => return Ok(Vec::new()),
                Err(error) => return Err(error.into()),
            }
        }
        Err(error) if is_absent(&error) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut names = Vec::new();
    for file in listed {
        let file = file.map_err(|_| Trouble::Listing)?;
        let name = file.name().to_owned();
        // Itself, its parent, and what could lead elsewhere.
        if matches!(name.as_str(), "." | "..") || name.contains('/') || file.is_symlink() {
            continue;
        }
        names.push((name, file.is_file().then_some(file.size() as u64)));
    }
    Ok(names)
}

#[async_trait]
impl Transport for Ftp {
    async fn put(&self, at: &Place<'_>, bytes: Bytes) -> Result<(), StoreError> {
        let limit = at.timeouts.total(bytes.len() as u64);
        match tokio::time::timeout(limit, self.upload(at, &bytes)).await {
            Ok(outcome) => named(at, outcome),
            Err(_) => Err(at.timed_out(limit)),
        }
    }

    async fn get(&self, at: &Place<'_>) -> Result<Option<Vec<u8>>, StoreError> {
        // Each piece is bounded; this bounds the slowest file of all.
        let limit = at.timeouts.total(at.limit_bytes);
        match tokio::time::timeout(limit, self.download(at)).await {
            Ok(outcome) => named(at, outcome),
            Err(_) => Err(at.timed_out(limit)),
        }
    }

    async fn find(&self, at: &Place<'_>) -> Result<Option<Found>, StoreError> {
        at.bounded(async { named(at, self.length(at).await) }).await
    }

    async fn list(&self, at: &Place<'_>) -> Result<Vec<Entry>, StoreError> {
        let mut session = at.bounded(async { named(at, self.session(at).await) }).await?;
        let (mut files, _) = self.walk(at, &mut session).await?;
        self.keep(session);
        files.retain(|file| !file.path.ends_with(PART));
        Ok(files)
    }

    async fn delete(&self, at: &Place<'_>) -> Result<(), StoreError> {
        at.bounded(async { named(at, self.remove(at).await) }).await
    }

    async fn delete_folder(&self, at: &Place<'_>) -> Result<(), StoreError> {
        let mut session = at.bounded(async { named(at, self.session(at).await) }).await?;
        let (files, folders) = self.walk(at, &mut session).await?;
        let gone = |outcome: Result<(), FtpError>| match outcome {
            Err(error) if !is_absent(&error) => named(at, Err(error.into())),
            _ => Ok(()),
        };
        for file in files {
            at.bounded(async { gone(session.rm(&file.path).await) }).await?;
        }
        for folder in folders {
            at.bounded(async { gone(session.rmdir(&folder).await) }).await?;
        }
        self.keep(session);
        Ok(())
    }
}
