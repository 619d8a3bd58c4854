//! The script that refuses what the transcoder would take in silence: alone in the
//! real Envoy, with messages that our protos do not have, and cut anywhere.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use reqwest::Client;
use serde_json::json;
use tokio::process::{Child, Command};

use super::super::admin::Admin;
use super::envoy;

const SCRIPT: &str = include_str!("../../../../gateway/requests.lua");

/// A message with everything that one may hold.
const MESSAGES: &str = r#"local api = {messages = {
  Root = {id={name="id"}, name={name="name"}, placeId={name="place_id"}, place_id={name="place_id"},
          child={name="child", of="Child"}, items={name="items", of="Child"}, tags={name="tags"},
          counts={name="counts", each={}}, places={name="places", each={of="Child"}}},
  Child = {x={name="x"}, child={name="child", of="Child"}},
}}
"#;

/// Answers with what the script says about a body that came in pieces of so many
/// bytes, and how long it takes to read it so many times.
const ANSWER: &str = r#"
function envoy_on_request(handle)
  local piece = tonumber(handle:headers():get("x-piece"))
  local times = tonumber(handle:headers():get("x-times"))
  local text = handle:body():getBytes(0, handle:body():length())
  local answer, began = "fine", os.clock()
  for _ = 1, times do
    local scan = new_scan("Root", {id = true})
    for at = 1, #text, piece do
      local field, problem = scan:feed(sub(text, at, at + piece - 1))
      if field then answer = field .. ": " .. problem break end
    end
  end
  local micros = (os.clock() - began) * 1e6 / times
  handle:respond({[":status"] = "200", ["x-micros"] = tostring(micros)}, answer)
end
"#;

/// An Envoy that has the script and nothing else.
struct Scanner {
    url: String,
    client: Client,
    _envoy: Child,
    _folder: tempfile::TempDir,
}

// === impl Scanner ===

impl Scanner {
    async fn start() -> Option<Self> {
        let envoy = envoy()?;
        let folder = tempfile::tempdir().unwrap();
        let child = Self::spawn(&envoy, folder.path());
        let admin = loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let admin = Admin::at(&folder.path().join("admin"));
            if let Some(admin) = admin
                && admin.is_ready().await
            {
                break admin;
            }
        };
        let address = admin.listener("http").await.unwrap();
        Some(Self {
            url: format!("http://{address}/"),
            client: Client::builder().no_proxy().build().unwrap(),
            _envoy: child,
            _folder: folder,
        })
    }

    fn spawn(envoy: &Path, folder: &Path) -> Child {
        let script = format!("{MESSAGES}{SCRIPT}{ANSWER}");
        let loopback = json!({"socket_address": {"address": "127.0.0.1", "port_value": 0}});
        let extension = |name: &str| format!("type.googleapis.com/envoy.extensions.filters.{name}");
        let lua = json!({"name": "lua", "typed_config": {
            "@type": extension("http.lua.v3.Lua"), "default_source_code": {"inline_string": script}}});
        let router = json!({"name": "router", "typed_config": {"@type": extension("http.router.v3.Router")}});
        let http = json!({"name": "http", "typed_config": {
            "@type": extension("network.http_connection_manager.v3.HttpConnectionManager"),
            "stat_prefix": "http", "route_config": {}, "http_filters": [lua, router]}});
        let listener = json!({"name": "http", "address": loopback, "per_connection_buffer_limit_bytes": 8 << 20,
            "filter_chains": [{"filters": [http]}]});
        let config =
            json!({"admin": {"address": loopback}, "static_resources": {"listeners": [listener]}});
        let path = folder.join("envoy.json");
        std::fs::write(&path, config.to_string()).unwrap();
        Command::new(envoy)
            .args([
                "--disable-hot-restart",
                "--concurrency",
                "1",
                "--log-level",
                "error",
                "-c",
            ])
            .arg(path)
            .arg("--admin-address-path")
            .arg(folder.join("admin"))
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    /// What the script says, and the microseconds that it takes.
    async fn ask(&self, body: &str, piece: usize, times: usize) -> (String, f64) {
        let request = self.client.post(&self.url).body(body.to_owned());
        let request = request.header("x-piece", piece).header("x-times", times);
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200, "{body}");
        let micros = response.headers()["x-micros"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        (response.text().await.unwrap(), micros)
    }
}

/// Bodies with nothing wrong.
const FINE: [&str; 5] = [
    "{}",
    " { \"name\" : \"a \\\" b\\\\\" ,\n\t\"tags\":[\"x\",\"{y}\"], \"place_id\": -1.5e+3 } ",
    r#"{"child":{"x":1,"child":{"child":null}},"items":[{"x":true},{}],"tags":[]}"#,
    r#"{"counts":{"anything":1,"at all":2},"places":{"here":{"x":1}},"placeId":4}"#,
    r#"{"items":[{"x":1},{"x":1}]}"#,
];

