//! The first start: a demo, a file, the central database.

use kontor_tests::databases::block_on;

use crate::harness::{Opening, Window};

#[test]
fn a_new_person_makes_a_demo_and_sees_what_is_to_be_done() {
    block_on(async {
        let window = Window::open(Opening::default()).await;
        window.read("Noch keine Datenbank geöffnet").await;
        window.shot("start-first").await;
        window.press("Demo öffnen").await;
        window.see("nav").await;
        window.shot("overview").await;
        assert!(window.desk().join("demo/2013-01/kontor.db").exists());
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        window.shot("overview3").await;
        for (n, k) in ["Ctrl+2", "Ctrl+3", "Ctrl+4", "Ctrl+8"].iter().enumerate() {
            window.keys(k).await;
            tokio::time::sleep(std::time::Duration::from_secs(2)).await;
            window.shot(&format!("screen{n}")).await;
        }
    });
}
