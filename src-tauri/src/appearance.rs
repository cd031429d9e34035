//! What the desktop prefers: light or dark, and its language.

use kontor_api::contact::Language;
use kontor_api::start::Appearance;

/// What the desktop prefers now.
pub fn now() -> Appearance {
    Appearance {
        is_dark: matches!(dark_light::detect(), Ok(dark_light::Mode::Dark)),
        // WebKit hears this from the desktop itself, and the window's style sheet asks WebKit.
        is_motion_reduced: false,
        language: language(sys_locale::get_locale().as_deref()),
    }
}

/// German where German is spoken, and where nothing is known.
fn language(locale: Option<&str>) -> Language {
    match locale {
        Some(locale) if locale.starts_with("de") || locale == "C" || locale == "POSIX" => Language::De,
        None => Language::De,
        Some(_) => Language::En,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn german_is_where_german_is_spoken() {
        assert_eq!(language(Some("de-AT")), Language::De);
        assert_eq!(language(Some("en-GB")), Language::En);
        assert_eq!(language(None), Language::De);
    }
}
