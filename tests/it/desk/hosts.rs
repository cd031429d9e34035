//! Hosts as the window asks for them: taken out of service, told on the overview, put back.

use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use serde_json::{Value, json};

use super::Desk;
use crate::support::{kontor, mailing, office};

const HOST: &str = "rechnung-03";

both_databases! {
    async fn a_host_is_taken_out_of_service_and_put_back(db: TestDb) {
        office(&db, 6);
        let run = mailing(&db).env("KONTOR_HOST", HOST).args(["invoices", "run", "--period", "2013-01"]);
        drop(run.run().expect(0));
        let desk = Desk::at(&db).await;
        assert_eq!(desk.call(json!({ "type": "show_overview" })).await["hosts_out"], json!([]));
        let request = "0191e7a0-0000-7000-8000-0000000000aa";
        let withdraw = |reason: &str, host: &str| {
            json!({ "type": "withdraw_host", "request_id": request, "host": host, "reason": reason })
        };
        let failure = desk.failure(withdraw("  ", HOST)).await;
        assert_eq!(failure["faults"][0]["field"], "reason");
        assert_eq!(desk.failure(withdraw("x", "rechnung-9")).await["record"], "host");
        let days = json!({ "type": "withdraw_host", "request_id": request, "host": HOST, "reason": "x", "from": "2013-02-02",
            "to": "2013-02-01" });
        assert_eq!(desk.failure(days).await["faults"][0]["field"], "to");
        let end = json!({ "type": "withdraw_host", "request_id": request, "host": HOST, "reason": "x", "to": "2013-02-01" });
        assert_eq!(desk.failure(end).await["faults"][0]["field"], "from", "an end alone leaves no bad time at all");

        let whole = json!({ "type": "withdraw_host", "request_id": request, "host": HOST, "reason": "Speichertest rot",
            "from": "2013-01-01" });
        let hosts = desk.call(whole.clone()).await;
        assert_eq!(desk.call(whole).await, hosts, "the same request again");
        // The one that the office was set up on may be listed too.
        let named = |hosts: &Value| {
            let mut all = hosts.as_array().expect("hosts").iter();
            all.find(|host| host["host"] == HOST).expect("it is listed").clone()
        };
        let row = named(&hosts["hosts"]);
        assert_eq!((&row["host"], &row["unproven"]), (&json!(HOST), &json!(6)));
        assert_eq!(row["withdrawal"]["canary"], Value::Null);
        assert_eq!(row["withdrawal"]["reason"], "Speichertest rot");
        let said = kontor(&db).args(["hosts", "list"]).run().expect(0).json();
        assert_eq!(named(&said)["unproven"], row["unproven"]);
        drop(mailing(&db).env("KONTOR_HOST", "rechnung-09").args(["invoices", "run", "--period", "2013-03"]).run().expect(0));
        let all = desk.call(json!({ "type": "show_hosts" })).await;
        assert_eq!(all["hosts"].as_array().map(Vec::len), Some(2));
        let overview = desk.call(json!({ "type": "show_overview" })).await;
        assert_eq!(overview["hosts_out"], json!([named(&all["hosts"])]), "what is out, with all that is known of it");
        // A run that nobody works on names the hosts that are out.
        drop(kontor(&db).args(["invoices", "run", "--period", "2013-02", "--queue"]).run().expect(0));
        let listed = kontor(&db).args(["runs", "list"]).run().expect(0).json();
        let run = listed[0]["run"].as_str().expect("the newest run").to_owned();
        let detail = desk.call(json!({ "type": "show_run", "id": run })).await;
        assert_eq!(detail["progress"]["hosts_out"], json!([HOST]));
        assert_eq!(kontor(&db).args(["runs", "show", &run]).run().expect(0).json()["hosts_out"], json!([HOST]));
        drop(mailing(&db).args(["work", "--until-idle"]).run().expect(0));
        let detail = desk.call(json!({ "type": "show_run", "id": run })).await;
        assert_eq!(detail["progress"]["hosts_out"], json!([]), "it is over");

        let again = desk.failure(json!({ "type": "withdraw_host", "request_id": "0191e7a0-0000-7000-8000-0000000000ab", "host":
            HOST, "reason": "x" })).await;
        assert_eq!(again["obstacle"]["code"], "host_out");

        let back = |id: &str| json!({ "type": "return_host", "request_id": id, "host": HOST, "reason": "Riegel getauscht" });
        let hosts = desk.call(back("0191e7a0-0000-7000-8000-0000000000ac")).await;
        let row = named(&hosts["hosts"]);
        assert_eq!(row["withdrawal"], Value::Null);
        assert_eq!(row["unproven"], 6, "what it wrote stays unproven");
        assert_eq!(desk.failure(back("0191e7a0-0000-7000-8000-0000000000ad")).await["obstacle"]["code"], "host_in");
        let journal = json!({ "type": "list_journal", "filter": {}, "place": { "type": "start" }, "limit": 9, "with_total": false });
        let page = desk.call(journal).await;
        let actions: Vec<&Value> = page["rows"].as_array().expect("rows").iter().map(|row| &row["value"]["action"])
            .filter(|action| action.as_str().is_some_and(|action| action.starts_with("host."))).collect();
        assert_eq!(actions, ["host.return", "host.withdraw"]);
    }
}
