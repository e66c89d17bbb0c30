//! The time zone of times that carry none.

use chrono::{FixedOffset, NaiveDateTime, TimeZone};
use std::{fmt, str::FromStr};

/// A time zone: a fixed offset from UTC or a zone of the IANA database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// A fixed offset, in minutes east of UTC.
    Offset(i32),
    /// A zone of the IANA database.
    Named(chrono_tz::Tz),
}

impl Default for Zone {
    fn default() -> Self {
        Zone::Offset(0)
    }
}

impl Zone {
    /// Seconds since the epoch of a local time in this zone, given as seconds since
    /// 1970-01-01T00:00:00 local time. A local time that comes twice is the earlier one; one
    /// that never comes is read with the offset before the gap.
    pub fn to_utc(self, local: i64) -> i64 {
        match self {
            Zone::Offset(minutes) => local - i64::from(minutes) * 60,
            Zone::Named(zone) => {
                let Some(naive) = chrono::DateTime::from_timestamp(local, 0).map(|t| t.naive_utc()) else {
                    return local;
                };
                local - i64::from(offset(zone, naive))
            }
        }
    }
}

impl Zone {
    /// The local time in this zone, as seconds since 1970-01-01T00:00:00 local time, of seconds since the epoch.
    pub fn to_local(self, utc: i64) -> i64 {
        use chrono::Offset;
        match self {
            Zone::Offset(minutes) => utc + i64::from(minutes) * 60,
            Zone::Named(zone) => chrono::DateTime::from_timestamp(utc, 0).map_or(utc, |time| {
                utc + i64::from(zone.offset_from_utc_datetime(&time.naive_utc()).fix().local_minus_utc())
            }),
        }
    }
}

fn offset(zone: chrono_tz::Tz, local: NaiveDateTime) -> i32 {
    use chrono::Offset;
    // Where the date line moved, a whole day never came.
    let before_gap = || local - chrono::Duration::hours(25);
    zone.offset_from_local_datetime(&local)
        .earliest()
        .or_else(|| zone.offset_from_local_datetime(&before_gap()).earliest())
        .map_or(0, |offset| offset.fix().local_minus_utc())
}

/// A zone that is neither an offset nor a name of the IANA database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownZone(String);

impl fmt::Display for UnknownZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown time zone `{}`: give an offset like +02:00 or a name like Europe/Berlin", self.0)
    }
}

impl std::error::Error for UnknownZone {}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(text: &str) -> Result<Self, UnknownZone> {
        if let Some(minutes) = crate::time::offset_minutes(text.as_bytes()) {
            return FixedOffset::east_opt(minutes * 60)
                .map(|_| Zone::Offset(minutes))
                .ok_or_else(|| UnknownZone(text.into()));
        }
        text.parse().map(Zone::Named).map_err(|_| UnknownZone(text.into()))
    }
}
