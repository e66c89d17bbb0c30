//! Functions for logs, and what stock SQL needs that this DuckDB lacks: it has no ICU, so its functions on
//! instants with a zone fail. Here the time is UTC and its type the plain `TIMESTAMP`, for which everything
//! works.
//!
//! A function is a macro, or a macro over one in Rust whose name begins with `weblog_`: macros take
//! arguments of any type, and a list of constants becomes one text before the first row. A statement
//! defines those that it names. Null in gives null out.

use duckdb::{Connection, vscalar::VArrowScalar};

mod address;
mod sparkline;
mod text;
mod url;
mod zone;

/// A function for people: how it is called, and what it gives.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// Its arguments, as in `(time, zone)`; none for a word of SQL.
    pub arguments: &'static str,
    /// What it gives.
    pub meaning: &'static str,
}

const fn function(name: &'static str, arguments: &'static str, meaning: &'static str) -> Function {
    Function { name, arguments, meaning }
}

/// The functions that DuckDB does not have, or not in this way.
pub const FUNCTIONS: &[Function] = &[
    function("now", "()", "the time at which the statement began, in UTC"),
    function("today", "()", "its date"),
    function("current_timestamp", "", "the same as now()"),
    function("current_date", "", "the same as today()"),
    function("current_time", "", "the time of day of now()"),
    function("local_time", "(time, zone)", "the time on the clocks of a zone"),
    function(
        "time_bucket",
        "(width, time, zone)",
        "when the bucket of a time began, by the clocks of a zone",
    ),
    function("ip_in", "(address, networks)", "whether an address is in a network, or in one of a list"),
    function("path_prefix", "(path, n)", "the first n segments of a path"),
    function("url_param", "(query, name)", "the first value of a parameter, decoded"),
    function("url_params", "(query)", "all parameters, as a list of name and value"),
    function("url_decode", "(text)", "the text without percent-encoding"),
    function("is_error", "(status)", "whether a status is 400 or more"),
    function("status_class", "(status)", "1xx to 5xx, or other"),
    function("sessionize", "(table, [gap, [visitor]])", "the rows with the visitor and the session of each"),
    function("sparkline", "(list)", "a list of numbers as a line of blocks"),
    function("bytes_text", "(bytes)", "bytes for people: 1.5 MB"),
    function("duration_text", "(microseconds)", "a span for people: 12.5 ms, 3m 20s"),
];

/// Words of SQL, and what each needs. DuckDB finds macros before its own functions of the same name;
/// `current_timestamp` and its like are words for some of those.
const DEFINITIONS: &[(&str, &str)] = &[
    ("now", "now() as (transaction_timestamp()::timestamp)"),
    ("current_timestamp", "get_current_timestamp() as (transaction_timestamp()::timestamp)"),
    ("localtimestamp", "current_localtimestamp() as (transaction_timestamp()::timestamp)"),
    ("current_date", "current_date() as (transaction_timestamp()::timestamp::date)"),
    ("today", "today() as (transaction_timestamp()::timestamp::date)"),
    ("current_time", "get_current_time() as (transaction_timestamp()::timestamp::time)"),
    ("localtime", "current_localtime() as (transaction_timestamp()::timestamp::time)"),
    ("time_bucket", TIME_BUCKET),
    ("ip_in", "ip_in(address, networks) as weblog_ip_in(address, networks::varchar)"),
    ("path_prefix", "path_prefix(path, n) as weblog_path_prefix(path, n::bigint)"),
    ("url_decode", "url_decode(text) as weblog_url_decode(text)"),
    ("is_error", "is_error(status) as (status::bigint >= 400)"),
    ("status_class", STATUS_CLASS),
    ("bytes_text", "bytes_text(bytes) as formatReadableDecimalSize(try_cast(bytes as bigint))"),
    ("human_bytes", "human_bytes(bytes) as formatReadableDecimalSize(try_cast(bytes as bigint))"),
    ("duration_text", DURATION_TEXT),
    ("sessionize", SESSIONIZE),
];

const STATUS_CLASS: &str = "status_class(status) as case when status is null then null \
    when status::bigint between 100 and 599 then (status::bigint // 100)::varchar || 'xx' else 'other' end";

