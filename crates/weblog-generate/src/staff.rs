//! People who work for the shop, at the pages behind a password.

use crate::hit::{Hit, Referer, Target};
use crate::random::Random;
use crate::visit::{SECOND, Visit};

/// The browser asks without a password first, then with it.
pub(crate) fn step(visit: &mut Visit, time: i64, random: &mut Random) -> (Hit, Option<u64>) {
    let user = ["anna", "mei", "j.okafor"][visit.address.hash() as usize % 3];
    let number = random.between(100, 699);
    let (method, target, status, bytes) = match (visit.step, random.below(100)) {
        (0, _) => ("GET", Target::Path("/admin/", ""), 401, 179),
        (1, _) => ("GET", Target::Path("/admin/", ""), 200, random.around(14_000)),
        (_, 0..30) => ("GET", Target::Path("/admin/orders", "?state=open"), 200, random.around(38_000)),
        (_, 30..60) => ("GET", Target::Numbered("/admin/products/", number), 200, random.around(17_000)),
        (_, 60..85) => ("PUT", Target::Numbered("/api/v1/products/", number), 200, random.around(700)),
        (_, 85..90) => ("DELETE", Target::Numbered("/api/v1/products/", number), 204, 0),
        (_, 90..95) => ("POST", Target::Path("/api/v1/products", ""), 201, random.around(700)),
        _ => ("GET", Target::Path("/admin/reports", "?period=week"), 200, random.around(90_000)),
    };
    let user = if status == 401 { "-" } else { user };
    let hit = Hit { method, status, bytes, user, ..visit.hit(time, target, 0) };
    visit.referer = Referer::Inside(Target::Path("/admin/", ""));
    (hit, visit.after(random.wait(15 * SECOND)))
}
