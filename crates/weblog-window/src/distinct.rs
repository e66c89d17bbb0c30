//! How many different ones there were: sketches that are merged, exact while few and 1.6 % off when many.
//!
//! A HyperLogLog (Flajolet, Fusy, Gandouet and Meunier, 2007) of 2^12 registers, whose standard error is
//! 1.04 / 64 = 1.63 %, with the sparse form of HyperLogLog++ (Heule, Nunkesser and Hall, 2013): while there
//! are few, 26 bits of each hash are kept, which is exact but for one in a hundred thousand. The estimate
//! of many is that of Ertl (New cardinality estimation algorithms for HyperLogLog sketches, 2017), which
//! needs no table of corrections.
//!
//! Sketches of different runs and machines merge, because everything is fixed:
//!
//! - The hash is XXH64 with seed 0.
//! - The first byte of a sketch is its form. Form 1, sparse: then at most 1,024 entries of four bytes, little
//!   endian, in rising order. The upper 26 bits of an entry are those of the hash; the lower 6 are the rank
//!   of the 38 bits below them: one more than the zeros that they begin with. Of entries with the same 26
//!   bits there is only the one of the highest rank.
//! - Form 2, dense: then 4,096 bytes, one register each. The number of a register is the upper 12 bits of the
//!   hash; its value is the highest rank of the 52 bits below them, 0 if there was none.
//!
//! Which form a sketch has depends only on what was added, never on how it was merged.

use twox_hash::XxHash64;

/// Bits of the hash that number a register.
const DENSE: u32 = 12;
/// Bits of the hash that number an entry of the sparse form.
const SPARSE: u32 = 26;
/// Registers.
const REGISTERS: usize = 1 << DENSE;
/// Entries of the sparse form: in bytes as many as there are registers.
const ENTRIES: usize = REGISTERS / 4;
/// The highest rank in a register, and in an entry.
const DENSE_RANK: u8 = (64 - DENSE + 1) as u8;
const SPARSE_RANK: u32 = 64 - SPARSE + 1;

/// A set of which only its size can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distinct(Form);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    /// Entries in rising order.
    Sparse(Vec<u32>),
    Dense(Box<[u8]>),
}

/// Bytes that are no sketch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSketch;

impl std::fmt::Display for NoSketch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("these bytes are no sketch of distinct values, as `weblog rollup` writes them")
    }
}

impl std::error::Error for NoSketch {}

impl Default for Distinct {
    fn default() -> Self {
        Distinct(Form::Sparse(Vec::new()))
    }
}

impl Distinct {
    /// An empty one.
    pub fn new() -> Self {
        Distinct::default()
    }

    /// Adds one that may be there already.
    pub fn add(&mut self, what: &[u8]) {
        self.add_hash(XxHash64::oneshot(0, what));
    }

    /// Adds one by its hash.
    pub fn add_hash(&mut self, hash: u64) {
        match &mut self.0 {
            Form::Sparse(_) => {
                let index = (hash >> (64 - SPARSE)) as u32;
                // A bit behind the last keeps the rank within its bounds.
                let rank = (hash << SPARSE | 1 << (SPARSE - 1)).leading_zeros() + 1;
                self.add_entry(index << 6 | rank);
            }
            Form::Dense(registers) => {
                let rank = (hash << DENSE | 1 << (DENSE - 1)).leading_zeros() + 1;
                raise(registers, (hash >> (64 - DENSE)) as usize, rank as u8);
            }
        }
    }

    fn add_entry(&mut self, entry: u32) {
        match &mut self.0 {
            Form::Dense(registers) => add_to_dense(registers, entry),
            Form::Sparse(entries) => {
                // Entries of the same 26 bits stand together: at most one is there.
                let at = entries.partition_point(|other| other >> 6 < entry >> 6);
                match entries.get_mut(at) {
                    Some(known) if *known >> 6 == entry >> 6 => *known = entry.max(*known),
                    _ => entries.insert(at, entry),
                }
                if entries.len() > ENTRIES {
                    let mut registers = vec![0; REGISTERS].into_boxed_slice();
                    entries.iter().for_each(|entry| add_to_dense(&mut registers, *entry));
                    self.0 = Form::Dense(registers);
                }
            }
        }
    }

