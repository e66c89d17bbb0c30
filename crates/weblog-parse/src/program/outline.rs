//! What each directive of a format fills, for people who want to know what their format says.

use super::Program;
use crate::{record::Name, schema::Kind};

/// One directive or variable of a format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline<'p> {
    /// The directive as it stands in the format.
    pub source: &'p str,
    /// What its text looks like, a phrase that completes "expected …".
    pub text: &'static str,
    /// The fields that it fills, in the order in which they are written.
    pub fills: Vec<Filled>,
}

/// A field that a directive fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Its name.
    pub name: Name<'static>,
    /// What kind of value it holds.
    pub kind: Kind,
    /// Whether another directive goes first, and this one counts where that one is `-`.
    pub stands_in: bool,
}

impl Program {
    /// The directives of the format in the order in which they stand on a line, and what each fills.
    pub fn outline(&self) -> Vec<Outline<'_>> {
        let mut outlines: Vec<Outline<'_>> = self
            .steps
            .iter()
            .map(|step| Outline {
                source: &step.variable.source,
                text: step.variable.shape.expected(),
                fills: Vec::new(),
            })
            .collect();
        for emit in &self.emits {
            let mut fields = Vec::new();
            self.add_fields(emit, &mut fields);
            for (rank, at) in emit.sources.iter().enumerate() {
                let filled = fields.iter().map(|(name, kind)| Filled {
                    name: *name,
                    kind: *kind,
                    stands_in: rank > 0,
                });
                outlines[usize::from(*at)].fills.extend(filled);
            }
        }
        outlines
    }
}

#[cfg(test)]
mod tests {
    use crate::{Escape, Field, Name, Program};

    fn fills(program: &Program) -> Vec<(String, Vec<Name<'static>>)> {
        let name = |outline: crate::program::Outline<'_>| {
            (outline.source.to_owned(), outline.fills.iter().map(|filled| filled.name).collect())
        };
        program.outline().into_iter().map(name).collect()
    }

    #[test]
    fn every_directive_is_named_with_the_fields_that_it_fills() {
        let program = Program::nginx("$remote_addr $status $request_time $my_own", Escape::Default).unwrap();
        let wanted = [
            ("$remote_addr", Name::Known(Field::RemoteAddr)),
            ("$status", Name::Known(Field::Status)),
            ("$request_time", Name::Known(Field::DurationUs)),
            ("$my_own", Name::Other("my_own")),
        ];
        assert_eq!(fills(&program), wanted.map(|(source, name)| (source.to_owned(), vec![name])));
    }

    #[test]
    fn a_request_line_fills_seven_fields_and_the_coarser_duration_stands_in() {
        let program = Program::apache("\"%r\" %T %D").unwrap();
        let outline = program.outline();
        assert_eq!(outline[0].fills.len(), 7);
        let duration =
            |at: usize| outline[at].fills.iter().find(|f| f.name == Name::Known(Field::DurationUs));
        assert!(duration(1).unwrap().stands_in && !duration(2).unwrap().stands_in);
    }

    #[test]
    fn the_outline_has_every_field_of_the_format_and_no_other() {
        for format in ["%h %l %u %t \"%r\" %>s %b %D %T", "%v:%p %U%q %m %{X-Any}i %s %>s %{msec}t %t"] {
            let program = Program::apache(format).unwrap();
            let mut outlined: Vec<_> = program
                .outline()
                .into_iter()
                .flat_map(|o| o.fills)
                .map(|f| format!("{:?}", f.name))
                .collect();
            let mut fields: Vec<_> = program.fields().iter().map(|(name, _)| format!("{name:?}")).collect();
            for names in [&mut outlined, &mut fields] {
                names.sort();
                names.dedup();
            }
            assert_eq!(outlined, fields, "{format}");
        }
    }
}
