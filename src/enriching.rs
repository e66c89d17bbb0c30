//! What is added to records, as the options say it.

use crate::{
    exit::{Exit, say},
    options::{RunArgs, threads},
    tables,
};
use anyhow::{Context, Result, bail, ensure};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};
use weblog_enrich::{
    Enrichment, Group, Sources,
    agent::uap::Regexes,
    lookup::{BadOn, On, Pick},
    privacy::{Anonymizer, Key, Mode, RedactOptions, Redactor, Rotation},
    proxies::{self, Trusted},
    route::Dictionary,
    verify::{Ranges, Rdns, RdnsOptions},
};
use weblog_io::AtomicFile;
use weblog_parse::Field;

/// Where places and networks are looked up.
#[derive(clap::Args, Clone, Debug)]
pub struct GeoArgs {
    /// Database of places or networks (mmdb); may be repeated
    #[arg(long, value_name = "FILE")]
    geo: Vec<PathBuf>,

    /// Language of names of places, or several [en]
    #[arg(
        long,
        value_name = "LANG",
        default_value = "en",
        hide_default_value = true,
        env = "WEBLOG_LANG",
        hide_env = true
    )]
    lang: String,
}

impl GeoArgs {
    /// Opens the databases: those given, else those that `WEBLOG_GEO` names, else the table of countries
    /// that is built in.
    pub fn open(&self) -> Result<Enrichment> {
        let sources = match self.geo.as_slice() {
            [] => Sources::open(&usual_databases(), &self.lang)?,
            given => Sources::open(given, &self.lang)?,
        };
        let mut enrichment = Enrichment::new(sources);
        enrichment.share(threads(None));
        Ok(enrichment)
    }

    /// The same for threads.
    pub fn enrichment(&self) -> Result<Arc<Enrichment>> {
        self.open().map(Arc::new)
    }
}

/// What is added to records, and what must not be kept of them.
#[derive(clap::Args, Clone, Debug)]
pub struct EnrichArgs {
    #[command(flatten)]
    geo: GeoArgs,

    /// Add only these: place, network, software, bot, referer, ...
    #[arg(long, value_name = "A,B,C", value_delimiter = ',', value_parser = added)]
    add: Option<Vec<Added>>,

    /// Table whose columns are added: CSV, TSV, NDJSON, Parquet
    #[arg(long, value_name = "FILE", requires = "on")]
    lookup: Vec<PathBuf>,

    /// Join --lookup on FIELD[=COLUMN][:exact|cidr|prefix]
    #[arg(long, value_name = "FIELD", requires = "lookup")]
    on: Vec<On>,

    /// Columns of --lookup to add, or NAME=COLUMN [all]
    #[arg(long, value_name = "A,B,C", requires = "lookup", value_parser = picks)]
    take: Vec<Picks>,

    /// Proxy to believe: network, or a name like cloudflare
    #[arg(long, value_name = "WHO")]
    trusted_proxy: Vec<String>,

    /// More names for --trusted-proxy
    #[arg(long, value_name = "FILE", requires = "trusted_proxy")]
    proxy_ranges: Option<PathBuf>,

    /// Domain of one's own; visits from there are internal
    #[arg(long, value_name = "DOMAIN", value_parser = sites)]
    site: Vec<Sites>,

    /// Routes of the site, learnt from run to run
    #[arg(long, value_name = "FILE")]
    routes: Option<PathBuf>,

    /// Tell software by uap-core's regexes.yaml
    #[arg(long, value_name = "FILE")]
    ua_regexes: Option<PathBuf>,

    /// Where bots come from: FILE, or NAME=FILE.json
    #[arg(long, value_name = "FILE")]
    bot_ranges: Vec<String>,

    /// Ask name servers whether bots are who they say
    #[arg(long)]
    rdns: bool,

    /// Addresses: truncate, hmac, prefix or drop
    #[arg(long, value_name = "HOW", value_parser = mode)]
    anonymize: Option<Mode>,

    /// Key for hmac and prefix: 16 bytes or more
    #[arg(long, value_name = "FILE", requires = "anonymize")]
    anonymize_key: Option<PathBuf>,

    /// Take out secrets, and the values of NAMES
    #[arg(
        long,
        value_name = "NAMES",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "default"
    )]
    redact: Option<String>,
}

