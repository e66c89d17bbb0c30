//! AWS S3 server access logs ("Amazon S3 server access log format" of the S3 user guide).
//!
//! Everything behind the user agent came over the years, and more may come, which is `extra`.

use super::{
    clock::Clock,
    fill::{Fill, listed},
    part::{Part, bytes, int, millis, quoted, read, request, status, word},
};
use crate::{
    record::{Name, Record},
    reject::Reject,
    schema::{Field, Kind},
    time::Memo,
    zone::Zone,
};
use memchr::memrchr;
use nom::Parser;

/// What stands behind the user agent, as far as the line is new enough.
const TAIL: usize = 9;

/// The fields that lines fill, in order.
pub(crate) fn fields() -> Vec<(Name<'static>, Kind)> {
    use Field::*;
    let known = [
        Time,
        UtcOffset,
        RemoteAddr,
        RemoteUser,
        Method,
        Target,
        Path,
        Query,
        Protocol,
        Request,
        RequestKind,
        Status,
        Bytes,
        Referer,
        UserAgent,
        Vhost,
        ServerPort,
        DurationUs,
        RequestId,
        TlsProtocol,
        TlsCipher,
        Extra,
    ];
    let others = [
        ("bucket_owner", Kind::Text),
        ("bucket", Kind::Text),
        ("operation", Kind::Text),
        ("key", Kind::Text),
        ("error_code", Kind::Text),
        ("object_size", Kind::Int),
        ("turn_around_time_us", Kind::Int),
        ("version_id", Kind::Text),
        ("host_id", Kind::Text),
        ("signature_version", Kind::Text),
        ("authentication_type", Kind::Text),
        ("access_point_arn", Kind::Text),
        ("acl_required", Kind::Text),
    ];
    listed(&known, &others)
}

/// Reads one line; whether it has more at its end than the format names.
pub(crate) fn parse<'a>(
    memo: &mut Memo,
    zone: Zone,
    line: &'a [u8],
    record: &mut Record<'a>,
) -> Result<bool, Reject> {
    let mut clock = Clock { memo, zone };
    let head = (
        word("the owner of the bucket"),
        word("the bucket"),
        |input| clock.bracketed(input),
        word("the address of the client, or `-`"),
        word("the requester, or `-`"),
        word("the id of the request"),
        word("the operation"),
        word("the key, or `-`"),
        request,
        status,
        word("the error code, or `-`"),
        bytes("the sent bytes, or `-`"),
        int("the size of the object, or `-`"),
        millis("the total time in milliseconds, or `-`"),
        millis("the turn-around time in milliseconds, or `-`"),
        quoted("the referrer in quotes"),
        agent,
    )
        .parse(line);
    let (mut rest, head) = read(line, head)?;
    let (owner, bucket, time, client, requester, id, operation, key, asked, status, error, sent, ..) = head;
    let (.., size, total, turn_around, referer, agent) = head;
    let mut tail: [&[u8]; TAIL] = [b"-"; TAIL];
    for value in &mut tail {
        if !rest.is_empty() {
            (rest, *value) = read(line, word("a field or `-`")(rest))?;
        }
    }
    let [version, host_id, signature, cipher, authentication, host, tls, access_point, acl] = tail;

    let mut fill = Fill::verbatim(record, line);
    fill.time(time);
    fill.text(Field::RemoteAddr, client);
    fill.text(Field::RemoteUser, requester);
    fill.request(asked);
    fill.int(Field::Status, status);
    fill.int(Field::Bytes, sent);
    fill.text(Field::Referer, referer);
    fill.text(Field::UserAgent, agent);
    fill.vhost(host);
    fill.int(Field::DurationUs, total);
    fill.text(Field::RequestId, id);
    fill.text(Field::TlsProtocol, tls);
    fill.text(Field::TlsCipher, cipher);
    let extra = fill.extra(rest);
    fill.other("bucket_owner", owner);
    fill.other("bucket", bucket);
    fill.other("operation", operation);
    fill.other("key", key);
    fill.other("error_code", error);
    fill.other_int("object_size", size);
    fill.other_int("turn_around_time_us", turn_around);
    fill.other("version_id", version);
    fill.other("host_id", host_id);
    fill.other("signature_version", signature);
    fill.other("authentication_type", authentication);
    fill.other("access_point_arn", access_point);
    fill.other("acl_required", acl);
    Ok(extra)
}

/// The user agent. S3 escapes no quotes, but no field behind this one has any: it ends at the last.
fn agent(input: &[u8]) -> Part<'_, &[u8]> {
    if let Some(body) = input.strip_prefix(b"\"")
        && let Some(end) = memrchr(b'"', body)
        && matches!(body.get(end + 1), None | Some(b' '))
    {
        return Ok((body.get(end + 2..).unwrap_or_default(), &body[..end]));
    }
    quoted("the user agent in quotes")(input)
}