    /// Adds all of another one.
    pub fn merge(&mut self, other: &Distinct) {
        match (&mut self.0, &other.0) {
            (_, Form::Sparse(entries)) => entries.iter().for_each(|entry| self.add_entry(*entry)),
            (Form::Dense(own), Form::Dense(others)) => {
                own.iter_mut().zip(others).for_each(|(own, other)| *own = (*own).max(*other));
            }
            (Form::Sparse(entries), Form::Dense(others)) => {
                let mut registers = others.clone();
                entries.iter().for_each(|entry| add_to_dense(&mut registers, *entry));
                self.0 = Form::Dense(registers);
            }
        }
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        match &self.0 {
            Form::Sparse(entries) => {
                // Linear counting (Whang, Vander-Zanden and Taylor, 1990).
                let room = f64::from(1_u32 << SPARSE);
                (-room * (-(entries.len() as f64) / room).ln_1p()).round() as u64
            }
            Form::Dense(registers) => estimate(registers).round() as u64,
        }
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        matches!(&self.0, Form::Sparse(entries) if entries.is_empty())
    }

    /// Bytes of memory beyond itself, about.
    pub fn size(&self) -> usize {
        match &self.0 {
            Form::Sparse(entries) => entries.len() * 4,
            Form::Dense(registers) => registers.len(),
        }
    }

    /// The sketch as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        match &self.0 {
            Form::Sparse(entries) => {
                [1].into_iter().chain(entries.iter().flat_map(|entry| entry.to_le_bytes())).collect()
            }
            Form::Dense(registers) => [2].into_iter().chain(registers.iter().copied()).collect(),
        }
    }

    /// The sketch of these bytes.
    ///
    /// # Errors
    /// They are no sketch.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NoSketch> {
        match bytes {
            [1, entries @ ..] if entries.len() % 4 == 0 && entries.len() / 4 <= ENTRIES => {
                let entry = |bytes: &[u8]| bytes.try_into().map_or(0, u32::from_le_bytes);
                let entries: Vec<u32> = entries.chunks_exact(4).map(entry).collect();
                let rising = entries.windows(2).all(|pair| pair[0] >> 6 < pair[1] >> 6);
                let ranked = entries.iter().all(|entry| (1..=SPARSE_RANK).contains(&(entry & 63)));
                (rising && ranked).then_some(Distinct(Form::Sparse(entries))).ok_or(NoSketch)
            }
            [2, registers @ ..]
                if registers.len() == REGISTERS && registers.iter().all(|rank| *rank <= DENSE_RANK) =>
            {
                Ok(Distinct(Form::Dense(registers.into())))
            }
            _ => Err(NoSketch),
        }
    }
}

/// What an entry of the sparse form says of a register.
fn add_to_dense(registers: &mut [u8], entry: u32) {
    let (index, rank) = (entry >> 6, entry & 63);
    let below = index << (32 - SPARSE + DENSE);
    let rank = match below.leading_zeros() {
        32 => SPARSE - DENSE + rank,
        zeros => zeros + 1,
    };
    raise(registers, (index >> (SPARSE - DENSE)) as usize, rank as u8);
}

fn raise(registers: &mut [u8], at: usize, rank: u8) {
    registers[at] = registers[at].max(rank);
}

/// Ertl's improved raw estimate (algorithm 6).
fn estimate(registers: &[u8]) -> f64 {
    let mut counts = [0.0_f64; DENSE_RANK as usize + 1];
    registers.iter().for_each(|rank| counts[usize::from(*rank)] += 1.0);
    let all = REGISTERS as f64;
    let (last, middle) = (counts[counts.len() - 1], &counts[1..counts.len() - 1]);
    let z = middle.iter().rev().fold(all * tau(1.0 - last / all), |z, count| 0.5 * (z + count));
    let z = z + all * sigma(counts[0] / all);
    all * all / (2.0 * std::f64::consts::LN_2 * z)
}

fn sigma(mut x: f64) -> f64 {
    if x >= 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut z) = (1.0, x);
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if z <= before {
            return z;
        }
    }
}

fn tau(mut x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return 0.0;
    }
    let (mut y, mut z) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = z;
        y *= 0.5;
        z -= (1.0 - x).powi(2) * y;
        if z >= before {
            return z / 3.0;
        }
    }
}

#[cfg(test)]
mod tests;
