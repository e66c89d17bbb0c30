//! Named questions give what a reader of the log would count by hand, and the manual tells of them all.

use crate::program::{Place, root, text};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
};

/// What one request was, as `weblog enrich` says.
struct Request {
    /// Seconds since the epoch.
    time: i64,
    record: Value,
}

impl Request {
    fn text(&self, field: &str) -> &str {
        self.record[field].as_str().unwrap_or_default()
    }

    fn number(&self, field: &str) -> i64 {
        self.record[field].as_i64().unwrap_or_default()
    }

    fn is_person(&self) -> bool {
        self.record["bot"].is_null()
    }

    fn is_view(&self) -> bool {
        let status = self.number("status");
        self.is_person()
            && self.text("asset_class") == "page"
            && ((200..300).contains(&status) || status == 304)
    }

    fn visitor(&self) -> (String, String) {
        (self.text("remote_addr").into(), self.text("user_agent").into())
    }

    fn day(&self) -> i64 {
        self.time / 86_400
    }
}

/// A log of three weeks with its dataset, and its requests.
fn log() -> (Place, Vec<Request>) {
    let place = Place::new();
    let made = "weblog generate -n 6000 --span 22d --malformed 0 --seed 5 > in.log; weblog to-parquet -q logs in.log; weblog enrich in.log";
    let output = place.sh(made, b"");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let requests = text(&output.stdout)
        .lines()
        .map(|line| {
            let record: Value = serde_json::from_str(line).unwrap();
            let time =
                chrono::DateTime::parse_from_rfc3339(record["time"].as_str().unwrap()).unwrap().timestamp();
            Request { time, record }
        })
        .collect();
    (place, requests)
}

/// The rows of an answer; the same over the dataset and the raw log.
fn ask(place: &Place, question: &str) -> Vec<Value> {
    let [dataset, raw] = ["logs", "in.log"].map(|from| {
        let output = place.sh(&format!("weblog query {question} --from {from}"), b"");
        assert!(output.status.success(), "{question}: {}", text(&output.stderr));
        text(&output.stdout)
    });
    assert_eq!(dataset, raw, "{question}");
    dataset.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Two columns of an answer as a map.
fn pairs(rows: &[Value], key: &str, value: &str) -> BTreeMap<String, i64> {
    let key = |row: &Value| row[key].as_str().map(str::to_owned).unwrap_or_else(|| row[key].to_string());
    rows.iter().map(|row| (key(row).trim_matches('"').to_owned(), row[value].as_i64().unwrap())).collect()
}

fn counted<'r>(
    requests: impl IntoIterator<Item = &'r Request>,
    key: impl Fn(&Request) -> String,
) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    requests.into_iter().for_each(|request| *counts.entry(key(request)).or_default() += 1);
    counts
}

