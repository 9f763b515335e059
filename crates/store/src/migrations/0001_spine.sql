-- What is stored, and what could be rebuilt: everything here is the truth but `steps.detail`, which only explains.
-- Times are milliseconds since 1970 in UTC. Columns that end in `_sealed` are AEAD records (see seal.rs).

CREATE TABLE instance (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    number        INTEGER PRIMARY KEY AUTOINCREMENT,
    id            TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    email         TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    created       INTEGER NOT NULL
) STRICT;

CREATE TABLE teams (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    created     INTEGER NOT NULL
) STRICT;

CREATE TABLE members (
    team_id TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role    TEXT NOT NULL,
    PRIMARY KEY (team_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE setup_secrets (
    secret_hash BLOB PRIMARY KEY,
    expires     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    id         TEXT PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    team_id    TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    address    TEXT NOT NULL,
    agent      TEXT NOT NULL,
    created    INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL,
    expires    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    secret_hash BLOB NOT NULL,
    team_id     TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    abilities   TEXT NOT NULL,
    created     INTEGER NOT NULL,
    last_used   INTEGER,
    expires     INTEGER
) STRICT;

CREATE TABLE sign_in_failures (
    subject TEXT NOT NULL,
    at      INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_failures_by_subject ON sign_in_failures (subject, at);

CREATE TABLE projects (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    team_id     TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    created     INTEGER NOT NULL,
    UNIQUE (team_id, name)
) STRICT;

CREATE TABLE environments (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    team_id      TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    project_id   TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name         TEXT NOT NULL,
    description  TEXT NOT NULL DEFAULT '',
    is_protected INTEGER NOT NULL DEFAULT 0,
    created      INTEGER NOT NULL,
    UNIQUE (project_id, name)
) STRICT;

CREATE TABLE servers (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    team_id     TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    address     TEXT NOT NULL,
    wildcard    TEXT NOT NULL,
    created     INTEGER NOT NULL,
    UNIQUE (team_id, name)
) STRICT;

CREATE TABLE destinations (
    number    INTEGER PRIMARY KEY AUTOINCREMENT,
    id        TEXT NOT NULL UNIQUE,
    team_id   TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    server_id TEXT NOT NULL REFERENCES servers (id) ON DELETE CASCADE,
    name      TEXT NOT NULL,
    network   TEXT NOT NULL,
    UNIQUE (server_id, network)
) STRICT;

CREATE TABLE keys (
    number         INTEGER PRIMARY KEY AUTOINCREMENT,
    id             TEXT NOT NULL UNIQUE,
    team_id        TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    name           TEXT NOT NULL,
    description    TEXT NOT NULL DEFAULT '',
    private_sealed BLOB NOT NULL,
    public         TEXT NOT NULL,
    fingerprint    TEXT NOT NULL,
    created        INTEGER NOT NULL,
    UNIQUE (team_id, fingerprint)
) STRICT;

CREATE TABLE registries (
    id              TEXT PRIMARY KEY,
    team_id         TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    name            TEXT NOT NULL,
    host            TEXT NOT NULL,
    username        TEXT NOT NULL,
    password_sealed BLOB NOT NULL,
    created         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE applications (
    number           INTEGER PRIMARY KEY AUTOINCREMENT,
    id               TEXT NOT NULL UNIQUE,
    team_id          TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    project_id       TEXT NOT NULL REFERENCES projects (id),
    environment_id   TEXT NOT NULL REFERENCES environments (id),
    destination_id   TEXT NOT NULL REFERENCES destinations (id),
    name             TEXT NOT NULL,
    slug             TEXT NOT NULL,
    description      TEXT NOT NULL DEFAULT '',
    settings         TEXT NOT NULL,
    desired          TEXT NOT NULL,
    live_release_id  TEXT,
    hooks_sealed     BLOB NOT NULL,
    deploy_hook_hash BLOB NOT NULL UNIQUE,
    created          INTEGER NOT NULL,
    updated          INTEGER NOT NULL,
    UNIQUE (environment_id, slug)
) STRICT;
CREATE INDEX applications_by_team ON applications (team_id, created);

-- A host and path belong to one application of the instance, whichever team has it.
CREATE TABLE domains (
    host           TEXT NOT NULL,
    path           TEXT NOT NULL,
    application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    PRIMARY KEY (host, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX domains_by_application ON domains (application_id);

CREATE TABLE variables (
    number         INTEGER PRIMARY KEY AUTOINCREMENT,
    id             TEXT NOT NULL UNIQUE,
    team_id        TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    name           TEXT NOT NULL,
    value_sealed   BLOB NOT NULL,
    build_time     INTEGER NOT NULL,
    run_time       INTEGER NOT NULL,
    literal        INTEGER NOT NULL,
    multiline      INTEGER NOT NULL,
    hidden         INTEGER NOT NULL,
    comment        TEXT NOT NULL DEFAULT '',
    UNIQUE (application_id, name)
) STRICT;

CREATE TABLE shared_variables (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    team_id      TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    level        TEXT NOT NULL,
    owner_id     TEXT NOT NULL,
    name         TEXT NOT NULL,
    value_sealed BLOB NOT NULL,
    hidden       INTEGER NOT NULL,
    multiline    INTEGER NOT NULL,
    comment      TEXT NOT NULL DEFAULT '',
    UNIQUE (level, owner_id, name)
) STRICT;

CREATE TABLE mounts (
    id             TEXT PRIMARY KEY,
    team_id        TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    path           TEXT NOT NULL,
    what_sealed    BLOB NOT NULL,
    UNIQUE (application_id, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE releases (
    id             TEXT PRIMARY KEY,
    team_id        TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    number         INTEGER NOT NULL,
    spec_sealed    BLOB NOT NULL,
    commit_sha     TEXT,
    commit_message TEXT,
    image          TEXT,
    created        INTEGER NOT NULL,
    UNIQUE (application_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE deployments (
    number           INTEGER PRIMARY KEY AUTOINCREMENT,
    id               TEXT NOT NULL UNIQUE,
    team_id          TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    application_id   TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    release_id       TEXT REFERENCES releases (id) ON DELETE CASCADE,
    operation        TEXT NOT NULL,
    force            INTEGER NOT NULL,
    with_volumes     INTEGER NOT NULL DEFAULT 0,
    cause_by         TEXT NOT NULL,
    cause_actor      TEXT NOT NULL,
    status           TEXT NOT NULL,
    reason           TEXT,
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    plan             TEXT,
    created          INTEGER NOT NULL,
    started          INTEGER,
    finished         INTEGER
) STRICT;
-- The law that one deployment of an application runs at a time.
CREATE UNIQUE INDEX deployments_one_running ON deployments (application_id) WHERE status = 'running';
CREATE INDEX deployments_open ON deployments (status, number) WHERE status IN ('queued', 'running');
CREATE INDEX deployments_by_application ON deployments (application_id, number);
CREATE INDEX deployments_by_team ON deployments (team_id, number);

CREATE TABLE steps (
    deployment_id TEXT NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
    number        INTEGER NOT NULL,
    phase         TEXT NOT NULL,
    kind          TEXT NOT NULL,
    title         TEXT NOT NULL,
    state         TEXT NOT NULL,
    detail        TEXT,
    started       INTEGER,
    finished      INTEGER,
    PRIMARY KEY (deployment_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    at             INTEGER NOT NULL,
    team_id        TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    kind           TEXT NOT NULL,
    actor          TEXT NOT NULL,
    sentence       TEXT NOT NULL,
    application_id TEXT,
    deployment_id  TEXT
) STRICT;
CREATE INDEX events_by_team ON events (team_id, id);

-- Webhook deliveries already taken, so that a replay is seen.
CREATE TABLE deliveries (
    application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    delivery       TEXT NOT NULL,
    at             INTEGER NOT NULL,
    PRIMARY KEY (application_id, delivery)
) STRICT, WITHOUT ROWID;

CREATE TABLE tags (
    id      TEXT PRIMARY KEY,
    team_id TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    name    TEXT NOT NULL,
    UNIQUE (team_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE tagged (
    tag_id         TEXT NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    PRIMARY KEY (tag_id, application_id)
) STRICT, WITHOUT ROWID;

-- The generation of each server's route table; grows with every table computed.
CREATE TABLE route_generations (
    server_id  TEXT PRIMARY KEY REFERENCES servers (id) ON DELETE CASCADE,
    generation INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
