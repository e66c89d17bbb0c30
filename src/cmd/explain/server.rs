//! What to write into a server's configuration, starting from the format that a log has.

use super::{
    about::{self, Origin},
    look::Look,
    page::{Page, Style},
};
use crate::{formats::server_of, stream::Found};
use anyhow::{Result, anyhow};
use std::collections::BTreeSet;
use weblog_parse::{
    Field, Format, Name, Program,
    advice::{Advice, Base, advise},
    conf::Server,
};

/// The answer to `--for`.
pub struct Plan {
    /// What is in the log already.
    pub present: Vec<Field>,
    /// What the format has, and none of the lines.
    pub silent: Vec<Field>,
    /// The log is of a server that nobody can tell what to log here: which format that is.
    pub foreign: Option<String>,
    /// What to write, for each server that may have written the log.
    pub advice: Vec<Advice>,
}

/// Fields that are worth a hint when a log does not have them.
const USEFUL: &[Field] = &[
    Field::DurationUs,
    Field::Vhost,
    Field::Bytes,
    Field::UserAgent,
    Field::Referer,
    Field::RequestId,
    Field::UpstreamTimeUs,
    Field::ForwardedFor,
];

impl Plan {
    /// How a log gets more fields.
    pub fn of_log(look: &Look, wanted: &[Field]) -> Result<Plan> {
        let has = |field: &&Field| look.seen.has(**field);
        let named = |field: &&Field| look.fields.iter().any(|name| name == field.name());
        let present: Vec<Field> = wanted.iter().filter(has).copied().collect();
        let silent: Vec<Field> = wanted.iter().filter(|f| named(f) && !has(f)).copied().collect();
        let settled = |field: &Field| present.contains(field) || silent.contains(field);
        let missing: Vec<Field> = wanted.iter().filter(|field| !settled(field)).copied().collect();
        let found = look.formats.first().map(|(found, _)| *found);
        let (foreign, advice) = match (look.program(), found) {
            _ if missing.is_empty() => (None, Vec::new()),
            (Some(program), _) => (None, of_program(program, &missing)?),
            (None, Some(found)) => {
                let format = if let Found::Line(format) = found { format } else { Format::Combined };
                let (servers, foreign): (&[Server], _) = match about::origin(found) {
                    Origin::Both => (BOTH, None),
                    Origin::Nginx => (&[Server::Nginx], None),
                    Origin::Foreign => (BOTH, Some(look.name(found))),
                };
                (foreign, of_named(servers, format, &missing)?)
            }
            (None, None) => (None, of_named(BOTH, Format::Combined, &missing)?),
        };
        Ok(Plan { present, silent, foreign, advice })
    }

    /// How the logs of a format get more fields, when there is no log.
    pub fn of_format(format: Format, program: Option<&Program>, wanted: &[Field]) -> Result<Plan> {
        let (fields, advice) = match program {
            Some(program) => (program.fields(), of_program(program, wanted)?),
            None => (format.fields(), of_named(BOTH, format, wanted)?),
        };
        let has = |field: &&Field| fields.contains(&(Name::Known(**field), field.info().kind));
        let present = wanted.iter().filter(has).copied().collect();
        Ok(Plan { present, silent: Vec::new(), foreign: None, advice })
    }
}

const BOTH: &[Server] = &[Server::Nginx, Server::Apache];

fn of_named(servers: &[Server], format: Format, wanted: &[Field]) -> Result<Vec<Advice>> {
    servers.iter().map(|server| asked(*server, Base::Named(format), wanted)).collect()
}

fn of_program(program: &Program, wanted: &[Field]) -> Result<Vec<Advice>> {
    let base = Base::Text(program.source(), program.escape());
    Ok(vec![asked(server_of(program.source()), base, wanted)?])
}

fn asked(server: Server, base: Base<'_>, wanted: &[Field]) -> Result<Advice> {
    advise(server, base, wanted).map_err(|bad| anyhow!("{bad}"))
}

/// The useful fields that a log does not have and its server could write.
pub fn missing(look: &Look) -> Vec<Field> {
    let Some((found, _)) = look.formats.first() else { return Vec::new() };
    if about::origin(*found) == Origin::Foreign {
        return Vec::new();
    }
    let missing: Vec<Field> = USEFUL
        .iter()
        .filter(|field| !look.seen.has(**field) && !look.fields.iter().any(|name| name == field.name()))
        .copied()
        .collect();
    let plan = Plan::of_log(look, &missing).map(|plan| plan.advice).unwrap_or_default();
    let possible: BTreeSet<Field> = plan.iter().flat_map(|advice| advice.added.iter().copied()).collect();
    missing.into_iter().filter(|field| possible.contains(field)).collect()
}

/// Tells what to write.
pub fn tell(plan: &Plan, page: &mut Page) {
    let names = |fields: &[Field]| fields.iter().map(|f| f.name()).collect::<Vec<_>>().join(", ");
    if !plan.present.is_empty() {
        page.paragraph(2, &format!("In the log already: {}.", names(&plan.present)));
    }
    if !plan.silent.is_empty() {
        page.paragraph(2, &format!("In the format, but with a value on no line: {}.", names(&plan.silent)));
    }
    if let Some(name) = &plan.foreign {
        page.paragraph(
            2,
            &format!(
                "`{name}` comes from neither nginx nor Apache httpd. If one of these serves the requests as well, \
                 this makes it log them:"
            ),
        );
    }
    for advice in plan.advice.iter().filter(|advice| !advice.added.is_empty()) {
        page.gap();
        let (title, log) = match advice.server {
            Server::Nginx => {
                ("nginx, in `http { }` of its configuration", "access_log /var/log/nginx/access.log weblog;")
            }
            Server::Apache => {
                ("Apache httpd, in its configuration", "CustomLog /var/log/apache2/access.log weblog")
            }
        };
        page.paragraph_with(
            2,
            &format!("{title}, for {}:", names(&advice.added)),
            Style::Title,
            title.split(',').next().unwrap_or(title),
        );
        page.gap();
        for line in advice.directive("weblog").lines().chain([log]) {
            page.line(&format!("    {}", weblog_wire::visible::visible(line)));
        }
        if !advice.needs.is_empty() {
            page.gap();
        }
        for (field, need) in &advice.needs {
            page.paragraph(2, &format!("{} needs {need}.", field.name()));
        }
    }
    let mut reasons: Vec<String> = Vec::new();
    for (field, why) in plan.advice.iter().flat_map(|advice| &advice.impossible) {
        let reason = format!("{}: {why}.", field.name());
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    if !reasons.is_empty() {
        page.gap();
    }
    reasons.iter().for_each(|reason| page.paragraph(2, reason));
    let told: Vec<&Advice> = plan.advice.iter().filter(|advice| !advice.added.is_empty()).collect();
    match told.first().map(|advice| advice.known_as) {
        Some(Some(format)) => {
            page.gap();
            page.paragraph(2, &format!("weblog knows such lines by themselves, as `{}`.", format.name()));
        }
        Some(None) => {
            page.gap();
            page.paragraph(2, "weblog reads such lines when it gets that configuration: `--conf FILE`.");
        }
        None => {}
    }
}