/// DuckDB's own with two arguments, and with an origin or an offset as the third; ours with a zone.
const TIME_BUCKET: &str = "\
    time_bucket(width, t) as system.main.time_bucket(width::interval, t), \
    (width, t, zone) as case typeof(zone) \
        when 'VARCHAR' then weblog_time_bucket(\
            (datepart('year', width::interval) * 12 + datepart('month', width::interval))::bigint, \
            datepart('day', width::interval)::bigint, \
            (datepart('hour', width::interval) * 3600000000 + datepart('minute', width::interval) * 60000000 \
                + datepart('microsecond', width::interval))::bigint, \
            t::timestamp, zone::varchar) \
        when 'INTERVAL' then system.main.time_bucket(width::interval, t, try_cast(zone::varchar as interval)) \
        else system.main.time_bucket(width::interval, t, try_cast(zone::varchar as timestamp)) end";

const DURATION_TEXT: &str = "duration_text(span) as weblog_duration_text(case typeof(span) \
    when 'INTERVAL' then epoch(try_cast(span::varchar as interval)) * 1000000 \
    else try_cast(span::varchar as double) end)";

/// Two forms: the visitor is the address and the agent, or what the caller says. Rows at the same time are
/// of the same session, which the frame of the sum, one of values and not of rows, sees to.
const SESSIONIZE: &str = "\
    sessionize(source, gap := interval '30 minutes') as table (\
        select * exclude (weblog_begins), case when weblog_begins is not null then (sum(weblog_begins::int) over sessions)::bigint end as session \
        from (select *, case when time is not null and visitor is not null then \
                (time - lag(time) over (partition by visitor order by time) <= gap::interval) is not true end \
                as weblog_begins \
            from (select *, nullif(concat_ws(' ', remote_addr, user_agent), '') as visitor from query_table(source))) \
        window sessions as (order by visitor, time)), \
    (source, gap, visitor) as table (\
        select * exclude (weblog_begins), case when weblog_begins is not null then (sum(weblog_begins::int) over sessions)::bigint end as session \
        from (select *, case when time is not null and visitor is not null then \
                (time - lag(time) over (partition by visitor order by time) <= gap::interval) is not true end \
                as weblog_begins \
            from (select *, visitor::varchar as visitor from query_table(source))) \
        window sessions as (order by visitor, time))";

/// Makes the functions that the statement may call. What it does not name costs nothing.
pub(crate) fn define(connection: &Connection, sql: &str) -> duckdb::Result<()> {
    let sql = sql.to_ascii_lowercase();
    let names = |word: &str| sql.contains(word);
    if knows_no_zone(&sql) {
        connection.register_scalar_function::<zone::LocalTime>("local_time")?;
    }
    rust::<zone::TimeBucket>(connection, "weblog_time_bucket", names("time_bucket"))?;
    rust::<address::IpIn>(connection, "weblog_ip_in", names("ip_in"))?;
    rust::<text::PathPrefix>(connection, "weblog_path_prefix", names("path_prefix"))?;
    rust::<text::DurationText>(connection, "weblog_duration_text", names("duration_text"))?;
    rust::<sparkline::Sparkline>(connection, "sparkline", names("sparkline"))?;
    rust::<url::Param>(connection, "url_param", names("url_param"))?;
    rust::<url::Params>(connection, "url_params", names("url_params"))?;
    rust::<url::Decode>(connection, "weblog_url_decode", names("url_decode"))?;
    let mut batch = String::new();
    for (word, definition) in DEFINITIONS {
        if names(word) {
            batch.push_str(&format!("create or replace macro {definition};"));
        }
    }
    if !batch.is_empty() {
        connection.execute_batch(&batch)?;
    }
    Ok(())
}

/// Registers a function in Rust if it is needed.
fn rust<F: VArrowScalar>(connection: &Connection, name: &str, needed: bool) -> duckdb::Result<()> {
    if needed { connection.register_scalar_function::<F>(name) } else { Ok(()) }
}

/// Whether the times in the answer to a statement may be of another zone than UTC.
pub(crate) fn knows_no_zone(sql: &str) -> bool {
    sql.to_ascii_lowercase().contains("local_time")
}
