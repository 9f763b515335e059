//! The container engine, narrowed to our verbs, and the label schema.
