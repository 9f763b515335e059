//! Accounts: people, their teams, sessions and tokens. Here, and in `work`, scopes are made.

use crate::{
    Actor, Error, Scope, Store,
    event::{NewEvent, insert_event},
    row::{self, Columns, millis},
};
use jiff::{SignedDuration, Timestamp};
use model::{Abilities, DestinationId, Email, EnvironmentId, Host, Name, ProjectId, Role, ServerId, SessionId, Team, TeamId, User, UserId};
use rusqlite::{Connection, Transaction, params};

/// What the first account brings with it. The ids are fresh ones.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The person's id.
    pub user: UserId,
    /// Their name.
    pub name: Name,
    /// The address they sign in with.
    pub email: Email,
    /// Their password as an argon2id hash.
    pub password_hash: String,
    /// Their team's id.
    pub team: TeamId,
    /// The id of the project `My project`.
    pub project: ProjectId,
    /// The id of its environment `production`.
    pub environment: EnvironmentId,
    /// The id of the server `localhost`.
    pub server: ServerId,
    /// The id of its destination.
    pub destination: DestinationId,
    /// The engine's name of the destination's network.
    pub network: String,
    /// The wildcard domain of the server.
    pub wildcard: Host,
}

/// A session to be.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// SHA-256 of its token.
    pub token_hash: Vec<u8>,
    /// Whose.
    pub user: UserId,
    /// Where it was opened from.
    pub address: String,
    /// The browser, as it calls itself.
    pub agent: String,
    /// When it ends at the latest.
    pub expires: Timestamp,
}

/// A session as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Its id.
    pub id: SessionId,
    /// Where it was opened from.
    pub address: String,
    /// The browser, as it calls itself.
    pub agent: String,
    /// When it was opened.
    pub created: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen: Timestamp,
    /// When it ends at the latest.
    pub expires: Timestamp,
}

/// A token to be.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Its name.
    pub name: Name,
    /// SHA-256 of its secret.
    pub secret_hash: Vec<u8>,
    /// What it may do.
    pub abilities: Abilities,
    /// When it ends, if it does.
    pub expires: Option<Timestamp>,
}

/// A token as its team sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// Its number.
    pub number: i64,
    /// Its name.
    pub name: Name,
    /// What it may do.
    pub abilities: Abilities,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last used, to the minute.
    pub last_used: Option<Timestamp>,
    /// When it ends, if it does.
    pub expires: Option<Timestamp>,
}

fn user(r: &Columns<'_>) -> Result<User, Error> {
    Ok(User { id: r.parsed("id")?, number: r.number("number")?, name: r.parsed("name")?, email: r.parsed("email")?, created: r.time("created")? })
}

fn team(r: &Columns<'_>) -> Result<Team, Error> {
    Ok(Team { id: r.parsed("id")?, number: r.number("number")?, name: r.parsed("name")?, description: r.text("description")?, created: r.time("created")? })
}

fn session(r: &Columns<'_>) -> Result<SessionRow, Error> {
    Ok(SessionRow {
        id: r.parsed("id")?,
        address: r.text("address")?,
        agent: r.text("agent")?,
        created: r.time("created")?,
        last_seen: r.time("last_seen")?,
        expires: r.time("expires")?,
    })
}

fn token(r: &Columns<'_>) -> Result<TokenRow, Error> {
    Ok(TokenRow {
        number: r.number("number")?,
        name: r.parsed("name")?,
        abilities: r.json("abilities")?,
        created: r.time("created")?,
        last_used: r.maybe_time("last_used")?,
        expires: r.maybe_time("expires")?,
    })
}

/// How coarse "last seen" and "last used" are, so that reading pages does not mean writing rows.
const SEEN_STEP: SignedDuration = SignedDuration::from_secs(60);

impl Store {
    /// How many people have an account.
    pub async fn account_count(&self) -> Result<i64, Error> {
        self.read(|c| row::one(c, "users", "SELECT count(*) AS n FROM users", [], |r| r.number("n"))).await
    }

