//! A list of tokens looked for in an agent in one pass.
//!
//! Tokens begin where words begin, and an agent has some twenty words: looking up the head of each
//! in a small table is faster than an automaton over all bytes, whose states for a list of this
//! length are out of the cache more often than in it.

/// Tokens in order of preference. ASCII case is ignored, and a token matches whole words only:
/// what stands before it is no letter or digit, what stands behind it is no letter. A token that
/// itself begins or ends otherwise (`Java/`) says so by that. `^` in front binds it to the start,
/// and behind one that ends in `*` letters may follow.
#[derive(Debug)]
pub(super) struct Tokens {
    tokens: Vec<Token>,
    /// The tokens by the bucket of their first three bytes; within one in order.
    candidates: Vec<Candidate>,
    /// Where each bucket begins among the candidates, and the end of the last.
    buckets: Vec<u16>,
    /// One bit for each hash of a head: most words are told by it that no token begins so.
    heads: Vec<u64>,
    /// The first bytes of tokens that are no letter or digit: these begin anywhere.
    begins_anywhere: [bool; 256],
}

#[derive(Debug)]
struct Candidate {
    /// The first four bytes, folded; nothing stands for the fourth of a token of three.
    head: u32,
    place: u16,
}

#[derive(Debug)]
struct Token {
    text: &'static [u8],
    /// Whether it only counts at the start of the agent.
    bound: bool,
    /// Whether it ends with a letter or digit, so that no letter may follow.
    ends_word: bool,
}

/// A token found in an agent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// The token's place in the list.
    pub(super) place: usize,
    /// Where the text behind it begins.
    pub(super) end: usize,
}

/// The shortest length of a token, and the number of bytes that tell the bucket.
const SHORTEST: usize = 3;
const THREE_BYTES: u32 = 0xff_ffff;
const BUCKET_BITS: u32 = 12;
const HEAD_BITS: u32 = 16;

impl Tokens {
    /// A table over tokens of at least three bytes, fewer than 65536 of them.
    pub(super) fn new(tokens: impl Iterator<Item = &'static str>) -> Tokens {
        let tokens: Vec<Token> = tokens
            .map(|token| {
                let text = token.trim_start_matches('^');
                let (text, goes_on) = text.strip_suffix('*').map_or((text, false), |text| (text, true));
                let text = text.as_bytes();
                assert!(text.len() >= SHORTEST, "{token:?} is too short to be looked for");
                let ends_word = !goes_on && text[text.len() - 1].is_ascii_alphanumeric();
                Token { text, bound: token.starts_with('^'), ends_word }
            })
            .collect();
        let candidate = |(place, token): (usize, &Token)| {
            let is_short = token.text.len() == SHORTEST;
            let head = head(token.text) & if is_short { THREE_BYTES } else { u32::MAX };
            Candidate { head, place: place as u16 }
        };
        let mut candidates: Vec<Candidate> = tokens.iter().enumerate().map(candidate).collect();
        candidates.sort_by_key(|candidate| bucket(candidate.head));
        let first_from = |wanted| candidates.partition_point(|candidate| bucket(candidate.head) < wanted);
        let buckets = (0..=1 << BUCKET_BITS).map(|wanted| first_from(wanted) as u16).collect();
        let mut heads = vec![0; 1 << (HEAD_BITS - 6)];
        for candidate in &candidates {
            let bit = bit(candidate.head);
            heads[bit / 64] |= 1 << (bit % 64);
        }
        let mut begins_anywhere = [false; 256];
        for token in tokens.iter().filter(|token| !token.text[0].is_ascii_alphanumeric()) {
            begins_anywhere[token.text[0] as usize] = true;
        }
        Tokens { tokens, candidates, buckets, heads, begins_anywhere }
    }

