//! Which variable fills which field, decided once when a format is compiled.
//!
//! Of several variables for one field the one of the lowest rank gets it, and the others go by their own
//! names; two of the same rank stand in for each other, and the first that is not `-` counts. A request
//! line gives method, target, path, query and protocol; the variables that give these apart then go by
//! their own names, and so do path and query beside `$request_uri`. Of times and durations the finest
//! counts, and the others, which say the same less exactly, are dropped.

use super::variable::{Shape, Variable};
use crate::{
    names::intern,
    schema::{Field, Kind},
};

/// The name of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Known(Field),
    Other(&'static str),
}

impl Target {
    /// A name that the schema does not have. Beyond the number that can be kept all have the same one.
    fn other(name: &str) -> Target {
        Target::Other(intern(name).unwrap_or("unnamed"))
    }
}

/// One value of the record, and what it is made of.
#[derive(Clone, Debug)]
pub(super) struct Emit {
    pub(super) target: Target,
    pub(super) how: How,
    /// The steps whose values are tried in this order.
    pub(super) sources: Vec<u8>,
    /// The source, when there is one.
    pub(super) only: Option<u8>,
    /// Whether every source ends at a quote, so that no value has one in it.
    pub(super) quoted: bool,
}

/// How a value is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// The text or the number as it stands.
    Value,
    /// One character, of which `-` is a value.
    Char,
    /// A number with a fraction.
    Decimal,
    /// The time, and the offset when it goes to the field `time`.
    Time,
    /// A request line: the fields from `method` to `request_kind`.
    Request,
    /// A target: `target`, `path` and `query`. The method, when the format gives it apart.
    Uri(Option<u8>),
    /// What stands before the first `?`.
    BeforeQuery,
    /// What stands behind the first `?`.
    Query,
    /// Microseconds of a list of seconds.
    Sum,
    /// A list when it has more than one item.
    Several,
    /// The number of items of a list.
    Attempts,
    /// The last item of a list of numbers.
    Last,
    /// What does not come from the format: the host of a wrapper, and `extra`.
    Rest,
}

impl Emit {
    fn new(target: Target, how: How, sources: Vec<u8>) -> Self {
        Emit { target, how, sources, only: None, quoted: false }
    }

    /// The kind of the value that is made of fields of these shapes.
    pub(super) fn kind<'s>(&self, mut shapes: impl Iterator<Item = &'s Shape>) -> Kind {
        match (&self.target, self.how) {
            (Target::Known(field), _) => field.info().kind,
            (_, How::Time) => Kind::Time,
            (_, How::Sum | How::Attempts | How::Last) => Kind::Int,
            (_, How::Decimal) => Kind::Float,
            (_, How::Value) if shapes.all(is_int) => Kind::Int,
            _ => Kind::Text,
        }
    }
}

/// Whether values of this shape are whole numbers.
pub(super) fn is_int(shape: &Shape) -> bool {
    matches!(shape, Shape::Status | Shape::Int | Shape::Hex | Shape::Duration(_))
}

/// The values of a record in the order in which they are written.
pub(super) fn plan(variables: &[&Variable]) -> Vec<Emit> {
    let mut plan = Plan { variables, emits: vec![Emit::new(Target::Known(Field::Extra), How::Rest, vec![])] };
    let claims = claims(variables);
    let mut own = Vec::new();
    for field in Field::ALL {
        let claimants = claims.iter().enumerate().filter(|(_, claim)| **claim == Some(*field));
        let claimants: Vec<u8> = claimants.map(|(at, _)| at as u8).collect();
        if !claimants.is_empty() {
            own.extend(plan.claimed(*field, claimants));
        }
    }
    own.extend((0..variables.len()).filter(|at| claims[*at].is_none()).map(|at| at as u8));
    own.sort_unstable();
    for at in own {
        plan.own(at);
    }
    // A stable sort: names that the schema does not know stand behind, in the order of the format.
    plan.emits.sort_by_key(|emit| match &emit.target {
        Target::Known(field) => *field as usize,
        Target::Other(_) => usize::MAX,
    });
    plan.emits
}

/// The field that each variable claims, beside what the others claim.
fn claims(variables: &[&Variable]) -> Vec<Option<Field>> {
    use Field::{Method, Path, Protocol, Query, Request, Target};
    let has = |field| variables.iter().any(|variable| variable.claim == Some(field));
    let (request, target) = (has(Request), has(Target));
    let settled = |claim: &Field| match claim {
        Method | Target | Protocol => request,
        Path | Query => request || target,
        _ => false,
    };
    variables.iter().map(|variable| variable.claim.filter(|claim| !settled(claim))).collect()
}

struct Plan<'v> {
    variables: &'v [&'v Variable],
    emits: Vec<Emit>,
}