impl EnrichArgs {
    /// Opens everything that is named.
    pub fn enrichment(&self, command: &str, run: &RunArgs) -> Result<Arc<Enrichment>> {
        let quiet = run.quiet;
        let mut enrichment = self.geo.open()?;
        enrichment.share(run.threads());
        if let Some(added) = &self.add {
            enrichment.only(&added.iter().flat_map(|added| added.0.iter().copied()).collect::<Vec<_>>());
        }
        enrichment.trusted = self.trusted()?;
        enrichment.sites = self.site.iter().flat_map(|Sites(sites)| sites).cloned().collect();
        enrichment.regexes = self.ua_regexes.as_ref().map(Regexes::open).transpose()?;
        self.ranges(&mut enrichment.ranges)?;
        if self.rdns {
            let options = RdnsOptions::system().context("--rdns finds no name server")?;
            enrichment.rdns = Some(Rdns::new(options).context("--rdns cannot begin")?);
        }
        if let Some(path) = &self.routes {
            if path.exists() {
                let routes = Dictionary::open(path).with_context(|| format!("{}", path.display()))?;
                enrichment.routes = Some(routes);
            }
            enrichment.learn_routes();
        }
        ensure!(
            self.lookup.len() == self.on.len(),
            "each --lookup needs an --on of its own, in the same order"
        );
        ensure!(
            self.take.is_empty() || self.take.len() == self.lookup.len(),
            "--take is for one --lookup each, in the same order; `--take all` takes all columns"
        );
        let takes = self.take.iter().map(|picks| picks.0.as_slice()).chain(std::iter::repeat(&[][..]));
        for ((path, on), picks) in self.lookup.iter().zip(&self.on).zip(takes) {
            let table = tables::open(path, on, picks).with_context(|| format!("{}", path.display()))?;
            if !quiet {
                tables::tell(command, path, &table);
            }
            enrichment.join(&on.field, table);
        }
        enrichment.anonymizer = self.anonymizer()?;
        enrichment.redactor = self.redactor();
        if !quiet {
            let now = SystemTime::now();
            let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
            enrichment.sources.warnings(seconds).iter().for_each(|warning| say(command, warning));
            let days = enrichment.ranges.age_days(now);
            if days > OLD_RANGES {
                say(
                    command,
                    &format!("the ranges of bots are {days} days old; --bot-ranges takes newer ones"),
                );
            }
        }
        Ok(Arc::new(enrichment))
    }

    fn trusted(&self) -> Result<Trusted> {
        let mut names = proxies::Ranges::embedded();
        if let Some(path) = &self.proxy_ranges {
            let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            names.add(&text).with_context(|| format!("{}", path.display()))?;
        }
        Ok(Trusted::with_ranges(&self.trusted_proxy, &names)?)
    }

    /// A file of ranges takes the place of those inside; what operators publish is put into them.
    fn ranges(&self, ranges: &mut Ranges) -> Result<()> {
        let (published, whole): (Vec<_>, Vec<_>) = self
            .bot_ranges
            .iter()
            .map(|given| given.split_once('=').filter(|_| !Path::new(given).exists()).ok_or(given))
            .partition(|given| given.is_ok());
        let whole: Vec<_> = whole.into_iter().filter_map(Result::err).collect();
        match whole.as_slice() {
            [] => {}
            [path] => *ranges = Ranges::open(Path::new(path))?,
            _ => bail!(
                "--bot-ranges takes one file of ranges; of what operators publish, NAME=FILE.json, many"
            ),
        }
        for (name, path) in published.into_iter().flatten() {
            ranges.read_published(name, Path::new(path))?;
        }
        Ok(())
    }

    fn anonymizer(&self) -> Result<Option<Anonymizer>> {
        let Some(mode) = self.anonymize else { return Ok(None) };
        let key = match &self.anonymize_key {
            Some(path) => {
                let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
                Some(Key::from_bytes(&bytes).with_context(|| format!("{}", path.display()))?)
            }
            None => None,
        };
        Ok(Some(Anonymizer::new(mode, key).context("--anonymize needs --anonymize-key")?))
    }

