//! The lines that tell what was acknowledged.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use crate::model::Mark;

/// A file that takes lines; each is written by one system call, at once.
#[derive(Debug)]
pub(crate) struct Marks(File);

impl Marks {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        OpenOptions::new().append(true).open(path).map(Self)
    }

    pub(crate) fn write(&mut self, mark: &Mark) -> io::Result<()> {
        let mut line = mark.line();
        line.push('\n');
        self.0.write_all(line.as_bytes())
    }
}
