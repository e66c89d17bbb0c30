//! Databases that are damaged: they are refused or say less, and do no harm.

use super::*;
use proptest::prelude::*;

/// Opens these bytes as a database, and asks it some addresses if it opens.
fn try_bytes(bytes: &[u8]) -> bool {
    let wishes = language::Wishes::parse("de,pt");
    let path = Path::new("damaged.mmdb");
    let database = Database::from_bytes(path, bytes.to_vec(), stamp::Stamp::default(), &wishes);
    let Ok(database) = database else { return false };
    let geo = Geo { databases: vec![Arc::new(database)], generation: 0 };
    for address in ["192.0.2.1", "198.51.100.1", "203.0.113.1", "8.8.8.8", "2001:db8:1::1", "::", "ffff::"] {
        geo.place(ip(address));
    }
    geo.warnings(u64::MAX);
    true
}

#[test]
fn no_flipped_bit_makes_it_panic_or_hang() {
    let mut flips = 0;
    let mut opened = 0;
    for name in ["city.mmdb", "enterprise.mmdb", "anonymous.mmdb", "flat.mmdb", "privacy.mmdb"] {
        let mut bytes = fs::read(file(name)).unwrap();
        assert!(try_bytes(&bytes));
        // Another bit of each byte in turn, and each bit of the last ones: they are the metadata.
        let all = bytes.len() * 8;
        let step = |at: usize| if at < all - 8 * 300 { 11 } else { 1 };
        let mut at = 0;
        while at < all {
            bytes[at / 8] ^= 1 << (at % 8);
            opened += usize::from(try_bytes(&bytes));
            bytes[at / 8] ^= 1 << (at % 8);
            flips += 1;
            at += step(at);
        }
    }
    assert!(flips > 10_000, "{flips}");
    assert!(opened > flips / 4 && opened < flips, "{opened} of {flips} opened");
}

#[test]
fn a_tree_bent_into_a_circle_does_not_hang() {
    // All node numbers become zero: every step leads back to the root.
    let mut bytes = fs::read(file("city.mmdb")).unwrap();
    bytes[..204 * 7].fill(0);
    try_bytes(&bytes);
}

#[test]
fn a_file_cut_short_anywhere_does_no_harm() {
    let bytes = fs::read(file("ipinfo.mmdb")).unwrap();
    for end in (0..bytes.len()).step_by(7) {
        try_bytes(&bytes[..end]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn no_damage_makes_it_panic(changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..20)) {
        let mut bytes = fs::read(file("city.mmdb")).unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        try_bytes(&bytes);
    }
}
