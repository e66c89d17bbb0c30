//! The site that is visited: a shop with a blog and an API, all of it made up.

use crate::random::{Random, Weighted};

/// The name of the site; `.example` belongs to nobody (RFC 2606).
pub(crate) const HOST: &str = "shop.example";

const ADJECTIVES: [&str; 25] = [
    "enamel",
    "linen",
    "oak",
    "copper",
    "felt",
    "cotton",
    "walnut",
    "ceramic",
    "brass",
    "slate",
    "wool",
    "bamboo",
    "marble",
    "leather",
    "cork",
    "birch",
    "glass",
    "rattan",
    "steel",
    "hemp",
    "clay",
    "silk",
    "paper",
    "porcelain",
    "caf%C3%A9",
];

const NOUNS: [&str; 24] = [
    "mug", "teapot", "lamp", "stool", "basket", "blanket", "vase", "clock", "notebook", "apron", "tray",
    "candle", "planter", "bowl", "cushion", "hook", "kettle", "frame", "rug", "jar", "bench", "mirror",
    "bottle", "shelf",
];

const CATEGORIES: [&str; 12] = [
    "kitchen",
    "lighting",
    "textiles",
    "garden",
    "office",
    "bath",
    "kids",
    "outdoor",
    "storage",
    "gifts",
    "sale",
    "m%C3%B6bel",
];

const POSTS: [&str; 40] = [
    "how-we-glaze-a-mug",
    "ten-lamps-for-winter",
    "linen-or-cotton",
    "the-oak-and-the-saw",
    "caring-for-cast-iron",
    "a-visit-to-the-weavers",
    "small-kitchens",
    "why-we-moved-our-warehouse",
    "%C3%BCber-uns",
    "spring-catalogue",
    "repairing-a-kettle",
    "five-knots",
    "what-is-fair-trade",
    "colours-of-slate",
    "a-desk-for-two",
    "moth-season",
    "behind-the-scenes",
    "shipping-without-plastic",
    "the-caf%C3%A9-table",
    "autumn-lights",
    "beeswax",
    "on-shelves",
    "our-new-api",
    "how-to-hang-a-mirror",
    "rugs-explained",
    "plants-that-survive",
    "the-potter-of-kyoto-%E4%BA%AC%E9%83%BD",
    "gift-ideas",
    "postcards",
    "a-history-of-the-teapot",
    "sharpening",
    "cork-is-a-tree",
    "opening-hours",
    "brass-care",
    "open-source-at-the-shop",
    "winter-sale",
    "the-long-table",
    "letters-from-readers",
    "wicker",
    "one-year-on",
];

const ASSETS: [(&str, u32); 9] = [
    ("/assets/css/main.4f1c9a2e.css", 48_213),
    ("/assets/css/print.0b77de10.css", 2_904),
    ("/assets/js/vendor.91aa03fd.js", 163_870),
    ("/assets/js/shop.7c20e5b1.js", 57_442),
    ("/assets/fonts/inter-regular.woff2", 98_868),
    ("/assets/fonts/inter-bold.woff2", 105_804),
    ("/assets/img/logo.svg", 3_377),
    ("/assets/img/sprite.svg", 11_248),
    ("/favicon.ico", 15_086),
];

const DOWNLOADS: [(&str, u32); 5] = [
    ("/downloads/catalogue-2025.pdf", 8_412_160),
    ("/downloads/assembly-oak-shelf.pdf", 1_204_331),
    ("/downloads/price-list.xlsx", 214_800),
    ("/media/glazing.mp4", 41_943_040),
    ("/media/podcast-07.mp3", 27_262_976),
];

/// How many of each there are.
const PRODUCTS: u16 = 600;
/// Pictures shown with each product.
pub(crate) const PICTURES: u16 = 3;
/// Of the assets of every page.
pub(crate) const SHARED_ASSETS: u16 = ASSETS.len() as u16;

/// The number of a path.
pub(crate) type Id = u16;

