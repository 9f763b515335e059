-- A store of schema 2: one team, one application with a sealed variable, one deployment that waits.
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
INSERT INTO "applications" VALUES(1,'jjjjjjjjjjjjjjjjjjjjjjjj','cccccccccccccccccccccccc','dddddddddddddddddddddddd','eeeeeeeeeeeeeeeeeeeeeeee','gggggggggggggggggggggggg','web','web','','{"source":{"kind":"image","reference":"busybox","credential":null},"pack":{"kind":"image"},"exposed_port":null,"port_mappings":[],"domains":[],"www":"both","strip_prefix":false,"health":{"probe":{"kind":"tcp"},"port":null,"interval_seconds":1,"timeout_seconds":5,"retries":10,"start_period_seconds":5},"replicas":1,"limits":{"memory_bytes":null,"cpu_thousandths":null},"entrypoint":null,"command":null,"pre_deployment":null,"post_deployment":null,"grace_seconds":30,"drain_seconds":30,"labels":{},"restart":"unless-stopped","exclusive":false,"keep_releases":5,"auto_deploy":true,"watch_paths":[],"pinned_commit":null}','nothing',NULL,X'01C5D92BE3D187BD2F4E031B3F9102CE8F800A60FAD48A344C20E5018253B73D6D64C3AE915DD9B1306CA1C70AFFACB17DE9D45BACE6D25A2EF264E967D90BBD98F077B1D6517D3F2CB95E6E582C90709EC284EEE14400ED411A20EF375FAA876D0510AC77862111',X'03',1800000002000,1800000002000);
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
    network   TEXT NOT NULL,
    UNIQUE (server_id, network)
) STRICT;
INSERT INTO "destinations" VALUES(1,'gggggggggggggggggggggggg','cccccccccccccccccccccccc','ffffffffffffffffffffffff','wharf','wharf');
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
    created      INTEGER NOT NULL,
    UNIQUE (project_id, name)
) STRICT;
INSERT INTO "environments" VALUES(1,'eeeeeeeeeeeeeeeeeeeeeeee','cccccccccccccccccccccccc','dddddddddddddddddddddddd','production','',1,1800000000000);
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
    created        INTEGER NOT NULL,
    UNIQUE (team_id, fingerprint)
) STRICT;
CREATE TABLE members (
    team_id TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role    TEXT NOT NULL,
    PRIMARY KEY (team_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "members" VALUES('cccccccccccccccccccccccc','bbbbbbbbbbbbbbbbbbbbbbbb','owner');
CREATE TABLE mounts (
    id             TEXT PRIMARY KEY,
    team_id        TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    path           TEXT NOT NULL,
    what_sealed    BLOB NOT NULL,
    UNIQUE (application_id, path)
) STRICT, WITHOUT ROWID;
CREATE TABLE projects (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    team_id     TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    created     INTEGER NOT NULL,
    UNIQUE (team_id, name)
) STRICT;
INSERT INTO "projects" VALUES(1,'dddddddddddddddddddddddd','cccccccccccccccccccccccc','My project','',1800000000000);
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
INSERT INTO "releases" VALUES('llllllllllllllllllllllll','cccccccccccccccccccccccc','jjjjjjjjjjjjjjjjjjjjjjjj',1,X'0174D0B2CF2AAC4C430D538094B525CE3BC17A0E4795EA95877A1E42AA24271B7DDBA98AE67DC68570E11EDDFB7B3A8ECFEB70BADAFEBA1C4367AA47DE2E98DF2C3587CD2BF9589B8BE6276B620D65D8FB5D85158978E2F22D6B5C2549753D03C8BD40D597B1672EB6E46370DB46BEE9D11F024DCCC586DD37095F617CF2759486DD5664860940C0F41841FCE4525BCE0A2FA0AABC9557C31D2010DC902BC5466266CBB80C3C4A3F635A23893C9EDA9AB7FF3488E28CDD97B3581917140CA8C414667345AD135EE21E7A97231E7240AB2906DCE221E94B790AB87E3CE26036F67613712444CF05AC87744AD39CB876D7A64C771E709CBE126CDE6B1DA2EDE3CFF7FCB85064F6A1826AB481B533BC4BCE9015EE578B5149A62B3015FC871298EC5C8F28FE19B31AAAB7984881C3AE14C537A7913465F1391E980C441DE690B08B016A9EDBC1B963E051845C5AAE8B70FE154A99DA28EB0DFDEC35E78C51590E1D716BA5558ECB6D631D6F1D845A4640A1DE6B7E289365366430FD726DD692D222C54A8DF902B0863F42D6E8B98F3A5E410E2F4FB938F70A45F1D21780E0BFD242CF31C0290E569323C4E4FA71117EF9BE1C5A0969DF2564539A7251D91963D548AD935860E2A5071F237455AAA8960ABEE7BCC2F6A1C2B1B52AB3F32576503A45866FFA84BB58BD1F4810297DCAB0F3A61E0716DF908E33A32A912586A61310CF267A295536037337D10CCCACC0E0936B55949DBF204BFA5BB5E237C804C1C2ACD96D68A0EB68AB2673039951735697B219314282B13CCCF0036EB631E948C73CCCBA2774559B1F417339ED9FF6F22605C4F4801FF5B3276DF4DB9C0A75690E19A6E18C354B12947B60EB8C8FC6045061B96132C1148B83EAE2B7F8B36B23CCFE5A2D30EADA83E407EFC2B2ED5F0C4648F9A7F7CA0B400F514EFAE6D5B96E72562D7E6CA2DE66F036C3E12F5D3CCC90A5C27D2D0B298DA66E297BC1',NULL,NULL,NULL,1800000004000);
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
    created     INTEGER NOT NULL,
    UNIQUE (team_id, name)
) STRICT;
INSERT INTO "servers" VALUES(1,'ffffffffffffffffffffffff','cccccccccccccccccccccccc','localhost','The machine Wharf runs on','127.0.0.1','localhost',1800000000000);
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
    name    TEXT NOT NULL,
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
    comment        TEXT NOT NULL DEFAULT '',
    UNIQUE (application_id, name)
) STRICT;
INSERT INTO "variables" VALUES(1,'mmmmmmmmmmmmmmmmmmmmmmmm','cccccccccccccccccccccccc','jjjjjjjjjjjjjjjjjjjjjjjj','TOKEN',X'011114DA4CB6D1C246ED593D8331AFCD71B276DA39690658473795EBCFCF7FB621D0DBEDEBDD08756B466420',0,1,0,0,1,'');
CREATE INDEX sign_in_failures_by_subject ON sign_in_failures (subject, at);
CREATE INDEX applications_by_team ON applications (team_id, created);
CREATE INDEX domains_by_application ON domains (application_id);
CREATE UNIQUE INDEX deployments_one_running ON deployments (application_id) WHERE status = 'running';
CREATE INDEX deployments_open ON deployments (status, number) WHERE status IN ('queued', 'running');
CREATE INDEX deployments_by_application ON deployments (application_id, number);
CREATE INDEX deployments_by_team ON deployments (team_id, number);
CREATE INDEX events_by_team ON events (team_id, id);
DELETE FROM "sqlite_sequence";
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
PRAGMA user_version = 2;
