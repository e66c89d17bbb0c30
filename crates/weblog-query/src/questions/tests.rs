use super::*;
use crate::parameters::Bound;
use std::collections::BTreeSet;
use weblog_filter::Clock;

fn read(sql: &str) -> Result<Question, BadHeader> {
    Question::read("mine", sql)
}

#[test]
fn every_file_is_a_question_with_a_whole_header() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/questions");
    let names = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let files: BTreeSet<String> = std::fs::read_dir(directory).unwrap().map(names).collect();
    let known: BTreeSet<String> =
        built_in().iter().map(|question| format!("{}.sql", question.name)).collect();
    assert_eq!(files, known);
    assert!(known.len() >= 34);
    for question in built_in() {
        let Question { name, title, answers, needs, example, theme, .. } = question;
        assert!(is_name(name) && !title.is_empty() && !answers.is_empty() && !needs.is_empty(), "{name}");
        assert!(
            example.as_ref().is_some_and(|example| example.contains(&format!("weblog query {name}"))),
            "{name}"
        );
        assert!(themes().any(|known| known == theme), "{name}");
        for line in question.sql.lines().filter(|line| !line.starts_with("--")) {
            assert!(line.chars().count() <= 150, "{name}: {line}");
        }
    }
}

#[test]
fn parameters_of_the_header_are_those_of_the_statement_and_titles_say_who_counts() {
    for question in built_in() {
        let body: String =
            question.sql.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>().join("\n");
        for parameter in &question.parameters {
            assert!(body.contains(&format!("${}", parameter.name)), "{}: ${}", question.name, parameter.name);
        }
        if let Some(who) = question.parameter("who") {
            let whose = if who.default.as_deref() == Some("people") { "(people)" } else { "(everybody)" };
            assert!(question.title.ends_with(whose), "{}: {}", question.name, question.title);
            assert!(question.uses.iter().any(|column| column == "bot"), "{}", question.name);
        }
        assert!(!body.contains("mode(") && body.contains("order by"), "{}", question.name);
    }
}

#[test]
fn a_header_is_read() {
    let question = read(
        "-- title: Mine\n-- answers: One thing,\n--   and another.\n-- param: limit int = 20: rows\n-- param: p text?: a path\n\
         -- param: by a|b = b: what\n-- needs: time, $by\n-- chart: bars a b\n\n-- a remark\nselect 1\n",
    )
    .unwrap();
    assert_eq!((question.title.as_str(), question.theme.as_str()), ("Mine", "other"));
    assert_eq!(question.answers, "One thing, and another.");
    assert_eq!(question.needs, ["time", "$by"]);
    let [limit, path, by] = question.parameters.as_slice() else { panic!("{question:?}") };
    assert_eq!((limit.kind.clone(), limit.default.as_deref()), (Kind::Int, Some("20")));
    assert!(path.optional && path.default.is_none());
    assert_eq!(by.kind, Kind::Choice(vec!["a".into(), "b".into()]));
}

#[test]
fn a_file_without_a_header_is_sql() {
    let question = read("-- counts\nselect count(*) from logs\n").unwrap();
    assert!(!question.has_header() && question.parameters.is_empty());
}

#[test]
fn what_is_wrong_with_a_header_is_said_with_its_line() {
    for (line, text, said) in [
        (2, "-- title: x\n-- needs time\n", "`needs time`"),
        (2, "-- title: x\n-- parm: a int: b\n", "`parm` is none of"),
        (2, "-- title: x\n-- param: limit int = many: rows", "`many` is not a whole number"),
        (2, "-- title: x\n-- param: limit wholes = 1: rows", "`wholes` is no kind"),
        (3, "-- title: x\n-- param: a int: b\n-- param: a int: b", "twice"),
        (2, "-- title: x\n-- needs: time; drop table x", "no name of a column"),
        (1, "-- title:\n", "nothing behind"),
    ] {
        let bad = read(text).unwrap_err();
        assert!(bad.line == line && bad.reason.contains(said), "{text}: {bad}");
    }
}

#[test]
fn values_are_of_their_kind_or_refused() {
    let clock = Clock { now: 10_000_000_000, ..Clock::default() };
    let bound = |kind: &Kind, text: &str| kind.bound(&[text.to_owned()], clock);
    assert_eq!(bound(&Kind::Int, "7"), Ok(Bound::Int(7)));
    assert_eq!(bound(&Kind::Span, "30m"), Ok(Bound::Span(1_800_000_000)));
    assert_eq!(bound(&Kind::Time, "1h"), Ok(Bound::Time(6_400_000_000)));
    assert_eq!(bound(&Kind::Bool, "yes"), Ok(Bound::Bool(true)));
    for (kind, text) in [
        (Kind::Int, "-1"),
        (Kind::Int, "1; drop table logs"),
        (Kind::Number, "NaN"),
        (Kind::Span, "today"),
        (Kind::Span, "0s"),
        (Kind::Bool, "1"),
        (Kind::Time, "soon"),
        (Kind::Choice(vec!["a".into(), "b".into()]), "c"),
    ] {
        assert!(bound(&kind, text).is_err(), "{kind}: {text}");
    }
    assert!(Kind::Int.bound(&["1".into(), "2".into()], clock).is_err());
}

#[test]
fn every_column_that_a_question_names_is_one_of_the_schema() {
    for question in built_in() {
        for column in question.needs.iter().chain(&question.uses).filter(|column| !column.starts_with('$')) {
            assert!(
                weblog_parse::Field::from_name(column.as_bytes()).is_some(),
                "{}: {column}",
                question.name
            );
            assert!(!bringer(column).starts_with("no format"), "{column}");
        }
    }
}
