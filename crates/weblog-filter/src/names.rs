//! The field that a typo was meant to be.

use weblog_parse::SCHEMA;

/// The name of the schema that is most like this one, if one is.
pub fn nearest(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase().replace('-', "_");
    let known = SCHEMA.iter().map(|info| info.name);
    if name.len() > 40 {
        return None;
    }
    // What everybody else calls them.
    let alias = match name.as_str() {
        "ip" | "client" | "client_ip" | "remote_host" | "addr" | "clientip" => Some("remote_addr"),
        "url" | "uri" | "request_uri" => Some("target"),
        "code" | "status_code" | "response" => Some("status"),
        "size" | "body_bytes_sent" | "bytes_sent" | "length" => Some("bytes"),
        "agent" | "ua" | "useragent" | "http_user_agent" => Some("user_agent"),
        "referrer" | "http_referer" => Some("referer"),
        "verb" | "request_method" => Some("method"),
        "duration" | "request_time" | "time_taken" | "latency" | "elapsed" => Some("duration_us"),
        "upstream_time" | "upstream_response_time" => Some("upstream_time_us"),
        "timestamp" | "date" | "ts" | "time_local" => Some("time"),
        "user" => Some("remote_user"),
        "server_name" | "virtual_host" => Some("vhost"),
        "xff" | "x_forwarded_for" => Some("forwarded_for"),
        _ => None,
    };
    alias.or_else(|| nearest_of(&name, known))
}

/// The name among those known that a typo was meant to be, if one is near.
pub fn nearest_of<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    if name.len() > 40 {
        return None;
    }
    let most = 1 + name.len() / 5;
    let near = known.into_iter().map(|known| (distance(name, known), known)).min();
    near.filter(|(far, _)| *far <= most).map(|(_, known)| known)
}

/// How many letters have to be put in, taken out, changed or swapped with their neighbour (the optimal
/// string alignment distance).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for (i, of_a) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, of_b) in b.iter().enumerate() {
            let changed = rows[i][j] + usize::from(of_a != of_b);
            let mut least = changed.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *of_a == b[j - 1] && a[i - 1] == *of_b {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_is_near_what_was_meant() {
        for (typed, meant) in [
            ("stauts", "status"),
            ("Status", "status"),
            ("user-agent", "user_agent"),
            ("pth", "path"),
            ("duration", "duration_us"),
        ] {
            assert_eq!(nearest(typed), Some(meant), "{typed}");
        }
    }

    #[test]
    fn a_name_of_its_own_is_near_nothing() {
        for name in ["collection", "tenant", "x", "my_field", &"y".repeat(1000)] {
            assert_eq!(nearest(name), None, "{name}");
        }
    }
}
