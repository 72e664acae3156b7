//! A command, run once with the flags that make it record.

use std::{
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::error::{Error, Kind};

/// Where the flags go in a command that does not want them at its end.
const PLACE: &str = "{flame}";
/// How much of what a command printed is told where it fails.
const LAST_LINES: usize = 5;

/// One of the commands, a line for the shell.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) line: String,
    /// By variables of the environment and not by flags.
    pub(crate) by_environment: bool,
}

impl Program {
    /// Runs it until it ends, and returns how long that took. What it prints goes to `log`.
    ///
    /// # Errors
    ///
    /// If it cannot be run, fails, or leaves no recording.
    pub(crate) fn run(&self, recording: &Path, log: &Path) -> Result<Duration, Error> {
        let unwritable = |source| Error::from(Kind::Write { path: log.to_owned(), source });
        let out = File::create(log).map_err(unwritable)?;
        let err = out.try_clone().map_err(unwritable)?;
        let mut command = shell(&self.with_flags(recording));
        if self.by_environment {
            command.env("TRACING_FLAME", recording).env("TRACING_FLAME_DURATION", "0");
        }
        let start = Instant::now();
        let status = command.stdin(Stdio::null()).stdout(out).stderr(err).status();
        let took = start.elapsed();
        let status = status
            .map_err(|error| Error::options(format!("cannot run `{}`: {error}", self.line)))?;
        if !status.success() {
            let why = format!("`{}` failed: {status}", self.line);
            return Err(with_last_lines(&why, log));
        }
        if !recording.exists() {
            let why = format!(
                "`{}` left no recording at `{}`: it must take the `--flame` flags, at its end or \
                 where `{PLACE}` stands, or by `--by-env` the environment",
                self.line,
                recording.display()
            );
            return Err(with_last_lines(&why, log));
        }
        Ok(took)
    }

    /// The line with the flags in it.
    fn with_flags(&self, recording: &Path) -> String {
        if self.by_environment {
            return self.line.clone();
        }
        let output = quoted(&recording.display().to_string());
        let flags = format!("--flame --flame-output {output} --flame-duration 0");
        match self.line.contains(PLACE) {
            true => self.line.replace(PLACE, &flags),
            false => format!("{} {flags}", self.line),
        }
    }
}

/// What went wrong, and what was printed last.
fn with_last_lines(why: &str, log: &Path) -> Error {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let last = lines[lines.len().saturating_sub(LAST_LINES)..].join("\n  ");
    let printed = match last.is_empty() {
        true => "it printed nothing".to_owned(),
        false => format!("it printed (`{}`):\n  {last}", log.display()),
    };
    Error::options(format!("{why}; {printed}"))
}

#[cfg(not(windows))]
fn shell(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(line);
    command
}

#[cfg(windows)]
fn shell(line: &str) -> Command {
    use std::os::windows::process::CommandExt;
    let mut command = Command::new("cmd");
    command.arg("/C").raw_arg(line);
    command
}

/// A word that the shell takes as it is.
#[cfg(not(windows))]
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(windows)]
fn quoted(word: &str) -> String {
    format!("\"{word}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(not(windows))]
    fn flags_go_to_the_end_or_where_they_are_wanted() {
        let with = |line: &str, by_environment| {
            let program = Program { line: line.to_owned(), by_environment };
            program.with_flags(Path::new("/it's here/a.json"))
        };
        let flags = r"--flame --flame-output '/it'\''s here/a.json' --flame-duration 0";
        assert_eq!(with("run --fast", false), format!("run --fast {flags}"));
        assert_eq!(with("run {flame} go | cat", false), format!("run {flags} go | cat"));
        assert_eq!(with("run", true), "run");
    }
}
