//! Headless Chromium, driven by its DevTools protocol over a pipe.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::skip::skip;

/// How long anything may take. Machines that run the tests are busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often Chromium is started until it is ready.
const ATTEMPTS: usize = 3;

/// The error of a command to a browser that is gone.
const ENDED: &str = "Chromium has ended";

/// A browser with one page.
pub struct Browser {
    process: Child,
    commands: ChildStdin,
    messages: BufReader<ChildStdout>,
    session: Option<String>,
    sent: u64,
    /// What the page did that it should not.
    complaints: Vec<String>,
    /// The only server that it should ask, such as `http://127.0.0.1:7860/`; none without a network.
    server: Option<String>,
    /// The profile, and what was downloaded.
    folder: TempDir,
}

impl Browser {
    /// A browser without a network that shows a page, or none if it is not installed.
    pub fn open(page: &Path) -> Option<Self> {
        let mut browser = Self::start()?;
        browser.go_to(&format!("file://{}", page.display()));
        Some(browser)
    }

    /// A browser without a network, or none if it is not installed.
    pub fn start() -> Option<Self> {
        Self::start_for(None)
    }

    /// A browser that should ask this server alone, or none if it is not installed.
    pub fn start_online(server: &str) -> Option<Self> {
        Self::start_for(Some(server))
    }

    fn start_for(server: Option<&str>) -> Option<Self> {
        let Some(program) = chromium() else {
            skip("browser", "chromium is not installed");
            return None;
        };
        // on a busy machine it sometimes ends while it starts
        for _ in 1..ATTEMPTS {
            match Self::launch(&program, server) {
                Ok(browser) => return Some(browser),
                Err(error) => eprintln!("Chromium did not start: {error}"),
            }
        }
        Some(Self::launch(&program, server).unwrap_or_else(|error| panic!("Chromium: {error}")))
    }

    fn launch(program: &Path, server: Option<&str>) -> Result<Self, Value> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // Chromium takes commands from file 3, and answers to file 4
        let mut process = Command::new("sh")
            .args([
                "-c",
                r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#,
            ])
            .arg(program)
            .args(["--headless", "--remote-debugging-pipe", "--no-sandbox"])
            .args(["--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
            .arg(format!(
                "--user-data-dir={}",
                folder.path().join("profile").display()
            ))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Chromium starts");
        let mut browser = Self {
            commands: process.stdin.take().expect("a pipe"),
            messages: BufReader::new(process.stdout.take().expect("a pipe")),
            process,
            session: None,
            sent: 0,
            complaints: Vec::new(),
            server: server.map(str::to_owned),
            folder,
        };
        browser.attach()?;
        Ok(browser)
    }

    fn attach(&mut self) -> Result<(), Value> {
        let downloads = json!({"behavior": "allow", "downloadPath": self.folder.path()});
        self.answer("Browser.setDownloadBehavior", downloads)?;
        let target = self.answer("Target.createTarget", json!({"url": "about:blank"}))?;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = self.answer("Target.attachToTarget", attach)?;
        self.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            self.answer(&format!("{domain}.enable"), json!({}))?;
        }
        if self.server.is_none() {
            let offline = json!({"offline": true, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0});
            self.answer("Network.emulateNetworkConditions", offline)?;
        }
        let focus = json!({"enabled": true});
        self.answer("Emulation.setFocusEmulationEnabled", focus)?;
        Ok(())
    }

    /// Shows another page.
    pub fn go_to(&mut self, address: &str) {
        self.command("Page.navigate", json!({"url": address}));
        self.wait("document.readyState === 'complete'");
    }

