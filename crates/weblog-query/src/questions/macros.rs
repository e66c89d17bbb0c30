//! Words that questions have in common. Any SQL may use them.

use duckdb::Connection;

/// Names, and the macros behind them. What they say about columns is folded before anything is read: with
/// `'all'` the column `bot` is not.
const MACROS: &[(&str, &str)] = &[
    // Whose requests count: 'people', 'bots' or 'all'.
    (
        "is_of",
        "(bot, who) as (case who when 'all' then true when 'people' then bot is null else bot is not null end)",
    ),
    // Whether a request is a view of a page: one that was served, of a page, as its name tells where no
    // column does.
    (
        "is_view",
        "(path, asset_class, status) as ((status is null or status between 200 and 299 or status = 304) and \
         coalesce(asset_class = 'page', not regexp_matches(coalesce(path, '/'), \
         '\\.(?:css|js|mjs|map|json|xml|txt|ico|png|jpe?g|gif|svg|webp|avif|woff2?|ttf|otf|eot|mp[34]|webm|pdf|zip|gz)$', \
         'i')))",
    ),
    // A visitor: an address with a user agent, as a number.
    (
        "visitor",
        "(client_addr, remote_addr, user_agent) as (hash(coalesce(client_addr, remote_addr), user_agent))",
    ),
];

/// Makes the macros that a statement names.
pub(crate) fn define(connection: &Connection, sql: &str) -> duckdb::Result<()> {
    let sql = sql.to_ascii_lowercase();
    for (name, body) in MACROS.iter().filter(|(name, _)| sql.contains(&format!("{name}("))) {
        connection.execute_batch(&format!("create or replace macro {name}{body};"))?;
    }
    Ok(())
}
