//! The thread that makes all MPI calls.
//!
//! It starts the operations it is asked for and polls them between short sleeps, so that they
//! progress while the other threads compute, and no core is lost to waiting.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use mpi::Threading;
use mpi::environment::{Universe, processor_name};
use mpi::topology::{Communicator, SimpleCommunicator};

use super::collective::{Collective, make_progress, return_errors};
use super::exchange::{Element, Exchange, Operation, Pending, exchange};
use super::{FailurePolicy, Place, RanksError};

/// The sleep between two polls right after something has happened; it doubles from poll to poll.
const SHORTEST_SLEEP: Duration = Duration::from_micros(20);

/// The longest sleep between two polls while an operation is in progress.
const LONGEST_SLEEP: Duration = Duration::from_micros(500);

/// The sleep while no operation is in progress. Not unlimited: MPI sends what other ranks still
/// wait for only within calls.
const IDLE_SLEEP: Duration = Duration::from_millis(3);

/// How long shutting down or aborting may take.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// The handle to the thread.
#[derive(Debug, Clone)]
pub(super) struct Messenger {
    thread: Sender<Message>,
    timeout: Duration,
}

enum Message {
    Start(Box<Job>),
    Finish(SyncSender<()>),
    Abort,
}

/// Gradients have a communicator of their own: operations start in the same order on all ranks
/// within each of the two.
#[derive(Debug, Clone, Copy)]
enum Channel {
    Gradients,
    General,
}

struct Job {
    channel: Channel,
    operation: Operation,
    exchange: Box<dyn Exchange>,
    /// What the operation is for, in words.
    what: String,
    timeout: Duration,
}

impl Messenger {
    /// Starts MPI on a thread of its own.
    ///
    /// # Errors
    /// If the thread or MPI does not start.
    pub fn start(policy: FailurePolicy) -> Result<(Place, Self), RanksError> {
        let (sender, receiver) = channel();
        let (place_sender, place) = sync_channel(1);
        thread::Builder::new()
            .name("messenger".to_owned())
            .spawn(move || run(policy, &receiver, &place_sender))
            .map_err(|error| RanksError::Start(error.to_string()))?;
        let place: Result<Place, RanksError> = place
            .recv()
            .unwrap_or_else(|_| Err(RanksError::Start("its thread has ended".to_owned())));
        let messenger = Self {
            thread: sender,
            timeout: policy.timeout,
        };
        Ok((place?, messenger))
    }

    /// Starts an operation that may take `patience` times the usual timeout.
    pub fn start_general<T: Element>(
        &self,
        operation: Operation,
        sent: Vec<T>,
        received: Vec<T>,
        patience: u32,
        what: &str,
    ) -> Pending<Vec<T>> {
        let (exchange, pending) = exchange::<T, _, _>(sent, received);
        self.send(Job {
            channel: Channel::General,
            operation,
            exchange,
            what: what.to_owned(),
            timeout: self.timeout * patience,
        });
        pending
    }

    /// Starts an operation on gradients.
    pub fn start_gradients<S, R>(
        &self,
        operation: Operation,
        sent: S,
        received: R,
        what: String,
    ) -> Pending<R>
    where
        S: AsRef<[f32]> + Send + 'static,
        R: AsMut<[f32]> + Send + 'static,
    {
        let (exchange, pending) = exchange::<f32, _, _>(sent, received);
        self.send(Job {
            channel: Channel::Gradients,
            operation,
            exchange,
            what,
            timeout: self.timeout,
        });
        pending
    }

    fn send(&self, job: Job) {
        // if the thread has ended, it is aborting this process, and `Pending::wait` waits for that
        let _ = self.thread.send(Message::Start(Box::new(job)));
    }

    /// Shuts MPI down. Does not wait long: a launcher that is itself about to end, after Ctrl-C,
    /// does not answer.
    pub fn finish(self) {
        let (done, wait) = sync_channel(1);
        let _ = self.thread.send(Message::Finish(done));
        let _ = wait.recv_timeout(SHUTDOWN_TIMEOUT);
    }

