//! Rows to values: columns parsed into model types, and the helpers every query uses.

use crate::Error;
use jiff::Timestamp;
use rusqlite::{Connection, Params, Row, types::FromSql};
use serde::de::DeserializeOwned;

/// A time as the store keeps it.
pub(crate) fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// Columns of a row of this table, by name.
pub(crate) struct Columns<'row> {
    row: &'row Row<'row>,
    names: &'row [String],
    table: &'static str,
}

impl Columns<'_> {
    /// Where a column is. The library looks each name up in the statement, case folded: most of the time that a long list takes.
    fn get<T: FromSql>(&self, column: &str) -> Result<T, Error> {
        match self.names.iter().position(|name| name == column) {
            Some(at) => Ok(self.row.get(at)?),
            None => Err(self.inconsistent(format!("there is no column {column}"))),
        }
    }
    pub(crate) fn text(&self, column: &str) -> Result<String, Error> {
        self.get(column)
    }
    pub(crate) fn maybe_text(&self, column: &str) -> Result<Option<String>, Error> {
        self.get(column)
    }
    pub(crate) fn number(&self, column: &str) -> Result<i64, Error> {
        self.get(column)
    }
    pub(crate) fn maybe_number(&self, column: &str) -> Result<Option<i64>, Error> {
        self.get(column)
    }
    pub(crate) fn flag(&self, column: &str) -> Result<bool, Error> {
        self.get(column)
    }
    pub(crate) fn bytes(&self, column: &str) -> Result<Vec<u8>, Error> {
        self.get(column)
    }
    pub(crate) fn time(&self, column: &str) -> Result<Timestamp, Error> {
        self.timestamp(self.get(column)?)
    }
    pub(crate) fn maybe_time(&self, column: &str) -> Result<Option<Timestamp>, Error> {
        self.get::<Option<i64>>(column)?.map(|at| self.timestamp(at)).transpose()
    }
    fn timestamp(&self, at: i64) -> Result<Timestamp, Error> {
        Timestamp::from_millisecond(at).map_err(|why| self.inconsistent(why.to_string()))
    }
    /// The columns `number`, `created` and `updated`.
    pub(crate) fn record(&self) -> Result<model::Record, Error> {
        Ok(model::Record { number: self.number("number")?, created: self.time("created")?, updated: self.time("updated")? })
    }
    /// A text column parsed into a model type.
    pub(crate) fn parsed<T: std::str::FromStr<Err = model::Invalid>>(&self, column: &str) -> Result<T, Error> {
        self.text(column)?.parse().map_err(|why: model::Invalid| self.inconsistent(format!("{column}: {why}")))
    }
    pub(crate) fn maybe_parsed<T: std::str::FromStr<Err = model::Invalid>>(&self, column: &str) -> Result<Option<T>, Error> {
        self.maybe_text(column)?.map(|text| text.parse().map_err(|why: model::Invalid| self.inconsistent(format!("{column}: {why}")))).transpose()
    }
    /// A JSON text column.
    pub(crate) fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, Error> {
        self.decode(column, &self.text(column)?)
    }
    /// A word that a unit enum serialises as.
    pub(crate) fn word<T: DeserializeOwned>(&self, column: &str) -> Result<T, Error> {
        serde_json::from_value(serde_json::Value::String(self.text(column)?)).map_err(|why| self.inconsistent(format!("{column}: {why}")))
    }
    pub(crate) fn decode<T: DeserializeOwned>(&self, column: &str, text: &str) -> Result<T, Error> {
        serde_json::from_str(text).map_err(|why| self.inconsistent(format!("{column}: {why}")))
    }
    fn inconsistent(&self, what: String) -> Error {
        Error::Inconsistent { table: self.table, what }
    }
}

/// A value as JSON text.
pub(crate) fn to_json<T: serde::Serialize>(table: &'static str, value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|why| Error::Inconsistent { table, what: why.to_string() })
}

/// Every row of a query.
pub(crate) fn all<T>(
    connection: &Connection,
    table: &'static str,
    statement: &str,
    parameters: impl Params,
    value: impl Fn(&Columns<'_>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut prepared = connection.prepare_cached(statement)?;
    let names: Vec<_> = prepared.column_names().map(str::to_owned).collect();
    let mut rows = prepared.query(parameters)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(value(&Columns { row, names: &names, table })?);
    }
    Ok(found)
}

/// The one row of a query, if there is one.
pub(crate) fn maybe<T>(
    connection: &Connection,
    table: &'static str,
    statement: &str,
    parameters: impl Params,
    value: impl Fn(&Columns<'_>) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    Ok(all(connection, table, statement, parameters, value)?.into_iter().next())
}

/// The one row of a query.
pub(crate) fn one<T>(
    connection: &Connection,
    noun: &'static str,
    statement: &str,
    parameters: impl Params,
    value: impl Fn(&Columns<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    maybe(connection, noun, statement, parameters, value)?.ok_or(Error::NotFound(noun))
}

/// Runs a statement that must change exactly one row; none means that there is no such row in scope.
pub(crate) fn change_one(connection: &Connection, noun: &'static str, statement: &str, parameters: impl Params) -> Result<(), Error> {
    match connection.prepare_cached(statement)?.execute(parameters)? {
        0 => Err(Error::NotFound(noun)),
        _ => Ok(()),
    }
}

/// Runs a statement and says how many rows it changed.
pub(crate) fn change(connection: &Connection, statement: &str, parameters: impl Params) -> Result<usize, Error> {
    Ok(connection.prepare_cached(statement)?.execute(parameters)?)
}
