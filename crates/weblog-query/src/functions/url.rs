//! Query strings, as browsers write them (WHATWG URL, application/x-www-form-urlencoded).
//!
//! What is decoded is text: a byte that is not UTF-8 is written as `\xhh`, as everywhere in weblog.

use arrow_array::{
    Array, ArrayRef, RecordBatch,
    builder::{ListBuilder, StringBuilder, StructBuilder},
    cast::AsArray,
};
use arrow_schema::{DataType, Field, Fields};
use duckdb::vscalar::{ArrowFunctionSignature, VArrowScalar};
use std::{borrow::Cow, error::Error, sync::Arc};
use weblog_parse::text::{lossless, percent_decode};

/// `url_param(query, name)`: the first value of the parameter; null when there is none.
pub(super) struct Param;

impl VArrowScalar for Param {
    type State = ();

    fn invoke((): &(), input: RecordBatch) -> Result<ArrayRef, Box<dyn Error>> {
        let (queries, names) = (input.column(0).as_string::<i32>(), input.column(1).as_string::<i32>());
        let mut values = StringBuilder::with_capacity(queries.len(), queries.len() * 8);
        for row in 0..queries.len() {
            let found = match queries.is_valid(row) && names.is_valid(row) {
                true => pairs(queries.value(row)).find(|(name, _)| form_decoded(name) == names.value(row)),
                false => None,
            };
            values.append_option(found.map(|(_, value)| form_decoded(value)));
        }
        Ok(Arc::new(values.finish()))
    }

    fn signatures() -> Vec<ArrowFunctionSignature> {
        vec![ArrowFunctionSignature::exact(vec![DataType::Utf8, DataType::Utf8], DataType::Utf8)]
    }
}

/// `url_params(query)`: all parameters in their order.
pub(super) struct Params;

impl VArrowScalar for Params {
    type State = ();

    fn invoke((): &(), input: RecordBatch) -> Result<ArrayRef, Box<dyn Error>> {
        let queries = input.column(0).as_string::<i32>();
        let mut lists = ListBuilder::new(StructBuilder::from_fields(name_and_value(), queries.len()));
        for query in queries {
            for (name, value) in query.into_iter().flat_map(pairs) {
                let pair = lists.values();
                for (at, text) in [name, value].into_iter().enumerate() {
                    let texts = pair.field_builder::<StringBuilder>(at).ok_or("a parameter is two texts")?;
                    texts.append_value(form_decoded(text));
                }
                pair.append(true);
            }
            lists.append(query.is_some());
        }
        Ok(Arc::new(lists.finish()))
    }

    fn signatures() -> Vec<ArrowFunctionSignature> {
        let pair = Field::new("item", DataType::Struct(name_and_value()), true);
        vec![ArrowFunctionSignature::exact(vec![DataType::Utf8], DataType::List(Arc::new(pair)))]
    }
}

fn name_and_value() -> Fields {
    Fields::from(vec![Field::new("name", DataType::Utf8, true), Field::new("value", DataType::Utf8, true)])
}

/// `weblog_url_decode(text)`: percent-encoding undone once; what is no encoding stays, and so does `+`.
pub(super) struct Decode;

impl VArrowScalar for Decode {
    type State = ();

    fn invoke((): &(), input: RecordBatch) -> Result<ArrayRef, Box<dyn Error>> {
        let texts = input.column(0).as_string::<i32>();
        let mut decoded = StringBuilder::with_capacity(texts.len(), texts.value_data().len());
        for text in texts {
            decoded.append_option(text.map(|text| undone(text, text.contains('%'))));
        }
        Ok(Arc::new(decoded.finish()))
    }

    fn signatures() -> Vec<ArrowFunctionSignature> {
        vec![ArrowFunctionSignature::exact(vec![DataType::Utf8], DataType::Utf8)]
    }
}

/// The parameters of a query, encoded. One without `=` has an empty value.
fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let query = query.strip_prefix('?').unwrap_or(query);
    let parameters = query.split('&').filter(|parameter| !parameter.is_empty());
    parameters.map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")))
}

fn form_decoded(text: &str) -> Cow<'_, str> {
    match text.contains('+') {
        true => Cow::Owned(undone(&text.replace('+', " "), text.contains('%')).into_owned()),
        false => undone(text, text.contains('%')),
    }
}

fn undone(text: &str, is_encoded: bool) -> Cow<'_, str> {
    if !is_encoded {
        return Cow::Borrowed(text);
    }
    let (mut bytes, mut shown) = (Vec::with_capacity(text.len()), String::with_capacity(text.len()));
    percent_decode(text.as_bytes(), &mut bytes);
    // What is text already keeps its backslashes: it went through this once.
    match String::from_utf8(bytes) {
        Ok(text) => Cow::Owned(text),
        Err(error) => {
            lossless(error.as_bytes(), &mut shown);
            Cow::Owned(shown)
        }
    }
}