    /// Of the tokens that occur the one that stands first in the list.
    pub(super) fn find(&self, agent: &str) -> Option<Found> {
        let agent = agent.as_bytes();
        let last = agent.len().checked_sub(SHORTEST)?;
        let mut best: Option<Found> = None;
        let mut in_word = 0;
        // Where words begin is gathered as bits, which no processor has to foresee one by one.
        for (chunk, bytes) in agent[..=last].chunks(64).enumerate() {
            let (mut words, mut anywhere) = (0u64, 0u64);
            for (at, byte) in bytes.iter().enumerate() {
                words |= u64::from(byte.is_ascii_alphanumeric() | !byte.is_ascii()) << at;
                anywhere |= u64::from(self.begins_anywhere[*byte as usize]) << at;
            }
            let mut begins = words & !(words << 1 | in_word) | anywhere;
            in_word = words >> 63;
            let mut likely = 0u64;
            while begins != 0 {
                let at = begins.trailing_zeros();
                let head = head(&agent[chunk * 64 + at as usize..]);
                likely |= (self.has(head) | self.has(head & THREE_BYTES)) << at;
                begins &= begins - 1;
            }
            while likely != 0 {
                best = self.at(agent, chunk * 64 + likely.trailing_zeros() as usize, best);
                likely &= likely - 1;
            }
        }
        best
    }

    /// One if a token may have this head.
    fn has(&self, head: u32) -> u64 {
        let bit = bit(head);
        self.heads[bit / 64] >> (bit % 64) & 1
    }

    /// The first token in the list that begins here, unless the best so far is before it.
    fn at(&self, agent: &[u8], start: usize, best: Option<Found>) -> Option<Found> {
        let rest = &agent[start..];
        let head = head(rest);
        let bucket = bucket(head);
        let range = self.buckets[bucket] as usize..self.buckets[bucket + 1] as usize;
        let fits = |candidate: &&Candidate| candidate.head == head || candidate.head == head & THREE_BYTES;
        for candidate in self.candidates[range].iter().filter(fits) {
            let place = candidate.place as usize;
            if best.is_some_and(|best| best.place <= place) {
                break;
            }
            if self.tokens[place].begins(rest, start == 0) {
                return Some(Found { place, end: start + self.tokens[place].text.len() });
            }
        }
        best
    }
}

impl Token {
    fn begins(&self, rest: &[u8], at_start: bool) -> bool {
        let length = self.text.len();
        let goes_on = |byte: &u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
        rest.len() >= length
            && rest[..length].eq_ignore_ascii_case(self.text)
            && !(self.ends_word && rest.get(length).is_some_and(goes_on))
            && (at_start || !self.bound)
    }
}

/// The first four bytes of at least three, as one number, whatever the case of letters. Some other
/// bytes come out the same, so this alone tells nothing for certain.
fn head(text: &[u8]) -> u32 {
    let bytes = [text[0], text[1], text[2], text.get(3).copied().unwrap_or(b' ')];
    u32::from_le_bytes(bytes) | 0x2020_2020
}

/// The bucket of what has this head, by its first three bytes.
fn bucket(head: u32) -> usize {
    hash(head & THREE_BYTES, BUCKET_BITS)
}

/// The bit of this head.
fn bit(head: u32) -> usize {
    hash(head, HEAD_BITS)
}

/// Fibonacci hashing: the upper bits of the product with 2^32 over the golden ratio.
fn hash(head: u32, bits: u32) -> usize {
    (head.wrapping_mul(0x9e37_79b9) >> (32 - bits)) as usize
}

/// The version that follows a product's name: what begins with a digit behind `/`, `-`, `:` or
/// a space, or directly. A closing bracket may end the name.
pub(super) fn version_behind(agent: &str, end: usize) -> Option<&str> {
    let rest = agent.get(end..)?;
    let rest = rest.strip_prefix(']').unwrap_or(rest);
    let rest = rest.strip_prefix(['/', ' ', '-', ':', '(']).unwrap_or(rest);
    let rest = rest.strip_prefix(['v', 'V']).unwrap_or(rest);
    let length =
        rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"._+~-".contains(byte)).count();
    let version = rest[..length].trim_end_matches(['.', '-', '+', '_', '~']);
    version.starts_with(|first: char| first.is_ascii_digit()).then_some(version)
}
