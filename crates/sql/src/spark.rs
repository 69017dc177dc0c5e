//! Runs queries on Spark, over Spark Connect.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use spark_connect::row::{Row, Value};
use spark_connect::types::DataType;
use spark_connect::{SparkError, SparkSession};
use spark_connect_core::error::SparkErrorKind;

use crate::engine::{EngineError, QueryEngine, ResultRows};

/// A session on a Spark Connect server.
pub struct SparkEngine {
    session: SparkSession,
    cancelled: &'static AtomicBool,
    ended: Arc<AtomicBool>,
    watch: Option<JoinHandle<()>>,
}

/// A tag that distinguishes the queries of this program from others of the session.
const TAG: &str = "mucalc";

/// How long a server may take for its first answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often to check whether the user canceled the run.
const LOOK: Duration = Duration::from_millis(100);

impl SparkEngine {
    /// Connects to a server, `sc://host:port` with parameters such as `/;use_ssl=true;token=...`. Calls `progress` with the number of
    /// completed tasks, and of all tasks. Interrupts the server when `cancelled` is set.
    ///
    /// # Errors
    /// If the address is not valid, or the server cannot be reached.
    pub fn connect(
        remote: &str,
        cancelled: &'static AtomicBool,
        progress: impl Fn(u64, u64) + Send + Sync + 'static,
    ) -> Result<Self, EngineError> {
        let unreachable = |error: SparkError| EngineError::Unreachable(words(&error));
        let session = SparkSession::builder().remote(remote).get_or_create().map_err(unreachable)?;
        session.add_tag(TAG).map_err(unreachable)?;
        // A cheap request shows whether the server responds. The client retries for many minutes.
        let (answer, answered) = mpsc::channel();
        let asked = session.clone();
        std::thread::spawn(move || answer.send(asked.version().map(|_| ())));
        match answered.recv_timeout(PATIENCE) {
            Ok(answer) => answer.map_err(unreachable)?,
            Err(_) => {
                // The client does not say why it tries again, also if it refuses the server's certificate.
                let trust = match remote.contains("use_ssl=true") {
                    true => {
                        " If it is, this computer may not trust its certificate (SSL_CERT_FILE names a file with others to trust)."
                    }
                    false => "",
                };
                let message = format!(
                    "no answer within {} seconds; is the address right, and the server up?{trust}",
                    PATIENCE.as_secs()
                );
                return Err(EngineError::Unreachable(message));
            }
        }
        session.register_progress_handler(move |told| {
            let count = |of: i64| of.max(0) as u64;
            let done = told.stages.iter().map(|stage| count(stage.num_completed_tasks)).sum();
            progress(done, told.stages.iter().map(|stage| count(stage.num_tasks)).sum());
        });
        let ended = Arc::new(AtomicBool::new(false));
        let watch = {
            let (ended, session) = (Arc::clone(&ended), session.clone());
            std::thread::spawn(move || {
                while !ended.load(Ordering::Relaxed) {
                    if cancelled.load(Ordering::Relaxed) {
                        let _ = session.interrupt_all();
                    }
                    std::thread::sleep(LOOK);
                }
            })
        };
        Ok(Self { session, cancelled, ended, watch: Some(watch) })
    }

    /// Converts an error: the user canceled the run, or the server reports it.
    fn convert_error(&self, error: &SparkError) -> EngineError {
        if self.cancelled.load(Ordering::Relaxed) {
            return EngineError::Interrupted;
        }
        match error.kind {
            // About the query and the tables, of which no row was read.
            SparkErrorKind::Analysis | SparkErrorKind::Parse => EngineError::Refused(words(error)),
            // Spark includes values of cells in its messages about rows, so only the name of the error is shown.
            _ => {
                let name = error.get_error_class().unwrap_or_else(|| format!("{:?}", error.kind));
                EngineError::Failed(format!(
                    "{name} (its text may hold values of rows; it is in the server's log)"
                ))
            }
        }
    }
}

impl Drop for SparkEngine {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(watch) = self.watch.take() {
            let _ = watch.join();
        }
    }
}

impl QueryEngine for SparkEngine {
    fn columns(&self, table: &str) -> Result<Vec<String>, EngineError> {
        let schema = self.session.sql(&format!("SELECT * FROM {table}")).and_then(|frame| frame.schema());
        match schema.map_err(|error| self.convert_error(&error))? {
            DataType::Struct { fields } => Ok(fields.into_iter().map(|field| field.name).collect()),
            _ => Err(EngineError::Odd),
        }
    }

    fn rows(&self, sql: &str) -> Result<ResultRows<'_>, EngineError> {
        let rows = self.session.sql(sql).and_then(|frame| frame.to_local_iterator(false));
        let rows = rows.map_err(|error| self.convert_error(&error))?;
        Ok(Box::new(rows.map(|row| row.map(|row| texts(&row)).map_err(|error| self.convert_error(&error)))))
    }
}

/// Returns the cells of a row as text.
fn texts(row: &Row) -> Vec<String> {
    let text = |value: &Value| match (value.as_str(), value.as_i64()) {
        (Some(text), _) => text.to_owned(),
        (_, Some(number)) => number.to_string(),
        _ => String::new(),
    };
    row.values().iter().map(text).collect()
}

/// Returns the message of the server, shortened and on one line.
fn words(error: &SparkError) -> String {
    let message = error.message();
    let first = message.split(" SQLSTATE").next().unwrap_or_default();
    let lines: Vec<&str> = first.lines().map(str::trim).take_while(|line| !line.starts_with("==")).collect();
    lines.join(" ").chars().take(400).collect()
}
