//! Environment variables of applications, and shared ones.

use crate::api::body::{Fields, Reader, body};
use model::Secret;
use ops::{SharedVariableForm, SharedVariableView, VariableForm, VariableView};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// A variable of an application.
#[derive(Serialize, ToSchema)]
pub(crate) struct EnvironmentVariable {
    /// Its uuid.
    uuid: Option<String>,
    /// Its name.
    key: String,
    /// Its value; null where it is shown once, or the token may not read secrets.
    value: Option<String>,
    /// The same, for clients that look here.
    real_value: Option<String>,
    /// Given to the build.
    is_buildtime: bool,
    /// Given to the container.
    is_runtime: bool,
    /// Taken as it is: references are not resolved.
    is_literal: bool,
    /// May have several lines.
    is_multiline: bool,
    /// Whether it is one for previews; none is.
    is_preview: bool,
    /// Whether it refers to a shared variable.
    is_shared: bool,
    /// Never shown again once saved.
    is_shown_once: bool,
    /// What it is for.
    comment: String,
    /// Its number.
    id: Option<i64>,
    /// What it belongs to; always an application.
    resourceable_type: &'static str,
    /// The application's number.
    resourceable_id: i64,
    /// The version of Wharf that tells it.
    version: &'static str,
    /// When it was made.
    created_at: Option<String>,
    /// When it was changed last.
    updated_at: Option<String>,
}

impl EnvironmentVariable {
    /// A variable of the application of this number.
    pub(crate) fn new(view: VariableView, application: i64) -> Self {
        let value = view.value.map(|value| value.expose().to_owned());
        Self {
            uuid: view.id.map(Into::into),
            key: view.name.into(),
            real_value: value.clone(),
            is_shared: !view.literal && value.as_ref().is_some_and(|value| value.trim_start().starts_with("{{")),
            value,
            is_buildtime: view.build_time,
            is_runtime: view.run_time,
            is_literal: view.literal,
            is_multiline: view.multiline,
            is_preview: false,
            is_shown_once: view.hidden,
            comment: view.comment,
            id: view.record.map(|record| record.number),
            resourceable_type: "application",
            resourceable_id: application,
            version: env!("CARGO_PKG_VERSION"),
            created_at: view.record.map(|record| record.created.to_string()),
            updated_at: view.record.map(|record| record.updated.to_string()),
        }
    }
}

body! {
    /// A variable to be; flags that are absent stay as they are.
    NewVariable {
        /// Its name.
        key: String,
        /// Its value; absent keeps the one that is there.
        value: Option<String>,
        /// Given to the build.
        is_buildtime: Option<bool>,
        /// Given to the container.
        is_runtime: Option<bool>,
        /// Taken as it is: references are not resolved.
        is_literal: Option<bool>,
        /// May have several lines.
        is_multiline: Option<bool>,
        /// For previews; only false is possible now.
        is_preview: Option<bool>,
        /// Never shown again once saved.
        is_shown_once: Option<bool>,
        /// What it is for.
        comment: Option<String>,
    }
}

impl From<NewVariable> for VariableForm {
    fn from(new: NewVariable) -> Self {
        Self {
            name: new.key,
            value: new.value.map(Secret::new),
            build_time: new.is_buildtime,
            run_time: new.is_runtime,
            literal: new.is_literal,
            multiline: new.is_multiline,
            hidden: new.is_shown_once,
            comment: new.comment,
        }
    }
}

/// Several variables to be.
#[derive(ToSchema)]
pub(crate) struct BulkVariables {
    /// The variables.
    pub(crate) data: Vec<NewVariable>,
}

impl Fields for BulkVariables {
    fn read(fields: &mut Reader) -> Option<Self> {
        Some(Self { data: fields.each("data")? })
    }
}

/// A shared variable.
#[derive(Serialize, ToSchema)]
pub(crate) struct SharedVariable {
    /// Its number.
    id: i64,
    /// Its name.
    key: String,
    /// Its value; null where it is shown once, or the token may not read secrets.
    value: Option<String>,
    /// May have several lines.
    is_multiline: bool,
    /// Never shown again once saved.
    is_shown_once: bool,
    /// What it is for.
    comment: String,
}

impl From<SharedVariableView> for SharedVariable {
    fn from(view: SharedVariableView) -> Self {
        Self {
            id: view.number,
            key: view.name.into(),
            value: view.value.map(|value| value.expose().to_owned()),
            is_multiline: view.multiline,
            is_shown_once: view.hidden,
            comment: view.comment,
        }
    }
}

body! {
    /// A shared variable to be.
    NewSharedVariable {
        /// Its name.
        key: String,
        /// Its value.
        value: Option<String>,
        /// Taken as it is; shared values always are.
        is_literal: Option<bool>,
        /// May have several lines; told by the value.
        is_multiline: Option<bool>,
        /// Never shown again once saved.
        is_shown_once: Option<bool>,
        /// What it is for.
        comment: Option<String>,
    }
}

body! {
    /// Changes to a shared variable; what is absent stays.
    PatchSharedVariable {
        /// Its name; it cannot be changed.
        key: Option<String>,
        /// Its value.
        value: Option<String>,
        /// Taken as it is; shared values always are.
        is_literal: Option<bool>,
        /// May have several lines; told by the value.
        is_multiline: Option<bool>,
        /// Never shown again once saved.
        is_shown_once: Option<bool>,
        /// What it is for.
        comment: Option<String>,
    }
}

impl From<NewSharedVariable> for SharedVariableForm {
    fn from(new: NewSharedVariable) -> Self {
        Self { name: new.key, value: Some(Secret::new(new.value.unwrap_or_default())), hidden: new.is_shown_once.unwrap_or(false), comment: new.comment }
    }
}

/// A variable of an application.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[allow(dead_code)]
pub(crate) struct ByVariable {
    /// The application's uuid.
    uuid: String,
    /// The variable's uuid.
    env_uuid: String,
}

/// A shared variable of the team.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[allow(dead_code)]
pub(crate) struct ByTeamVariable {
    /// The variable's number.
    env_id: i64,
}

/// A shared variable of a project.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[allow(dead_code)]
pub(crate) struct ByProjectVariable {
    /// The project's uuid.
    uuid: String,
    /// The variable's number.
    env_id: i64,
}

/// A shared variable of an environment.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[allow(dead_code)]
pub(crate) struct ByEnvironmentVariable {
    /// The project's uuid.
    uuid: String,
    /// The environment's name or uuid.
    environment_name_or_uuid: String,
    /// The variable's number.
    env_id: i64,
}
