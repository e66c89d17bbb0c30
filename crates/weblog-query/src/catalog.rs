//! What there is to name in a statement: for a shell's help and completion.

use crate::{Engine, QueryError};
use arrow_array::cast::AsArray;

impl Engine {
    /// The tables. One of an attached database has its database's name before it.
    ///
    /// # Errors
    /// As [`Engine::prepare`].
    pub fn tables(&self) -> Result<Vec<String>, QueryError> {
        self.texts(
            "select case database when 'memory' then name else database || '.' || name end \
             from (show all tables) order by database <> 'memory', 1",
        )
    }

    /// The columns that stand in `*` of some table.
    ///
    /// # Errors
    /// As [`Engine::prepare`].
    pub fn columns(&self) -> Result<Vec<String>, QueryError> {
        self.texts("select distinct unnest(column_names) from (show all tables) order by 1")
    }

    /// The names of DuckDB's own functions, without those that are signs or that begin with an underscore.
    ///
    /// # Errors
    /// As [`Engine::prepare`].
    pub fn own_functions(&self) -> Result<Vec<String>, QueryError> {
        self.texts(
            "select distinct function_name from duckdb_functions() \
             where regexp_full_match(function_name, '[a-z][a-z0-9_]+') and function_name not like 'weblog%' order by 1",
        )
    }

    /// The first column of an answer.
    fn texts(&self, sql: &str) -> Result<Vec<String>, QueryError> {
        let mut prepared = self.prepare(sql)?;
        let mut texts = Vec::new();
        for batch in prepared.run()? {
            let batch = batch?;
            let column = batch.columns().first().and_then(|column| column.as_string_opt::<i32>());
            texts.extend(column.into_iter().flat_map(|column| column.iter().flatten()).map(str::to_owned));
        }
        Ok(texts)
    }
}
