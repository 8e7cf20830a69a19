//! Two machines with a cable between them: two network namespaces, each with the ranks of one
//! machine. Skipped without root, which network namespaces need.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::{SLOW, assert_alike, has_mpirun, in_place, metrics, wait, wait_for_steps};
use crate::skip::skip;
use crate::support::{Answer, Place};

/// Two network namespaces, removed on drop.
struct Machines {
    names: [String; 2],
    /// The first three numbers of the addresses, which end in 1 and 2.
    network: String,
    /// The script with which mpirun starts a program on the other machine.
    agent: PathBuf,
}

fn ip(arguments: &str) -> bool {
    let mut command = Command::new("ip");
    let command = command.args(arguments.split_whitespace());
    let output = command.stderr(Stdio::null()).status();
    output.is_ok_and(|status| status.success())
}

impl Machines {
    /// `None` without root.
    fn new(place: &Place) -> Option<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let [first, second] =
            ["a", "b"].map(|name| format!("dcgan-{}-{number}{name}", process::id()));
        let network = format!("10.{}.{}", 100 + process::id() % 100, number);
        let machines = Self {
            agent: place.path("agent"),
            names: [first, second],
            network,
        };
        if !machines.build() {
            skip("netns", "network namespaces need root and `ip`");
            return None;
        }
        let script = format!(
            "#!/bin/sh\nshift\nexec ip netns exec {} unshare --uts sh -c \"hostname machine-b; $*\"\n",
            machines.names[1]
        );
        place.write("agent", script);
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(&machines.agent, executable).expect("a script");
        Some(machines)
    }

    fn build(&self) -> bool {
        let Self { names, network, .. } = self;
        let [first, second] = names;
        ip(&format!("netns add {first}"))
            && ip(&format!("netns add {second}"))
            && ip(&format!(
                "link add wire netns {first} type veth peer name wire netns {second}"
            ))
            && names.iter().zip(1..).all(|(name, host)| {
                ip(&format!("-n {name} addr add {network}.{host}/24 dev wire"))
                    && ip(&format!("-n {name} link set lo up"))
                    && ip(&format!("-n {name} link set wire up"))
            })
    }

    /// The program as two ranks, one on each machine, connected by TCP.
    fn mpirun(&self, place: &Place, arguments: &str) -> Command {
        let network = &self.network;
        let options = format!(
            "-n 2 --host {network}.1:1,{network}.2:1 --mca btl tcp,self \
             --mca btl_tcp_if_include {network}.0/24 --mca oob_tcp_if_include {network}.0/24"
        );
        let program = place.command(arguments.split_whitespace());
        let mut command = Command::new("ip");
        command
            .args(["netns", "exec", &self.names[0], "mpirun"])
            .args(["--mca", "plm_rsh_agent"])
            .arg(&self.agent)
            .args(options.split_whitespace())
            .arg(program.get_program())
            .args(program.get_args());
        in_place(command, &program)
    }

    /// Processes on both machines, by their names.
    fn processes(&self) -> Vec<(i32, String)> {
        let of = |name: &String| {
            let output = Command::new("ip").args(["netns", "pids", name]).output();
            let text = output.map(|output| output.stdout).unwrap_or_default();
            String::from_utf8_lossy(&text).into_owned()
        };
        let texts: Vec<String> = self.names.iter().map(of).collect();
        let numbers = texts.iter().flat_map(|text| text.split_whitespace());
        let with_name = |number: &str| {
            let name = fs::read_to_string(format!("/proc/{number}/comm")).ok()?;
            Some((number.parse().ok()?, name.trim().to_owned()))
        };
        numbers.filter_map(with_name).collect()
    }

    fn has_ranks(&self) -> bool {
        self.processes().iter().any(|(_, name)| name == "dcgan")
    }

    /// Cuts the connection.
    fn cut(&self) {
        assert!(ip(&format!("-n {} link set wire down", self.names[1])));
    }
}

impl Drop for Machines {
    fn drop(&mut self) {
        for (number, _) in self.processes() {
            let number = nix::unistd::Pid::from_raw(number);
            let _ = nix::sys::signal::kill(number, nix::sys::signal::Signal::SIGKILL);
        }
        for name in &self.names {
            ip(&format!("netns del {name}"));
        }
    }
}

#[test]
fn two_machines_train_as_one() {
    let place = Place::with_faces();
    let Some(machines) = has_mpirun().then(|| Machines::new(&place)).flatten() else {
        return;
    };
    let train =
        format!("train faces {SLOW} --sync-batch-norm --steps 20 --report-every 10 --threads 1");
    place.run(&format!("{train} --out one")).succeeded();
    let mut command = machines.mpirun(&place, &format!("{train} --out two"));
    let output = command.output().expect("mpirun runs");
    Answer::new(&command, output).succeeded();
    assert_eq!(metrics(&place, "two").len(), 20);
    assert_alike(&place, ["one", "two"]);
}

#[test]
fn ranks_on_both_machines_end_when_the_connection_is_cut() {
    let place = Place::with_faces();
    let Some(machines) = has_mpirun().then(|| Machines::new(&place)).flatten() else {
        return;
    };
    let train =
        format!("train faces {SLOW} --steps 1000000 --report-every 5 --rank-timeout 3s --out run");
    let mut command = machines.mpirun(&place, &train);
    let said = fs::File::create(place.path("said")).expect("a file");
    let command = command.stdout(Stdio::null()).stderr(said);
    let mut launcher = command.spawn().expect("mpirun runs");
    wait_for_steps(&place, "run", 6);
    machines.cut();
    // a report may be in progress, for which ranks wait ten times as long
    wait(Duration::from_secs(90), || !machines.has_ranks());
    let said = place.text("said");
    let errors: Vec<_> = said.lines().filter(|l| l.starts_with("error: ")).collect();
    assert_eq!(errors.len(), 1, "the other machine cannot be heard: {said}");
    for word in ["rank 0 (", "waited", "--resume"] {
        assert!(errors[0].contains(word), "{word}: {said}");
    }
    // the launcher waits for its remote half, which is not tested here
    drop(machines);
    let _ = launcher.wait();
    let steps = metrics(&place, "run").len() + 1;
    place
        .run(&format!("train --resume run --steps {steps} --threads 1"))
        .succeeded();
}
