//! Learning the routes of a site from its paths.

use super::{LONGEST, dictionary::Dictionary, segment::ending, shape};
use foldhash::fast::FixedState;
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

/// Sees the paths of a site. Keep one per thread, and merge them at the end: what is learnt does
/// not depend on how the paths were shared out, nor on their order.
///
/// Paths are counted by their shape. When there are more shapes than there is room for (65,536),
/// half of them are left out, chosen by a hash of the shape that never changes; short ones, which
/// are the site's own, go last. That keeps every count that is left exact, whoever counted it.
///
/// Show it the paths of requests that succeeded: what scanners guess is no route of the site.
#[derive(Debug, Clone, Default)]
pub struct Learner {
    counts: HashMap<Box<str>, u64, FixedState>,
    /// Shapes of a lower rank are left out.
    rank: u32,
}

/// Distinct shapes to remember: some 10 MB, and at most 25.
const ROOM: usize = 1 << 16;
/// A place with more names than this is folded. Names that are asked for more often than every so
/// many requests of the place stay.
const MOST_NAMES: usize = 64;

impl Learner {
    /// Counts a path, decoded once. What is no path is not counted.
    pub fn see(&mut self, path: &str) {
        let shape = shape(path);
        if shape != "*" {
            self.add(shape, 1);
        }
    }

    /// Adds what another one has seen.
    pub fn merge(&mut self, other: Learner) {
        if other.rank > self.rank {
            self.raise(other.rank);
        }
        for (shape, count) in other.counts {
            self.add(Cow::Owned(shape.into_string()), count);
        }
    }

    fn add(&mut self, shape: Cow<'_, str>, count: u64) {
        if let Some(known) = self.counts.get_mut(&*shape) {
            *known = known.saturating_add(count);
            return;
        }
        if rank(&shape) < self.rank {
            return;
        }
        self.counts.insert(shape.into(), count);
        while self.counts.len() > ROOM {
            self.raise(self.rank + 1);
        }
    }

    fn raise(&mut self, least: u32) {
        self.rank = least;
        self.counts.retain(|shape, _| rank(shape) >= least);
    }

    /// The dictionary of what was seen. Every template of the previous one stays as it is; new ones
    /// are added, the most frequent first, until there are `most` in all, with their counts as
    /// comments.
    ///
    /// Where a place has more than 64 names, those that take less than a 64th of its requests
    /// become `{slug}`, files by their ending (`{slug}.html`).
    pub fn into_dictionary(self, previous: &Dictionary, most: usize) -> Dictionary {
        let mut root = Place::default();
        for (template, _) in previous.templates() {
            root.insert(template, 0, true);
        }
        for (shape, count) in &self.counts {
            if !previous.knows(shape) {
                root.insert(shape, *count, false);
            }
        }
        root.fold();
        let mut found = Vec::new();
        root.collect(&mut String::new(), &mut found);
        let mut templates: BTreeMap<Box<str>, Box<str>> =
            previous.templates().map(|(template, comment)| (template.into(), comment.into())).collect();
        found.retain(|(template, _)| !templates.contains_key(template));
        found.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        found.truncate(most.saturating_sub(templates.len()));
        templates.extend(found.into_iter().map(|(template, count)| (template, count.to_string().into())));
        Dictionary::new(templates)
    }
}

/// How long a shape is kept when room is short: the zeros that its hash begins with, and four for
/// shapes of one or two parts.
fn rank(shape: &str) -> u32 {
    // FNV-1a, and the last step of MurmurHash3 over it: both are the same on every machine forever.
    let mut hash = shape.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    let is_short = shape.bytes().filter(|byte| *byte == b'/').count() <= 2;
    (hash ^ (hash >> 33)).leading_zeros() + if is_short { 4 } else { 0 }
}

/// A place in the site.
#[derive(Debug, Default)]
struct Place {
    /// Requests that end here, and those that end here or below.
    here: u64,
    total: u64,
    /// A route ends here, even one that nobody asked for.
    is_route: bool,
    /// It is on the way to a template of the previous dictionary, and stays.
    is_kept: bool,
    children: BTreeMap<Box<str>, Place>,
}

impl Place {
    fn insert(&mut self, template: &str, count: u64, is_kept: bool) {
        let mut place = self;
        place.total += count;
        for part in template.split('/').filter(|part| !part.is_empty()) {
            place = place.children.entry(part.into()).or_default();
            place.total += count;
            place.is_kept |= is_kept;
        }
        place.here += count;
        place.is_route |= !is_kept;
    }

    fn merge(&mut self, other: Place) {
        self.here += other.here;
        self.total += other.total;
        self.is_route |= other.is_route;
        for (part, child) in other.children {
            self.children.entry(part).or_default().merge(child);
        }
    }

    /// Folds what has too many names, from the top down, so that what was folded together is
    /// looked at together.
    fn fold(&mut self) {
        let mut names: BTreeMap<String, (usize, u64)> = BTreeMap::new();
        for (part, child) in &self.children {
            if let Some(placeholder) = placeholder(part) {
                let (count, total) = names.entry(placeholder).or_default();
                *count += 1;
                *total += child.total;
            }
        }
        for (placeholder, (_, total)) in names.into_iter().filter(|(_, (count, _))| *count > MOST_NAMES) {
            let is_rare = |part: &str, child: &Place| {
                let share = u128::from(child.total) * MOST_NAMES as u128;
                let is_one = self::placeholder(part).is_some_and(|own| own == placeholder);
                is_one && !child.is_kept && share < u128::from(total)
            };
            let children = std::mem::take(&mut self.children).into_iter();
            let (rare, others) = children.partition(|(part, child)| is_rare(part, child));
            self.children = others;
            let together = self.children.entry(placeholder.as_str().into()).or_default();
            let rare: BTreeMap<Box<str>, Place> = rare;
            rare.into_values().for_each(|child| together.merge(child));
        }
        self.children.values_mut().for_each(Place::fold);
    }

    fn collect(&self, way: &mut String, found: &mut Vec<(Box<str>, u64)>) {
        // Placeholders can be longer than the names that they stand for.
        if self.is_route && way.len() <= LONGEST {
            let template = if way.is_empty() { "/" } else { way.as_str() };
            found.push((template.into(), self.here));
        }
        for (part, child) in &self.children {
            let length = way.len();
            way.push('/');
            way.push_str(part);
            child.collect(way, found);
            way.truncate(length);
        }
    }
}

/// What a name becomes where there are too many; None for what stands for many already.
fn placeholder(part: &str) -> Option<String> {
    let is_folded = part == "*" || part.starts_with('{');
    (!is_folded).then(|| match ending(part) {
        Some(ending) => format!("{{slug}}.{ending}"),
        None => "{slug}".to_owned(),
    })
}
