//! AWS Network Load Balancer access logs of TLS listeners ("Access log entries" of the NLB user
//! guide): connections, not requests. Their times have no zone and are UTC.

use super::{
    clock::Clock,
    fill::{Fill, listed},
    part::{bytes, millis, read, word},
};
use crate::{
    record::{Name, Record, Value},
    reject::Reject,
    schema::{Field, Kind},
    time::Memo,
    zone::Zone,
};
use nom::Parser;

/// The fields that lines fill, in order.
pub(crate) fn fields() -> Vec<(Name<'static>, Kind)> {
    use Field::*;
    let known = [
        Time,
        UtcOffset,
        RemoteAddr,
        Bytes,
        Vhost,
        ServerPort,
        DurationUs,
        RequestBytes,
        UpstreamAddr,
        TlsProtocol,
        TlsCipher,
        Extra,
    ];
    let others = [
        ("type", Kind::Text),
        ("version", Kind::Text),
        ("elb", Kind::Text),
        ("listener", Kind::Text),
        ("client_port", Kind::Int),
        ("tls_handshake_time_us", Kind::Int),
        ("incoming_tls_alert", Kind::Text),
        ("chosen_cert_arn", Kind::Text),
        ("chosen_cert_serial", Kind::Text),
        ("tls_named_group", Kind::Text),
        ("alpn_fe_protocol", Kind::Text),
        ("alpn_be_protocol", Kind::Text),
        ("alpn_client_preference_list", Kind::Text),
        ("tls_connection_creation_time", Kind::Time),
    ];
    listed(&known, &others)
}

/// Reads one line; whether it has more at its end than the format names.
pub(crate) fn parse<'a>(
    memo: &mut Memo,
    _zone: Zone,
    line: &'a [u8],
    record: &mut Record<'a>,
) -> Result<bool, Reject> {
    let mut clock = Clock { memo, zone: Zone::default() };
    let head = (
        word("the type of the listener, which is tls"),
        word("the version of the format"),
        |input| clock.word(input),
        word("the id of the load balancer"),
        word("the id of the listener"),
        word("the client and its port"),
        word("the destination and its port, or `-`"),
        millis("the connection time in milliseconds, or `-`"),
        millis("the time of the TLS handshake in milliseconds, or `-`"),
        bytes("the received bytes"),
        bytes("the sent bytes"),
        word("the TLS alert, or `-`"),
        word("the certificate, or `-`"),
        word("the serial of the certificate, or `-`"),
        word("the TLS cipher, or `-`"),
        word("the TLS protocol, or `-`"),
        word("the TLS group, or `-`"),
        word("the name of the server, or `-`"),
    )
        .parse(line);
    let (mut rest, head) = read(line, head)?;
    let (kind, version, time, elb, listener, client, target, took, handshake, got, sent, alert, ..) = head;
    let (.., certificate, serial, cipher, protocol, group, domain) = head;
    let (mut alpn, mut created): ([&[u8]; 3], _) = ([b"-"; 3], None);
    for value in &mut alpn {
        if !rest.is_empty() {
            (rest, *value) = read(line, word("an ALPN protocol, or `-`")(rest))?;
        }
    }
    if !rest.is_empty() {
        (rest, created) = read(line, clock.word(rest))?;
    }

    let mut fill = Fill::escaped(record, line);
    fill.time(time);
    let port = fill.client(client);
    fill.int(Field::Bytes, sent);
    fill.vhost(domain);
    fill.int(Field::DurationUs, took);
    fill.int(Field::RequestBytes, got);
    fill.text(Field::UpstreamAddr, target);
    fill.text(Field::TlsProtocol, protocol);
    fill.text(Field::TlsCipher, cipher);
    let extra = fill.extra(rest);
    fill.other("type", kind);
    fill.other("version", version);
    fill.other("elb", elb);
    fill.other("listener", listener);
    fill.other_int("client_port", port);
    fill.other_int("tls_handshake_time_us", handshake);
    fill.other("incoming_tls_alert", alert);
    fill.other("chosen_cert_arn", certificate);
    fill.other("chosen_cert_serial", serial);
    fill.other("tls_named_group", group);
    fill.other("alpn_fe_protocol", alpn[0]);
    fill.other("alpn_be_protocol", alpn[1]);
    fill.other("alpn_client_preference_list", alpn[2]);
    if let Some(created) = created {
        fill.raw(Name::Other("tls_connection_creation_time"), Value::Time(created.instant));
    }
    Ok(extra)
}
