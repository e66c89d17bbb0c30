//! Random numbers: the same ones everywhere, from integers alone.
//!
//! The generator is xoshiro256++ 1.0 (David Blackman and Sebastiano Vigna, 2019, public domain,
//! <https://prng.di.unimi.it/xoshiro256plusplus.c>), its state filled from the seed by SplitMix64 as the
//! authors advise. It is written out here because its exact output is part of this crate's promise: the
//! same seed gives the same bytes on every machine and in every release. No floating point is used for a
//! choice, so no difference between mathematical libraries can show.

/// One million: shares inside this crate are counted in parts of it.
pub(crate) const MILLION: u32 = 1_000_000;

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub(crate) struct Random([u64; 4]);

impl Random {
    /// The stream that belongs to `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        let mut state = seed;
        Random(std::array::from_fn(|_| split_mix(&mut state)))
    }

    /// 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        let s = &mut self.0;
        let out = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        out
    }

    /// A number below `n`, 0 when `n` is 0. Its bias is below n / 2^32, which no log shows.
    pub(crate) fn below(&mut self, n: u32) -> u32 {
        (((self.bits() >> 32) * u64::from(n)) >> 32) as u32
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high - low + 1)
    }

    /// True in `parts` of a million cases.
    pub(crate) fn chance(&mut self, parts: u32) -> bool {
        self.below(MILLION) < parts
    }

    /// One of `items`, which are never empty.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len() as u32) as usize]
    }

    /// A waiting time of about the given mean, exponentially distributed.
    ///
    /// The logarithm is the number of leading zeros plus a straight line in between; the shape is off by a
    /// few percent, the mean is not: zeros average 1, the line one half, hence the factor of two thirds.
    pub(crate) fn wait(&mut self, mean: u64) -> u64 {
        let bits = self.bits() | 1;
        let zeros = bits.leading_zeros();
        let fraction = ((bits << zeros) >> 47) & 0xffff;
        let scaled = (u64::from(zeros) << 16) + (0x1_0000 - fraction);
        ((u128::from(mean) * u128::from(scaled) * 2 / 3) >> 16) as u64
    }

    /// A size scattered around `typical`: most within a fifth of it, never below half.
    pub(crate) fn around(&mut self, typical: u32) -> u32 {
        let step = typical / 5 + 1;
        typical.saturating_sub(step) + self.below(step) + self.below(step)
    }
}

/// SplitMix64 (Sebastiano Vigna, 2015, public domain): one step.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A choice among weighted entries.
#[derive(Debug, Clone)]
pub(crate) struct Weighted(Vec<u32>);

impl Weighted {
    /// Entry `i` is chosen in proportion to the `i`th weight; the weights add up to less than 2^32.
    pub(crate) fn new(weights: impl IntoIterator<Item = u32>) -> Self {
        let mut sum = 0;
        Weighted(
            weights
                .into_iter()
                .map(|weight| {
                    sum += weight;
                    sum
                })
                .collect(),
        )
    }

    /// Weights that fall with the rank as Zipf's law has it; `head` ranks are flattened at the top, so
    /// that the first entry does not take everything.
    pub(crate) fn zipf(entries: u32, head: u32) -> Self {
        Self::new((0..entries).map(|rank| MILLION / (rank + head)))
    }

    /// The number of the chosen entry.
    pub(crate) fn choose(&self, random: &mut Random) -> usize {
        let sum = self.0.last().copied().unwrap_or(0);
        let at = random.below(sum);
        self.0.partition_point(|&upto| upto <= at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_published_algorithms() {
        let mut state = 1_234_567;
        let first: Vec<u64> = (0..3).map(|_| split_mix(&mut state)).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
        let mut random = Random([1, 2, 3, 4]);
        let first: Vec<u64> = (0..4).map(|_| random.bits()).collect();
        assert_eq!(first, [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386]);
    }

    #[test]
    fn waiting_times_keep_their_mean() {
        let mut random = Random::new(7);
        let sum: u64 = (0..100_000).map(|_| random.wait(1_000_000)).sum();
        assert!((98_000_000_000..102_000_000_000).contains(&sum), "{sum}");
    }

    #[test]
    fn weights_are_kept() {
        let weighted = Weighted::new([1, 0, 3]);
        let mut random = Random::new(7);
        let mut seen = [0; 3];
        (0..40_000).for_each(|_| seen[weighted.choose(&mut random)] += 1);
        assert_eq!(seen[1], 0);
        assert!((9_000..11_000).contains(&seen[0]), "{seen:?}");
    }
}