    /// Aborts all ranks, this process included; returns if MPI is shut down already or does not
    /// end the process in time.
    pub fn abort(&self) {
        if self.thread.send(Message::Abort).is_ok() {
            thread::sleep(SHUTDOWN_TIMEOUT);
        }
    }
}

/// The thread: starts MPI, serves messages, shuts MPI down.
fn run(
    policy: FailurePolicy,
    messages: &Receiver<Message>,
    place: &SyncSender<Result<Place, RanksError>>,
) {
    let Some((universe, _)) = mpi::initialize_with_threading(Threading::Funneled) else {
        let _ = place.send(Err(RanksError::Start("it runs already".to_owned())));
        return;
    };
    let mut server = Server::new(&universe, policy);
    let _ = place.send(Ok(server.place.clone()));
    let done = server.serve(messages);
    drop(server);
    drop(universe);
    if let Some(done) = done {
        let _ = done.send(());
    }
}

/// The state of the thread.
struct Server {
    world: SimpleCommunicator,
    gradients: SimpleCommunicator,
    general: SimpleCommunicator,
    place: Place,
    policy: FailurePolicy,
    in_progress: Vec<InProgress>,
}

struct InProgress {
    collective: Collective,
    what: String,
    since: Instant,
    timeout: Duration,
}

impl Server {
    fn new(universe: &Universe, policy: FailurePolicy) -> Self {
        let world = universe.world();
        let local = world.split_shared(world.rank());
        let place = Place {
            rank: world.rank() as usize,
            count: world.size() as usize,
            local_rank: local.rank() as usize,
            local_count: local.size() as usize,
            host: processor_name().unwrap_or_default(),
        };
        let channel = || {
            let communicator = world.duplicate();
            return_errors(&communicator);
            communicator
        };
        Self {
            gradients: channel(),
            general: channel(),
            world,
            place,
            policy,
            in_progress: Vec::new(),
        }
    }

    /// Serves messages until one asks to finish; returns whom to notify.
    fn serve(&mut self, messages: &Receiver<Message>) -> Option<SyncSender<()>> {
        let mut sleep = IDLE_SLEEP;
        loop {
            match messages.recv_timeout(sleep) {
                Ok(Message::Start(job)) => {
                    self.start(*job);
                    sleep = SHORTEST_SLEEP;
                }
                Ok(Message::Finish(done)) => return Some(done),
                Ok(Message::Abort) => self.world.abort(1),
                Err(RecvTimeoutError::Timeout) => sleep = (2 * sleep).min(LONGEST_SLEEP),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
            if self.poll() {
                sleep = SHORTEST_SLEEP;
            }
            if self.in_progress.is_empty() {
                make_progress(&self.general);
                sleep = IDLE_SLEEP;
            }
        }
    }

    fn start(&mut self, job: Job) {
        let communicator = match job.channel {
            Channel::Gradients => &self.gradients,
            Channel::General => &self.general,
        };
        match Collective::start(communicator, job.operation, job.exchange) {
            Ok(collective) => self.in_progress.push(InProgress {
                collective,
                what: job.what,
                since: Instant::now(),
                timeout: job.timeout,
            }),
            Err(reason) => self.fail_in(job.what, reason),
        }
    }

    /// Hands out the results of completed operations; returns whether there were any.
    fn poll(&mut self) -> bool {
        let before = self.in_progress.len();
        for mut operation in std::mem::take(&mut self.in_progress) {
            match operation.collective.test() {
                Ok(true) => operation.collective.complete(),
                Ok(false) if operation.since.elapsed() > operation.timeout => {
                    self.fail(&RanksError::Timeout {
                        rank: self.place.name(),
                        what: operation.what,
                        timeout: operation.timeout,
                    });
                }
                Ok(false) => self.in_progress.push(operation),
                Err(reason) => self.fail_in(operation.what, reason),
            }
        }
        self.in_progress.len() < before
    }

    fn fail_in(&self, what: String, reason: String) -> ! {
        self.fail(&RanksError::Mpi {
            rank: self.place.name(),
            what,
            reason,
        })
    }

    /// Reports an error to the program, then aborts all ranks.
    fn fail(&self, error: &RanksError) -> ! {
        (self.policy.on_failure)(error);
        self.world.abort(1)
    }
}
