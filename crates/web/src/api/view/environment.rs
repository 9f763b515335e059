//! Environments.

use super::Application;
use ops::EnvironmentRow;
use serde::Serialize;
use utoipa::ToSchema;

/// An environment of a project.
#[derive(Serialize, ToSchema)]
pub(crate) struct Environment {
    /// Its number.
    id: i64,
    /// Its uuid.
    uuid: String,
    /// Its name.
    name: String,
    /// What it is for.
    description: String,
    /// The project's uuid.
    project_uuid: String,
    /// The project's number.
    project_id: i64,
    /// How many applications it has.
    applications_count: i64,
    /// When it was made.
    created_at: String,
    /// When it was changed last.
    updated_at: String,
    /// Its applications, where one environment is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    applications: Option<Vec<Application>>,
}

impl Environment {
    /// Of a row, with its applications where they were asked for.
    pub(crate) fn new(row: EnvironmentRow, applications: Option<Vec<Application>>) -> Self {
        Self {
            id: row.number,
            uuid: row.id.into(),
            name: row.name.into(),
            description: row.description,
            project_uuid: row.project.into(),
            project_id: row.project_number,
            applications_count: row.applications,
            created_at: row.created.to_string(),
            updated_at: row.updated.to_string(),
            applications,
        }
    }
}