    /// Keeps the hash of a setup secret; earlier ones no longer serve.
    pub async fn setup_secret_set(&self, secret_hash: Vec<u8>, expires: Timestamp) -> Result<(), Error> {
        self.write(move |t| {
            row::change(t, "DELETE FROM setup_secrets", [])?;
            row::change(t, "INSERT INTO setup_secrets (secret_hash, expires) VALUES (?1, ?2)", params![secret_hash, millis(expires)])?;
            Ok(())
        })
        .await
    }

    /// Whether this setup secret would open the first account now.
    pub async fn setup_secret_serves(&self, secret_hash: Vec<u8>, now: Timestamp) -> Result<bool, Error> {
        self.read(move |c| {
            let accounts = row::one(c, "users", "SELECT count(*) AS n FROM users", [], |r| r.number("n"))?;
            Ok(accounts == 0 && setup_secret_is_there(c, &secret_hash, now)?)
        })
        .await
    }

    /// Makes the first account with its team, project and server. With a secret it must be the one that was printed; the secret is used up. Without one
    /// (over the operator's own socket) it is enough that no account exists.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a wrong or used secret, [`Error::State`] where an account exists.
    pub async fn account_create_first(&self, new: NewAccount, secret_hash: Option<Vec<u8>>, now: Timestamp) -> Result<(), Error> {
        self.write(move |t| {
            let accounts = row::one(t, "users", "SELECT count(*) AS n FROM users", [], |r| r.number("n"))?;
            if accounts > 0 {
                return Err(Error::State("this Wharf has an owner already: sign in instead".into()));
            }
            if let Some(hash) = secret_hash
                && !setup_secret_is_there(t, &hash, now)?
            {
                return Err(Error::NotFound("setup address"));
            }
            row::change(t, "DELETE FROM setup_secrets", [])?;
            account_insert(t, &new, now)
        })
        .await
    }

    /// Makes another account with a team of its own; the second team of the tests, and of instances that host several.
    pub async fn account_create(&self, new: NewAccount, now: Timestamp) -> Result<(), Error> {
        self.write(move |t| account_insert(t, &new, now)).await
    }

    /// The person who signs in with this address, and their password's hash.
    pub async fn account_by_email(&self, email: Email) -> Result<Option<(User, String)>, Error> {
        self.read(move |c| row::maybe(c, "users", "SELECT * FROM users WHERE email = ?1", [email.as_str()], |r| Ok((user(r)?, r.text("password_hash")?)))).await
    }

    /// Renames the caller, or gives them another address to sign in with.
    ///
    /// # Errors
    /// [`Error::Conflict`] ([`crate::Constraint::Taken`]) where the address has an account.
    pub async fn account_update(&self, scope: &Scope, name: Name, email: Email, now: Timestamp) -> Result<(), Error> {
        let (team, id) = (scope.team().clone(), scope.user().cloned().ok_or(Error::NotFound("account"))?);
        let event = NewEvent::of(scope, "account.updated", format!("The account of {name} was changed"));
        self.write(move |t| {
            let statement = "UPDATE users SET name = ?2, email = ?3 WHERE id = ?1";
            row::change_one(t, "account", statement, params![id.as_str(), name.as_str(), email.as_str()])?;
            insert_event(t, &team, &event, now)
        })
        .await
    }

    /// Replaces a password's hash and ends the person's other sessions.
    pub async fn account_password_set(&self, scope: &Scope, password_hash: String, keep: Option<SessionId>) -> Result<(), Error> {
        let id = scope.user().cloned().ok_or(Error::NotFound("account"))?;
        self.write(move |t| {
            row::change_one(t, "account", "UPDATE users SET password_hash = ?2 WHERE id = ?1", params![id.as_str(), password_hash])?;
            let keep = keep.map(String::from).unwrap_or_default();
            row::change(t, "DELETE FROM sessions WHERE user_id = ?1 AND id <> ?2", params![id.as_str(), keep])?;
            Ok(())
        })
        .await
    }

    /// Counts a failed sign-in for each subject (an account, an address).
    pub async fn sign_in_failed(&self, subjects: Vec<String>, now: Timestamp) -> Result<(), Error> {
        self.write(move |t| {
            for subject in &subjects {
                row::change(t, "INSERT INTO sign_in_failures (subject, at) VALUES (?1, ?2)", params![subject, millis(now)])?;
            }
            Ok(())
        })
        .await
    }