    fn redactor(&self) -> Option<Redactor> {
        let names = self.redact.as_ref()?;
        let names = names.split(',').map(str::trim).filter(|name| !matches!(*name, "" | "default"));
        Some(Redactor::new(&RedactOptions { names: names.map(str::to_owned).collect(), default: true }))
    }

    /// Keeps what was learnt, and says what went wrong meanwhile.
    pub fn finish(&self, command: &str, enrichment: &Enrichment, quiet: bool) -> Result<Exit> {
        if let (Some(path), Some(routes)) = (&self.routes, enrichment.learnt_routes(MOST_ROUTES)) {
            let mut file = AtomicFile::create(path)?;
            file.write_all(&routes.write()).with_context(|| format!("cannot write {}", path.display()))?;
            file.commit()?;
        }
        for (path, on) in enrichment.unmatched().map(|at| (&self.lookup[at], &self.on[at])).filter(|_| !quiet)
        {
            say(command, &format!("no record has a row of {} by its {}", path.display(), on.field));
        }
        let fault = enrichment.sources.fault();
        // The sentence names the address.
        let fault = fault.map(|fault| match fault.split_once("; the first:") {
            Some((count, _)) if enrichment.is_private() => count.to_owned(),
            _ => fault,
        });
        Ok(tell_fault(command, fault))
    }
}

/// Days after which the ranges of bots are worth a warning.
const OLD_RANGES: u64 = 365;
/// No dictionary has more routes.
const MOST_ROUTES: usize = 1000;

/// Fields that are added: a group, or a single one.
#[derive(Clone, Debug)]
struct Added(Vec<Field>);

fn added(name: &str) -> Result<Added, String> {
    let group = Group::ALL.into_iter().find(|group| group.name() == name);
    let fields = match (group, Field::from_name(name.as_bytes())) {
        (Some(group), _) => group.fields().to_vec(),
        (None, Some(field)) if Group::of(field).is_some() => vec![field],
        _ => {
            let groups = Group::ALL.map(Group::name).join(", ");
            return Err(format!("give one of {groups}, or a field that is added"));
        }
    };
    Ok(Added(fields))
}

/// Domains of one's own.
#[derive(Clone, Debug)]
struct Sites(Vec<String>);

fn sites(text: &str) -> Result<Sites, String> {
    let host = |site: &str| {
        let site = site.trim().split_once("://").map_or(site.trim(), |(_, site)| site);
        let host = site.split(['/', ':']).next().unwrap_or_default().trim_start_matches("*.");
        let host = host.trim_start_matches('.').trim_start_matches("www.").to_ascii_lowercase();
        let is_host = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
        if host.is_empty() || !is_host { Err("give domains like example.org".to_owned()) } else { Ok(host) }
    };
    text.split(',').map(host).collect::<Result<_, _>>().map(Sites)
}

/// The columns to take of one table; none for all.
#[derive(Clone, Debug)]
struct Picks(Vec<Pick>);

fn picks(text: &str) -> Result<Picks, String> {
    let names = text.split(',').map(str::trim).filter(|name| !matches!(*name, "" | "all"));
    names.map(|name| name.parse().map_err(|bad: BadOn| bad.to_string())).collect::<Result<_, _>>().map(Picks)
}

fn mode(name: &str) -> Result<Mode, String> {
    Ok(match name {
        "truncate" => Mode::Truncate,
        "hmac" | "hmac:daily" => Mode::Hmac(Rotation::Daily),
        "hmac:weekly" => Mode::Hmac(Rotation::Weekly),
        "hmac:never" => Mode::Hmac(Rotation::Never),
        "prefix" => Mode::Prefix,
        "drop" => Mode::Drop,
        _ => return Err("give truncate, hmac, hmac:weekly, hmac:never, prefix or drop".into()),
    })
}

/// Says that lookups met damage, if they did, and how that ends the run.
pub fn tell_fault(command: &str, fault: Option<String>) -> Exit {
    let Some(fault) = fault else { return Exit::Done };
    say(command, &fault);
    Exit::Failed
}

/// The databases that `WEBLOG_GEO` names, with colons between them.
fn usual_databases() -> Vec<PathBuf> {
    let named = std::env::var_os("WEBLOG_GEO").unwrap_or_default();
    std::env::split_paths(&named).filter(|path| !path.as_os_str().is_empty()).collect()
}