impl Plan<'_> {
    /// Gives a field to its claimants and returns those that have to go by their own names.
    fn claimed(&mut self, field: Field, mut claimants: Vec<u8>) -> Vec<u8> {
        let variable = |at: &u8| self.variables[usize::from(*at)];
        match field {
            Field::Time => {
                self.times(claimants);
                return Vec::new();
            }
            Field::DurationUs => claimants.sort_by_key(|at| variable(at).rank),
            // A path with the query behind it fills both.
            _ if self.has(field) => return claimants,
            _ => {
                let best = claimants.iter().map(|at| variable(at).rank).min();
                let (winners, losers) = claimants.iter().partition(|at| Some(variable(at).rank) == best);
                self.fill(field, winners);
                return losers;
            }
        }
        self.fill(field, claimants);
        Vec::new()
    }

    fn times(&mut self, mut claimants: Vec<u8>) {
        let variable = |at: &u8| self.variables[usize::from(*at)];
        let digits = |at: &u8| match &variable(at).shape {
            Shape::Time(shape) => shape.digits(&variable(at).source),
            _ => 0,
        };
        claimants.sort_by_key(|at| std::cmp::Reverse(digits(at)));
        let (ends, begins): (Vec<u8>, Vec<u8>) =
            claimants.into_iter().partition(|at| variable(at).own == "end_time");
        if begins.is_empty() {
            return self.add(Target::Known(Field::Time), How::Time, ends);
        }
        self.add(Target::Known(Field::Time), How::Time, begins);
        if !ends.is_empty() {
            self.add(Target::Other("end_time"), How::Time, ends);
        }
    }

    fn fill(&mut self, field: Field, sources: Vec<u8>) {
        let shape = &self.variables[usize::from(sources[0])].shape;
        let target = Target::Known(field);
        match (field, shape) {
            (Field::Request, _) => self.add(Target::Known(Field::Method), How::Request, sources),
            (Field::Target, _) => {
                let method = self.variables.iter().position(|v| v.claim == Some(Field::Method));
                self.add(target, How::Uri(method.map(|at| at as u8)), sources);
            }
            (Field::Path, Shape::PathAndQuery) => {
                if !self.has(Field::Query) {
                    self.add(Target::Known(Field::Query), How::Query, sources.clone());
                }
                self.add(target, How::BeforeQuery, sources);
            }
            (Field::Query, Shape::Query) => self.add(target, How::Query, sources),
            (Field::UpstreamAddr, _) => {
                self.attempts(&sources);
                self.add(target, How::Value, sources);
            }
            (Field::UpstreamStatus, _) => {
                self.attempts(&sources);
                self.add(Target::Other("upstream_last_status"), How::Last, sources.clone());
                self.add(target, How::Value, sources);
            }
            (Field::UpstreamTimeUs, _) => {
                self.attempts(&sources);
                self.add(Target::Other("upstream_response_time"), How::Several, sources.clone());
                self.add(target, How::Sum, sources);
            }
            (_, Shape::Decimal) => self.add(target, How::Decimal, sources),
            _ => self.add(target, How::Value, sources),
        }
    }

    fn attempts(&mut self, sources: &[u8]) {
        if !self.has(Field::UpstreamAttempts) {
            self.add(Target::Known(Field::UpstreamAttempts), How::Attempts, sources.to_vec());
        }
    }

    /// Gives a variable its own name.
    fn own(&mut self, at: u8) {
        let variable = self.variables[usize::from(at)];
        let how = match variable.shape {
            Shape::Char => How::Char,
            Shape::Decimal => How::Decimal,
            Shape::Time(_) => How::Time,
            Shape::Times => {
                self.add(Target::other(&variable.own), How::Several, vec![at]);
                let sum = Target::other(&format!("{}_us", variable.own));
                return self.add(sum, How::Sum, vec![at]);
            }
            _ => How::Value,
        };
        let target = self.named(variable);
        match self.emits.iter_mut().find(|emit| emit.target == target && emit.how == how) {
            // The same variable twice: the first that is not `-`.
            Some(emit) => emit.sources.push(at),
            None => self.add(target, how, vec![at]),
        }
    }

    /// The schema's field of this name when it is of the kind, else the name itself.
    fn named(&self, variable: &Variable) -> Target {
        let kind = if is_int(&variable.shape) { Kind::Int } else { Kind::Text };
        match Field::from_name(variable.own.as_bytes()) {
            // What a run itself fills is nobody else's.
            Some(Field::Source | Field::Offset | Field::Extra | Field::Host) => {}
            Some(field) if field.info().kind == kind && !self.has(field) => return Target::Known(field),
            Some(_) => {}
            None if variable.own == "prefix" => {}
            None => return Target::other(&variable.own),
        }
        Target::other(&format!("var_{}", variable.own))
    }

    /// Whether a field has its value already.
    fn has(&self, field: Field) -> bool {
        self.emits.iter().any(|emit| {
            let Target::Known(first) = emit.target else { return false };
            match emit.how {
                How::Request => (Field::Method..=Field::RequestKind).contains(&field),
                How::Uri(_) => (Field::Target..=Field::Query).contains(&field),
                How::Time => matches!(field, Field::Time | Field::UtcOffset),
                _ => first == field,
            }
        })
    }

    fn add(&mut self, target: Target, how: How, sources: Vec<u8>) {
        self.emits.push(Emit::new(target, how, sources));
    }
}