fn day(days: i64) -> String {
    chrono::DateTime::from_timestamp(days * 86_400, 0).unwrap().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The sessions of people: the paths of the pages they viewed, with silences of 30 minutes at most.
fn sessions(requests: &[Request]) -> Vec<(i64, Vec<String>)> {
    let mut visitors: BTreeMap<_, Vec<(i64, String)>> = BTreeMap::new();
    for request in requests.iter().filter(|request| request.is_view()) {
        visitors.entry(request.visitor()).or_default().push((request.time, request.text("path").into()));
    }
    let mut sessions: Vec<(i64, Vec<String>)> = Vec::new();
    for (_, mut views) in visitors {
        views.sort();
        let mut last = i64::MIN / 2;
        for (time, path) in views {
            if time - last > 1800 {
                sessions.push((time, Vec::new()));
            }
            last = time;
            sessions.last_mut().unwrap().1.push(path);
        }
    }
    sessions
}

#[test]
fn counts_are_those_of_a_count_by_hand() {
    let (place, requests) = log();
    let all = || requests.iter();
    let people = || all().filter(|request| request.is_person());
    let days = |request: &Request| day(request.day());

    assert_eq!(pairs(&ask(&place, "requests"), "time", "requests"), counted(all(), days));
    assert_eq!(
        pairs(&ask(&place, "requests --param who=people"), "time", "requests"),
        counted(people(), days)
    );

    let rows = ask(&place, "visitors");
    let visits: BTreeSet<_> = people().map(|request| (request.day(), request.visitor())).collect();
    for row in &rows {
        let of_day = visits.iter().filter(|(of, _)| row["time"] == day(*of)).count();
        assert_eq!(row["visitors"], of_day, "{row}");
    }
    assert_eq!(pairs(&rows, "time", "requests"), counted(people(), days));

    let views = counted(all().filter(|request| request.is_view()), |request| request.text("path").into());
    assert_eq!(pairs(&ask(&place, "top-pages --param limit=100000"), "page", "views"), views);

    let statuses = ask(&place, "statuses");
    for (column, class) in [("ok", 2), ("redirects", 3), ("client_errors", 4), ("server_errors", 5)] {
        let total: i64 = statuses.iter().map(|row| row[column].as_i64().unwrap()).sum();
        assert_eq!(total as usize, all().filter(|request| request.number("status") / 100 == class).count());
    }

    let bytes: i64 = all().map(|request| request.number("bytes")).sum();
    let bot_bytes: i64 =
        all().filter(|request| !request.is_person()).map(|request| request.number("bytes")).sum();
    let rows = ask(&place, "bandwidth");
    assert_eq!(pairs(&rows, "time", "bytes").values().sum::<i64>(), bytes);
    assert_eq!(pairs(&rows, "time", "bot_bytes").values().sum::<i64>(), bot_bytes);
    assert_eq!(
        pairs(&ask(&place, "bots --param limit=1000"), "bot", "bytes").values().sum::<i64>(),
        bot_bytes
    );

    let failed = counted(all().filter(|request| request.number("status") >= 400), |request| {
        request.record["path"].as_str().unwrap_or("null").into()
    });
    assert_eq!(pairs(&ask(&place, "error-pages --param limit=100000"), "path", "errors"), failed);

    let rows = ask(&place, "who-gets-errors --param limit=100000");
    let told: BTreeMap<_, _> = rows
        .iter()
        .map(|row| {
            (
                format!("{} {}", row["status"], row["address"].as_str().unwrap()),
                row["errors"].as_i64().unwrap(),
            )
        })
        .collect();
    let failed = all().filter(|request| request.number("status") >= 400);
    assert_eq!(
        told,
        counted(failed, |request| format!("{} {}", request.number("status"), request.text("remote_addr")))
    );

    let rows = ask(&place, "heatmap");
    assert_eq!(rows.len(), 7 * 24);
    let cells = counted(people(), |request| {
        format!("{} {}", (request.day() + 3).rem_euclid(7) + 1, request.time / 3600 % 24)
    });
    for row in rows {
        let cell = format!("{} {}", row["weekday"], row["hour"]);
        assert_eq!(row["requests"], cells.get(&cell).copied().unwrap_or_default(), "{cell}");
    }

    let mut countries: BTreeMap<&str, BTreeSet<_>> = BTreeMap::new();
    people().for_each(|request| {
        countries
            .entry(request.record["country"].as_str().unwrap_or("null"))
            .or_default()
            .insert(request.visitor());
    });
    let told = pairs(&ask(&place, "countries --param limit=1000"), "country", "visitors");
    assert_eq!(
        told,
        countries.iter().map(|(country, who)| ((*country).to_owned(), who.len() as i64)).collect()
    );
}

#[test]
fn sessions_are_those_that_a_reader_would_see() {
    let (place, requests) = log();
    let sessions = sessions(&requests);
    assert!(sessions.len() > 50);
    let mut days = BTreeMap::new();
    sessions.iter().for_each(|(start, _)| *days.entry(day(start / 86_400)).or_default() += 1);
    assert_eq!(pairs(&ask(&place, "sessions"), "time", "sessions"), days);
    for (question, column, page) in [("entry-pages", "entries", 0), ("exit-pages", "exits", usize::MAX)] {
        let mut pages: BTreeMap<String, i64> = BTreeMap::new();
        for (_, way) in &sessions {
            *pages.entry(way[page.min(way.len() - 1)].clone()).or_default() += 1;
        }
        let told = ask(&place, &format!("{question} --param limit=100000"));
        assert_eq!(pairs(&told, "page", column), pages, "{question}");
    }
    let mut ways: BTreeMap<String, i64> = BTreeMap::new();
    sessions.iter().for_each(|(_, way)| *ways.entry(way[..way.len().min(3)].join(" > ")).or_default() += 1);
    assert_eq!(pairs(&ask(&place, "session-paths --param limit=100000"), "way", "sessions"), ways);
    let longest = sessions.iter().map(|(_, way)| way.len()).max().unwrap();
    assert_eq!(ask(&place, "longest-sessions --param limit=1")[0]["views"], longest);
}

#[test]
fn visitors_return_as_often_as_they_do() {
    let (place, requests) = log();
    let mut visits: HashMap<_, BTreeSet<i64>> = HashMap::new();
    for request in requests.iter().filter(|request| request.is_view()) {
        visits.entry(request.visitor()).or_default().insert(request.day());
    }
    let (mut new, mut retained) = (BTreeMap::<String, i64>::new(), BTreeMap::<(i64, i64), i64>::new());
    // Monday, 1969-12-29, is three days before the epoch.
    let week = |day: i64| (day + 3).div_euclid(7);
    for days in visits.values() {
        let first = *days.first().unwrap();
        *new.entry(day(first)).or_default() += 1;
        for week_of_visit in days.iter().map(|day| week(*day)).collect::<BTreeSet<_>>() {
            *retained.entry((week(first), week_of_visit - week(first))).or_default() += 1;
        }
    }
    let mut told = pairs(&ask(&place, "new-returning"), "time", "new");
    told.retain(|_, count| *count > 0);
    assert_eq!(told, new);
    let rows = ask(&place, "retention");
    let told: Vec<_> =
        rows.iter().map(|row| (row["week"].as_i64().unwrap(), row["visitors"].as_i64().unwrap())).collect();
    assert_eq!(told, retained.iter().map(|((_, week), count)| (*week, *count)).collect::<Vec<_>>());
}

#[test]
fn a_funnel_counts_who_came_from_step_to_step_in_order() {
    let (place, requests) = log();
    let is_step =
        [|path: &str| path == "/", |path: &str| path.starts_with("/product/"), |path: &str| path == "/cart"];
    let mut reached: HashMap<_, usize> = HashMap::new();
    // In a second nothing tells what came first; a visitor is taken not to do two steps in one.
    let mut people: Vec<_> =
        requests.iter().filter(|request| request.is_person() && request.number("status") < 400).collect();
    let step = |request: &Request| is_step.iter().position(|is| is(request.text("path")));
    people.sort_by_key(|request| (request.time, std::cmp::Reverse(step(request))));
    for request in people {
        let at = reached.entry(request.visitor()).or_default();
        if step(request) == Some(*at) {
            *at += 1;
        }
    }
    let rows = ask(&place, "funnel --param step=/ --param 'step=/product/*' --param step=/cart");
    let told: Vec<_> = rows.iter().map(|row| row["visitors"].as_u64().unwrap() as usize).collect();
    let expected: Vec<_> =
        (1..=3).map(|step| reached.values().filter(|reached| **reached >= step).count()).collect();
    assert_eq!(told, expected);
    assert!(expected[2] > 0);
}

#[test]
fn what_changed_adds_up_to_the_difference() {
    let (place, requests) = log();
    let rows =
        ask(&place, "changes --param until=2025-01-27 --param span=7d --param by=status --param limit=1000");
    let until = 20_115 * 86_400;
    let week = |from: i64| {
        counted(
            requests.iter().filter(move |request| (from..from + 7 * 86_400).contains(&request.time)),
            |request| request.number("status").to_string(),
        )
    };
    let (earlier, later) = (week(until - 14 * 86_400), week(until - 7 * 86_400));
    let changed: BTreeMap<String, i64> = earlier
        .keys()
        .chain(later.keys())
        .map(|status| (status.clone(), later.get(status).unwrap_or(&0) - earlier.get(status).unwrap_or(&0)))
        .filter(|(_, change)| *change != 0)
        .collect();
    assert_eq!(pairs(&rows, "what", "change"), changed);
    assert!(changed.len() > 3);
}

#[test]
fn every_question_is_in_the_manual_with_its_parameters() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let page = fs::read_to_string(root().join("man/weblog-questions.7")).unwrap();
    let page = page
        .replace("\\-", "-")
        .replace("\\(aq", "'")
        .replace("\\fB", "")
        .replace("\\fI", "")
        .replace("\\fR", "");
    let page = words(&page);
    let output = Place::new().weblog().args(["query", "--list", "-t", "ndjson"]).output().unwrap();
    let questions = text(&output.stdout);
    assert!(questions.lines().count() >= 34);
    for line in questions.lines() {
        let question: Value = serde_json::from_str(line).unwrap();
        for told in ["name", "title", "answers"] {
            let told = words(question[told].as_str().unwrap());
            assert!(page.contains(&told), "weblog-questions(7) lacks: {told}");
        }
        for parameter in question["parameters"].as_array().unwrap() {
            let part = |name: &str| parameter[name].as_str().unwrap_or_default().to_owned();
            let default =
                parameter["default"].as_str().map(|default| format!(" = {default}")).unwrap_or_default();
            let optional = if parameter["optional"] == true { "?" } else { "" };
            let told =
                words(&format!("{} {}{optional}{default}: {}", part("name"), part("kind"), part("meaning")));
            assert!(page.contains(&told), "weblog-questions(7) lacks for {}: {told}", question["name"]);
        }
    }
}
