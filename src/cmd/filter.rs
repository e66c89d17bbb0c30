//! `weblog filter`: the records, or the lines, that an expression means.

use crate::{
    enriching::{GeoArgs, tell_fault},
    exit::{Exit, say, say_more},
    options::{AccountArgs, InputArgs, OutputArgs, PaceArgs, RunArgs, field},
    stream::{Emit, Pick, Stream, Test, Wanted},
};
use anyhow::{Context, Result, ensure};
use weblog_filter::{BadExpression, Expression, FieldName, PathPattern};
use weblog_parse::Field;
use weblog_wire::{Column, visible::visible};

/// Keep the records that an expression means
#[derive(clap::Args)]
#[command(
    before_help = "Examples:
  weblog filter 'status >= 500 && path ~ \"^/api/\"' access.log
  weblog filter --raw 'country in [DE, FR] and not bot' access.log*
  weblog filter -c 'remote_addr in 192.0.2.0/24 or since 2h' access.log || true\n\n",
    override_usage = "weblog filter [OPTIONS] EXPR [INPUT]..."
)]
pub struct Args {
    /// Which records, like status == 5xx && duration_us > 2s
    #[arg(value_name = "EXPR")]
    expression: String,

    #[command(flatten)]
    input: InputArgs,

    /// Keep the records that the expression does not mean
    #[arg(short = 'v', long)]
    invert_match: bool,

    /// Print only how many there are
    #[arg(short, long, conflicts_with = "split_by")]
    count: bool,

    /// Print nothing; exit with 0 at the first one, else 1
    #[arg(short, long, conflicts_with_all = ["split_by", "output"])]
    quiet: bool,

    /// Write the lines as they came
    #[arg(long, conflicts_with_all = ["to", "fields", "no_header", "csv_safe", "provenance"])]
    raw: bool,

    /// Divide the output: -o 'out/{vhost}.log'
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = field, requires = "output")]
    split_by: Vec<String>,

    #[command(flatten)]
    geo: GeoArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    pace: PaceArgs,

    /// Say more
    #[arg(long)]
    verbose: bool,
}

const COMMAND: &str = "filter";

pub fn run(args: Args) -> Result<Exit> {
    let clock = args.input.read.clock();
    let mut expression = match Expression::compile(&args.expression, clock) {
        Ok(expression) => expression,
        Err(bad) => {
            explain(&args.expression, &bad);
            return Ok(Exit::Failed);
        }
    };
    let pattern = args.pattern(clock.zone)?;
    let of_names = pattern.iter().flat_map(PathPattern::fields).collect::<Vec<_>>();
    let in_names = |fields: &[Field]| {
        of_names.iter().any(|name| matches!(name, FieldName::Known(field) if fields.contains(field)))
    };
    // What nobody names is not looked up.
    let added: Vec<Field> = Field::ALL.iter().copied().filter(|field| *field >= Field::Country).collect();
    let is_added_named = expression.names_any(&added) || in_names(&added);
    let sources = if is_added_named { Some(args.geo.enrichment()?) } else { None };
    let looked_up = sources.as_ref().map(|sources| sources.fields()).unwrap_or_default();
    let wanted =
        sources.as_ref().and_then(|sources| Wanted::new(sources, |fields| expression.names_any(fields)));
    let names_wanted = sources.as_ref().and_then(|sources| Wanted::new(sources, in_names));
    let asked = expression.names().iter().chain(&of_names).map(|name| Column::named(&name.to_string()));
    let asked =
        asked.filter(|column| !matches!(column, Column::Known(field) if looked_up.contains(field))).collect();
    expression.look_up(looked_up);
    let pick = Pick {
        test: Test { expression, invert: args.invert_match, wanted },
        emit: args.emit(),
        split: pattern.map(|pattern| (pattern, names_wanted)),
        asked,
    };
    let Args { input, output, account, pace, quiet, verbose, .. } = &args;
    let run = &RunArgs { pace: pace.clone(), quiet: *quiet, verbose: *verbose };
    let exit =
        Stream { command: COMMAND, input, output, account, run, enrich: None, pick: Some(pick) }.run()?;
    Ok(exit.max(tell_fault(COMMAND, sources.and_then(|enrichment| enrichment.sources.fault()))))
}

impl Args {
    fn emit(&self) -> Emit {
        match self {
            Args { quiet: true, .. } => Emit::Nothing,
            Args { count: true, .. } => Emit::Count,
            Args { raw: true, .. } => Emit::Lines,
            _ => Emit::Records,
        }
    }

    /// The names of the files that `--split-by` divides the output into.
    fn pattern(&self, zone: weblog_parse::Zone) -> Result<Option<PathPattern>> {
        let Some(output) = self.output.output.as_ref().filter(|_| !self.split_by.is_empty()) else {
            return Ok(None);
        };
        let text = output.to_str().context("--output: with --split-by the name must be UTF-8")?;
        let pattern = PathPattern::parse(text, zone).map_err(|bad| anyhow::anyhow!("--output: {bad}"))?;
        let named: Vec<String> = pattern.fields().iter().map(ToString::to_string).collect();
        for field in &self.split_by {
            ensure!(
                named.contains(field),
                "--output: the name has no {{{field}}} in it, which --split-by names"
            );
        }
        for field in &named {
            ensure!(
                self.split_by.contains(field),
                "--output: {{{field}}} is in the name; give it to --split-by, too"
            );
        }
        Ok(Some(pattern))
    }
}

/// The most characters that are shown of an expression.
const SHOWN: usize = 100;

/// Says what is wrong with an expression, with a mark under the place.
fn explain(expression: &str, bad: &BadExpression) {
    say(COMMAND, &format!("in the expression, {bad}"));
    let (before, behind) = expression.split_at(bad.at);
    // Of a long expression the part around the place is shown.
    let skipped = before.chars().count().saturating_sub(SHOWN / 2);
    let before: String = before.chars().skip(skipped).collect();
    let behind: String = behind.chars().take(SHOWN / 2).collect();
    say_more(&format!("  {before}{behind}"));
    say_more(&format!("  {}^", " ".repeat(visible(&before).chars().count())));
}
