-- Lines of deployment logs, append-only; in a file of their own so that a chatty build never delays a write to the store.
CREATE TABLE lines (
    deployment_id TEXT NOT NULL,
    number        INTEGER NOT NULL,
    at            INTEGER NOT NULL,
    step          INTEGER NOT NULL,
    stream        TEXT NOT NULL,
    text          TEXT NOT NULL,
    PRIMARY KEY (deployment_id, number)
) STRICT, WITHOUT ROWID;

-- One measurement of an application's containers, summed.
CREATE TABLE metrics (
    application_id        TEXT NOT NULL,
    at                    INTEGER NOT NULL,
    cpu_thousandths       INTEGER NOT NULL,
    memory_bytes          INTEGER NOT NULL,
    network_received_bytes INTEGER NOT NULL,
    network_sent_bytes    INTEGER NOT NULL,
    PRIMARY KEY (application_id, at)
) STRICT, WITHOUT ROWID;
