use super::*;
use std::io::Write;

const SMALL: &str = r#"
# Our own, in the form of uap-core's.
user_agent_parsers:
  - regex: '(Foo)Browser/(\d+)\.(\d+)(?:\.(\d+)|)'
  - regex: 'Bar (\w+)/(\d+)'
    family_replacement: 'Bar of $1'
    v1_replacement: '7'
  - regex: '(Baz)'
    family_replacement: "Baz"
os_parsers:
  - regex: 'FooOS (\d+)_(\d+)'
    os_replacement: 'Foo OS'
    os_v1_replacement: '$1'
    os_v2_replacement: '$2'
device_parsers:
  - regex: '(?!not understood by the engine)'
    regex_flag: 'i'
"#;

const JSON: &str = r#"{
	"device_parsers": [{"regex": "(", "device_replacement": null}],
	"os_parsers": [{"regex": "FooOS (\\d+)_(\\d+)", "os_replacement": "Foo OS", "os_v1_replacement": null, "os_v2_replacement": null}],
	"user_agent_parsers": [
		{"regex": "(Foo)Browser\/(\\d+)\\.(\\d+)(?:\\.(\\d+)|)", "family_replacement": null},
		{"regex": "Bar (\\w+)/(\\d+)", "family_replacement": "Bar of $1", "v1_replacement": "7"}
	]
}"#;

fn regexes(text: &str) -> Result<Regexes, UapError> {
    Regexes::compile(text, Path::new("small.yaml"))
}

fn shown(regexes: &Regexes, agent: &str) -> String {
    let mut room = String::from("what was there");
    let it = regexes.parse(agent, &mut room);
    let or = |text: Option<&str>| text.unwrap_or("-").to_string();
    let os_version = or(it.os_version.as_deref());
    format!("{} {}, {} {os_version}", or(it.browser), or(it.browser_version), or(it.os))
}

#[test]
fn browser_and_system_are_what_the_file_says() {
    let yaml = regexes(SMALL).unwrap();
    assert_eq!(yaml.counts(), (3, 1));
    assert_eq!(shown(&yaml, "FooBrowser/1.20.3.4 (FooOS 11_2; x)"), "Foo 1.20.3, Foo OS 11.2");
    assert_eq!(shown(&yaml, "FooBrowser/1.20"), "Foo 1.20, - -");
    assert_eq!(shown(&yaml, "Bar Mobile/3"), "Bar of Mobile 7, - -");
    assert_eq!(shown(&yaml, "Baz/3"), "Baz -, - -");
    assert_eq!(shown(&yaml, "Qux/3"), "- -, - -");
    assert_eq!(shown(&yaml, ""), "- -, - -");
}

#[test]
fn the_first_entry_that_matches_counts() {
    let yaml = regexes(SMALL).unwrap();
    assert_eq!(shown(&yaml, "Baz Bar x/1 FooBrowser/2.0"), "Foo 2.0, - -");
}

#[test]
fn the_same_as_json_says_the_same() {
    let json = regexes(JSON).unwrap();
    assert_eq!(json.counts(), (2, 1));
    assert_eq!(shown(&json, "FooBrowser/1.20.3.4 (FooOS 11_2; x)"), "Foo 1.20.3, Foo OS 2");
    assert_eq!(shown(&json, "Bar Mobile/3"), "Bar of Mobile 7, - -");
}

#[test]
fn bots_and_devices_stay_ours() {
    let yaml = regexes(SMALL).unwrap();
    let mut room = String::new();
    let it = yaml.parse("FooBot/1.0 like FooBrowser/3.1", &mut room);
    assert_eq!(
        (it.bot, it.device, it.browser),
        (Some("FooBot"), Some(super::super::Device::Bot), Some("Foo"))
    );
    let it = yaml.parse("FooBrowser/3.1 (iPhone; CPU iPhone OS 17_0 like Mac OS X)", &mut room);
    assert_eq!((it.device, it.os), (Some(super::super::Device::Mobile), None));
}

#[test]
fn errors_say_which_entry_and_why() {
    let error = |text: &str| regexes(text).unwrap_err().to_string();
    let with = |entry: &str| format!("os_parsers: []\nuser_agent_parsers:\n  - regex: 'a'\n  {entry}\n");
    let bad = error(&with("- regex: '(unclosed'"));
    assert!(bad.starts_with("small.yaml:4: entry 2 of user_agent_parsers: "), "{bad}");
    assert!(bad.contains("unclosed group"), "{bad}");
    assert_eq!(
        error(&with("- family_replacement: 'a'")),
        "small.yaml:4: entry 2 of user_agent_parsers: there is no regex"
    );
    assert_eq!(
        error(&with("- {regex: 'b', family_replacement: 'x $1'}")),
        "small.yaml:4: entry 2 of user_agent_parsers: a replacement names group 1, which the regex has not"
    );
    assert_eq!(error(&with("- [1]")), "small.yaml:4: expected a mapping with the key regex");
    assert_eq!(error("os_parsers: []\n"), "small.yaml:2: there is no list user_agent_parsers");
    assert_eq!(error("- a\n"), "small.yaml:1: expected a mapping: lists of expressions");
    assert!(error("").starts_with("small.yaml:1: expected a mapping"), "{}", error(""));
    assert!(
        error("user_agent_parsers: [\n").starts_with("small.yaml:2: "),
        "{}",
        error("user_agent_parsers: [\n")
    );
}

#[test]
fn files_that_cannot_be_read_are_told_by_name() {
    let missing = Regexes::open("no/such/file.yaml").unwrap_err();
    assert!(missing.to_string().starts_with("no/such/file.yaml: "), "{missing}");
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"user_agent_parsers:\n  - regex: '\xff'\n").unwrap();
    let error = Regexes::open(file.path()).unwrap_err().to_string();
    assert!(error.ends_with(":2: not UTF-8"), "{error}");
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(SMALL.as_bytes()).unwrap();
    assert_eq!(Regexes::open(file.path()).unwrap().counts(), (3, 1));
}

proptest::proptest! {
    #[test]
    fn no_file_makes_it_panic(parts in proptest::collection::vec(proptest::sample::select(vec![
        "user_agent_parsers", "os_parsers", ":", " ", "\n", "  - ", "regex", "'(a)'", "{", "}", "[", "]", "\"", "&a ", "*a", "!!str", "---\n", "|", ",", "null",
    ]), 0..40)) {
        let _ = regexes(&parts.concat());
    }

    #[test]
    fn no_agent_makes_it_panic(agent in "\\PC{0,200}") {
        shown(&regexes(SMALL).unwrap(), &agent);
    }
}
