//! What brings a column that is not there.

use weblog_parse::{Field, schema::Kind};

/// Databases of places add these.
const OF_PLACES: &[Field] = &[Field::Region, Field::City, Field::Latitude, Field::Longitude, Field::Timezone];
/// Databases of networks add these.
const OF_NETWORKS: &[Field] =
    &[Field::Asn, Field::AsOrg, Field::Isp, Field::ConnectionType, Field::Anonymizer];

/// What brings a column, as the end of a sentence.
pub fn bringer(column: &str) -> String {
    let Some(field) = Field::from_name(column.as_bytes()) else {
        return "no format of weblog's own brings it".into();
    };
    let info = field.info();
    if OF_PLACES.contains(&field) {
        return "a database of cities brings it: --geo FILE, here over raw logs, or for to-parquet".into();
    }
    if OF_NETWORKS.contains(&field) {
        return "a database of networks brings it: --geo FILE, here over raw logs, or for to-parquet".into();
    }
    if field >= Field::ClientAddr {
        return "to-parquet adds it, unless --no-enrich or --fields leave it out; so does weblog enrich"
            .into();
    }
    let named = [("Apache", info.apache), ("nginx", info.nginx)];
    let named = named.iter().filter(|(_, name)| !name.is_empty());
    let named: Vec<_> = named.map(|(server, name)| format!("{name} in the format of {server}")).collect();
    match named.is_empty() {
        true => "the format of the log has to have it".into(),
        false => format!("{} brings it", named.join(", or ")),
    }
}

/// DuckDB's type of a column.
pub fn sql_type(column: &str) -> &'static str {
    match Field::from_name(column.as_bytes()).map(|field| field.info().kind) {
        Some(Kind::Time) => "TIMESTAMP",
        Some(Kind::Int) => "BIGINT",
        Some(Kind::Float) => "DOUBLE",
        Some(Kind::Bool) => "BOOLEAN",
        Some(Kind::Text) | None => "VARCHAR",
    }
}
