//! From literals and variables to a program.

use super::{
    BadFormat, Escape, Program,
    explain::readable,
    plan::plan,
    step::{End, Literal, Step},
    variable::{Shape, Variable},
};
use crate::schema::Field;

/// Literals and variables in the order in which they stand on a line.
///
/// ```
/// use weblog_parse::{Field, program::{Builder, Escape, Shape, Variable}};
///
/// let program = Builder::new("my format", Escape::Default)
///     .variable(Variable::field("client", Field::RemoteAddr, Shape::Word))
///     .literal(b" ")
///     .variable(Variable::field("status", Field::Status, Shape::Status))
///     .build()
///     .expect("the format has a variable");
/// assert_eq!(program.fields().len(), 2);
/// ```
#[derive(Clone, Debug)]
pub struct Builder {
    source: String,
    escape: Escape,
    items: Vec<Item>,
    warnings: Vec<String>,
}

#[derive(Clone, Debug)]
enum Item {
    Literal(Vec<u8>),
    Variable(Variable),
}

/// A step's number is one byte.
const MAX_VARIABLES: usize = 255;

impl Builder {
    /// A format without anything in it. `source` is its name or its text, for errors.
    pub fn new(source: &str, escape: Escape) -> Self {
        Builder { source: source.into(), escape, items: Vec::new(), warnings: Vec::new() }
    }

    /// Adds bytes that stand on every line.
    pub fn literal(mut self, bytes: &[u8]) -> Self {
        match self.items.last_mut() {
            Some(Item::Literal(before)) => before.extend_from_slice(bytes),
            _ if bytes.is_empty() => {}
            _ => self.items.push(Item::Literal(bytes.into())),
        }
        self
    }

    /// Adds a variable.
    pub fn variable(mut self, variable: Variable) -> Self {
        self.items.push(Item::Variable(variable));
        self
    }

    /// Compiles the format.
    ///
    /// # Errors
    /// A format without a variable, or with more than 255, cannot be compiled.
    pub fn build(mut self) -> Result<Program, BadFormat> {
        self.join_paths();
        self.drop_unseparated();
        let source = self.source;
        let count = self.items.iter().filter(|item| matches!(item, Item::Variable(_))).count();
        if count == 0 {
            return Err(BadFormat::new(source.len(), "a directive or a variable: this format has none"));
        }
        if count > MAX_VARIABLES {
            return Err(BadFormat::new(source.len(), format!("at most {MAX_VARIABLES} variables")));
        }
        let (prefix, steps, tail) = steps(self.items, self.escape);
        let mut warnings = self.warnings;
        warnings.extend(steps.iter().filter_map(ambiguity));
        let variables: Vec<&Variable> = steps.iter().map(|step| &step.variable).collect();
        let mut emits = plan(&variables);
        for emit in &mut emits {
            let quoted = |at: &u8| steps[usize::from(*at)].until.bytes.first() == Some(&b'"');
            emit.quoted = emit.sources.iter().all(quoted);
            emit.only = if let [only] = *emit.sources { Some(only) } else { None };
        }
        let emits = emits.into();
        Ok(Program { source, escape: self.escape, prefix, steps, tail, emits, warnings })
    }

    /// Makes one field of `%U%q` and of `$uri$is_args$args`: the `?` parts them.
    fn join_paths(&mut self) {
        let mut at = 0;
        while at < self.items.len() {
            let variable = |at: usize| match self.items.get(at) {
                Some(Item::Variable(variable)) => Some(variable),
                _ => None,
            };
            let is_path = |v: &Variable| v.claim == Some(Field::Path) && v.shape == Shape::Text;
            let is_query = |v: &Variable| v.claim == Some(Field::Query);
            let behind = match (variable(at), variable(at + 1), variable(at + 2)) {
                (Some(path), Some(query), _) if is_path(path) && query.shape == Shape::Query => 1,
                (Some(path), Some(mark), Some(query))
                    if is_path(path) && mark.own == "is_args" && is_query(query) =>
                {
                    2
                }
                _ => 0,
            };
            if behind > 0 {
                let more: Vec<Item> = self.items.drain(at + 1..=at + behind).collect();
                if let Item::Variable(path) = &mut self.items[at] {
                    path.shape = Shape::PathAndQuery;
                    for item in more {
                        if let Item::Variable(variable) = item {
                            path.source.push_str(&variable.source);
                        }
                    }
                }
            }
            at += 1;
        }
    }

    /// Two variables that nothing parts cannot be told apart: the first one gets the text of both.
    fn drop_unseparated(&mut self) {
        let mut at = 1;
        while at < self.items.len() {
            if let [Item::Variable(first), Item::Variable(second)] = &self.items[at - 1..=at]
                && !first.shape.is_typed()
                && !second.begins_with_slash()
            {
                self.warnings.push(format!(
                    "nothing stands between `{}` and `{}`: the text of both goes to `{}`",
                    first.source, second.source, first.own
                ));
                self.items.remove(at);
            } else {
                at += 1;
            }
        }
    }
}

/// Splits the literals between the fields they hold: the opening and the closing quotes and brackets.
fn steps(items: Vec<Item>, escape: Escape) -> (Literal, Box<[Step]>, Box<[u8]>) {
    let mut variables = Vec::new();
    // `literals[at]` stands before `variables[at]`.
    let mut literals = vec![Vec::new()];
    for item in items {
        match item {
            Item::Literal(bytes) => literals.last_mut().expect("there is always one").extend(bytes),
            Item::Variable(variable) => {
                variables.push(variable);
                literals.push(Vec::new());
            }
        }
    }
    let prefix = Literal::new(&literals[0]);
    let count = variables.len();
    let mut steps: Vec<Step> = Vec::new();
    let mut closed = 0;
    let mut variables = variables.into_iter().peekable();
    for at in 0..count {
        let mut variable = variables.next().expect("as many as counted");
        let (before, after) = (&literals[at][closed..], &literals[at + 1]);
        let wrap = match (before.last(), after.first()) {
            (Some(b'"'), Some(b'"')) => Some((b'"', b'"')),
            (Some(b'['), Some(b']')) => Some((b'[', b']')),
            _ => None,
        };
        // In quotes a header may hold anything.
        if wrap.is_some() && variable.shape == Shape::List && variable.claim == Some(Field::ForwardedFor) {
            variable.shape = Shape::Text;
        }
        let end = match (after.is_empty(), variables.peek()) {
            (false, _) => End::Literal,
            (true, None) => End::Line,
            (true, Some(next)) if !variable.shape.is_typed() && next.begins_with_slash() => End::Slash,
            (true, Some(_)) => End::Itself,
        };
        closed = usize::from(wrap.is_some());
        steps.push(Step::new(variable, &before[..before.len() - closed], wrap, after, end, escape));
    }
    (prefix, steps.into(), literals[count][closed..].into())
}

/// What a reader of the log has to know of a field that can hold what ends it.
fn ambiguity(step: &Step) -> Option<String> {
    let first = *step.until.bytes.first()?;
    if !step.variable.shape.is_free() {
        return None;
    }
    // Quotes and control characters are escaped, unless nothing is.
    let escaped = step.escape != Escape::None && (first == b'"' || !(0x20..0x7f).contains(&first));
    (!escaped).then(|| {
        format!(
            "`{}` can hold the `{}` that ends it: it ends at the first one behind which the line fits",
            step.variable.source,
            readable(&step.until.bytes)
        )
    })
}
