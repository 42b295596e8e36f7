//! Other programs, asked with a deadline; they are ended with it.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use tokio::time::timeout;

/// What a program said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// The exit code; nothing when it was killed.
    pub(crate) code: Option<i32>,
    /// Its standard output, as far as it fits.
    pub(crate) text: String,
}

/// Why a program said nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RunError {
    /// It is not there, or cannot be started.
    #[error("{program} cannot be started: {cause}")]
    Absent { program: String, cause: String },
    /// It did not end in time.
    #[error("{program} did not answer within {} s", limit.as_secs())]
    Late { program: String, limit: Duration },
}

/// Runs a program and takes at most so many bytes of what it says.
pub(crate) async fn said(
    program: &str,
    arguments: &[&str],
    limit: Duration,
    most: u64,
) -> Result<Said, RunError> {
    let absent =
        |cause: std::io::Error| RunError::Absent { program: program.to_owned(), cause: cause.to_string() };
    let mut command = Command::new(program);
    command.args(arguments).env("LC_ALL", "C").kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(absent)?;
    let ended = timeout(limit, async {
        let mut bytes = Vec::new();
        if let Some(out) = child.stdout.take() {
            out.take(most).read_to_end(&mut bytes).await?;
        }
        // One that has more to say gets a broken pipe.
        let status = child.wait().await?;
        std::io::Result::Ok(Said { code: status.code(), text: String::from_utf8_lossy(&bytes).into_owned() })
    });
    match ended.await {
        Ok(said) => said.map_err(absent),
        Err(_) => Err(RunError::Late { program: program.to_owned(), limit }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn a_program_answers_with_its_code_and_no_more_than_was_asked_for() {
        let said = said("sh", &["-c", "echo 12345; exit 3"], LIMIT, 3).await.unwrap();
        assert_eq!(said, Said { code: Some(3), text: "123".to_owned() });
    }

    #[tokio::test]
    async fn one_that_hangs_or_is_not_there_is_named() {
        let late = said("sleep", &["600"], Duration::from_millis(20), 9).await.unwrap_err();
        assert!(matches!(late, RunError::Late { .. }), "{late}");
        let absent = said("lectern-no-such-program", &[], LIMIT, 9).await.unwrap_err();
        assert!(absent.to_string().contains("lectern-no-such-program"), "{absent}");
    }
}
