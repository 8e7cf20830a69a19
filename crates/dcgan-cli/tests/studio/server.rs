//! A studio that runs, and requests to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Place, assert_names};

/// How long anything may take. Machines that run the tests are busy.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A studio. It is killed when this is dropped.
pub struct Running {
    pub process: Child,
    /// Such as `127.0.0.1:40123`.
    pub address: String,
    /// The first line that it printed.
    pub said: String,
}

/// What was answered.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answered {
    pub fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

impl Running {
    /// Starts a studio on a free port.
    pub fn start(place: &Place, arguments: &str) -> Self {
        Self::start_at(place, &format!("--port 0 {arguments}"))
    }

    /// Starts a studio on a given port.
    pub fn start_at(place: &Place, arguments: &str) -> Self {
        let mut command = place.command(format!("studio {arguments}").split_whitespace());
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        stdout.read_line(&mut said).unwrap();
        let address = said
            .split("http://")
            .nth(1)
            .unwrap_or_else(|| panic!("{said}"));
        let address = address.split('/').next().unwrap().to_owned();
        Self {
            process,
            address,
            said: said.trim().to_owned(),
        }
    }

    /// Sends a request with headers, and reads the answer.
    pub fn send(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answered {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
            self.address,
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        let _ = stream.write_all(body); // one that is too long is answered before its end
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no answer to {path}"));
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answered {
            status,
            head,
            body: answer[end + 4..].to_vec(),
        }
    }

    pub fn get(&self, path: &str) -> Answered {
        self.send("GET", path, "", b"")
    }

    pub fn post(&self, path: &str, body: &Value) -> Answered {
        let body = body.to_string();
        let headers = "Content-Type: application/json\r\n";
        self.send("POST", path, headers, body.as_bytes())
    }

    /// The run of this name, as the list has it.
    pub fn run(&self, id: &str) -> Value {
        let runs = self.get("/api/runs").json();
        let mut runs = runs.as_array().unwrap().iter();
        runs.find(|run| run["id"] == id)
            .cloned()
            .unwrap_or_default()
    }

    /// Waits until a condition on a run holds.
    pub fn wait_for(&self, id: &str, condition: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            let run = self.run(id);
            if condition(&run) {
                return run;
            }
            assert!(Instant::now() < end, "never: {run}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until a condition on all runs holds.
    pub fn wait_until(&self, condition: impl Fn(&[Value]) -> bool) {
        let end = Instant::now() + PATIENCE;
        loop {
            let runs = self.get("/api/runs").json();
            if condition(runs.as_array().unwrap()) {
                return;
            }
            assert!(Instant::now() < end, "never: {runs}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits for the job that a request has put in line.
    pub fn wait_for_job(&self, asked: &Answered) -> Value {
        assert_eq!(
            asked.status,
            202,
            "{}",
            String::from_utf8_lossy(&asked.body)
        );
        let job = asked.json()["job"].as_str().unwrap().to_owned();
        let end = Instant::now() + PATIENCE;
        loop {
            let found = self.get(&format!("/api/jobs/{job}")).json();
            if found["state"] == "done" || found["state"] == "failed" {
                return found;
            }
            assert!(Instant::now() < end, "never done: {found}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends it as Ctrl-C does, and returns whether it succeeded.
    pub fn interrupt(mut self) -> bool {
        signal("-INT", self.process.id());
        self.process.wait().unwrap().success()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub fn signal(signal: &str, process: u32) {
    let status = Command::new("kill")
        .args([signal, &process.to_string()])
        .status();
    assert!(status.unwrap().success());
}

#[test]
fn it_says_where_it_is_and_ends_on_ctrl_c_though_somebody_listens() {
    let place = Place::with_run();
    let studio = Running::start(&place, ".");
    assert_names(&studio.said, &["the studio is at http://127.0.0.1:"]);
    assert_eq!(studio.get("/api/health").json()["status"], "ok");
    let mut stream = TcpStream::connect(&studio.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(
        stream,
        "GET /api/events HTTP/1.1\r\nHost: {}\r\n\r\n",
        studio.address
    )
    .unwrap();
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    assert!(lines.any(|line| line == "event: run"));
    let data = lines.next().unwrap();
    assert_names(&data, &["\"id\":\"run\"", "\"complete\""]);
    assert!(studio.interrupt());
    let after: Vec<String> = lines.filter(|line| line.starts_with("event")).collect();
    assert_eq!(after, ["event: told"]);
}

#[test]
fn a_vanished_run_is_told_to_those_who_listen() {
    let place = Place::with_run();
    let studio = Running::start(&place, ".");
    let mut stream = TcpStream::connect(&studio.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(
        stream,
        "GET /api/events HTTP/1.1\r\nHost: {}\r\n\r\n",
        studio.address
    )
    .unwrap();
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    assert!(lines.any(|line| line == "event: run"));
    std::fs::remove_dir_all(place.path("run")).unwrap();
    assert!(lines.any(|line| line == "event: gone"));
    assert_eq!(lines.next().unwrap(), r#"data: {"id":"run"}"#);
}

#[test]
fn a_port_in_use_and_an_open_address_without_a_token_are_refused_in_a_line() {
    let place = Place::new();
    let studio = Running::start(&place, "");
    let port = studio.address.rsplit(':').next().unwrap();
    let line = place.fails(&format!("studio --port {port}"));
    assert_names(
        &line,
        &[
            &format!("port {port} is in use"),
            "--port",
            "http://127.0.0.1",
        ],
    );
    let line = place.fails("studio --port 0 --host 0.0.0.0");
    assert_names(&line, &["--host 0.0.0.0", "--token"]);
    let line = place.fails("studio --port 0 --token short");
    assert_names(&line, &["--token", "12 characters"]);
    let line = place.fails("studio --port 0 --data no/such/folder");
    assert_names(&line, &["no/such/folder"]);
}

#[test]
fn with_a_token_other_addresses_are_listened_on() {
    let place = Place::with_run();
    let token = "a-long-secret-word";
    let studio = Running::start(&place, &format!(". --host 0.0.0.0 --token {token}"));
    assert_names(&studio.said, &[&format!("/?token={token}")]);
    assert_eq!(studio.get("/api/runs").status, 401);
    let opened = studio.get(&format!("/?token={token}"));
    assert_eq!(opened.status, 303);
    let cookie = opened
        .head
        .lines()
        .find_map(|line| {
            line.to_lowercase()
                .starts_with("set-cookie")
                .then(|| line.to_owned())
        })
        .unwrap();
    let cookie = cookie
        .split_once(": ")
        .unwrap()
        .1
        .split(';')
        .next()
        .unwrap();
    let answered = studio.send("GET", "/api/runs", &format!("Cookie: {cookie}\r\n"), b"");
    assert_eq!(answered.json()[0]["id"], json!("run"));
}

#[test]
fn connections_that_say_nothing_do_not_keep_others_out() {
    let place = Place::new();
    let studio = Running::start(&place, ".");
    let idle: Vec<TcpStream> = (0..300)
        .map(|_| TcpStream::connect(&studio.address).unwrap())
        .collect();
    assert_eq!(studio.get("/api/health").json()["status"], "ok");
    drop(idle);
}
