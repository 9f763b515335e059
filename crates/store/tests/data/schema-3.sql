-- A store of schema 3: one team, one application with a sealed variable, one deployment that waits.
PRAGMA foreign_keys = OFF;
BEGIN TRANSACTION;
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
INSERT INTO "applications" VALUES(1,'jjjjjjjjjjjjjjjjjjjjjjjj','cccccccccccccccccccccccc','dddddddddddddddddddddddd','eeeeeeeeeeeeeeeeeeeeeeee','gggggggggggggggggggggggg','web','web','','{"source":{"kind":"image","reference":"busybox","credential":null},"pack":{"kind":"image"},"exposed_port":null,"port_mappings":[],"domains":[],"www":"both","strip_prefix":false,"health":{"probe":{"kind":"tcp"},"port":null,"interval_seconds":1,"timeout_seconds":5,"retries":10,"start_period_seconds":5},"replicas":1,"limits":{"memory_bytes":null,"cpu_thousandths":null},"entrypoint":null,"command":null,"pre_deployment":null,"post_deployment":null,"grace_seconds":30,"drain_seconds":30,"labels":{},"restart":"unless-stopped","exclusive":false,"keep_releases":5,"auto_deploy":true,"watch_paths":[],"pinned_commit":null}','nothing',NULL,X'0198133584674D597FB0D8E22830C686D849EC6EAC84794301C141331DDF850CB9C0A83BC95A3D81D7EFCF366235191DCA2DA3CB9DFE579BB738195742B46B54432D228A4F4FA8AD5BAF84831C95741234E8B91528C4DFBBAFEAF1B360775637150B1941A451653A',X'03',1800000002000,1800000002000);
CREATE TABLE deliveries (
    application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    delivery       TEXT NOT NULL,
    at             INTEGER NOT NULL,
    PRIMARY KEY (application_id, delivery)
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
INSERT INTO "deployments" VALUES(1,'kkkkkkkkkkkkkkkkkkkkkkkk','cccccccccccccccccccccccc','jjjjjjjjjjjjjjjjjjjjjjjj','llllllllllllllllllllllll','deploy',0,0,'push','Ada','queued',NULL,0,NULL,1800000004000,NULL,NULL);
CREATE TABLE destinations (
    number    INTEGER PRIMARY KEY AUTOINCREMENT,
    id        TEXT NOT NULL UNIQUE,
    team_id   TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    server_id TEXT NOT NULL REFERENCES servers (id) ON DELETE CASCADE,
    name      TEXT NOT NULL,
    network   TEXT NOT NULL, is_protected INTEGER NOT NULL DEFAULT 0, created INTEGER NOT NULL DEFAULT 0, updated INTEGER NOT NULL DEFAULT 0,
    UNIQUE (server_id, network)
) STRICT;
INSERT INTO "destinations" VALUES(1,'gggggggggggggggggggggggg','cccccccccccccccccccccccc','ffffffffffffffffffffffff','wharf','wharf',1,1800000000000,1800000000000);
CREATE TABLE domains (
    host           TEXT NOT NULL,
    path           TEXT NOT NULL,
    application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    PRIMARY KEY (host, path)
) STRICT, WITHOUT ROWID;
CREATE TABLE environments (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    team_id      TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    project_id   TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name         TEXT NOT NULL,
    description  TEXT NOT NULL DEFAULT '',
    is_protected INTEGER NOT NULL DEFAULT 0,
    created      INTEGER NOT NULL, updated INTEGER NOT NULL DEFAULT 0,
    UNIQUE (project_id, name)
) STRICT;
INSERT INTO "environments" VALUES(1,'eeeeeeeeeeeeeeeeeeeeeeee','cccccccccccccccccccccccc','dddddddddddddddddddddddd','production','',1,1800000000000,1800000000000);
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
INSERT INTO "events" VALUES(1,1800000000000,'cccccccccccccccccccccccc','team.created','ada','ada set up the team',NULL,NULL);
INSERT INTO "events" VALUES(2,1800000002000,'cccccccccccccccccccccccc','application.created','ada','web was made','jjjjjjjjjjjjjjjjjjjjjjjj',NULL);
INSERT INTO "events" VALUES(3,1800000003000,'cccccccccccccccccccccccc','variables.changed','ada','Variables were set: TOKEN','jjjjjjjjjjjjjjjjjjjjjjjj',NULL);
INSERT INTO "events" VALUES(4,1800000004000,'cccccccccccccccccccccccc','deployment.queued','ada','Deploy was queued by Ada','jjjjjjjjjjjjjjjjjjjjjjjj','kkkkkkkkkkkkkkkkkkkkkkkk');
CREATE TABLE instance (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE keys (
    number         INTEGER PRIMARY KEY AUTOINCREMENT,
    id             TEXT NOT NULL UNIQUE,
    team_id        TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    name           TEXT NOT NULL,
    description    TEXT NOT NULL DEFAULT '',
    private_sealed BLOB NOT NULL,
    public         TEXT NOT NULL,
    fingerprint    TEXT NOT NULL,
    created        INTEGER NOT NULL, updated INTEGER NOT NULL DEFAULT 0,
    UNIQUE (team_id, fingerprint)
) STRICT;
CREATE TABLE members (
    team_id TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role    TEXT NOT NULL,
    PRIMARY KEY (team_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "members" VALUES('cccccccccccccccccccccccc','bbbbbbbbbbbbbbbbbbbbbbbb','owner');
CREATE TABLE "mounts" (
    number         INTEGER PRIMARY KEY AUTOINCREMENT,
    id             TEXT NOT NULL UNIQUE,
    team_id        TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    path           TEXT NOT NULL,
    what_sealed    BLOB NOT NULL,
    created        INTEGER NOT NULL,
    updated        INTEGER NOT NULL,
    UNIQUE (application_id, path)
) STRICT;
CREATE TABLE projects (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    team_id     TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    created     INTEGER NOT NULL, updated INTEGER NOT NULL DEFAULT 0,
    UNIQUE (team_id, name)
) STRICT;
INSERT INTO "projects" VALUES(1,'dddddddddddddddddddddddd','cccccccccccccccccccccccc','My project','',1800000000000,1800000000000);
CREATE TABLE registries (
    id              TEXT PRIMARY KEY,
    team_id         TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    name            TEXT NOT NULL,
    host            TEXT NOT NULL,
    username        TEXT NOT NULL,
    password_sealed BLOB NOT NULL,
    created         INTEGER NOT NULL
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
INSERT INTO "releases" VALUES('llllllllllllllllllllllll','cccccccccccccccccccccccc','jjjjjjjjjjjjjjjjjjjjjjjj',1,X'0189D9423F56D20D3D1E2087D87097D9D17153015772692AFCAD371A1F5E1ED2F90A3748EE78C2045B156C2CC3D0F5F5A059B317C9691B5174BD4A46C563171BB5081ABE3A00E99910DF535196BA388D09E8FA7DCDA541D2F1AA737FB7DECA0D210EFBD10709EEBE41E50E0FD52D6EBE02F7DB9E4EF5D89820B4356519068219CA0269CEB42AAE3ADA9DB98343A9EE6B37F16612EB43B8D611578D87B1D0EDBAD56E3676940910FFAC12A5C15F24E3DBE5ABDAB8F61F4D23C17413E68EA935D6430D580D80ECA028475349AFCECF14347B96D8DCAF8792EE6D50F0FE7DE2649C4F7845E323FEBF9D19339C911DE9BEE2615B4D12F0580DDEF551614BC34591CA8ABA5E303AECFBA3267531567573C031E610D45E9828A9E8B9E0D50A94EB437480CF999FFA3E3AE9093A8C5AE02FE8267E565D7557C6B8A2278AB725E3D659E34CCA2C57974D8110C1009E0CF16BFA6149996146499FA09440718E426E0C83B4BA04B89177194C9729374FABAAE7108A130E8D676A34A49DB56ABCDDC29C8A7CE75D921F4D82612A048BA4F6892B05787209D41F93DA7B99544869BD82CA039BD31B4F752213C116C31A3EC52527E7573BD7D6200461C3840815DF9441F731D9CF478883A079503311B5C92A9749CC2E890F54E20D7D8B55DDC0CDA4BC39691C44CBE4C7F3B8DFD10B3CABA55CCE5459905CFD78EABA52B0CAE387ECCAFB57CE5E13EA75C8A2592E145553BABEA3C405B23509CE33C6C30428847353D44EF16680E55F45203C81EAEFBA691BF0DB70CB8CD149FEF1B96D6B3D0A256576EACAEDDB81118F40B0F4E2C912229909797BF1D6A82C7EC404EEF5416B310DA50023A0A3A5845EBE1D9490177E5052EBA8DF5132AA35A9D363BA3038FCD48D2224836726A56C50C5C7E2ABAB779849F22008DDC29DCC30DE55904F94BCB1EB0C2072A7E5B53A430681BF4419B6DB594FF833862D5E37008ED3131603DF88',NULL,NULL,NULL,1800000004000);
CREATE TABLE route_generations (
    server_id  TEXT PRIMARY KEY REFERENCES servers (id) ON DELETE CASCADE,
    generation INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE servers (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    team_id     TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    address     TEXT NOT NULL,
    wildcard    TEXT NOT NULL,
    created     INTEGER NOT NULL, updated INTEGER NOT NULL DEFAULT 0,
    UNIQUE (team_id, name)
) STRICT;
INSERT INTO "servers" VALUES(1,'ffffffffffffffffffffffff','cccccccccccccccccccccccc','localhost','The machine Wharf runs on','127.0.0.1','localhost',1800000000000,1800000000000);
CREATE TABLE serving (
    application_id TEXT PRIMARY KEY REFERENCES applications (id) ON DELETE CASCADE,
    containers     TEXT NOT NULL
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
INSERT INTO "sessions" VALUES('hhhhhhhhhhhhhhhhhhhhhhhh',X'01','bbbbbbbbbbbbbbbbbbbbbbbb','cccccccccccccccccccccccc','127.0.0.1','test',1800000000000,1800000000000,1900000000000);
CREATE TABLE setup_secrets (
    secret_hash BLOB PRIMARY KEY,
    expires     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
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
CREATE TABLE sign_in_failures (
    subject TEXT NOT NULL,
    at      INTEGER NOT NULL
) STRICT;
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
CREATE TABLE tagged (
    tag_id         TEXT NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    PRIMARY KEY (tag_id, application_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE tags (
    id      TEXT PRIMARY KEY,
    team_id TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    name    TEXT NOT NULL, created INTEGER NOT NULL DEFAULT 0, updated INTEGER NOT NULL DEFAULT 0,
    UNIQUE (team_id, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE teams (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    created     INTEGER NOT NULL
) STRICT;
INSERT INTO "teams" VALUES(1,'cccccccccccccccccccccccc','ada''s team','',1800000000000);
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
CREATE TABLE users (
    number        INTEGER PRIMARY KEY AUTOINCREMENT,
    id            TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    email         TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    created       INTEGER NOT NULL
) STRICT;
INSERT INTO "users" VALUES(1,'bbbbbbbbbbbbbbbbbbbbbbbb','ada','ada@example.com','x',1800000000000);
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
    comment        TEXT NOT NULL DEFAULT '', created INTEGER NOT NULL DEFAULT 0, updated INTEGER NOT NULL DEFAULT 0,
    UNIQUE (application_id, name)
) STRICT;
INSERT INTO "variables" VALUES(1,'mmmmmmmmmmmmmmmmmmmmmmmm','cccccccccccccccccccccccc','jjjjjjjjjjjjjjjjjjjjjjjj','TOKEN',X'017406FFA7349FE827B17022EC5BEAE293799ECB975D8032C7E12078872A35A03144962996F8D73EAE292584',0,1,0,0,1,'',1800000003000,1800000003000);
CREATE INDEX sign_in_failures_by_subject ON sign_in_failures (subject, at);
CREATE INDEX applications_by_team ON applications (team_id, created);
CREATE INDEX domains_by_application ON domains (application_id);
CREATE UNIQUE INDEX deployments_one_running ON deployments (application_id) WHERE status = 'running';
CREATE INDEX deployments_open ON deployments (status, number) WHERE status IN ('queued', 'running');
CREATE INDEX deployments_by_application ON deployments (application_id, number);
CREATE INDEX deployments_by_team ON deployments (team_id, number);
CREATE INDEX events_by_team ON events (team_id, id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('mounts',0);
INSERT INTO "sqlite_sequence" VALUES('users',1);
INSERT INTO "sqlite_sequence" VALUES('teams',1);
INSERT INTO "sqlite_sequence" VALUES('projects',1);
INSERT INTO "sqlite_sequence" VALUES('environments',1);
INSERT INTO "sqlite_sequence" VALUES('servers',1);
INSERT INTO "sqlite_sequence" VALUES('destinations',1);
INSERT INTO "sqlite_sequence" VALUES('events',4);
INSERT INTO "sqlite_sequence" VALUES('applications',1);
INSERT INTO "sqlite_sequence" VALUES('variables',1);
INSERT INTO "sqlite_sequence" VALUES('deployments',1);
COMMIT;
PRAGMA user_version = 3;
