//! Tags.

use crate::api::body::body;
use ops::TagRow;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// A tag.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tag {
    /// Its uuid.
    uuid: String,
    /// Its name.
    name: String,
    /// When it was made.
    created_at: String,
    /// When it was changed last.
    updated_at: String,
}

impl From<TagRow> for Tag {
    fn from(row: TagRow) -> Self {
        Self { uuid: row.id.into(), name: row.name.into(), created_at: row.created.to_string(), updated_at: row.updated.to_string() }
    }
}

body! {
    /// A tag's name.
    TagName {
        /// The name.
        name: String,
    }
}

body! {
    /// Tags to put on something.
    TagNames {
        /// One tag's name.
        tag_name: Option<String>,
        /// Several tags' names.
        tag_names: Option<Vec<String>>,
    }
}

/// A tag of an application.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[allow(dead_code)]
pub(crate) struct ByTag {
    /// The application's uuid.
    uuid: String,
    /// The tag's uuid.
    tag_uuid: String,
}