    /// How many failed sign-ins there were for a subject from then until now. Those that a clock which went back left in the future do not count.
    pub async fn sign_in_failures(&self, subject: String, since: Timestamp, now: Timestamp) -> Result<i64, Error> {
        self.read(move |c| {
            row::one(
                c,
                "sign_in_failures",
                "SELECT count(*) AS n FROM sign_in_failures WHERE subject = ?1 AND at BETWEEN ?2 AND ?3",
                params![subject, millis(since), millis(now)],
                |r| r.number("n"),
            )
        })
        .await
    }

    /// Forgets failed sign-ins of a subject, and everybody's from before then.
    pub async fn sign_in_failures_forget(&self, subject: String, before: Timestamp) -> Result<(), Error> {
        self.write(move |t| {
            row::change(t, "DELETE FROM sign_in_failures WHERE subject = ?1 OR at < ?2", params![subject, millis(before)])?;
            Ok(())
        })
        .await
    }

    /// Opens a session in the person's first team.
    pub async fn session_create(&self, new: NewSession, now: Timestamp) -> Result<(), Error> {
        self.write(move |t| {
            row::change(t, "DELETE FROM sessions WHERE expires < ?1", [millis(now)])?;
            row::change_one(
                t,
                "account",
                "INSERT INTO sessions (id, token_hash, user_id, team_id, address, agent, created, last_seen, expires)
                 SELECT ?1, ?2, user_id, team_id, ?4, ?5, ?6, ?6, ?7 FROM members JOIN teams ON teams.id = team_id WHERE user_id = ?3 ORDER BY teams.number LIMIT 1",
                params![new.id.as_str(), new.token_hash, new.user.as_str(), new.address, new.agent, millis(now), millis(new.expires)],
            )
        })
        .await
    }

    /// Who a session's token belongs to. Sessions end at their expiry, and after `idle` without use.
    pub async fn session_authenticate(&self, token_hash: Vec<u8>, now: Timestamp, idle: SignedDuration) -> Result<Option<(Scope, User, SessionId)>, Error> {
        let found = self
            .read(move |c| {
                let statement = "SELECT sessions.id AS session_id, last_seen, role, team_id, users.* FROM sessions
                     JOIN users ON users.id = user_id JOIN members USING (user_id, team_id) WHERE token_hash = ?1 AND expires > ?2 AND last_seen > ?3";
                row::maybe(c, "sessions", statement, params![token_hash, millis(now), millis(now - idle)], |r| {
                    let user = user(r)?;
                    let role: Role = r.parsed("role")?;
                    let actor = Actor::Person { user: user.id.clone(), name: user.name.to_string() };
                    let scope = Scope::new(r.parsed("team_id")?, actor, role, Abilities::of_role(role));
                    Ok((scope, user, r.parsed::<SessionId>("session_id")?, r.time("last_seen")?))
                })
            })
            .await?;
        let Some((scope, user, session, seen)) = found else { return Ok(None) };
        if now.duration_since(seen) > SEEN_STEP {
            let id = session.clone();
            self.note_use(move |t| row::change(t, "UPDATE sessions SET last_seen = ?2 WHERE id = ?1", params![id.as_str(), millis(now)])).await?;
        }
        Ok(Some((scope, user, session)))
    }

