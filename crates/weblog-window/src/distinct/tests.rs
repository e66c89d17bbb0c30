use super::*;
use proptest::{collection::vec, prelude::*};

fn of(numbers: impl IntoIterator<Item = u64>) -> Distinct {
    let mut set = Distinct::new();
    numbers.into_iter().for_each(|number| set.add(&number.to_le_bytes()));
    set
}

fn merged(a: &Distinct, b: &Distinct) -> Distinct {
    let mut both = a.clone();
    both.merge(b);
    both
}

#[test]
fn few_are_counted_exactly_and_many_to_five_percent() {
    for count in [0, 1, 2, 10, 100, 1_000] {
        assert_eq!(of((0..count).chain(0..count)).count(), count);
    }
    for count in [1_025_u64, 2_000, 5_000, 20_000, 100_000, 1_000_000] {
        let told = of(0..count).count();
        let off = told.abs_diff(count) as f64 / count as f64;
        // Three standard errors.
        assert!(off < 0.049, "{count}: {told}");
    }
}

#[test]
fn the_error_is_the_one_that_is_said() {
    let count = 10_000_u64;
    let runs = 60;
    let off = |run: u64| of(run << 32..(run << 32) + count).count() as f64 / count as f64 - 1.0;
    let square: f64 = (0..runs).map(|run| off(run).powi(2)).sum::<f64>() / runs as f64;
    assert!((0.010..0.022).contains(&square.sqrt()), "{}", square.sqrt());
}

#[test]
fn the_bytes_are_those_that_are_written_down() {
    let mut one = Distinct::new();
    one.add_hash(0x0000_0000_0000_0001);
    assert_eq!(one.to_bytes(), [1, 38, 0, 0, 0]);
    one.add_hash(u64::MAX);
    assert_eq!(one.to_bytes(), [1, 38, 0, 0, 0, 0xc1, 0xff, 0xff, 0xff]);
    one.add_hash(0);
    assert_eq!(one.to_bytes(), [1, 39, 0, 0, 0, 0xc1, 0xff, 0xff, 0xff]);
    let mut visitor = Distinct::new();
    visitor.add(b"");
    // XXH64 of nothing is 0xef46db3751d8e999.
    let entry = (0xef46_db37_51d8_e999_u64 >> 38) as u32;
    assert_eq!(visitor.to_bytes()[1..], (entry << 6 | 1).to_le_bytes());
}

#[test]
fn what_is_no_sketch_is_refused() {
    for bytes in [&b""[..], b"\x03", b"\x01abc", b"\x02abc", b"\x01\0\0\0\0", b"\x01\x01\0\0\0\x01\0\0\0"] {
        assert_eq!(Distinct::from_bytes(bytes), Err(NoSketch), "{bytes:?}");
    }
    assert_eq!(Distinct::from_bytes(&[&[2][..], &[54; REGISTERS]].concat()), Err(NoSketch));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn merged_is_what_all_give_in_any_order(
        a in vec(0..5_000_u64, 0..1_500), b in vec(0..5_000_u64, 0..1_500), c in vec(0..5_000_u64, 0..1_500),
    ) {
        let together = of([a.clone(), b.clone(), c.clone()].concat());
        let (a, b, c) = (of(a), of(b), of(c));
        prop_assert_eq!(&merged(&merged(&a, &b), &c), &together);
        prop_assert_eq!(&merged(&a, &merged(&b, &c)), &together);
        prop_assert_eq!(&merged(&c, &merged(&b, &a)), &together);
    }

    #[test]
    fn the_registers_are_the_same_whether_they_were_sparse_before(hashes in vec(any::<u64>(), 0..600)) {
        let mut dense = Distinct(Form::Dense(vec![0; REGISTERS].into()));
        let mut sparse = Distinct::new();
        for hash in hashes.iter().flat_map(|hash| [*hash, hash >> 13, hash & 0xfff0_0000_0000_00ff]) {
            dense.add_hash(hash);
            sparse.add_hash(hash);
        }
        let mut registers = Distinct(Form::Dense(vec![0; REGISTERS].into()));
        registers.merge(&sparse);
        prop_assert_eq!(registers, dense);
    }

    #[test]
    fn what_is_written_is_read_back(numbers in vec(any::<u64>(), 0..1_500)) {
        let written = of(numbers);
        prop_assert_eq!(Distinct::from_bytes(&written.to_bytes()), Ok(written));
    }

    #[test]
    fn any_bytes_are_a_sketch_or_refused(bytes in vec(any::<u8>(), 0..64)) {
        if let Ok(read) = Distinct::from_bytes(&bytes) {
            prop_assert_eq!(read.to_bytes(), bytes);
        }
    }
}
