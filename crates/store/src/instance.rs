//! What the instance knows of itself.

use crate::{Error, Store, row};
use model::InstanceId;
use rusqlite::params;

impl Store {
    /// The instance's id; `fresh` becomes it on first use.
    pub async fn instance_id(&self, fresh: InstanceId) -> Result<InstanceId, Error> {
        let text = self.instance_value_or("id", fresh.into()).await?;
        text.parse().map_err(|why: model::Invalid| Error::Inconsistent { table: "instance", what: why.to_string() })
    }

    /// The value of an instance-wide setting.
    pub async fn instance_value(&self, key: &'static str) -> Result<Option<String>, Error> {
        self.read(move |c| row::maybe(c, "instance", "SELECT value FROM instance WHERE key = ?1", [key], |r| r.text("value"))).await
    }

    /// Sets an instance-wide setting.
    pub async fn instance_set(&self, key: &'static str, value: String) -> Result<(), Error> {
        self.write(move |t| {
            row::change(t, "INSERT INTO instance (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value", params![key, value])?;
            Ok(())
        })
        .await
    }

    async fn instance_value_or(&self, key: &'static str, fresh: String) -> Result<String, Error> {
        self.write(move |t| {
            row::change(t, "INSERT INTO instance (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO NOTHING", params![key, fresh])?;
            row::one(t, "instance", "SELECT value FROM instance WHERE key = ?1", [key], |r| r.text("value"))
        })
        .await
    }
}