/// Paths in consecutive numbers.
pub(crate) struct Group {
    first: Id,
    pub(crate) length: u16,
}

impl Group {
    /// The path of the `n`th, counted round.
    pub(crate) fn nth(&self, n: u16) -> Id {
        self.first + n % self.length
    }

    /// Which one `id` is, if it is one of these.
    pub(crate) fn position(&self, id: Id) -> Option<u16> {
        id.checked_sub(self.first).filter(|&n| n < self.length)
    }
}

/// All paths, with what is popular among them.
pub(crate) struct Site {
    text: Vec<u8>,
    resources: Vec<(u32, u32, u32)>,
    pub(crate) products: Group,
    pub(crate) pictures: Group,
    pub(crate) stock: Group,
    pub(crate) categories: Group,
    pub(crate) posts: Group,
    pub(crate) post_pictures: Group,
    pub(crate) assets: Group,
    pub(crate) downloads: Group,
    popular_products: Weighted,
    popular_posts: Weighted,
}

impl Site {
    pub(crate) fn new() -> Self {
        // Sizes are drawn once, from a stream of their own: the site is the same for every seed.
        let mut sizes = Random::new(2025);
        let (mut text, mut resources) = (Vec::new(), Vec::new());
        let mut group = |entries: Vec<(String, u32)>| {
            let first = resources.len() as Id;
            let length = entries.len() as u16;
            for (path, size) in entries {
                resources.push((text.len() as u32, (text.len() + path.len()) as u32, size));
                text.extend_from_slice(path.as_bytes());
            }
            Group { first, length }
        };
        let listed =
            |list: &[(&str, u32)]| list.iter().map(|(path, size)| (path.to_string(), *size)).collect();
        let mut sized = |path: String, typical| (path, sizes.around(typical));
        let product = |n: u16| {
            let n = usize::from(n);
            format!("{}-{}-{}", n + 100, ADJECTIVES[n % 25], NOUNS[n % 24])
        };
        let year = |n: usize| 2025 - n / 10;
        Site {
            products: group(
                (0..PRODUCTS).map(|n| sized(format!("/product/{}", product(n)), 31_000)).collect(),
            ),
            pictures: group(
                (0..PRODUCTS * PICTURES)
                    .map(|n| {
                        let width = [960, 480, 480][usize::from(n % PICTURES)];
                        let path =
                            format!("/img/products/{}-{}-{width}.webp", n / PICTURES + 100, n % PICTURES + 1);
                        sized(path, width * 70)
                    })
                    .collect(),
            ),
            stock: group(
                (0..PRODUCTS).map(|n| (format!("/api/v1/products/{}/stock", n + 100), 84)).collect(),
            ),
            categories: group(
                CATEGORIES.iter().map(|name| sized(format!("/category/{name}"), 26_000)).collect(),
            ),
            posts: group(
                (0..POSTS.len())
                    .map(|n| sized(format!("/blog/{}/{:02}/{}", year(n), 12 - n % 12, POSTS[n]), 19_000))
                    .collect(),
            ),
            post_pictures: group(
                (0..POSTS.len()).map(|n| sized(format!("/img/blog/{}-cover.jpg", n + 1), 142_000)).collect(),
            ),
            assets: group(listed(&ASSETS)),
            downloads: group(listed(&DOWNLOADS)),
            popular_products: Weighted::zipf(PRODUCTS.into(), 4),
            popular_posts: Weighted::zipf(POSTS.len() as u32, 2),
            text,
            resources,
        }
    }

    /// The path, percent-encoded as a client sends it.
    pub(crate) fn path(&self, id: Id) -> &[u8] {
        let (start, end, _) = self.resources[usize::from(id)];
        &self.text[start as usize..end as usize]
    }

    /// Its typical size in bytes; exact for a file.
    pub(crate) fn size(&self, id: Id) -> u32 {
        self.resources[usize::from(id)].2
    }

    /// The number of a product, the popular ones more often.
    pub(crate) fn product(&self, random: &mut Random) -> u16 {
        self.popular_products.choose(random) as u16
    }

