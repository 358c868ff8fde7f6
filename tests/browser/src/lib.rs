//! A headless Chromium to open the report in, driven through ChromeDriver.
//!
//! Every problem is a panic: these are parts of tests.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::common::capabilities::chrome::ChromeCapabilities;
use thirtyfour::common::print::PrintParameters;
use thirtyfour::{ChromiumLikeCapabilities, LoggingPrefsLogLevel, WebDriver};
use tokio::runtime::Runtime;

mod project;

pub use project::{Report, root, runner, the_500, the_500_settings, the_diff, the_quickstart, the_studies};

/// A browser with one page; it ends with this value.
pub struct Browser {
    runtime: Runtime,
    /// Taken when the browser ends.
    page: Option<WebDriver>,
    driver: Child,
    profile: tempfile::TempDir,
}

impl Browser {
    /// A browser with JavaScript.
    pub fn new() -> Self {
        Self::with(true)
    }

    /// A browser that runs no script of a page.
    pub fn without_javascript() -> Self {
        Self::with(false)
    }

    /// The page of a report in a new browser, ready to be used.
    pub fn opened(report: &Report) -> Self {
        Self::opened_at(report, "")
    }

    /// The same at an anchor, as `#e1` for the page of the first of several experiments.
    pub fn opened_at(report: &Report, anchor: &str) -> Self {
        let browser = Self::new();
        browser.open(&report.page(), anchor);
        browser.wait_until_equipped();
        browser
    }

    fn with(javascript: bool) -> Self {
        // A test that is killed leaves nothing behind for long.
        let mut driver = Command::new("timeout")
            .args(["900", "chromedriver", "--port=0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("`timeout` starts");
        let lines = BufReader::new(driver.stdout.take().expect("is piped")).lines();
        let port = lines
            .map_while(Result::ok)
            .find_map(|line| {
                let (_, port) = line.split_once("started successfully on port ")?;
                port.trim_end_matches('.').parse::<u16>().ok()
            })
            .expect("chromedriver starts; Debian has it as chromium-driver");

        let profile = tempfile::tempdir().expect("a temporary folder can be made");
        let mut capabilities = ChromeCapabilities::new();
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--hide-scrollbars",
            "--window-size=1280,900",
        ];
        let folder = format!("--user-data-dir={}", profile.path().display());
        for argument in arguments.into_iter().chain([folder.as_str()]) {
            capabilities.add_arg(argument).expect("an argument");
        }
        for log in ["browser", "performance"] {
            capabilities.set_logging_prefs(log, LoggingPrefsLogLevel::All).expect("a log");
        }
        let allowed = if javascript { 1 } else { 2 };
        let preferences = json!({
            "profile.managed_default_content_settings.javascript": allowed,
            "download.default_directory": profile.path().join("downloads"),
        });
        capabilities
            .add_experimental_option("prefs", preferences)
            .expect("preferences");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let page = runtime
            .block_on(WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities))
            .unwrap_or_else(|error| panic!("Chromium starts: {error}"));
        // axe-core looks at every element of the studies' page, on two cores beside other tests.
        runtime
            .block_on(page.set_script_timeout(Duration::from_secs(300)))
            .expect("a script may take so long");
        Self {
            runtime,
            page: Some(page),
            driver,
            profile,
        }
    }

    fn page(&self) -> &WebDriver {
        self.page.as_ref().expect("there until the end")
    }

    /// Opens a file, at an anchor where there is one.
    pub fn open(&self, file: &Path, anchor: &str) {
        let url = format!("file://{}{anchor}", file.display());
        self.runtime.block_on(self.page().goto(url)).expect("the page opens");
    }

    /// Waits until the script of the page has nothing left to equip.
    pub fn wait_until_equipped(&self) {
        self.wait("the page is equipped", "document.documentElement.dataset.ready === ''");
    }

