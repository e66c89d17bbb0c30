//! In which languages names are wanted, and under which keys a database has them.

use std::collections::BTreeSet;

/// Languages in order of wish.
#[derive(Debug, Clone)]
pub(super) struct Wishes(Vec<String>);

impl Wishes {
    /// Reads `de`, `pt-BR`, or a list such as `de,en`. An underscore is as good as a hyphen, and
    /// the tail of a locale (`de_DE.UTF-8`) is left out.
    pub(super) fn parse(list: &str) -> Wishes {
        let tag = |text: &str| text.split(['.', '@']).next().unwrap_or("").trim().replace('_', "-");
        Wishes(list.split(',').map(tag).filter(|tag| !tag.is_empty()).collect())
    }

    /// The keys of names to try, in this order, in a database that has names under the known keys.
    ///
    /// A wish is met by its own key, by that of its language without the region, and last by any
    /// region of that language, before the next wish counts (the lookup of RFC 4647, and one step
    /// more). Keys that are not known are tried as well: a rare one may have been overlooked.
    pub(super) fn keys(&self, known: &BTreeSet<String>) -> Vec<String> {
        let mut keys: Vec<String> = Vec::new();
        let mut add = |key: &str| {
            let key = known.iter().find(|known| known.eq_ignore_ascii_case(key)).map_or(key, String::as_str);
            if !keys.iter().any(|other| other == key) {
                keys.push(key.to_string());
            }
        };
        for wish in &self.0 {
            let mut tag = wish.as_str();
            add(tag);
            while let Some((shorter, _)) = tag.rsplit_once('-') {
                tag = shorter;
                add(tag);
            }
            let is_of_language = |key: &&String| {
                key.split_once('-').is_some_and(|(language, _)| language.eq_ignore_ascii_case(tag))
            };
            known.iter().filter(is_of_language).for_each(|key| add(key));
        }
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(list: &str, known: &[&str]) -> Vec<String> {
        Wishes::parse(list).keys(&known.iter().map(|key| key.to_string()).collect())
    }

    const KNOWN: &[&str] = &["de", "en", "fr", "pt-BR", "zh-CN"];

    #[test]
    fn wishes_are_tried_in_their_order() {
        assert_eq!(keys("de", KNOWN), ["de"]);
        assert_eq!(keys("fr, de,en", KNOWN), ["fr", "de", "en"]);
        assert_eq!(keys("de,de,DE", KNOWN), ["de"]);
        assert_eq!(keys("", KNOWN), [""; 0]);
        assert_eq!(keys(",,", KNOWN), [""; 0]);
    }

    #[test]
    fn a_region_falls_back_to_its_language_and_a_language_to_a_region() {
        assert_eq!(keys("de-AT", KNOWN), ["de-AT", "de"]);
        assert_eq!(keys("pt", KNOWN), ["pt", "pt-BR"]);
        assert_eq!(keys("pt-PT,fr", KNOWN), ["pt-PT", "pt", "pt-BR", "fr"]);
        assert_eq!(keys("zh-Hant-TW", KNOWN), ["zh-Hant-TW", "zh-Hant", "zh", "zh-CN"]);
    }

    #[test]
    fn case_and_the_forms_of_locales_do_not_matter() {
        assert_eq!(keys("zh_cn", KNOWN), ["zh-CN", "zh"]);
        assert_eq!(keys("PT-br", KNOWN), ["pt-BR", "PT"]);
        assert_eq!(keys("de_DE.UTF-8", KNOWN), ["de-DE", "de"]);
        assert_eq!(keys("fr_FR@euro", KNOWN), ["fr-FR", "fr"]);
    }
}
