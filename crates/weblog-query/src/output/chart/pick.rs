//! Which chart fits an answer.

use super::{
    ChartHint, ChartKind,
    answer::{Answer, Holds},
    heat, world,
};

/// A chart, and the columns that it shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Plan {
    Bars { labels: Vec<usize>, value: usize, others: Vec<usize> },
    Time { time: usize, series: Vec<usize>, values: Vec<usize> },
    Heat { across: usize, down: usize, value: usize },
    Map { country: usize, value: usize },
    Number { values: Vec<usize>, lists: Vec<usize> },
}

/// Columns that name rows: an answer with more of them is a table of things rather than of numbers.
const NAMES: usize = 2;
/// Numbers that are drawn large, one below the other.
const LARGE: usize = 4;

/// Columns by what they are good for, in their order.
#[derive(Default)]
struct Roles {
    times: Vec<usize>,
    names: Vec<usize>,
    numbers: Vec<usize>,
    lists: Vec<usize>,
}

/// The chart that somebody wants, or the one that fits. None: a table says more.
///
/// # Errors
/// Why the chart that somebody wants cannot be drawn.
pub(super) fn pick(answer: &Answer, hint: &ChartHint) -> Result<Option<Plan>, String> {
    let chosen = chosen(answer, &hint.columns)?;
    let mut roles = Roles::default();
    for at in &chosen {
        let column = &answer.columns[*at];
        match column.holds {
            Holds::Time => roles.times.push(*at),
            Holds::Numbers => roles.lists.push(*at),
            Holds::Number if column.measures() => roles.numbers.push(*at),
            _ => roles.names.push(*at),
        }
    }
    roles.settle(answer, &chosen, !hint.columns.is_empty());
    if answer.len() == 0 {
        return Ok(None);
    }
    match hint.kind {
        None => Ok(fitting(answer, &roles, !hint.columns.is_empty())),
        Some(kind) => {
            let why = |what: String| format!("this answer cannot be drawn so: {what}");
            wanted(answer, &roles, kind).map(Some).map_err(why)
        }
    }
}

/// The columns of these names, or all.
fn chosen(answer: &Answer, names: &[String]) -> Result<Vec<usize>, String> {
    let place = |name: &String| {
        let place = answer.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name));
        place.ok_or_else(|| {
            let there: Vec<&str> = answer.columns.iter().map(|column| column.name.as_str()).collect();
            format!("the answer has no column `{name}` to draw; it has {}", there.join(", "))
        })
    };
    if names.is_empty() { Ok((0..answer.columns.len()).collect()) } else { names.iter().map(place).collect() }
}

impl Roles {
    /// Finds a number and a name where only the places of columns tell which is which.
    fn settle(&mut self, answer: &Answer, chosen: &[usize], by_name: bool) {
        let is_number = |at: &usize| answer.columns[*at].holds == Holds::Number;
        // Somebody who names columns names the one first that the others are by.
        if by_name && let Some(first) = chosen.first() {
            if chosen.len() > 1 && self.numbers.contains(first) {
                self.numbers.retain(|at| at != first);
                self.names.insert(0, *first);
            }
            let (numbers, names) = self.names.iter().partition(|at| *at != first && is_number(at));
            if self.numbers.is_empty() {
                (self.numbers, self.names) = (numbers, names);
            }
        }
        if self.numbers.is_empty()
            && let Some(last) = self.names.iter().copied().rfind(is_number)
            && (self.names.len() + self.times.len() > 1 || answer.len() == 1)
        {
            self.names.retain(|at| *at != last);
            self.numbers.push(last);
        }
        let alone = self.names.is_empty() && self.times.is_empty();
        if alone && self.numbers.len() > 1 && answer.len() > 1 {
            self.names.push(self.numbers.remove(0));
        }
    }
}

/// The chart that fits, if one does.
fn fitting(answer: &Answer, roles: &Roles, by_name: bool) -> Option<Plan> {
    let first = *roles.numbers.first()?;
    if answer.len() == 1 && roles.names.is_empty() && roles.times.is_empty() && roles.numbers.len() <= LARGE {
        return wanted(answer, roles, ChartKind::Number).ok();
    }
    if roles.names.len() > NAMES || (roles.times.len() > 1 && !by_name) {
        return None;
    }
    let over_time = roles.times.first().is_some_and(|time| *time < first || by_name);
    let kinds = [
        over_time.then_some(ChartKind::Time),
        (!over_time && roles.names.iter().any(|at| world::is_country(answer, *at))).then_some(ChartKind::Map),
        (!over_time && roles.names.iter().all(|at| heat::is_ordinal(answer, *at))).then_some(ChartKind::Heat),
        Some(ChartKind::Bars),
    ];
    kinds.into_iter().flatten().find_map(|kind| wanted(answer, roles, kind).ok())
}

/// A chart of this kind.
fn wanted(answer: &Answer, roles: &Roles, kind: ChartKind) -> Result<Plan, String> {
    let value = roles.numbers.first().copied();
    let number = || value.ok_or_else(|| "it has no column of numbers".to_owned());
    match kind {
        ChartKind::Number => {
            let value = number()?;
            let values = match answer.len() {
                1 => roles.numbers.iter().copied().take(LARGE).collect(),
                _ => vec![value],
            };
            Ok(Plan::Number { values, lists: roles.lists.clone() })
        }
        ChartKind::Time => {
            let time = *roles.times.first().ok_or("it has no column of times")?;
            let value = number()?;
            if answer.distinct(time, 2) < 2 {
                return Err("all its rows are of one time".into());
            }
            let series = roles.names.clone();
            let values = if series.is_empty() { roles.numbers.clone() } else { vec![value] };
            Ok(Plan::Time { time, series, values })
        }
        ChartKind::Map => {
            let country = roles.names.iter().copied().find(|at| world::is_country(answer, *at));
            let country = country.ok_or("it has no column of countries in two letters")?;
            Ok(Plan::Map { country, value: number()? })
        }
        ChartKind::Heat => {
            let value = number()?;
            let [first, second] = roles.names[..] else {
                return Err("a heat map is of two columns of names and one of numbers".into());
            };
            let counts = (answer.distinct(first, heat::ACROSS), answer.distinct(second, heat::ACROSS));
            let (across, down) = if counts.0 >= counts.1 { (first, second) } else { (second, first) };
            if counts.0.max(counts.1) > heat::ACROSS || counts.0.min(counts.1) > heat::DOWN {
                return Err(format!("a heat map has {} by {} fields at most", heat::ACROSS, heat::DOWN));
            }
            Ok(Plan::Heat { across, down, value })
        }
        ChartKind::Bars => {
            let value = number()?;
            let labels = if roles.names.is_empty() { roles.times.clone() } else { roles.names.clone() };
            if labels.is_empty() {
                return Err("it has no column of names".into());
            }
            let shown = |at: &usize| *at != value && !labels.contains(at);
            let others = roles.numbers.iter().chain(&roles.lists).chain(&roles.times).copied();
            let mut others: Vec<usize> = others.filter(shown).collect();
            others.sort_unstable();
            Ok(Plan::Bars { labels, value, others })
        }
    }
}
