//! A list of numbers in one line of text.

/// The longest line: what is more is taken together.
const LONGEST: usize = 60;

/// Numbers as `▁▃█`: from nought, or from the least if that is below, to the greatest. What is no number
/// is a space. In ASCII the levels are `_.-=+*#%@`.
pub(crate) fn sparkline(numbers: &[Option<f64>], unicode: bool) -> String {
    let levels: &[char] = if unicode {
        &['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
    } else {
        &['_', '.', '-', '=', '+', '*', '#', '@']
    };
    let taken = taken_together(numbers);
    let known = || taken.iter().flatten().copied().filter(|number| number.is_finite());
    let (low, high) = known().fold((0f64, 0f64), |(low, high), number| (low.min(number), high.max(number)));
    let level = |number: &Option<f64>| match number {
        Some(number) if number.is_finite() => {
            let share = if high > low { (number - low) / (high - low) } else { 0.0 };
            levels[(share * 7.0).round() as usize]
        }
        _ => ' ',
    };
    taken.iter().map(level).collect()
}

/// Of a list that is too long, the greatest of so many neighbours.
fn taken_together(numbers: &[Option<f64>]) -> Vec<Option<f64>> {
    let step = numbers.len().div_ceil(LONGEST).max(1);
    let greatest = |part: &[Option<f64>]| part.iter().flatten().copied().reduce(f64::max);
    numbers.chunks(step).map(greatest).collect()
}

#[cfg(test)]
mod tests {
    use super::sparkline;

    #[test]
    fn numbers_are_levels_and_gaps_are_gaps() {
        let numbers = [Some(0.0), Some(1.0), None, Some(4.0), Some(7.0)];
        assert_eq!(sparkline(&numbers, true), "▁▂ ▅█");
        assert_eq!(sparkline(&numbers, false), "_. +@");
    }

    #[test]
    fn equal_numbers_nothing_and_odd_numbers_are_shown_too() {
        assert_eq!(sparkline(&[Some(3.0), Some(3.0)], true), "██");
        assert_eq!(sparkline(&[Some(0.0), Some(0.0)], true), "▁▁");
        assert_eq!(sparkline(&[Some(-2.0), Some(0.0), Some(2.0)], true), "▁▅█");
        assert_eq!(sparkline(&[], true), "");
        assert_eq!(sparkline(&[Some(f64::NAN), Some(f64::INFINITY), Some(1.0)], true), "  █");
    }

    #[test]
    fn a_long_list_is_taken_together_and_keeps_its_peak() {
        let mut numbers = vec![Some(1.0); 1_000];
        numbers[500] = Some(100.0);
        let line = sparkline(&numbers, true);
        assert!(line.chars().count() <= 60 && line.matches('█').count() == 1, "{line}");
    }
}
