//! Questions to the reviewer, on the terminal or over a pipe: prints lines and reads lines.

use std::io::{self, BufRead, Write};

use crate::error::{self, ErrorCode};
use mucalc_core::domain::absence::AbsenceMarkers;

/// A conversation with the reviewer.
#[derive(Default)]
pub struct Dialog {
    /// Texts that mean "no value" in the decisions file.
    absent: AbsenceMarkers,
    /// Last reason, which an empty line repeats.
    last_reason: Option<String>,
}

/// An answer to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The record qualifies.
    Yes,
    /// The record does not qualify.
    No,
    /// The record stays unresolved.
    Skip,
    /// The review ends.
    Quit,
}

const HELP: &str = "y: yes. n: no. s: skip, and ask again in the next review. q: end the review; all answers so far are saved.";

impl Dialog {
    /// Prints a text and a line break.
    ///
    /// # Errors
    /// If standard output cannot be written.
    pub fn say(&self, text: &str) -> anyhow::Result<()> {
        self.print(&format!("{text}\n"))
    }

    /// Starts a conversation. `absent` contains the texts that mean "no value" in the decisions file.
    pub fn new(absent: AbsenceMarkers) -> Self {
        Self { absent, ..Self::default() }
    }

    /// Returns whether a text is a value in the decisions file.
    pub fn says_something(&self, text: &str) -> bool {
        !text.is_empty() && !self.absent.contains(text)
    }

    /// Asks until a line contains a value. `None` at the end of the input.
    ///
    /// # Errors
    /// If standard input or output fails.
    pub fn line(&self, prompt: &str) -> anyhow::Result<Option<String>> {
        loop {
            match self.ask(prompt)? {
                Some(line) if !self.says_something(&line) => {}
                line => return Ok(line),
            }
        }
    }

    /// Asks a question until the answer is valid. The end of the input ends the review.
    ///
    /// # Errors
    /// If standard input or output fails.
    pub fn answer(&self, question: &str) -> anyhow::Result<Answer> {
        loop {
            let Some(line) = self.ask(&format!("{question} [y]es, [n]o, [s]kip, [q]uit: "))? else {
                return Ok(Answer::Quit);
            };
            match line.to_lowercase().as_str() {
                "y" | "yes" => return Ok(Answer::Yes),
                "n" | "no" => return Ok(Answer::No),
                "s" | "skip" => return Ok(Answer::Skip),
                "q" | "quit" => return Ok(Answer::Quit),
                _ => self.say(HELP)?,
            }
        }
    }

    /// Asks for the reason of a decision. An empty line repeats the previous reason. `None` at the end of the input, or if the reviewer
    /// ends the review.
    ///
    /// # Errors
    /// If standard input or output fails.
    pub fn reason(&mut self) -> anyhow::Result<Option<String>> {
        loop {
            let prompt = match &self.last_reason {
                Some(last) => format!("Reason (Enter for: {last}): "),
                None => "Reason: ".to_owned(),
            };
            let Some(line) = self.ask(&prompt)? else { return Ok(None) };
            if matches!(line.to_lowercase().as_str(), "q" | "quit") {
                return Ok(None);
            }
            let reason = if line.is_empty() { self.last_reason.clone() } else { Some(line) };
            // A single letter is an answer to a different question.
            match reason.filter(|reason| reason.chars().count() > 1 && self.says_something(reason)) {
                Some(reason) => {
                    self.last_reason = Some(reason.clone());
                    return Ok(Some(reason));
                }
                None => self.say("A decision needs a reason; an auditor will ask for it. q ends the review without this decision.")?,
            }
        }
    }

    /// Prints a prompt, and reads a line without control characters, which would harm a terminal or a table. `None` at the end of the
    /// input.
    fn ask(&self, prompt: &str) -> anyhow::Result<Option<String>> {
        self.print(prompt)?;
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_until(b'\n', &mut bytes);
        let failed = |_| error::usage(ErrorCode::StandardInput, "standard input cannot be read");
        if read.map_err(failed)? == 0 {
            self.print("\n")?;
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&bytes);
        Ok(Some(text.chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned()))
    }

    fn print(&self, text: &str) -> anyhow::Result<()> {
        crate::run::output::to_stdout(text.as_bytes())?;
        // A prompt without a line break must appear before the answer.
        let _ = io::stdout().flush();
        Ok(())
    }
}
