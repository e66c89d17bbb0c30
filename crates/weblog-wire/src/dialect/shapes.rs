//! The keys of the last lines, and what they mean: most lines of a log have the same ones.

use super::{
    flat,
    meaning::{Entry, Meaning, Table, of_schema},
    recognize::{Object, recognize},
    token::{Member, Raw},
};

/// What was recognized in an object, for others with the same keys.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// The keys and the kinds of their values; none when they are too many to be remembered.
    keys: Option<Vec<(Box<[u8]>, u8)>>,
    pub(super) object: Object,
    /// What each member means.
    pub(super) plan: Box<[Entry]>,
}

/// Shapes that are remembered, and the longest one.
const SHAPES: usize = 4;
const LONGEST: usize = 128;
const LONGEST_KEY: usize = 64;

/// The shapes of the last lines: most lines of a log have the same keys in the same order.
#[derive(Clone, Debug, Default)]
pub(super) struct Shapes {
    known: Vec<Shape>,
    next: usize,
}

impl Shapes {
    /// The shape of these members.
    #[inline]
    pub(super) fn of(&mut self, members: &[Member<'_>]) -> &Shape {
        let at = match self.known.iter().position(|shape| shape.is_of(members)) {
            Some(at) => at,
            None => self.learn(members),
        };
        &self.known[at]
    }

    #[cold]
    fn learn(&mut self, members: &[Member<'_>]) -> usize {
        let object = recognize(members);
        let table = match object {
            Object::Entry(dialect) => dialect.table(),
            Object::Wrapper(_) => &super::wrapper::WRAPPER,
            Object::Message | Object::Plain { .. } => &flat::ANY,
        };
        let plan = members.iter().map(|member| meaning(table, member.key)).collect();
        let short = members.len() <= LONGEST && members.iter().all(|member| member.key.len() <= LONGEST_KEY);
        let key = |member: &Member<'_>| (member.key.into(), kind(member.value));
        let keys = short.then(|| members.iter().map(key).collect());
        let shape = Shape { keys, object, plan };
        if self.known.len() < SHAPES {
            self.known.push(shape);
            return self.known.len() - 1;
        }
        self.next = (self.next + 1) % SHAPES;
        self.known[self.next] = shape;
        self.next
    }
}

impl Shape {
    #[inline]
    fn is_of(&self, members: &[Member<'_>]) -> bool {
        let same = |(known, member): (&(Box<[u8]>, u8), &Member<'_>)| {
            known.1 == kind(member.value) && *known.0 == *member.key
        };
        let Some(keys) = &self.keys else { return false };
        keys.len() == members.len() && keys.iter().zip(members).all(same)
    }
}

fn kind(value: Raw<'_>) -> u8 {
    match value {
        Raw::Absent => 0,
        Raw::Quoted(_) => 1,
        Raw::Bare(_) => 2,
        Raw::Object(_) => 3,
        Raw::Array(_) => 4,
    }
}

/// What a key means in a table, or by the schema, or that it is not known.
pub(super) fn meaning(table: &'static Table, key: &[u8]) -> Entry {
    let known = table.get(key);
    known.unwrap_or_else(|| Entry { meaning: of_schema(key).unwrap_or(Meaning::Pass), weak: true })
}