    /// Waits until an expression is true.
    #[track_caller]
    pub fn wait(&self, what: &str, expression: &str) {
        let start = Instant::now();
        while self.ask(expression) != Value::Bool(true) {
            assert!(start.elapsed() < Duration::from_secs(20), "never: {what}");
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// The value of an expression of JavaScript in the page.
    #[track_caller]
    pub fn ask(&self, expression: &str) -> Value {
        self.run(&format!("return {expression};"))
    }

    /// Runs statements in the page; what they return.
    #[track_caller]
    pub fn run(&self, script: &str) -> Value {
        let answer = self.runtime.block_on(self.page().execute(script, Vec::new()));
        match answer {
            Ok(answer) => answer.json().clone(),
            Err(error) => panic!("{script}\n{error}"),
        }
    }

    /// Goes to the page of what a selector finds first, and unfolds all that it lies in.
    #[track_caller]
    pub fn reveal(&self, selector: &str) {
        let one = format!("document.querySelector({})", json!(selector));
        self.run(&format!(
            "const page = {one}.closest('.experiment'); if (!page.checkVisibility()) location.hash = '#' + page.id;\
             for (let at = {one}; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;"
        ));
        self.wait("it is seen", &format!("{one}.checkVisibility()"));
        self.wait_until_equipped();
    }

    /// Runs statements that call `done(value)` some time later; the value.
    #[track_caller]
    pub fn run_later(&self, script: &str) -> Value {
        let script = format!("const done = arguments[0]; {script}");
        let answer = self.runtime.block_on(self.page().execute_async(script.clone(), Vec::new()));
        match answer {
            Ok(answer) => answer.json().clone(),
            Err(error) => panic!("{script}\n{error}"),
        }
    }

    /// The texts of what a selector finds.
    #[track_caller]
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let found = self.ask(&format!(
            "[...document.querySelectorAll({})].map(one => one.innerText.trim())",
            json!(selector)
        ));
        serde_json::from_value(found).expect("texts")
    }

    /// Clicks on what a selector finds first, as a user with a mouse does.
    #[track_caller]
    pub fn click(&self, selector: &str) {
        self.on(selector, async |element| {
            element.scroll_into_view().await?;
            element.click().await
        });
    }

    /// Types into what a selector finds first.
    #[track_caller]
    pub fn type_into(&self, selector: &str, text: &str) {
        self.on(selector, async |element| element.send_keys(text).await);
    }

    #[track_caller]
    fn on(&self, selector: &str, act: impl AsyncFn(&thirtyfour::WebElement) -> thirtyfour::error::WebDriverResult<()>) {
        let acted = self.runtime.block_on(async {
            let element = self.page().find(thirtyfour::By::Css(selector)).await?;
            act(&element).await
        });
        acted.unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    /// Moves the pointer to a place in what a selector finds first, in shares of its width and height.
    #[track_caller]
    pub fn point_at(&self, selector: &str, across: f64, down: f64) {
        let place = self.run(&format!(
            "const one = document.querySelector({}); one.scrollIntoView({{ block: 'nearest' }});\
             const at = one.getBoundingClientRect();\
             return [at.left + at.width * {across}, at.top + at.height * {down}];",
            json!(selector)
        ));
        let [x, y] = [0, 1].map(|axis| place[axis].as_f64().expect("a place") as i64);
        let moved = self.page().action_chain().move_to(x, y);
        self.runtime.block_on(moved.perform()).expect("the pointer moves");
    }

    /// A command of the DevTools protocol.
    #[track_caller]
    pub fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.runtime
            .block_on(self.page().cdp().send_raw(command, parameters))
            .unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// A screen of this size in CSS pixels, as on a phone or a desk.
    pub fn resize(&self, width: u32, height: u32, mobile: bool) {
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile}),
        );
    }

    /// Light or dark, screen or print, as the system would ask for it.
    pub fn prefer(&self, media: &str, colours: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": colours}]);
        self.devtools("Emulation.setEmulatedMedia", json!({"media": media, "features": features}));
    }

    /// The page as PDF.
    pub fn print(&self) -> Vec<u8> {
        let printed = self.page().print_page(PrintParameters::default());
        self.runtime.block_on(printed).expect("the page is printed")
    }

    /// What is seen, as PNG.
    pub fn picture(&self) -> Vec<u8> {
        let picture = self.runtime.block_on(self.page().screenshot_as_png());
        picture.expect("a picture is taken")
    }

    /// What the browser complained of since the last call: errors of scripts, what could not be loaded.
    pub fn complaints(&self) -> Vec<String> {
        let log = self.runtime.block_on(self.page().browser_log());
        let log = log.expect("there is a log").into_iter();
        log.map(|entry| format!("{} {}", entry.level, entry.message)).collect()
    }

    /// The addresses that pages asked for since the last call, without those that need no network.
    pub fn requests(&self) -> Vec<String> {
        let log = self.runtime.block_on(self.page().get_log("performance"));
        log.expect("there is a log")
            .iter()
            .filter_map(|entry| {
                let event: Value = serde_json::from_str(&entry.message).ok()?;
                let event = &event["message"];
                (event["method"] == "Network.requestWillBeSent")
                    .then(|| event["params"]["request"]["url"].as_str().map(str::to_owned))?
            })
            .filter(|url| !OWN.iter().any(|own| url.starts_with(own)))
            .collect()
    }

    /// The folder that files are saved to.
    pub fn downloads(&self) -> PathBuf {
        self.profile.path().join("downloads")
    }
}

/// How addresses begin that are no requests of a page to others: its own parts, and what the browser shows before it.
const OWN: [&str; 5] = ["file:", "data:", "blob:", "chrome:", "chrome-untrusted:"];

impl Default for Browser {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(page) = self.page.take() {
            // The test has already said what it found; a browser that is gone needs no end.
            let _ = self.runtime.block_on(page.quit());
        }
        // `timeout` passes the signal on to chromedriver.
        let _ = Command::new("kill").arg(self.driver.id().to_string()).status();
        let _ = self.driver.wait();
    }
}
