//! Programs that mean no harm: crawlers, link previews, feed readers, scripts, a monitor.

use crate::hit::{Hit, Target};
use crate::random::Random;
use crate::site::{LISTINGS, MISSING, MOVED};
use crate::visit::{MILLISECOND, SECOND, Visit, World};

/// A crawler reads robots.txt, then pages one by one, and never what belongs to them.
pub(crate) fn crawl(visit: &mut Visit, time: i64, world: &World, random: &mut Random) -> (Hit, Option<u64>) {
    let site = &world.site;
    let (target, status, bytes) = match (visit.step, random.below(100)) {
        (0, _) => (Target::Path("/robots.txt", ""), 200, 412),
        (1, 0..60) => (Target::Path("/sitemap.xml", ""), 200, 61_337),
        (_, 0..4) => (Target::Path(random.pick(MISSING), ""), 404, 5_431),
        (_, 4..7) => (Target::Path(random.pick(MOVED), ""), 301, 169),
        (_, 7..8) => (Target::Path("/admin/", ""), 403, 153),
        (_, 8..20) => {
            let id = site.categories.nth(random.below(12) as u16);
            (Target::Site(id, random.pick(LISTINGS)), 200, random.around(site.size(id)))
        }
        (_, 20..24) => {
            let id = site.pictures.nth(random.below(1_800) as u16);
            (Target::Site(id, ""), 200, site.size(id))
        }
        (_, 24..44) => {
            let id = site.posts.nth(random.below(40) as u16);
            (Target::Site(id, ""), 200, random.around(site.size(id)))
        }
        // A crawler goes through everything: what is popular does not count.
        _ => {
            let id = site.products.nth(random.below(600) as u16);
            (Target::Site(id, ""), 200, random.around(site.size(id)))
        }
    };
    let mut hit = Hit { status, ..visit.hit(time, target, bytes) };
    if hit.status == 200 && visit.step > 1 {
        match random.below(100) {
            0..10 => (hit.status, hit.bytes) = (304, 0),
            10..14 => (hit.method, hit.bytes) = ("HEAD", 0),
            14..15 if visit.step > 20 => (hit.status, hit.bytes) = (429, 162),
            _ => {}
        }
    }
    let wait = if hit.status == 429 { 60 * SECOND } else { SECOND + random.wait(8 * SECOND) };
    (hit, visit.after(wait))
}

/// A messenger fetches a shared link, then its picture.
pub(crate) fn preview(
    visit: &mut Visit,
    time: i64,
    world: &World,
    random: &mut Random,
) -> (Hit, Option<u64>) {
    let site = &world.site;
    let hit = if visit.step == 0 {
        let id = site.products.nth(site.product(random));
        Hit { status: 206, ..visit.hit(time, Target::Site(id, ""), random.around(site.size(id)).min(32_768)) }
    } else {
        let id = site.pictures.nth(site.product(random) * 3);
        visit.hit(time, Target::Site(id, ""), site.size(id))
    };
    (hit, visit.after(200 * MILLISECOND + random.wait(300 * MILLISECOND)))
}

/// A feed reader asks whether there is something new; mostly there is not.
pub(crate) fn read_feed(visit: &mut Visit, time: i64, random: &mut Random) -> (Hit, Option<u64>) {
    let path = if random.chance(600_000) { "/blog/feed.xml" } else { "/blog/atom.xml" };
    let hit = visit.hit(time, Target::Path(path, ""), 84_219);
    let hit = if random.chance(800_000) { Hit { status: 304, bytes: 0, ..hit } } else { hit };
    (hit, visit.after(SECOND))
}

/// A script calls the API, with or without a key, sometimes too often.
pub(crate) fn call(visit: &mut Visit, time: i64, random: &mut Random) -> (Hit, Option<u64>) {
    let number = random.between(100, 720);
    let (method, target, status, bytes) = match random.below(100) {
        _ if visit.step > 12 && random.chance(400_000) => {
            ("GET", Target::Path("/api/v1/products", ""), 429, 96)
        }
        0..30 => (
            "GET",
            Target::Numbered("/api/v1/products?page=", random.between(1, 30)),
            200,
            random.around(24_000),
        ),
        30..56 if number < 700 => {
            ("GET", Target::Numbered("/api/v1/products/", number), 200, random.around(900))
        }
        30..56 => ("GET", Target::Numbered("/api/v1/products/", number), 404, 58),
        56..66 => ("GET", Target::Numbered("/api/v1/orders/", number), 401, 71),
        66..76 => ("GET", Target::Numbered("/api/v1/orders/", number), 200, random.around(1_700)),
        76..82 => ("POST", Target::Path("/api/v1/orders", ""), 201, random.around(1_700)),
        82..85 => ("PUT", Target::Numbered("/api/v1/orders/", number), 200, random.around(1_700)),
        85..87 => ("DELETE", Target::Numbered("/api/v1/orders/", number), 405, 88),
        87..93 => ("HEAD", Target::Path("/", ""), 200, 0),
        _ => ("GET", Target::Path("/", ""), 200, random.around(22_400)),
    };
    let hit = Hit { method, status, bytes, ..visit.hit(time, target, 0) };
    (hit, visit.after(100 * MILLISECOND + random.wait(900 * MILLISECOND)))
}

/// The monitor asks at its interval, for ever.
pub(crate) fn watch(visit: &Visit, time: i64, interval: u64) -> (Hit, Option<u64>) {
    let hit = visit.hit(time, Target::Path("/health", ""), 0);
    (Hit { method: "HEAD", ..hit }, Some(interval))
}
