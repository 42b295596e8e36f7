//! The process that loses its power: reads its task from a file and does it.

use std::process::ExitCode;

use lectern_power::child::Task;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: power-child TASK.json");
        return ExitCode::from(3);
    };
    let read = std::fs::read(&path).map_err(std::io::Error::other);
    let task = read.and_then(|text| serde_json::from_slice::<Task>(&text).map_err(std::io::Error::other));
    match task {
        Ok(task) => ExitCode::from(task.run()),
        Err(error) => {
            eprintln!("{}: {error}", path.to_string_lossy());
            ExitCode::from(3)
        }
    }
}