/// Bodies with a field that nobody knows, and its name.
const UNKNOWN: [(&str, &str); 8] = [
    (r#"{"colour":"red"}"#, "colour"),
    (r#"{"name":"x","child":{"x":1,"y":2}}"#, "child.y"),
    (
        r#"{"items":[{"x":1},{"x":1,"child":{"z":[]}}]}"#,
        "items[1].child.z",
    ),
    (
        r#"{"places":{"here":{"x":1},"there":{"y":1}}}"#,
        "places.there.y",
    ),
    (r#"{"na\u006de":"x"}"#, "na"),
    (r#"{"name ":"x"}"#, "name "),
    (r#"{"NAME":"x"}"#, "NAME"),
    (r#"{"año":1}"#, "a??o"),
];

/// Bodies that are wrong in another way, and what is said of each.
const WRONG: [(&str, &str); 18] = [
    (r#"{"name":"x","name":"y"}"#, "name: is there twice"),
    (r#"{"place_id":1,"placeId":2}"#, "placeId: is there twice"),
    (
        r#"{"id":"another"}"#,
        "id: is part of the path, and may not be in the body",
    ),
    (r#"{"name":{"x":1}}"#, "name: must not be an object"),
    (r#"{"tags":["a",{}]}"#, "tags[1]: must not be an object"),
    (r#"[{"name":"x"}]"#, "body: must be a JSON object"),
    (r#""name""#, "body: must be a JSON object"),
    (r#"{"name":"x"}{"colour":1}"#, "body: must be JSON"),
    (r#"{name:"x"}"#, "body: must be JSON"),
    (r#"{'name':"x"}"#, "body: must be JSON"),
    (r#"{"name":'x"'}"#, "body: must be JSON"),
    (r#"{"name":"x" "colour":1}"#, "body: must be JSON"),
    (r#"{"name" "x"}"#, "body: must be JSON"),
    (r#"{"name":"x",}"#, "body: must be JSON"),
    (r#"{"tags":[1}"#, "body: must be JSON"),
    (r#"{"name":/**/"x"}"#, "body: must be JSON"),
    (r#"{"name":"x"]"#, "body: must be JSON"),
    ("\u{feff}{}", "body: must be a JSON object"),
];

/// Bodies, and what is said of each.
fn bodies() -> impl Iterator<Item = (&'static str, String)> {
    let fine = FINE.map(|body| (body, "fine".to_owned()));
    let unknown =
        UNKNOWN.map(|(body, name)| (body, format!("{name}: is not a field of this call")));
    let wrong = WRONG.map(|(body, says)| (body, says.to_owned()));
    fine.into_iter().chain(unknown).chain(wrong)
}

#[tokio::test]
async fn unknown_fields_are_named_at_any_depth_wherever_a_body_is_cut() {
    let Some(scanner) = Scanner::start().await else {
        return;
    };
    for (body, says) in bodies() {
        for piece in [1, 2, 3, 5, 7, 1000] {
            let (said, _) = scanner.ask(body, piece, 1).await;
            assert_eq!(said, says, "{body} in pieces of {piece}");
        }
    }
    let deep = format!("{}1", r#"{"child":"#.repeat(200));
    assert_eq!(
        scanner.ask(&deep, 1000, 1).await.0,
        "body: is nested too deeply"
    );
    let long = format!("{{\"{}\":1}}", "n".repeat(100_000));
    let (said, _) = scanner.ask(&long, 1000, 1).await;
    assert!(
        said.len() < 200 && said.ends_with("is not a field of this call"),
        "{said}"
    );
}

/// The figures that the decision quotes are printed; the bounds are what even a busy
/// machine keeps.
#[tokio::test]
#[expect(clippy::print_stdout, reason = "the figures are quoted")]
async fn reading_a_body_costs_little() {
    let Some(scanner) = Scanner::start().await else {
        return;
    };
    let movement = r#"{"name":"0190a8f0-0000-7000-8000-000000000001","place_id":12,"tags":["muerte"],"child":{"x":-20}}"#;
    let text = format!("{{\"name\":\"{}\"}}", "a".repeat(4_000_000));
    let objects = format!("{{\"items\":[{}{{}}]}}", "{\"x\":1},".repeat(499_000));
    let empty = format!("{{\"items\":[{}{{}}]}}", "{},".repeat(1_300_000));
    let numbers = format!("{{\"tags\":[{}1]}}", "1,".repeat(2_000_000));
    for (name, body, times, limit) in [
        ("a small body", movement, 1000, 500.0),
        ("4 MB of one text", &text, 3, 400_000.0),
        ("4 MB of small objects", &objects, 3, 4_000_000.0),
        ("4 MB of empty objects", &empty, 3, 4_000_000.0),
        ("4 MB of numbers", &numbers, 3, 4_000_000.0),
    ] {
        let (said, micros) = scanner.ask(body, 16_384, times).await;
        println!("{name}: {micros:.1} µs");
        assert_eq!(said, "fine", "{name}");
        assert!(micros < limit, "{name}: {micros} µs");
    }
}