    /// Sends a command, and waits for its result.
    pub fn command(&mut self, method: &str, parameters: Value) -> Value {
        let answer = self.answer(method, parameters);
        answer.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// The result of a command, or its error.
    fn answer(&mut self, method: &str, parameters: Value) -> Result<Value, Value> {
        self.sent += 1;
        let mut message = json!({"id": self.sent, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        if self.commands.write_all(&bytes).is_err() {
            return Err(json!(ENDED));
        }
        loop {
            let Some(message) = self.receive() else {
                return Err(json!(ENDED));
            };
            if message["id"] == json!(self.sent) {
                let error = message["error"].clone();
                return if error.is_null() {
                    Ok(message["result"].clone())
                } else {
                    Err(error)
                };
            }
            self.complaints
                .extend(complaint(&message, self.server.as_deref()));
        }
    }

    /// The next message; none if Chromium has ended.
    fn receive(&mut self) -> Option<Value> {
        let mut bytes = Vec::new();
        let read = self.messages.read_until(0, &mut bytes);
        if !read.is_ok_and(|count| count > 0) || bytes.pop() != Some(0) {
            return None;
        }
        Some(serde_json::from_slice(&bytes).expect("JSON"))
    }

    /// The value of an expression, awaited if it is a promise.
    pub fn value(&mut self, expression: &str) -> Value {
        let evaluate =
            json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        // while a page gives way to another, there is nothing that could evaluate
        let result = match self.answer("Runtime.evaluate", evaluate) {
            Ok(result) => result,
            Err(error) => {
                assert_ne!(error, json!(ENDED), "{expression}");
                return Value::Null;
            }
        };
        let problem = &result["exceptionDetails"];
        assert!(problem.is_null(), "{expression}: {problem}");
        result["result"]["value"].clone()
    }

    /// The text that an expression gives.
    pub fn text(&mut self, expression: &str) -> String {
        let value = self.value(expression);
        value
            .as_str()
            .unwrap_or_else(|| panic!("{expression}: {value}"))
            .to_owned()
    }

    /// Waits until a condition holds.
    pub fn wait(&mut self, condition: &str) {
        let end = Instant::now() + PATIENCE;
        while self.value(condition) != json!(true) {
            assert!(
                Instant::now() < end,
                "never: {condition}; {}",
                self.value("document.body.innerText")
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until all pictures are drawn.
    pub fn wait_for_pictures(&mut self) {
        self.wait("document.querySelector('[data-recipe]') !== null && !document.querySelector('[aria-busy]')");
    }

    /// Clicks on the first element of a selector.
    pub fn click(&mut self, selector: &str) {
        self.value(&format!(
            "document.querySelector({}).click()",
            json!(selector)
        ));
    }

    /// Moves a slider, or writes into a field.
    pub fn enter(&mut self, selector: &str, value: &str) {
        let (selector, value) = (json!(selector), json!(value));
        self.value(&format!(
            "{{ const field = document.querySelector({selector}); field.value = {value}; \
             for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, {{bubbles: true}})); }}"
        ));
    }

    /// Presses a key, named as in a `KeyboardEvent`.
    pub fn press(&mut self, key: &str) {
        let (text, code) = match key {
            "Enter" => ("\r", 13),
            "Tab" => ("", 9),
            "ArrowLeft" => ("", 37),
            "ArrowUp" => ("", 38),
            "ArrowRight" => ("", 39),
            "ArrowDown" => ("", 40),
            letter => (letter, i32::from(letter.to_uppercase().as_bytes()[0])),
        };
        let down =
            json!({"type": "keyDown", "key": key, "text": text, "windowsVirtualKeyCode": code});
        self.command("Input.dispatchKeyEvent", down);
        let up = json!({"type": "keyUp", "key": key, "windowsVirtualKeyCode": code});
        self.command("Input.dispatchKeyEvent", up);
    }

    /// The red, green and blue bytes of the canvas of a selector.
    pub fn pixels(&mut self, selector: &str) -> Vec<u8> {
        // from a copy, as Chromium warns of a canvas that is read again and again
        let all = self.text(&format!(
            "{{ const canvas = document.querySelector({}); \
             const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d'); \
             copy.drawImage(canvas, 0, 0); \
             copy.getImageData(0, 0, canvas.width, canvas.height).data.join() }}",
            json!(selector)
        ));
        let bytes: Vec<u8> = all
            .split(',')
            .map(|byte| byte.parse().expect("a byte"))
            .collect();
        bytes
            .chunks(4)
            .flat_map(|pixel| pixel[..3].to_vec())
            .collect()
    }

    /// What was downloaded under this name, once it is complete.
    pub fn downloaded(&mut self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        let end = Instant::now() + PATIENCE;
        while !path.exists() {
            assert!(Instant::now() < end, "no {name} in {:?}", self.downloads());
            std::thread::sleep(Duration::from_millis(20));
            self.value("0"); // events of the browser
        }
        path
    }

    fn downloads(&self) -> BTreeSet<PathBuf> {
        let entries = self.folder.path().read_dir().expect("a folder");
        entries
            .map(|entry| entry.expect("an entry").path())
            .collect()
    }

    /// A screen of this size in CSS pixels, touched with fingers if it is narrow.
    pub fn resize(&mut self, width: u32, height: u32) {
        let is_phone = width < 600;
        let screen =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": is_phone});
        self.command("Emulation.setDeviceMetricsOverride", screen);
        self.command(
            "Emulation.setTouchEmulationEnabled",
            json!({"enabled": is_phone}),
        );
    }

    /// Asserts that the page wrote nothing to the console and asked for nothing but itself.
    pub fn was_quiet(&mut self) {
        self.value("0");
        assert!(self.complaints.is_empty(), "{:#?}", self.complaints);
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Chromium or Chrome, if one is installed.
fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let files = std::env::split_paths(&path).flat_map(|folder| names.map(|name| folder.join(name)));
    files.into_iter().find(|file| file.is_file())
}

/// What an event says that a page should not do.
fn complaint(event: &Value, server: Option<&str>) -> Option<String> {
    let parameters = &event["params"];
    match event["method"].as_str()? {
        "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" | "Log.entryAdded" => {
            Some(parameters.to_string())
        }
        "Network.requestWillBeSent" => {
            let address = parameters["request"]["url"].as_str()?;
            let inside = ["file:", "blob:", "data:", "about:"].into_iter();
            let is_inside = inside.chain(server).any(|begin| address.starts_with(begin));
            (!is_inside).then(|| format!("asked for {address}"))
        }
        _ => None,
    }
}
