//! Dialects whose keys are paths with dots, written so or nested: ECS and OpenTelemetry.

use super::{
    entry::{Filler, inside, meaning_in},
    meaning::Table,
    shapes::meaning,
    token::{Cursor, Fault, Member, Raw},
};

/// The fields of an object whose keys are paths with dots, written so or nested.
pub(super) fn fill<'a>(
    filler: &mut Filler<'a, '_>,
    members: &[Member<'a>],
    table: &'static Table,
) -> Result<(), Fault> {
    for weak in [false, true] {
        for member in members {
            dotted_member(filler, "", member, table, weak)?;
        }
    }
    Ok(())
}

fn dotted_member<'a>(
    filler: &mut Filler<'a, '_>,
    path: &str,
    member: &Member<'a>,
    table: &'static Table,
    weak: bool,
) -> Result<(), Fault> {
    let key = String::from_utf8_lossy(member.key);
    let full = if path.is_empty() { key.into_owned() } else { format!("{path}.{key}") };
    let transparent = path.is_empty() && full.eq_ignore_ascii_case("attributes");
    if let Raw::Object(object) = member.value
        && (transparent || table.has_under(&full))
    {
        let mut cursor = Cursor::inside(object);
        while let Some(inner) = cursor.member().map_err(|fault| inside(filler.line, object, fault))? {
            dotted_member(filler, if transparent { "" } else { &full }, &inner, table, weak)?;
        }
        return Ok(());
    }
    let entry =
        if path.is_empty() { meaning(table, full.as_bytes()) } else { meaning_in(table, full.as_bytes()) };
    if entry.weak != weak {
        return Ok(());
    }
    // What is not known passes by its path, with `_` as everywhere.
    filler.put(&path.replace('.', "_"), member, entry.meaning)
}
