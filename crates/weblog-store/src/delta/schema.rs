//! The columns of a table: `schemaString` of the metadata (section Schema Serialization Format) and
//! Arrow's schema.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use serde_json::{Value, json};

use super::error::{DeltaError, printable};

/// The name that the log has for a type; None for one that weblog does not write.
pub fn type_name(kind: &DataType) -> Option<&'static str> {
    match kind {
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if &**zone == "UTC" => Some("timestamp"),
        DataType::Int64 => Some("long"),
        DataType::Int32 => Some("integer"),
        DataType::Float64 => Some("double"),
        DataType::Boolean => Some("boolean"),
        DataType::Utf8 => Some("string"),
        DataType::Binary => Some("binary"),
        kind if *kind == counts_type() => Some("map"),
        _ => None,
    }
}

/// A type as the schema of the log describes it.
fn described(kind: &DataType) -> Option<Value> {
    let map = || json!({"type": "map", "keyType": "integer", "valueType": "long", "valueContainsNull": true});
    type_name(kind).map(|name| if name == "map" { map() } else { name.into() })
}

/// The type of a column of counts by bucket. Its parts have the names that the Parquet format gives them.
pub fn counts_type() -> DataType {
    let (key, value) =
        (Field::new("key", DataType::Int32, false), Field::new("value", DataType::Int64, true));
    let entries = DataType::Struct(vec![key, value].into());
    DataType::Map(Arc::new(Field::new("key_value", entries, false)), false)
}

/// The type that the log describes. Types that weblog does not write are `Null`: their
/// columns are there, and their files can be listed, but no more is said.
fn type_of(kind: &Value) -> DataType {
    if kind["type"] == "map" && kind["keyType"] == "integer" && kind["valueType"] == "long" {
        return counts_type();
    }
    match kind.as_str().unwrap_or_default() {
        "timestamp" => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        "long" => DataType::Int64,
        "integer" => DataType::Int32,
        "double" => DataType::Float64,
        "boolean" => DataType::Boolean,
        "string" => DataType::Utf8,
        "binary" => DataType::Binary,
        _ => DataType::Null,
    }
}

/// Whether a new column can have this name.
///
/// Readers that follow Parquet's older rules refuse ` ,;{}()=`, tabs and line ends in a name, and the
/// empty name. Names that differ only in case are the same name to most readers; that is for
/// [`commit`](super::commit) to refuse, because it depends on the other columns.
pub fn column_name_is_allowed(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| " ,;{}()=".contains(c) || c.is_control())
}

/// The fields of a `schemaString`, as they stand there.
pub(super) fn parse(schema_string: &str) -> Option<Vec<Value>> {
    let schema: Value = serde_json::from_str(schema_string).ok()?;
    let fields = schema.get("fields")?.as_array()?;
    (schema["type"] == "struct" && fields.iter().all(|field| field["name"].is_string()))
        .then(|| fields.clone())
}

/// The `schemaString` of these fields.
pub(super) fn to_string(fields: &[Value]) -> String {
    json!({"type": "struct", "fields": fields}).to_string()
}

