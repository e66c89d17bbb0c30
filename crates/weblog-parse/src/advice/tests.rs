use super::*;
use crate::conf;

const SERVERS: [Server; 2] = [Server::Nginx, Server::Apache];

/// The program of a directive, read as the server would read it.
fn compiled(advice: &Advice) -> Program {
    let options = conf::Options { server: Some(advice.server), ..conf::Options::default() };
    let text = format!("{}\n", advice.directive("weblog"));
    let mut none = |_: &str, _: &std::path::Path| Ok(Vec::new());
    let conf = conf::read("x".as_ref(), text.as_bytes(), &options, &mut none).unwrap();
    let format = conf.formats.iter().find(|format| format.name.as_deref() == Some("weblog"));
    let format = format.unwrap_or_else(|| panic!("{text}: {:?}", conf.problems));
    assert_eq!(format.escape, advice.escape);
    match advice.server {
        Server::Nginx => Program::nginx(&format.text, format.escape).unwrap(),
        Server::Apache => Program::apache(&format.text).unwrap(),
    }
}

fn has(program: &Program, field: Field) -> bool {
    program.fields().iter().any(|(name, _)| *name == Name::Known(field))
}

#[test]
fn every_format_that_is_advised_compiles_and_has_the_field() {
    let bases = [
        Base::Named(Format::Common),
        Base::Named(Format::Combined),
        Base::Named(Format::VhostCommon),
        Base::Named(Format::NginxMain),
        Base::Named(Format::Of(crate::formats::Family::Alb)),
    ];
    let mut possible = 0;
    for server in SERVERS {
        for base in bases {
            for field in Field::ALL {
                let advice = advise(server, base, &[*field]).unwrap();
                let program = compiled(&advice);
                let impossible = advice.impossible.iter().any(|(other, _)| other == field);
                assert_eq!(has(&program, *field), !impossible, "{server:?} {field:?} {advice:?}");
                possible += usize::from(!advice.added.is_empty());
            }
            let advice = advise(server, base, Field::ALL).unwrap();
            let program = compiled(&advice);
            assert!(advice.added.iter().all(|field| has(&program, *field)), "{server:?} {advice:?}");
            assert_eq!(program.source(), advice.format.as_str(), "the directive gives the format again");
        }
    }
    assert!(possible > 50, "{possible}");
}

#[test]
fn what_the_log_has_already_stays_as_it_is() {
    let now = "$remote_addr [$time_local] \"$request\" $status 'x' $request_time";
    let advice = advise(Server::Nginx, Base::Text(now, Escape::Default), &[Field::DurationUs]).unwrap();
    assert_eq!((advice.format.as_str(), advice.added.len()), (now, 0));
    let advice = advise(Server::Nginx, Base::Text(now, Escape::Default), &[Field::Vhost]).unwrap();
    assert_eq!(advice.format, format!("{now} vhost=\"$server_name\""));
    compiled(&advice);
}

#[test]
fn an_object_of_json_stays_one() {
    let now = r#"{"status":"$status","request":"$request"}"#;
    let wanted = [Field::DurationUs, Field::UserAgent];
    let advice = advise(Server::Nginx, Base::Text(now, Escape::Json), &wanted).unwrap();
    let wanted =
        r#"{"status":"$status","request":"$request","rt":"$request_time","user_agent":"$http_user_agent"}"#;
    assert_eq!(advice.format, wanted);
    compiled(&advice);
}

#[test]
fn host_agent_and_forwarded_for_come_where_auto_knows_them() {
    for server in SERVERS {
        for (base, wanted, known) in [
            (Format::Common, Field::UserAgent, Format::Combined),
            (Format::Combined, Field::Vhost, Format::VhostCombined),
            (Format::Combined, Field::ForwardedFor, Format::NginxMain),
            (Format::Common, Field::Vhost, Format::VhostCommon),
        ] {
            let advice = advise(server, Base::Named(base), &[wanted]).unwrap();
            assert_eq!((advice.known_as, advice.added.as_slice()), (Some(known), &[wanted][..]), "{base:?}");
        }
        let advice =
            advise(server, Base::Named(Format::Combined), &[Field::Vhost, Field::DurationUs]).unwrap();
        assert_eq!(advice.known_as, None);
    }
}

#[test]
fn what_a_server_cannot_log_is_said_with_the_reason() {
    let wanted = [Field::Country, Field::UpstreamTimeUs, Field::Offset];
    let advice = advise(Server::Apache, Base::Named(Format::Combined), &wanted).unwrap();
    let impossible: Vec<_> = advice.impossible.iter().map(|(field, _)| *field).collect();
    assert_eq!(impossible, wanted);
    assert!(advice.added.is_empty());
}

#[test]
fn a_bad_base_is_an_error() {
    assert!(advise(Server::Apache, Base::Text("%h %", Escape::Default), &[Field::Vhost]).is_err());
}
