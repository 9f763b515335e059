//! Projects.

use super::Environment;
use ops::{EnvironmentRow, ProjectRow};
use serde::Serialize;
use utoipa::ToSchema;

/// A project.
#[derive(Serialize, ToSchema)]
pub(crate) struct Project {
    /// Its number.
    id: i64,
    /// Its uuid.
    uuid: String,
    /// Its name.
    name: String,
    /// What it is for.
    description: String,
    /// How many applications it has.
    applications_count: i64,
    /// When it was made.
    created_at: String,
    /// When it was changed last.
    updated_at: String,
    /// Its environments, where one project is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    environments: Option<Vec<Environment>>,
}

impl Project {
    /// Of a row, with its environments where they were asked for.
    pub(crate) fn new(row: ProjectRow, environments: Option<Vec<EnvironmentRow>>) -> Self {
        Self {
            id: row.number,
            uuid: row.id.into(),
            name: row.name.into(),
            description: row.description,
            applications_count: row.applications,
            created_at: row.created.to_string(),
            updated_at: row.updated.to_string(),
            environments: environments.map(|rows| rows.into_iter().map(|row| Environment::new(row, None)).collect()),
        }
    }
}
