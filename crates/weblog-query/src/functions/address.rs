//! Networks in CIDR notation (RFC 4632, RFC 4291 section 2.3) and the addresses in them.

use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, cast::AsArray};
use arrow_schema::DataType;
use duckdb::vscalar::{ArrowFunctionSignature, VArrowScalar};
use std::{
    error::Error,
    sync::{Arc, Mutex, PoisonError},
};
use weblog_filter::network::{Network, address};

/// `weblog_ip_in(address, networks)`: whether the address is in one of the networks. What is no address is
/// in none.
pub(super) struct IpIn;

/// The networks of the batch before: they are mostly constant.
pub(super) type Last = Mutex<Option<Arc<(String, Networks)>>>;

impl VArrowScalar for IpIn {
    type State = Last;

    fn invoke(last: &Last, input: RecordBatch) -> Result<ArrayRef, Box<dyn Error>> {
        let (addresses, networks) = (input.column(0).as_string::<i32>(), input.column(1).as_string::<i32>());
        let mut known = last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut inside = BooleanArray::builder(addresses.len());
        for row in 0..addresses.len() {
            if addresses.is_null(row) || networks.is_null(row) {
                inside.append_null();
                continue;
            }
            let text = networks.value(row);
            let set = match &known {
                Some(set) if set.0 == text => set,
                _ => known.insert(Arc::new((text.to_owned(), Networks::parse(text)?))),
            };
            inside.append_value(address(addresses.value(row)).is_some_and(|address| set.1.contains(address)));
        }
        *last.lock().unwrap_or_else(PoisonError::into_inner) = known;
        Ok(Arc::new(inside.finish()))
    }

    fn signatures() -> Vec<ArrowFunctionSignature> {
        vec![ArrowFunctionSignature::exact(vec![DataType::Utf8, DataType::Utf8], DataType::Boolean)]
    }
}

/// Networks as ranges of addresses, in order and without overlap. IPv4 stands in its mapped place within
/// IPv6 (RFC 4291 section 2.5.5.2), so both spellings of an address are the same.
pub(super) struct Networks(Vec<(u128, u128)>);

impl Networks {
    /// One network, several with commas or blanks between them, or the text of a list of SQL.
    fn parse(text: &str) -> Result<Networks, String> {
        let inside = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        let words = inside.split(|c: char| c == ',' || c.is_whitespace());
        let words = words.map(|word| word.trim_matches(['\'', '"'])).filter(|word| !word.is_empty());
        let mut ranges = Vec::new();
        for word in words.filter(|word| *word != "NULL") {
            let network = Network::parse(word).ok_or_else(|| {
                format!("`{word}` is no network: write it as 192.0.2.0/24 or 2001:db8::/32, or an address")
            })?;
            ranges.push(network.range());
        }
        ranges.sort_unstable();
        let mut merged: Vec<(u128, u128)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match merged.last_mut() {
                Some(before) if first <= before.1 => before.1 = before.1.max(last),
                _ => merged.push((first, last)),
            }
        }
        Ok(Networks(merged))
    }

    fn contains(&self, address: u128) -> bool {
        let after = self.0.partition_point(|(first, _)| *first <= address);
        after.checked_sub(1).is_some_and(|at| address <= self.0[at].1)
    }
}
