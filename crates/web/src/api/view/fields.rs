//! Tables of fields: what bodies and answers are documented by that are read and written field by field.

use serde_json::{Map, Value};
use utoipa::{
    PartialSchema,
    openapi::{ArrayBuilder, ObjectBuilder, RefOr, Schema, schema::SchemaType, schema::Type},
};

/// What a field looks like in JSON.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    Texts,
    Flag,
    Number,
    Object,
}

/// A field: its name, what it looks like, what it is.
pub(super) type Field<'a> = (&'static str, Kind, &'a str);

/// A field of Coolify's that says the same of everything here: its name, what it looks like, its value as JSON, why.
pub(super) type Constant = (&'static str, Kind, &'static str, &'static str);

impl Kind {
    fn schema(self, description: &str, nullable: bool) -> RefOr<Schema> {
        let of = |kind: Type| if nullable { SchemaType::from_iter([kind, Type::Null]) } else { SchemaType::Type(kind) };
        let kind = match self {
            Self::Text => Type::String,
            Self::Flag => Type::Boolean,
            Self::Number => Type::Integer,
            Self::Object => Type::Object,
            Self::Texts => {
                let texts = ArrayBuilder::new().schema_type(of(Type::Array)).items(String::schema());
                return texts.description(Some(description)).into();
            }
        };
        ObjectBuilder::new().schema_type(of(kind)).description(Some(description)).into()
    }
}

/// The schema of a body with these fields.
pub(super) fn taken(description: &str, tables: &[&[Field<'_>]], required: &[&str]) -> RefOr<Schema> {
    let mut object = ObjectBuilder::new().description(Some(description));
    for (name, kind, description) in tables.iter().copied().flatten() {
        object = object.property(*name, kind.schema(description, false));
    }
    for name in required {
        object = object.required(*name);
    }
    object.into()
}

/// The schema of an answer with these fields, any of which may be null, and these constants.
pub(super) fn given(description: &str, tables: &[&[Field<'_>]], constants: &[Constant]) -> RefOr<Schema> {
    let mut object = ObjectBuilder::new().description(Some(description));
    for (name, kind, description) in tables.iter().copied().flatten() {
        object = object.property(*name, kind.schema(description, true));
    }
    for (name, kind, value, why) in constants {
        object = object.property(*name, kind.schema(&format!("Always {value}: {why}"), *value == "null"));
    }
    object.into()
}

/// The values of constants.
pub(super) fn values(constants: &[Constant]) -> Map<String, Value> {
    constants.iter().map(|(name, _, value, _)| ((*name).to_owned(), serde_json::from_str(value).unwrap_or_default())).collect()
}

/// Declares what stands for an answer with such fields in the document.
macro_rules! answered {
    ($name:ident: $description:literal, $tables:expr, $constants:expr) => {
        #[doc = $description]
        pub(crate) struct $name;
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                super::fields::given($description, $tables, $constants)
            }
        }
        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }
    };
}

pub(super) use answered;

#[cfg(test)]
mod tests {
    use crate::api::view::{application, deployment, server};

    #[test]
    fn every_constant_is_json() {
        for table in [application::CONSTANTS, application::SETTING_CONSTANTS, deployment::CONSTANTS, server::CONSTANTS, server::SETTING_CONSTANTS] {
            for (name, _, value, _) in table {
                assert!(serde_json::from_str::<serde_json::Value>(value).is_ok(), "{name}: {value}");
            }
        }
    }
}
