//! Measurements of applications: the last hour and a little more.

use crate::{Error, Scope, Store, row, row::millis};
use jiff::Timestamp;
use model::ApplicationId;
use rusqlite::params;

/// One measurement of an application's containers, summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// When.
    pub at: Timestamp,
    /// Processor use in thousandths of one core.
    pub cpu_thousandths: i64,
    /// Memory in bytes.
    pub memory_bytes: i64,
    /// Bytes received since the containers started.
    pub network_received_bytes: i64,
    /// Bytes sent since the containers started.
    pub network_sent_bytes: i64,
}

impl Store {
    /// Keeps measurements, and drops those from before `forget`.
    pub async fn metric_append(&self, measured: Vec<(ApplicationId, Metric)>, forget: Timestamp) -> Result<(), Error> {
        self.logs
            .write(move |t| {
                row::change(t, "DELETE FROM metrics WHERE at < ?1", [millis(forget)])?;
                for (application, m) in &measured {
                    let statement =
                        "INSERT OR REPLACE INTO metrics (application_id, at, cpu_thousandths, memory_bytes, network_received_bytes, network_sent_bytes)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
                    let values = params![application.as_str(), millis(m.at), m.cpu_thousandths, m.memory_bytes, m.network_received_bytes, m.network_sent_bytes];
                    row::change(t, statement, values)?;
                }
                Ok(())
            })
            .await
    }

    /// Measurements of an application of the team since then, oldest first.
    pub async fn metric_list(&self, scope: &Scope, application: ApplicationId, since: Timestamp) -> Result<Vec<Metric>, Error> {
        self.application_fetch(scope, application.clone()).await?;
        let statement = "SELECT * FROM metrics WHERE application_id = ?1 AND at >= ?2 ORDER BY at";
        self.logs
            .read(move |c| {
                row::all(c, "metrics", statement, params![application.as_str(), millis(since)], |r| {
                    Ok(Metric {
                        at: r.time("at")?,
                        cpu_thousandths: r.number("cpu_thousandths")?,
                        memory_bytes: r.number("memory_bytes")?,
                        network_received_bytes: r.number("network_received_bytes")?,
                        network_sent_bytes: r.number("network_sent_bytes")?,
                    })
                })
            })
            .await
    }
}
