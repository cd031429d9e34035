//! Keys by their names, as they stand on the screen: `Ctrl+K`, `F5`, `Shift+ArrowDown`, `Enter`.

use thirtyfour::action_chain::ActionChain;

/// The presses and releases of a combination of keys.
pub fn combination(mut actions: ActionChain, keys: &str) -> ActionChain {
    // The plus is a key, too: `Ctrl++`.
    let (keys, plus) = keys.strip_suffix("++").map_or((keys, None), |rest| (rest, Some('+')));
    let names: Vec<char> = keys.split('+').map(code).chain(plus).collect();
    for name in &names {
        actions = actions.key_down(*name);
    }
    for name in names.iter().rev() {
        actions = actions.key_up(*name);
    }
    actions
}

/// The code of a key (`WebDriver`, 17.4.2).
fn code(name: &str) -> char {
    match name {
        "Ctrl" => '\u{E009}',
        "Shift" => '\u{E008}',
        "Alt" => '\u{E00A}',
        "Enter" => '\u{E007}',
        "Escape" => '\u{E00C}',
        "Tab" => '\u{E004}',
        "Space" => ' ',
        "Backspace" => '\u{E003}',
        "Delete" => '\u{E017}',
        "Home" => '\u{E011}',
        "End" => '\u{E010}',
        "PageUp" => '\u{E00E}',
        "PageDown" => '\u{E00F}',
        "ArrowLeft" => '\u{E012}',
        "ArrowUp" => '\u{E013}',
        "ArrowRight" => '\u{E014}',
        "ArrowDown" => '\u{E015}',
        function if function.len() > 1 && function.starts_with('F') => {
            let number: u32 = function[1..].parse().unwrap_or_else(|_| panic!("{function} is no key"));
            char::from_u32(0xE030 + number).unwrap_or_else(|| panic!("{function} is no key"))
        }
        single => {
            let mut characters = single.chars();
            match (characters.next(), characters.next()) {
                (Some(character), None) => character.to_ascii_lowercase(),
                _ => panic!("{single} is no key"),
            }
        }
    }
}
