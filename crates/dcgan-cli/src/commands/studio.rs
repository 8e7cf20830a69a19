//! `dcgan studio`: the browser studio.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::thread;

use anyhow::{Context, Result, bail};
use clap::Args;
use dcgan_studio::{OptionsError, Program, ServeError, StudioOptions, Words, serve};

use crate::shared::compute::limit_threads;
use crate::shared::drawing::open;
use crate::shared::named::about_preset;
use crate::shared::targets::{Files, Replace, WritesFiles};
use crate::shared::{interrupt, output};
use crate::words::{self, diagnosis, health};

/// `dcgan studio`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Studio {
    /// The folder with the runs [default: runs]
    #[arg(value_name = "RUNS_DIR")]
    pub runs: Option<PathBuf>,

    /// Offer the pictures in this folder, and the folders and data sets in it, to be trained on; may be given
    /// several times [default: the drawn faces only]
    #[arg(long, value_name = "DIR")]
    pub data: Vec<PathBuf>,

    /// The port; 0 for any that is free
    #[arg(long, value_name = "N", default_value_t = 7860)]
    pub port: u16,

    /// The address to listen on; one that other machines reach needs --token
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub host: IpAddr,

    /// What whoever opens the studio must know: at least 12 letters, digits, - or _
    #[arg(long, value_name = "TOKEN")]
    pub token: Option<String>,

    /// Threads that draw and look into networks; trainings have their own [default: half of the cores]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,

    /// Show the studio in the system's browser
    #[arg(long)]
    pub open: bool,
}

impl WritesFiles for Studio {
    fn files(&self) -> Files<'_> {
        let inputs = self.data.iter().map(PathBuf::as_path);
        Files::new(Replace { force: false }, inputs)
    }
}

const HELP: &str = "\
The studio is a page in your browser. It lists the runs, starts, stops and resumes trainings, shows
how they go, and lets you play with what they have learned: sliders, arithmetic, walks, neighbours.
It works without a network. Trainings are processes of their own, which go on when the studio ends
or the page is closed. What the page can do, programs can too: /api/openapi.json describes how.

Examples:
  dcgan studio
  dcgan studio --data photos/ --open
  dcgan studio runs/ --port 8000
  dcgan studio --host 0.0.0.0 --token a-long-secret-word";

/// Where `dcgan train` puts runs.
const DEFAULT: &str = "runs";

/// The address that a browser can open: that of this machine in its network instead of `0.0.0.0`.
fn reachable(address: SocketAddr) -> SocketAddr {
    if !address.ip().is_unspecified() {
        return address;
    }
    let (any, elsewhere) = match address.ip() {
        IpAddr::V4(_) => ("0.0.0.0:0", "192.0.2.1:9"),
        IpAddr::V6(_) => ("[::]:0", "[2001:db8::1]:9"),
    };
    // nothing is sent: the system only says from where it would be
    let own = UdpSocket::bind(any).and_then(|socket| {
        socket.connect(elsewhere)?;
        socket.local_addr()
    });
    let loopback = match address.ip() {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
    };
    SocketAddr::new(own.map_or(loopback, |own| own.ip()), address.port())
}

pub fn run(arguments: &Studio) -> Result<()> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = arguments.threads.unwrap_or((cores / 2).max(1));
    limit_threads(Some(threads))?;
    let options = StudioOptions {
        runs: arguments.runs.clone().unwrap_or_else(|| DEFAULT.into()),
        data: arguments.data.clone(),
        host: arguments.host,
        port: arguments.port,
        token: arguments.token.clone(),
        threads,
    };
    let program = Program {
        executable: std::env::current_exe().context("cannot find this program's own file")?,
        arguments: Vec::new(),
        words: Words {
            error: words::line_of,
            story: diagnosis::story_without_table,
            advice: |advice| health::flag(advice).to_owned(),
            flags: health::options,
            preset: |preset| about_preset(preset).to_owned(),
        },
    };
    let ready = |address: SocketAddr| {
        let address = reachable(address);
        let address = match &arguments.token {
            Some(token) => format!("http://{address}/?token={token}"),
            None => format!("http://{address}/"),
        };
        output::line(&format!("the studio is at {address}"));
        output::note("Ctrl-C ends it; trainings go on");
        if arguments.open {
            open(address.as_ref());
        }
    };
    let served =
        interrupt::stopping_when_asked(|| serve(options, program, ready, interrupt::requested));
    match served {
        Ok(()) => Ok(()),
        Err(ServeError::Options(OptionsError::NoToken(host))) => bail!(
            "--host {host} lets other machines in: give a --token that they must know, or leave --host out"
        ),
        Err(ServeError::Options(error @ (OptionsError::ShortToken | OptionsError::OddToken))) => {
            bail!("--token: {error}")
        }
        Err(ServeError::Listen { address, source })
            if source.kind() == std::io::ErrorKind::AddrInUse =>
        {
            bail!(
                "port {} is in use, perhaps by another studio: open http://{address}/, or give another --port (0 for \
             any that is free)",
                address.port()
            )
        }
        Err(error) => Err(error.into()),
    }
}
