//! Which columns a CSV file or a selection of fields has.

use weblog_parse::{Field, Format, Name, Record};

/// One column: a field of the schema or another, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// A field of the schema.
    Known(Field),
    /// Any other field.
    Other(String),
}

impl Column {
    /// The column with this name.
    pub fn named(name: &str) -> Self {
        Field::from_name(name.as_bytes()).map_or_else(|| Column::Other(name.into()), Column::Known)
    }

    /// The name of the column.
    pub fn name(&self) -> &str {
        match self {
            Column::Known(field) => field.name(),
            Column::Other(name) => name,
        }
    }

    /// Whether a field of a record belongs into this column.
    #[inline]
    pub fn is(&self, name: &Name<'_>) -> bool {
        match (self, name) {
            (Column::Known(own), Name::Known(field)) => own == field,
            (Column::Other(own), Name::Other(other)) => own == other,
            _ => false,
        }
    }
}

/// An ordered list of columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns(Vec<Column>);

/// Fields that come together beyond those of every log line: a record that has one of them is of a kind
/// that can have all.
const STAGES: &[&[Field]] = {
    use Field::*;
    &[
        &[Referer, UserAgent],
        &[Vhost, ServerPort],
        &[Source, Offset],
        PLACE,
        &[Asn, AsOrg],
        AGENT,
        &[RefererHost, RefererClass],
        CAMPAIGN,
        &[Route, AssetClass, Probe],
    ]
};

/// What a place database adds.
const PLACE: &[Field] = {
    use Field::*;
    &[AddrKind, Country, CountryName, Region, City, Latitude, Longitude, Timezone]
};

/// What the user agent tells.
const AGENT: &[Field] = {
    use Field::*;
    &[Browser, BrowserVersion, Os, OsVersion, Device, Bot, BotClass, BotVerified]
};

/// What the query tells of a campaign.
const CAMPAIGN: &[Field] = {
    use Field::*;
    &[CampaignSource, CampaignMedium, Campaign, CampaignTerm, CampaignContent, CampaignClick]
};

impl Columns {
    /// The columns with these names, in this order. A name that comes again is left out.
    pub fn named<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut columns = Vec::new();
        for column in names.into_iter().map(Column::named) {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        Columns(columns)
    }

    /// The columns of these fields, in their order.
    pub fn of_fields<'n>(names: impl IntoIterator<Item = Name<'n>>) -> Self {
        let column = |name| match name {
            Name::Known(field) => Column::Known(field),
            Name::Other(other) => Column::Other(other.to_owned()),
        };
        Columns(names.into_iter().map(column).collect())
    }

    /// The columns of a log format, in the order of its records.
    pub fn of_format(format: Format) -> Self {
        Columns::of_fields(format.fields().into_iter().map(|(name, _)| name))
    }

    /// The columns that records like this one have: its fields, those that come together with
    /// them, and its unknown ones behind, in their order.
    pub fn of_record(record: &Record<'_>) -> Self {
        let every_line: Vec<Field> =
            Format::Common.fields().iter().filter_map(|(name, _)| known(name)).collect();
        let stages = STAGES.iter().copied().chain([every_line.as_slice()]);
        let mut columns = Columns::default();
        for (name, _) in record.fields() {
            match name {
                Name::Known(field) => {
                    let stage = stages.clone().find(|stage| stage.contains(field));
                    columns.add(stage.unwrap_or(std::slice::from_ref(field)));
                }
                Name::Other(other) => columns.0.push(Column::Other((*other).into())),
            }
        }
        columns
    }

    /// Adds fields that are missing, and brings all into schema order, the unknown ones behind.
    pub fn add(&mut self, fields: &[Field]) {
        for field in fields {
            let column = Column::Known(*field);
            if !self.0.contains(&column) {
                self.0.push(column);
            }
        }
        self.0.sort_by_key(|column| match column {
            Column::Known(field) => *field as usize,
            Column::Other(_) => usize::MAX,
        });
    }

    /// Adds the columns that are missing, as [`Columns::add`] does.
    pub fn append(&mut self, more: Columns) {
        for column in more.0 {
            if !self.0.contains(&column) {
                self.0.push(column);
            }
        }
        self.add(&[]);
    }

    /// The columns in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Column> {
        self.0.iter()
    }

    /// Whether a field of the schema is among them.
    pub fn has(&self, field: Field) -> bool {
        self.0.contains(&Column::Known(field))
    }
}

fn known(name: &Name<'_>) -> Option<Field> {
    match name {
        Name::Known(field) => Some(*field),
        Name::Other(_) => None,
    }
}
