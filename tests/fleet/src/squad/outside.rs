//! The squads, for whoever measures.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::{Belief, Order, Reply, Report, Try};
use crate::{FleetError, Network};

/// Members of one process: 20 000 open files are what a plain system allows.
const SQUAD: usize = 2500;

/// All squads. They end with this.
#[derive(Debug)]
pub struct Squads {
    squads: Vec<Squad>,
}

#[derive(Debug)]
struct Squad {
    child: Child,
    orders: ChildStdin,
    replies: BufReader<ChildStdout>,
}

impl Squads {
    /// So many members with outboxes in `folder`, ready to dial.
    ///
    /// # Errors
    /// When a squad cannot be had.
    pub fn muster(
        network: &Network,
        members: usize,
        (url, ca): (&str, Option<&Path>),
        folder: &Path,
    ) -> Result<Self, FleetError> {
        let own = std::env::current_exe().map_err(FleetError::io("this program"))?;
        let mut squads = Vec::new();
        for first in (0..members).step_by(SQUAD) {
            let mut command = network.command(&own);
            let count = SQUAD.min(members - first).to_string();
            command.args(["squad", "--first", &first.to_string(), "--count", &count, "--url", url]);
            command.arg("--folder").arg(folder);
            if let Some(ca) = ca {
                command.arg("--ca").arg(ca);
            }
            command.stdin(Stdio::piped()).stdout(Stdio::piped());
            let mut child = command.spawn().map_err(FleetError::io("a squad"))?;
            let pipes = child.stdin.take().zip(child.stdout.take());
            let (orders, replies) = pipes.ok_or_else(|| FleetError::Refused {
                what: "pipes of a squad".to_owned(),
                said: "nothing".to_owned(),
            })?;
            squads.push(Squad { child, orders, replies: BufReader::new(replies) });
        }
        let mut this = Self { squads };
        for squad in &mut this.squads {
            squad.hear()?;
        }
        Ok(this)
    }

    /// Asks all at once, and waits for every answer.
    fn ask(&mut self, order: &Order) -> Result<Vec<Reply>, FleetError> {
        let text = serde_json::to_string(order)?;
        for squad in &mut self.squads {
            writeln!(squad.orders, "{text}").map_err(FleetError::io("an order"))?;
        }
        self.squads.iter_mut().map(Squad::hear).collect()
    }

    /// Has something done.
    ///
    /// # Errors
    /// When a squad cannot.
    pub fn order(&mut self, order: &Order) -> Result<(), FleetError> {
        self.ask(order).map(drop)
    }

    /// How all are together.
    ///
    /// # Errors
    /// When a squad does not answer.
    pub fn report(&mut self) -> Result<Report, FleetError> {
        let mut all = Report::default();
        for reply in self.ask(&Order::Report)? {
            if let Reply::Report(one) = reply {
                all.up += one.up;
                all.waiting += one.waiting;
                all.events += one.events;
                all.cpu_s += one.cpu_s;
                all.resident_bytes += one.resident_bytes;
                all.files += one.files;
            }
        }
        Ok(all)
    }

    /// What each member holds for true.
    ///
    /// # Errors
    /// When a squad does not answer.
    pub fn beliefs(&mut self) -> Result<Vec<Belief>, FleetError> {
        let replies = self.ask(&Order::Beliefs)?;
        let beliefs = |reply| if let Reply::Beliefs(beliefs) = reply { beliefs } else { Vec::new() };
        Ok(replies.into_iter().flat_map(beliefs).collect())
    }

    /// When who tried to connect, and whether it could.
    ///
    /// # Errors
    /// When a squad does not answer.
    pub fn tries(&mut self) -> Result<Vec<Try>, FleetError> {
        let replies = self.ask(&Order::Tries)?;
        let tries = |reply| if let Reply::Tries(tries) = reply { tries } else { Vec::new() };
        Ok(replies.into_iter().flat_map(tries).collect())
    }
}

impl Squad {
    fn hear(&mut self) -> Result<Reply, FleetError> {
        let mut line = String::new();
        self.replies.read_line(&mut line).map_err(FleetError::io("an answer of a squad"))?;
        let refused = |said: String| FleetError::Refused { what: "an order to a squad".to_owned(), said };
        if line.is_empty() {
            return Err(refused("it ended".to_owned()));
        }
        match serde_json::from_str(&line)? {
            Reply::Failed(said) => Err(refused(said)),
            reply => Ok(reply),
        }
    }
}

impl Drop for Squad {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