    /// The number of a blog post, the popular ones more often.
    pub(crate) fn post(&self, random: &mut Random) -> u16 {
        self.popular_posts.choose(random) as u16
    }
}

/// What people search for in the shop, as the query is sent.
#[rustfmt::skip]
pub(crate) static SEARCHES: &[&str] = &[
    "?q=mug", "?q=lamp", "?q=oak+shelf", "?q=gift+card", "?q=tea+pot", "?q=blanket&sort=price", "?q=caf%C3%A9+table",
    "?q=vase&page=2", "?q=returns", "?q=m%C3%B6bel", "?q=%E8%8C%B6%E5%A3%B6", "?q=wool+rug&size=large", "?q=kettle",
    "?q=%D0%BB%D0%B0%D0%BC%D0%BF%D0%B0", "?q=mirror", "?q=nothing+like+this",
];

/// What an entry link carries when it was sent out with a campaign.
pub(crate) static CAMPAIGNS: &[&str] = &[
    "?utm_source=newsletter&utm_medium=email&utm_campaign=october",
    "?utm_source=google&utm_medium=cpc&utm_campaign=brand&gclid=EAIaIQobChMI_example",
    "?utm_source=facebook&utm_medium=social&utm_campaign=autumn-sale&fbclid=IwAR0_example",
    "?utm_source=instagram&utm_medium=social&utm_campaign=autumn-sale",
    "?utm_source=partner&utm_medium=affiliate&utm_content=banner%20top",
];

/// The campaign that makes a spike.
pub(crate) const SPIKE_CAMPAIGN: &str =
    "?utm_source=tiktok&utm_medium=social&utm_campaign=flash-sale&utm_content=video-3";

/// Ways of turning a category's pages.
pub(crate) static LISTINGS: &[&str] = &["", "", "", "?page=2", "?page=3", "?sort=price", "?sort=new&page=2"];

/// Paths that old links still name and that lead nowhere today.
#[rustfmt::skip]
pub(crate) static MISSING: &[&str] = &[
    "/blog/2014/03/the-first-teapot", "/blog/2016/11/black-friday", "/products/old-lamp.html", "/press.html",
    "/wp-content/uploads/2015/06/shop-front.jpg", "/catalogue/2019/index.php?id=41", "/caf%C3%A9", "/product/99-discontinued",
];

/// Paths that moved, each answered by 301.
pub(crate) static MOVED: &[&str] =
    &["/blog", "/shop/lamps", "/index.html", "/index.php", "/feed", "/category/kitchen/"];

/// Where visitors come from, with how many of a thousand; `-` is a typed address or a private mail program.
#[rustfmt::skip]
pub(crate) static ENTRANCES: &[(u32, &str)] = &[
    (330, "-"), (270, "https://www.google.com/"), (28, "https://www.google.de/"), (22, "https://www.google.co.uk/"),
    (50, "https://www.bing.com/"), (40, "https://duckduckgo.com/"), (10, "https://www.ecosia.org/"),
    (10, "https://yandex.ru/"), (8, "https://search.yahoo.co.jp/"), (8, "https://www.baidu.com/link?url=kx2example"),
    (36, "https://l.facebook.com/"), (30, "https://l.instagram.com/"), (20, "https://t.co/8QexAmpLe1"),
    (24, "https://www.reddit.com/"), (18, "https://news.ycombinator.com/"), (14, "https://www.pinterest.com/"),
    (10, "https://www.linkedin.com/"), (12, "https://www.youtube.com/"), (14, "https://chatgpt.com/"),
    (16, "https://blog.homewares.example/2024/11/our-favourite-shops"), (6, "android-app://com.google.android.gm/"),
];

/// Old blogs whose links are dead.
pub(crate) static OLD_BLOGS: &[&str] = &[
    "http://teapots.example/2014/04/links.html",
    "http://oldblog.example/archives/0042.php?lang=en&q=\"tea\"",
    "https://forum.crafts.example/viewtopic.php?t=8812",
];