    /// Notes when something was used last. A full disk keeps nobody from looking.
    async fn note_use(&self, work: impl FnOnce(&Transaction<'_>) -> Result<usize, Error> + Send + 'static) -> Result<(), Error> {
        match self.write_quietly(work).await {
            Ok(_) | Err(Error::DiskFull) => Ok(()),
            Err(other) => Err(other),
        }
    }

    /// The caller's own sessions, newest first.
    pub async fn session_list(&self, scope: &Scope, now: Timestamp) -> Result<Vec<SessionRow>, Error> {
        let id = scope.user().cloned().ok_or(Error::NotFound("account"))?;
        self.read(move |c| {
            row::all(
                c,
                "sessions",
                "SELECT * FROM sessions WHERE user_id = ?1 AND expires > ?2 ORDER BY last_seen DESC",
                params![id.as_str(), millis(now)],
                session,
            )
        })
        .await
    }

    /// Ends one of the caller's own sessions.
    pub async fn session_revoke(&self, scope: &Scope, session: SessionId) -> Result<(), Error> {
        let id = scope.user().cloned().ok_or(Error::NotFound("session"))?;
        self.write(move |t| row::change_one(t, "session", "DELETE FROM sessions WHERE id = ?1 AND user_id = ?2", params![session.as_str(), id.as_str()])).await
    }

    /// Makes a token of the caller; its number is answered.
    pub async fn token_create(&self, scope: &Scope, new: NewToken, now: Timestamp) -> Result<i64, Error> {
        let (team, user) = (scope.team().clone(), scope.user().cloned().ok_or(Error::NotFound("account"))?);
        self.write(move |t| token_insert(t, &team, &user, &new, now)).await
    }

    /// Makes a token of the instance's first owner; for the operator's own socket.
    ///
    /// # Errors
    /// [`Error::State`] where no account exists.
    pub async fn token_create_for_owner(&self, new: NewToken, now: Timestamp) -> Result<i64, Error> {
        self.write(move |t| {
            let statement = "SELECT team_id, user_id FROM members JOIN users ON users.id = user_id WHERE role = 'owner' ORDER BY users.number LIMIT 1";
            let owner = row::maybe(t, "members", statement, [], |r| Ok((r.parsed::<TeamId>("team_id")?, r.parsed::<UserId>("user_id")?)))?;
            let (team, user) = owner.ok_or_else(|| Error::State("there is no account yet: run wharf setup first".into()))?;
            token_insert(t, &team, &user, &new, now)
        })
        .await
    }

    /// Who a token belongs to and the hash of its secret, which the caller compares in constant time before it trusts the scope.
    pub async fn token_authenticate(&self, number: i64, now: Timestamp) -> Result<Option<(Scope, Vec<u8>)>, Error> {
        let found = self
            .read(move |c| {
                let statement =
                    "SELECT tokens.*, role FROM tokens JOIN members USING (team_id, user_id) WHERE number = ?1 AND (expires IS NULL OR expires > ?2)";
                row::maybe(c, "tokens", statement, params![number, millis(now)], |r| {
                    let role: Role = r.parsed("role")?;
                    let actor = Actor::Token { number, user: r.parsed("user_id")?, name: r.text("name")? };
                    let scope = Scope::new(r.parsed("team_id")?, actor, role, r.json("abilities")?);
                    Ok((scope, r.bytes("secret_hash")?, r.maybe_time("last_used")?))
                })
            })
            .await?;
        let Some((scope, hash, used)) = found else { return Ok(None) };
        if used.is_none_or(|used| now.duration_since(used) > SEEN_STEP) {
            self.note_use(move |t| row::change(t, "UPDATE tokens SET last_used = ?2 WHERE number = ?1", params![number, millis(now)])).await?;
        }
        Ok(Some((scope, hash)))
    }

    /// The team's tokens, newest first.
    pub async fn token_list(&self, scope: &Scope) -> Result<Vec<TokenRow>, Error> {
        let team = scope.team().clone();
        self.read(move |c| row::all(c, "tokens", "SELECT * FROM tokens WHERE team_id = ?1 ORDER BY number DESC", [team.as_str()], token)).await
    }

    /// Removes a token of the team.
    pub async fn token_delete(&self, scope: &Scope, number: i64) -> Result<(), Error> {
        let team = scope.team().clone();
        self.write(move |t| row::change_one(t, "token", "DELETE FROM tokens WHERE number = ?1 AND team_id = ?2", params![number, team.as_str()])).await
    }

    /// The scope's own team.
    pub async fn team_fetch(&self, scope: &Scope) -> Result<Team, Error> {
        let id = scope.team().clone();
        self.read(move |c| row::one(c, "team", "SELECT * FROM teams WHERE id = ?1", [id.as_str()], team)).await
    }

    /// The teams of the person who acts; with a token, its own team only.
    pub async fn team_list(&self, scope: &Scope) -> Result<Vec<Team>, Error> {
        match scope.actor() {
            Actor::Person { user, .. } => {
                let user = user.clone();
                let statement = "SELECT teams.* FROM teams JOIN members ON team_id = id WHERE user_id = ?1 ORDER BY teams.number";
                self.read(move |c| row::all(c, "teams", statement, [user.as_str()], team)).await
            }
            _ => Ok(vec![self.team_fetch(scope).await?]),
        }
    }

    /// Makes a person a member of the scope's team, or gives them another role in it.
    pub async fn member_put(&self, scope: &Scope, user: UserId, role: Role) -> Result<(), Error> {
        let team = scope.team().clone();
        self.write(move |t| {
            let statement = "INSERT INTO members (team_id, user_id, role) SELECT ?1, id, ?3 FROM users WHERE id = ?2
                 ON CONFLICT (team_id, user_id) DO UPDATE SET role = excluded.role";
            row::change_one(t, "account", statement, params![team.as_str(), user.as_str(), role.as_str()])
        })
        .await
    }

    /// The members of the scope's team with their roles.
    pub async fn member_list(&self, scope: &Scope) -> Result<Vec<(User, Role)>, Error> {
        let id = scope.team().clone();
        let statement = "SELECT users.*, role FROM users JOIN members ON user_id = users.id WHERE team_id = ?1 ORDER BY users.number";
        self.read(move |c| row::all(c, "users", statement, [id.as_str()], |r| Ok((user(r)?, r.parsed("role")?)))).await
    }
}

fn setup_secret_is_there(connection: &Connection, hash: &[u8], now: Timestamp) -> Result<bool, Error> {
    let statement = "SELECT expires FROM setup_secrets WHERE secret_hash = ?1 AND expires > ?2";
    Ok(row::maybe(connection, "setup_secrets", statement, params![hash, millis(now)], |r| r.number("expires"))?.is_some())
}

fn account_insert(t: &Connection, new: &NewAccount, now: Timestamp) -> Result<(), Error> {
    let (team, now_ms) = (new.team.as_str(), millis(now));
    let insert = |statement: &str, parameters: &[&dyn rusqlite::ToSql]| row::change(t, statement, parameters).map(|_| ());
    insert(
        "INSERT INTO users (id, name, email, password_hash, created) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![new.user.as_str(), new.name.as_str(), new.email.as_str(), new.password_hash, now_ms],
    )?;
    let team_name = format!("{}'s team", new.name);
    insert("INSERT INTO teams (id, name, created) VALUES (?1, ?2, ?3)", params![team, team_name, now_ms])?;
    insert("INSERT INTO members (team_id, user_id, role) VALUES (?1, ?2, 'owner')", params![team, new.user.as_str()])?;
    insert("INSERT INTO projects (id, team_id, name, created, updated) VALUES (?1, ?2, 'My project', ?3, ?3)", params![new.project.as_str(), team, now_ms])?;
    insert(
        "INSERT INTO environments (id, team_id, project_id, name, is_protected, created, updated) VALUES (?1, ?2, ?3, 'production', 1, ?4, ?4)",
        params![new.environment.as_str(), team, new.project.as_str(), now_ms],
    )?;
    insert(
        "INSERT INTO servers (id, team_id, name, description, address, wildcard, created, updated)
         VALUES (?1, ?2, 'localhost', 'The machine Wharf runs on', '127.0.0.1', ?3, ?4, ?4)",
        params![new.server.as_str(), team, new.wildcard.as_str(), now_ms],
    )?;
    insert(
        "INSERT INTO destinations (id, team_id, server_id, name, network, is_protected, created, updated) VALUES (?1, ?2, ?3, 'wharf', ?4, 1, ?5, ?5)",
        params![new.destination.as_str(), team, new.server.as_str(), new.network, now_ms],
    )?;
    let event =
        NewEvent { kind: "team.created", actor: new.name.to_string(), sentence: format!("{} set up the team", new.name), application: None, deployment: None };
    insert_event(t, &new.team, &event, now)
}

fn token_insert(t: &Connection, team: &TeamId, user: &UserId, new: &NewToken, now: Timestamp) -> Result<i64, Error> {
    row::change(
        t,
        "INSERT INTO tokens (secret_hash, team_id, user_id, name, abilities, created, expires) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            new.secret_hash,
            team.as_str(),
            user.as_str(),
            new.name.as_str(),
            row::to_json("tokens", &new.abilities)?,
            millis(now),
            new.expires.map(millis)
        ],
    )?;
    Ok(t.last_insert_rowid())
}
