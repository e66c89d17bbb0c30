use super::*;
use proptest::{collection::vec, prelude::*};

/// Values of all sizes: as many small ones as large ones.
fn value() -> impl Strategy<Value = u64> {
    (0..64_u32, any::<u64>()).prop_map(|(shift, bits)| bits >> shift)
}

fn of(values: &[u64]) -> Histogram {
    values.iter().copied().collect()
}

fn merged(a: &Histogram, b: &Histogram) -> Histogram {
    let mut both = a.clone();
    both.merge(b);
    both
}

#[test]
fn buckets_follow_each_other_without_a_gap() {
    let mut next = Some(0);
    for bucket in 0..=LAST {
        let (least, most) = values(bucket).unwrap();
        assert_eq!((Some(least), super::bucket(least), super::bucket(most)), (next, bucket, bucket));
        next = most.checked_add(1);
    }
    assert_eq!(next, None, "the last bucket ends with the largest value");
    assert_eq!((values(-1), values(LAST + 1)), (None, None));
}

#[test]
fn the_buckets_are_those_that_are_written_down() {
    let told = [0, 1, 127, 128, 129, 130, 255, 256, 1_000, 1_000_000, u64::MAX].map(bucket);
    assert_eq!(told, [0, 1, 127, 128, 128, 129, 191, 192, 317, 954, 3_775]);
}

#[test]
fn nothing_has_no_quantile() {
    assert_eq!(Histogram::new().quantile(0.5), None);
    assert_eq!(of(&[5]).quantile(1.1), None);
    assert_eq!(of(&[5]).quantile(f64::NAN), None);
    assert!(!Histogram::new().add_bucket(-1, 1) && !Histogram::new().add_bucket(LAST + 1, 1));
}

proptest! {
    #[test]
    fn a_bucket_is_at_most_one_of_128_off(value in value()) {
        let middle = middle(bucket(value)).unwrap();
        prop_assert!(middle.abs_diff(value) as f64 <= value as f64 / 128.0, "{value}: {middle}");
    }

    #[test]
    fn a_quantile_is_at_most_one_of_128_off(mut values in vec(value(), 1..200), share in 0.0..=1.0_f64) {
        let told = of(&values).quantile(share).unwrap();
        values.sort_unstable();
        let rank = ((values.len() as f64 * share).ceil() as usize).max(1);
        let exact = values[rank - 1];
        prop_assert!(told.abs_diff(exact) as f64 <= exact as f64 / 128.0, "{exact}: {told}");
    }

    #[test]
    fn merged_is_what_all_values_give_in_any_order(
        a in vec(value(), 0..50), b in vec(value(), 0..50), c in vec(value(), 0..50),
    ) {
        let together = of(&[a.clone(), b.clone(), c.clone()].concat());
        let (a, b, c) = (of(&a), of(&b), of(&c));
        prop_assert_eq!(&merged(&merged(&a, &b), &c), &together);
        prop_assert_eq!(&merged(&a, &merged(&b, &c)), &together);
        prop_assert_eq!(&merged(&c, &merged(&b, &a)), &together);
    }

    #[test]
    fn what_is_written_as_buckets_is_read_back(values in vec(value(), 0..100)) {
        let written = of(&values);
        let mut read = Histogram::new();
        prop_assert!(written.buckets().all(|(bucket, count)| read.add_bucket(bucket, count)));
        prop_assert_eq!(read.count(), values.len() as u64);
        prop_assert_eq!(read, written);
    }
}
