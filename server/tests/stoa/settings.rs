//! Settings from outside: layers, names, masks.

use serde_json::Value;

use crate::house::House;

#[test]
fn an_unknown_setting_is_named_with_the_nearest_one() {
    let house = House::with("[server]\nlistn = \"127.0.0.1:0\"\n");
    for command in [&["serve"][..], &["config", "show"], &["config", "check"], &["user", "list"]] {
        let refused = house.run(command);
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert_eq!(
            refused.err,
            "stoa: there is no setting `server.listn` (stoa.toml); did you mean `server.listen`? `stoa config show` \
             lists all\n"
        );
    }
}

#[test]
fn an_unknown_flag_or_command_is_asked_wrongly() {
    let house = House::new();
    for wrong in [&["serve", "--prot", "1"][..], &["serv"], &[], &["user"], &["user", "add"]] {
        let said = house.run(wrong);
        assert_eq!((said.code, &*said.out), (Some(2), ""), "{wrong:?}: {said:?}");
        assert!(said.err.contains("Usage"), "{said:?}");
    }
}

#[test]
fn every_command_has_help_with_an_example() {
    let house = House::new();
    let commands = [
        &["serve"][..],
        &["user", "add"],
        &["user", "list"],
        &["user", "disable"],
        &["user", "enable"],
        &["user", "reset"],
        &["token", "add"],
        &["lab"],
        &["sandbox", "run"],
        &["doctor"],
        &["config", "check"],
        &["config", "show"],
        &["migrate"],
    ];
    for command in commands {
        let help = house.run(&[command, &["--help"]].concat());
        assert_eq!((help.code, &*help.err), (Some(0), ""), "{command:?}");
        let example = format!("\n  stoa {}", command.join(" "));
        assert!(help.out.contains("Example") && help.out.contains(&example), "{}", help.out);
    }
    assert_eq!(house.run(&["--version"]).out, format!("stoa {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn each_setting_tells_where_it_came_from() {
    let house = House::with("data = \"./elsewhere\"\n[server]\nlisten = \"127.0.0.1:1\"\nstop_seconds = 3\n");
    let said = house
        .command(&["config", "show", "--json", "--data", "./flagged"])
        .env("STOA_SERVER__LISTEN", "127.0.0.1:2")
        .env("STOA_TEST_POSTGRES", "is no setting")
        .output()
        .unwrap();
    let all: Value = serde_json::from_slice(&said.stdout).unwrap();
    let setting = |key: &str| (all[key]["value"].clone(), all[key]["from"].as_str().unwrap().to_owned());
    assert_eq!(setting("data"), ("./flagged".into(), "--data".into()));
    assert_eq!(setting("server.listen"), ("127.0.0.1:2".into(), "STOA_SERVER__LISTEN".into()));
    assert_eq!(setting("server.stop_seconds"), (3.into(), "stoa.toml".into()));
    assert_eq!(setting("server.role"), ("all".into(), "default".into()));
}

#[test]
fn mv_l6_secrets_are_never_shown_whatever_is_wrong_with_them() {
    let secrets = ["p4ssw0rd-in-a-url", "s3cret-key-of-a-bucket", "r3dis-password"];
    let settings = format!(
        "[database]\nurl = \"postgres://stoa:{}@127.0.0.1:1/stoa\"\n[signals]\nredis_url = \
         \"redis://:{}@127.0.0.1:1/\"\n[blobs.s3]\nendpoint = \"https://127.0.0.1:1\"\nbucket = \
         \"b\"\naccess_key_id = \"id\"\nsecret_access_key = \"{}\"\n",
        secrets[0], secrets[2], secrets[1]
    );
    let good = House::with(&settings);
    let wrong_type =
        House::with(&settings.replace("\"postgres", "[\"postgres").replace("/stoa\"", "/stoa\"]"));
    let broken = House::with(&settings.replace("/stoa\"", "/stoa"));
    let weak = House::with(&settings.replace("127.0.0.1:1/stoa", "db.example/stoa?sslmode=disable"));
    for house in [&good, &wrong_type, &broken, &weak] {
        for command in
            [&["config", "show"][..], &["config", "show", "--json"], &["config", "check"], &["serve"]]
        {
            let said = house.run(command);
            for secret in secrets {
                assert!(!said.out.contains(secret) && !said.err.contains(secret), "{command:?}: {said:?}");
            }
        }
    }
    let shown = good.run(&["config", "show"]).out;
    let masked = shown.lines().filter(|line| line.contains("********")).count();
    assert_eq!(masked, secrets.len(), "{shown}");
}

#[test]
fn the_reference_can_be_served_with_as_it_is() {
    let house = House::new();
    let reference = house.run(&["config", "show", "--reference"]).out;
    let copy = House::with(&reference);
    let checked = copy.run(&["config", "check"]);
    assert_eq!(checked.code, Some(0), "{checked:?}");
}

#[test]
fn mv_m5_there_is_no_switch_for_a_weaker_mode() {
    let reference = House::new().run(&["config", "show", "--reference"]).out;
    let settings = reference.lines().filter(|line| !line.starts_with("# ") && !line.is_empty());
    for setting in settings {
        let name = setting.split('=').next().unwrap_or_default().to_lowercase();
        for word in ["debug", "develop", "insecure", "unsafe", "disable", "skip", "environment"] {
            assert!(!name.contains(word), "{setting}");
        }
    }
}