/// The data columns: all but the partition's, which the files do not hold. All may be null, because a
/// file that is older than a column does not have it.
pub(super) fn data_schema(fields: &[Value], partition_columns: &[String]) -> SchemaRef {
    let named = fields.iter().filter_map(|field| Some((field["name"].as_str()?, &field["type"])));
    let data = named.filter(|(name, _)| partition_columns.iter().all(|column| column != name));
    let fields = data.map(|(name, kind)| Field::new(name, type_of(kind), true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// Why weblog must not add rows to a table with these fields; None if it may.
pub(super) fn refusal(fields: &[Value]) -> Option<String> {
    fields.iter().find_map(|field| {
        let name = printable(field["name"].as_str().unwrap_or_default());
        let rules = field["metadata"].as_object().is_some_and(|m| m.keys().any(|k| k.starts_with("delta.")));
        if rules {
            return Some(format!("its column {name} has rules that weblog does not check"));
        }
        if field["nullable"] == false {
            return Some(format!("its column {name} must not be null, which weblog does not check"));
        }
        let known = type_of(&field["type"]) != DataType::Null;
        (!known)
            .then(|| format!("its column {name} has a type that weblog does not write: {}", field["type"]))
    })
}

/// Adds the columns of `new` that are not there yet. Tells whether there were any.
///
/// # Errors
/// A column that is there with another type, or that cannot be in a table.
pub(super) fn grow(fields: &mut Vec<Value>, partition: &[String], new: &Schema) -> Result<bool, DeltaError> {
    let before = fields.len();
    for field in new.fields() {
        let refuse = |why: String| {
            Err(DeltaError::Schema { why: format!("the column {} {why}", printable(field.name())) })
        };
        if partition.contains(field.name()) {
            return refuse("is one the dataset is partitioned by, which its files cannot hold".into());
        }
        let Some(kind) = described(field.data_type()) else {
            return refuse(format!("is of type {}, which weblog does not write", field.data_type()));
        };
        let lower = field.name().to_lowercase();
        let same = fields.iter().find(|f| f["name"].as_str().is_some_and(|n| n.to_lowercase() == lower));
        match same {
            Some(old) if old["name"] != **field.name() => {
                return refuse(format!("differs only in case from {}; give it that name", old["name"]));
            }
            Some(old) if type_of(&old["type"]) != *field.data_type() => {
                let name = |kind: &Value| kind.as_str().unwrap_or("another type").to_owned();
                return refuse(format!(
                    "is {} here and {} in the dataset; use another name, or another dataset",
                    name(&kind),
                    name(&old["type"])
                ));
            }
            Some(_) => {}
            None if !column_name_is_allowed(field.name()) => {
                return refuse("has a name that other readers refuse; leave out spaces and ,;{}()=".into());
            }
            None => fields.push(field_json(field.name(), kind)),
        }
    }
    Ok(fields.len() > before)
}

/// The field of a column. All columns may be null.
pub(super) fn field_json(name: &str, kind: impl Into<Value>) -> Value {
    json!({"name": name, "type": kind.into(), "nullable": true, "metadata": {}})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(columns: &[(&str, DataType)]) -> Schema {
        Schema::new(columns.iter().map(|(n, t)| Field::new(*n, t.clone(), true)).collect::<Vec<_>>())
    }

    #[test]
    fn every_type_that_is_written_is_read_back() {
        let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let (counts, binary) = (counts_type(), DataType::Binary);
        let all = [
            time,
            DataType::Int64,
            DataType::Int32,
            DataType::Float64,
            DataType::Boolean,
            DataType::Utf8,
            binary,
            counts,
        ];
        let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
        let wanted = schema(&names.into_iter().zip(all).collect::<Vec<_>>());
        let mut fields = Vec::new();
        assert!(grow(&mut fields, &[], &wanted).unwrap());
        let back = parse(&to_string(&fields)).unwrap();
        assert_eq!(*data_schema(&back, &[]), wanted);
        assert_eq!(refusal(&back), None);
    }

    #[test]
    fn columns_only_come_and_keep_their_type() {
        let mut fields = vec![field_json("status", "integer"), field_json("year", "string")];
        let partition = ["year".to_owned()];
        let mut grown = |columns: &[_]| grow(&mut fields, &partition, &schema(columns));
        assert!(!grown(&[("status", DataType::Int32)]).unwrap());
        assert!(grown(&[("bytes", DataType::Int64)]).unwrap());
        assert!(grown(&[("status", DataType::Utf8)]).is_err());
        assert!(grown(&[("Status", DataType::Int32)]).is_err());
        assert!(grown(&[("year", DataType::Utf8)]).is_err());
        assert!(grown(&[("a b", DataType::Utf8)]).is_err());
        assert!(grown(&[("small", DataType::Int8)]).is_err());
        assert_eq!(data_schema(&fields, &partition).fields().len(), 2);
    }

    #[test]
    fn rules_of_other_tools_keep_weblog_from_writing() {
        let rule =
            json!({"name": "a", "type": "long", "nullable": true, "metadata": {"delta.invariants": "x"}});
        let solid = json!({"name": "a", "type": "long", "nullable": false, "metadata": {}});
        for field in [rule, solid, field_json("a", "date")] {
            assert!(refusal(std::slice::from_ref(&field)).is_some(), "{field}");
        }
    }
}
