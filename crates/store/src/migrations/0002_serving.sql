-- The containers that an application's routes point at, as the last switch set them: a JSON list of names.

CREATE TABLE serving (
    application_id TEXT PRIMARY KEY REFERENCES applications (id) ON DELETE CASCADE,
    containers     TEXT NOT NULL
) STRICT, WITHOUT ROWID;
