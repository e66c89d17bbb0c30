//! Lines as they should not be.

use crate::random::Random;

/// What happens to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Damage {
    /// Nothing but the newline.
    Blank,
    /// The writer died in the middle of the line.
    Truncated,
    /// Two writers without a lock: the line breaks off and the next one follows on it.
    Glued,
    /// Bytes that are no text.
    Binary,
    /// A line of the error log.
    ErrorLog,
    /// Quotes in the last quoted field, mostly the agent, that nobody escaped, as old servers wrote them.
    Unescaped,
    /// The status is not there.
    MissingStatus,
    /// The hole that copytruncate leaves: NUL bytes before the line.
    Hole,
}

use Damage::*;

/// All kinds, each as frequent as the others.
const KINDS: [Damage; 8] = [Blank, Truncated, Glued, Binary, ErrorLog, Unescaped, MissingStatus, Hole];

impl Damage {
    pub(crate) fn choose(random: &mut Random) -> Self {
        KINDS[random.below(KINDS.len() as u32) as usize]
    }

    /// Damages the line that begins at `start` and whose status stands at `status`.
    pub(crate) fn inflict(
        self,
        out: &mut Vec<u8>,
        start: usize,
        status: usize,
        stamp: &[u8],
        random: &mut Random,
    ) {
        match self {
            Blank => out.truncate(start),
            // Cut before the status is complete, so that no reader can take the rest for a line; before
            // another line it is cut behind the address, so that the two do not make one good line.
            Truncated | Glued => {
                let shortest = if self == Glued { 24 } else { 1 };
                out.truncate(start + random.between(shortest, (status - start) as u32) as usize);
            }
            Binary => {
                out.truncate(start);
                // Six bits above 0x80: neither a newline nor, most likely, UTF-8.
                let length = random.between(8, 120);
                out.extend((0..length).map(|_| 0x80 | random.below(64) as u8));
            }
            ErrorLog => {
                out.truncate(start);
                error_line(out, stamp, random);
            }
            Unescaped => {
                let last = out.iter().rposition(|&byte| byte == b'"').unwrap_or(start).max(start);
                out.splice(last..last, br#" "Galaxy "S" edition""#.iter().copied());
            }
            MissingStatus => {
                out.drain(status..status + 4);
            }
            Hole => {
                let length = random.between(1, 64) as usize;
                out.splice(start..start, std::iter::repeat_n(0, length));
            }
        }
    }
}

/// A line of nginx's error log about a file that is not there, at the time of `stamp`.
fn error_line(out: &mut Vec<u8>, stamp: &[u8], random: &mut Random) {
    // The stamp is `06/Jan/2025:00:00:00 +0000`; the error log writes `2025/01/06 00:00:00`.
    let months = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    let month = months.chunks(3).position(|name| name == &stamp[3..6]).map_or(1, |index| index + 1);
    out.extend_from_slice(&stamp[7..11]);
    out.extend_from_slice(format!("/{month:02}/").as_bytes());
    out.extend_from_slice(&stamp[..2]);
    out.push(b' ');
    out.extend_from_slice(&stamp[12..20]);
    let (number, host) = (random.between(1_000, 99_999), random.between(1, 254));
    out.extend_from_slice(
        format!(
            " [error] 811#811: *{number} open() \"/srv/shop/assets/img/banner-summer.jpg\" failed (2: No such \
             file or directory), client: 192.0.2.{host}, server: shop.example, request: \"GET \
             /assets/img/banner-summer.jpg HTTP/1.1\", host: \"shop.example\""
        )
        .as_bytes(),
    );
}
