//! People: they enter, load a page and what belongs to it, read, and go on.

use crate::hit::{Hit, Referer, Target};
use crate::random::Random;
use crate::site::{
    CAMPAIGNS, LISTINGS, MISSING, MOVED, OLD_BLOGS, PICTURES, SEARCHES, SHARED_ASSETS, SPIKE_CAMPAIGN, Site,
};
use crate::visit::{MILLISECOND, SECOND, Visit, World};

/// What a visitor asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Page {
    Home,
    Category(u16, &'static str),
    Product(u16),
    Search(&'static str),
    Post(u16),
    About,
    AddToCart,
    Cart,
    Login,
    SignIn,
    Account,
    Checkout,
    Order,
    Thanks(u32),
    /// A file, and how many bytes of it are still to come when it is fetched in pieces.
    Download(u16, u32),
    Moved(&'static str),
    Missing(&'static str),
}

/// Where a visitor stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    /// The page to be asked for next.
    page: Page,
    /// The page on the screen, which what belongs to it names as referer.
    shown: Target,
    /// What still belongs to it: one bit per request, see [`asset`].
    assets: u32,
    /// The query of the link that led here.
    campaign: &'static str,
    /// The browser has been here before and only asks whether files changed.
    returning: bool,
    /// The files of every page are there by now.
    loaded: bool,
    signed_in: bool,
}

impl Reading {
    pub(crate) fn nothing() -> Self {
        Reading {
            page: Page::Home,
            shown: Target::Path("/", ""),
            assets: 0,
            campaign: "",
            returning: false,
            loaded: false,
            signed_in: false,
        }
    }

    pub(crate) fn has_assets(&self) -> bool {
        self.assets != 0
    }

    /// Forgets what belongs to the page; was there anything?
    pub(crate) fn forget_assets(&mut self) -> bool {
        std::mem::take(&mut self.assets) != 0
    }
}

const SHARED: u32 = (1 << SHARED_ASSETS) - 1;
/// The first of eight pictures.
const PICTURE: u32 = SHARED_ASSETS as u32;
const BROKEN_BANNER: u32 = PICTURE + 8;
const PREFLIGHT: u32 = PICTURE + 9;
const DATA: u32 = PICTURE + 10;
const BEACON: u32 = PICTURE + 11;

/// How many pages follow the first one.
pub(crate) fn pages(random: &mut Random) -> u32 {
    if random.chance(380_000) { 0 } else { random.wait(5).min(40) as u32 }
}

/// Chooses where and how a visitor enters.
pub(crate) fn enter(visit: &mut Visit, world: &World, random: &mut Random) {
    let (site, reading) = (&world.site, &mut visit.reading);
    visit.referer = world.entrance(random);
    reading.returning = random.chance(350_000);
    reading.page = match random.below(100) {
        0..24 => Page::Home,
        24..60 => Page::Product(site.product(random)),
        60..74 => Page::Category(random.below(12) as u16, ""),
        74..91 => Page::Post(site.post(random)),
        91..93 => Page::About,
        93..95 => Page::Download(random.below(5) as u16, 0),
        95..97 => Page::Moved(random.pick(MOVED)),
        _ => {
            visit.referer = Referer::Outside(random.pick(OLD_BLOGS));
            Page::Missing(random.pick(MISSING))
        }
    };
    if random.chance(90_000) {
        reading.campaign = random.pick(CAMPAIGNS);
    }
}

/// Enters by the campaign that makes a spike.
pub(crate) fn enter_by_campaign(visit: &mut Visit) {
    visit.referer = Referer::Outside("https://www.tiktok.com/");
    visit.reading.page = Page::Category(10, "");
    visit.reading.campaign = SPIKE_CAMPAIGN;
}

/// The next request: what belongs to the page, or the next page.
pub(crate) fn step(visit: &mut Visit, time: i64, world: &World, random: &mut Random) -> (Hit, Option<u64>) {
    if visit.reading.assets != 0 {
        let bit = visit.reading.assets.trailing_zeros();
        visit.reading.assets &= visit.reading.assets - 1;
        let hit = asset(visit, bit, time, &world.site, random);
        return (hit, wait_after_asset(visit, random));
    }
    let page = visit.reading.page;
    let mut hit = ask(visit, page, time, &world.site, random);
    // Slow answers: the client closes the connection first.
    if hit.method == "GET"
        && hit.status == 200
        && random.chance(if matches!(page, Page::Search(_)) { 30_000 } else { 3_000 })
    {
        (hit.status, hit.bytes) = (499, 0);
        return (hit, visit.after(random.wait(4 * SECOND)));
    }
    if let Some(page) = follow(visit, page, hit.status, &world.site, random) {
        visit.reading.page = page;
        return (hit, Some(random.wait(80 * MILLISECOND)));
    }
    visit.reading.campaign = "";
    visit.reading.shown = hit.target;
    visit.reading.assets = belongings(page, &visit.reading, random);
    visit.reading.loaded = true;
    visit.reading.page = next(page, &world.site, random);
    visit.referer = Referer::Inside(hit.target);
    if visit.reading.assets != 0 {
        return (hit, Some(40 * MILLISECOND + random.wait(120 * MILLISECOND)));
    }
    let wait = reading_time(page, random);
    (hit, visit.after(wait))
}

/// The answer to a page.
fn ask(visit: &Visit, page: Page, time: i64, site: &Site, random: &mut Random) -> Hit {
    let campaign = visit.reading.campaign;
    let query = |own: &'static str| if campaign.is_empty() { own } else { campaign };
    let (method, target, status, bytes) = match page {
        Page::Home => ("GET", Target::Path("/", campaign), 200, random.around(22_400)),
        Page::Category(n, own) => page_of(site, site.categories.nth(n), query(own), random),
        Page::Product(n) => page_of(site, site.products.nth(n), campaign, random),
        Page::Post(n) => {
            let answer = page_of(site, site.posts.nth(n), campaign, random);
            if visit.reading.returning && random.chance(200_000) { ("GET", answer.1, 304, 0) } else { answer }
        }
        Page::Search(words) => ("GET", Target::Path("/search", words), 200, random.around(14_200)),
        Page::About => ("GET", Target::Path("/about", campaign), 200, random.around(8_700)),
        Page::AddToCart => ("POST", Target::Path("/cart", ""), 303, 0),
        Page::Cart => ("GET", Target::Path("/cart", ""), 200, random.around(9_300)),
        Page::Login => ("GET", Target::Path("/login", ""), 200, random.around(6_100)),
        Page::SignIn if random.chance(160_000) => {
            ("POST", Target::Path("/login", ""), 401, random.around(6_300))
        }
        Page::SignIn => ("POST", Target::Path("/login", ""), 302, 0),
        Page::Account => ("GET", Target::Path("/account", ""), 200, random.around(11_000)),
        Page::Checkout if !visit.reading.signed_in => ("GET", Target::Path("/checkout", ""), 302, 0),
        Page::Checkout => ("GET", Target::Path("/checkout", ""), 200, random.around(12_600)),
        Page::Order if random.chance(30_000) => {
            ("POST", Target::Path("/checkout", ""), 400, random.around(2_100))
        }
        Page::Order => ("POST", Target::Path("/checkout", ""), 303, 0),
        Page::Thanks(order) => {
            ("GET", Target::Numbered("/checkout/thanks?order=", order), 200, random.around(7_400))
        }
        Page::Download(n, left) => {
            let id = site.downloads.nth(n);
            let bytes = if left == 0 { site.size(id) } else { left.min(1 << 20) };
            ("GET", Target::Site(id, ""), if left == 0 { 200 } else { 206 }, bytes)
        }
        Page::Moved(path) => ("GET", Target::Path(path, ""), 301, 169),
        Page::Missing(path) => ("GET", Target::Path(path, ""), 404, 5_431),
    };
    Hit { method, status, bytes, ..visit.hit(time, target, 0) }
}

fn page_of(
    site: &Site,
    id: u16,
    query: &'static str,
    random: &mut Random,
) -> (&'static str, Target, u16, u32) {
    ("GET", Target::Site(id, query), 200, random.around(site.size(id)))
}

/// What the browser does at once, without its reader: it follows a redirect or fetches the next piece.
fn follow(visit: &mut Visit, page: Page, status: u16, site: &Site, random: &mut Random) -> Option<Page> {
    match (page, status) {
        (Page::Moved(_), _) => Some(if random.chance(500_000) { Page::Home } else { Page::Category(1, "") }),
        (Page::AddToCart, _) => Some(Page::Cart),
        (Page::SignIn, 302) => {
            visit.reading.signed_in = true;
            Some(if random.chance(700_000) { Page::Checkout } else { Page::Account })
        }
        (Page::Checkout, 302) => Some(Page::Login),
        (Page::Order, 303) => Some(Page::Thanks(random.between(100_000, 999_999))),
        // A player fetches a film piece by piece; half of the viewers stop somewhere.
        (Page::Download(n, 0), _) if n >= 3 => Some(Page::Download(n, site.size(site.downloads.nth(n)))),
        (Page::Download(n, left), 206) if left > 1 << 20 && random.chance(900_000) => {
            Some(Page::Download(n, left - (1 << 20)))
        }
        _ => None,
    }
}

/// Where a reader goes from a page.
fn next(page: Page, site: &Site, random: &mut Random) -> Page {
    let dice = random.below(100);
    match (page, dice) {
        (Page::Product(_), 0..14) => Page::AddToCart,
        (Page::Cart, 0..45) => Page::Checkout,
        (Page::Login | Page::SignIn, 0..80) => Page::SignIn,
        (Page::Checkout, 0..70) => Page::Order,
        (Page::Order, 0..70) => Page::Order,
        (Page::Thanks(_), 0..40) => Page::Account,
        (Page::Post(_), 0..50) => Page::Post(site.post(random)),
        (Page::About, 0..30) => Page::Download(random.below(5) as u16, 0),
        (_, 50..58) => Page::Search(random.pick(SEARCHES)),
        (_, 58..72) => Page::Category(random.below(12) as u16, random.pick(LISTINGS)),
        (_, 72..75) => Page::Home,
        (_, 75..78) => Page::Post(site.post(random)),
        (_, 78..79) => Page::About,
        (_, 79..80) => Page::Moved(random.pick(MOVED)),
        (_, 80..81) => Page::Login,
        _ => Page::Product(site.product(random)),
    }
}

/// What a page pulls in: all shared files at first, later only what is its own.
fn belongings(page: Page, reading: &Reading, random: &mut Random) -> u32 {
    let pictures = match page {
        Page::Home => 0b1111,
        Page::Category(10, _) => 0b111_1111 | 1 << 8,
        Page::Category(..) | Page::Search(_) => 0b111_1111,
        Page::Product(_) => (1 << PICTURES) - 1,
        Page::Post(_) => 1,
        Page::Download(..) | Page::Moved(_) => return 0,
        _ => 0,
    };
    let mut bits = (pictures << PICTURE) | 1 << BEACON;
    if matches!(page, Page::Product(_) | Page::Cart | Page::Search(_)) {
        bits |= 1 << DATA;
    }
    if reading.loaded {
        return bits;
    }
    if random.chance(60_000) {
        bits |= 1 << PREFLIGHT;
    }
    // Somebody who comes back has most of it in the browser's cache.
    let cached = random.below(1 << SHARED_ASSETS) | random.below(1 << SHARED_ASSETS);
    bits | if reading.returning { SHARED & !cached } else { SHARED & !2 }
}

/// A request for what belongs to the page shown.
fn asset(visit: &Visit, bit: u32, time: i64, site: &Site, random: &mut Random) -> Hit {
    let at = (bit - bit.min(PICTURE)) as u16;
    let mut hit = match bit {
        BROKEN_BANNER => visit.hit(time, Target::Path("/assets/img/banner-summer.jpg", ""), 0),
        PREFLIGHT | BEACON => visit.hit(time, Target::Path("/api/v1/events", ""), 0),
        DATA => data(visit, time, site, random),
        _ => {
            let id = match visit.reading.shown {
                _ if bit < PICTURE => site.assets.nth(bit as u16),
                Target::Site(id, _) => picture(site, id, at),
                _ => site.pictures.nth(at * 7 * PICTURES + 1),
            };
            visit.hit(time, Target::Site(id, ""), site.size(id))
        }
    };
    match bit {
        BROKEN_BANNER => (hit.status, hit.bytes) = (404, 5_431),
        PREFLIGHT => (hit.method, hit.status) = ("OPTIONS", 204),
        BEACON => (hit.method, hit.status) = ("POST", 204),
        DATA => {}
        _ if visit.reading.returning && random.chance(650_000) => (hit.status, hit.bytes) = (304, 0),
        _ => {}
    }
    hit
}

/// The `at`th picture on the page `id`.
fn picture(site: &Site, id: u16, at: u16) -> u16 {
    if let Some(n) = site.products.position(id) {
        site.pictures.nth(n * PICTURES + at)
    } else if let Some(n) = site.posts.position(id) {
        site.post_pictures.nth(n)
    } else {
        let n = site.categories.position(id).unwrap_or(0);
        site.pictures.nth((n * 31 + at * 7) * PICTURES + 1)
    }
}

/// A script on the page asks the API.
fn data(visit: &Visit, time: i64, site: &Site, random: &mut Random) -> Hit {
    let target = match visit.reading.shown {
        Target::Site(id, _) => Target::Site(site.stock.nth(site.products.position(id).unwrap_or(0)), ""),
        Target::Path("/cart", _) => Target::Path("/api/v1/cart", ""),
        _ => Target::Path("/api/v1/suggest", "?q=la"),
    };
    visit.hit(time, target, random.between(80, 400))
}

fn wait_after_asset(visit: &mut Visit, random: &mut Random) -> Option<u64> {
    if visit.reading.assets != 0 {
        return Some(random.wait(60 * MILLISECOND));
    }
    let wait = reading_time(visit.reading.page, random);
    visit.after(wait)
}

/// How long a page is looked at before the next one.
fn reading_time(next: Page, random: &mut Random) -> u64 {
    let mean = match next {
        Page::Post(_) => 50,
        Page::Order => 45,
        Page::SignIn => 12,
        _ => 22,
    };
    SECOND + random.wait(mean * SECOND)
}
