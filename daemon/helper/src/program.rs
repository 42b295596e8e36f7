//! Programs of the system: by their full path, with fixed arguments, in an empty
//! environment, for a limited time.

use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::deadline::Deadline;
use crate::protocol::MAX_ANSWER_BYTES;
use crate::refusal::Refusal;

/// What a program left.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: ExitStatus,
    pub(crate) output: Vec<u8>,
}

/// Runs `program`, a path below `root`. One that does not end in time is killed;
/// one that cannot be killed, because its disk hangs, is left behind.
pub(crate) fn run(
    root: &Path,
    program: &'static str,
    arguments: &[&str],
    limit: Duration,
) -> Result<Ran, Refusal> {
    let failed = |cause: String| Refusal::Program { program, cause };
    let mut child = Command::new(root.join(program))
        .args(arguments)
        .env_clear()
        .env("LC_ALL", "C")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let ended = wait(&mut child, Deadline::after(limit)).map_err(|error| failed(error.to_string()));
    match ended {
        Ok(Some(ran)) => Ok(ran),
        Ok(None) => {
            let _ = child.kill();
            let _ = child.try_wait();
            Err(failed(format!("did not end within {limit:?}")))
        }
        Err(refusal) => {
            let _ = child.kill();
            let _ = child.try_wait();
            Err(refusal)
        }
    }
}

fn wait(child: &mut Child, deadline: Deadline) -> std::io::Result<Option<Ran>> {
    let exit = pid_of(child)?;
    let mut output = Vec::new();
    if let Some(mut stdout) = child.stdout.take() {
        let mut piece = [0; 16 << 10];
        loop {
            if !deadline.wait(&stdout)? {
                return Ok(None);
            }
            match stdout.read(&mut piece)? {
                0 => break,
                n => output.extend_from_slice(&piece[..n]),
            }
            if output.len() > MAX_ANSWER_BYTES / 2 {
                return Err(std::io::Error::other("says more than an answer may hold"));
            }
        }
    }
    if !deadline.wait(&exit)? {
        return Ok(None);
    }
    Ok(Some(Ran { status: child.wait()?, output }))
}

fn pid_of(child: &Child) -> std::io::Result<OwnedFd> {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or_else(|| std::io::Error::other("no process"))?;
    Ok(pidfd_open(pid, PidfdFlags::empty())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str, limit: Duration) -> Result<Ran, Refusal> {
        run(Path::new("/"), "bin/sh", &["-c", script], limit)
    }

    #[test]
    fn what_a_program_says_and_how_it_ends_is_told() {
        let ran = sh("echo $# $HOME $LC_ALL; exit 3", Duration::from_secs(20)).unwrap();
        assert_eq!((ran.output.as_slice(), ran.status.code()), (b"0 C\n".as_slice(), Some(3)));
    }

    #[test]
    fn a_program_that_does_not_end_is_killed() {
        for script in ["exec sleep 600", "exec >&-; exec sleep 600"] {
            let error = sh(script, Duration::from_millis(100)).unwrap_err();
            assert!(error.to_string().contains("did not end within 100ms"), "{error}");
        }
    }

    #[test]
    fn a_program_that_says_too_much_or_is_not_there_is_refused() {
        let error = sh("exec cat /dev/zero", Duration::from_secs(20)).unwrap_err();
        assert!(error.to_string().contains("more than an answer may hold"), "{error}");
        let error = run(Path::new("/nowhere"), "bin/sh", &[], Duration::from_secs(1)).unwrap_err();
        assert_eq!(error.code(), "program");
    }
}
