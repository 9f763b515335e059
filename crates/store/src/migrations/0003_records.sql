-- When rows were made and changed last, and a number for mounts: what Coolify's clients ask of everything.
-- What nobody wrote down is taken from what the row belongs to.

ALTER TABLE projects ADD COLUMN updated INTEGER NOT NULL DEFAULT 0;
UPDATE projects SET updated = created;
ALTER TABLE environments ADD COLUMN updated INTEGER NOT NULL DEFAULT 0;
UPDATE environments SET updated = created;
ALTER TABLE servers ADD COLUMN updated INTEGER NOT NULL DEFAULT 0;
UPDATE servers SET updated = created;
ALTER TABLE keys ADD COLUMN updated INTEGER NOT NULL DEFAULT 0;
UPDATE keys SET updated = created;

ALTER TABLE tags ADD COLUMN created INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tags ADD COLUMN updated INTEGER NOT NULL DEFAULT 0;
UPDATE tags SET created = (SELECT created FROM teams WHERE teams.id = team_id);
UPDATE tags SET updated = created;

ALTER TABLE variables ADD COLUMN created INTEGER NOT NULL DEFAULT 0;
ALTER TABLE variables ADD COLUMN updated INTEGER NOT NULL DEFAULT 0;
UPDATE variables SET created = (SELECT created FROM applications WHERE applications.id = application_id);
UPDATE variables SET updated = created;

-- The destination that a server began with is protected: applications that name none run there.
ALTER TABLE destinations ADD COLUMN is_protected INTEGER NOT NULL DEFAULT 0;
ALTER TABLE destinations ADD COLUMN created INTEGER NOT NULL DEFAULT 0;
ALTER TABLE destinations ADD COLUMN updated INTEGER NOT NULL DEFAULT 0;
UPDATE destinations SET is_protected = 1, created = (SELECT created FROM servers WHERE servers.id = server_id);
UPDATE destinations SET updated = created;

CREATE TABLE numbered_mounts (
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
INSERT INTO numbered_mounts (id, team_id, application_id, path, what_sealed, created, updated)
    SELECT mounts.id, mounts.team_id, application_id, path, what_sealed, applications.created, applications.created
    FROM mounts JOIN applications ON applications.id = application_id ORDER BY applications.number, path;
DROP TABLE mounts;
ALTER TABLE numbered_mounts RENAME TO mounts;
