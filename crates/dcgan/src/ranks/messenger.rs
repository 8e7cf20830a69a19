//! The thread that makes all calls of MPI.
//!
//! It starts what it is asked for and looks after it between short sleeps, so that sums go on
//! while the other threads compute, and none of them loses a core to waiting.

use std::process;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use mpi::Threading;
use mpi::environment::{Universe, processor_name};
use mpi::topology::{Communicator, SimpleCommunicator};

use super::collective::{Collective, look_around, returns_errors};
use super::job::{Exchange, Operation, Pending, Values};
use super::{Place, RanksError, Waiting};

/// Sleeps between two looks at what is under way: the shortest, after something has happened,
/// and the longest.
const SLEEPS: [Duration; 2] = [Duration::from_micros(20), Duration::from_micros(500)];

/// Sleeps when nothing is under way. Not for ever: what others still wait to get from here goes
/// out in calls of MPI alone.
const IDLE: Duration = Duration::from_millis(3);

/// The longest that the end of all may take.
const END: Duration = Duration::from_secs(5);

/// Speaks to the thread.
#[derive(Debug, Clone)]
pub(super) struct Messenger {
    thread: Sender<Message>,
    longest: Duration,
    count: usize,
}

enum Message {
    Start(Box<Job>),
    Finish(SyncSender<()>),
    Abort,
}

/// Gradients and all else are two conversations: the order is the same on all ranks within each.
#[derive(Debug, Clone, Copy)]
enum Conversation {
    Gradients,
    Rest,
}

struct Job {
    conversation: Conversation,
    operation: Operation,
    values: Exchange,
    reply: SyncSender<Exchange>,
    /// What is waited for, in words.
    what: String,
    longest: Duration,
}

impl Messenger {
    /// Starts MPI on a thread of its own.
    ///
    /// # Errors
    /// No thread, or no MPI.
    pub fn start(waiting: Waiting) -> Result<(Place, Self), RanksError> {
        let (sender, receiver) = channel();
        let (tell_place, place) = sync_channel(1);
        thread::Builder::new()
            .name("messenger".to_owned())
            .spawn(move || run(waiting, &receiver, &tell_place))
            .map_err(|error| RanksError::Start(error.to_string()))?;
        let place: Result<Place, RanksError> = place
            .recv()
            .unwrap_or_else(|_| Err(RanksError::Start("its thread has ended".to_owned())));
        let place = place?;
        let messenger = Self {
            thread: sender,
            longest: waiting.longest,
            count: place.count,
        };
        Ok((place, messenger))
    }

    /// Starts an operation of all ranks, which wait for it so many times longer than usual.
    pub fn ask(&self, operation: Operation, values: Values, times: u32, what: &str) -> Pending {
        let values = Exchange {
            received: values.room(operation, self.count),
            sent: values,
        };
        let longest = self.longest * times;
        self.send(
            Conversation::Rest,
            operation,
            values,
            what.to_owned(),
            longest,
        )
    }

    /// Starts to sum gradients over all ranks, or to gather them.
    pub fn sum_gradients(&self, operation: Operation, values: Exchange, what: String) -> Pending {
        self.send(
            Conversation::Gradients,
            operation,
            values,
            what,
            self.longest,
        )
    }

    fn send(
        &self,
        conversation: Conversation,
        operation: Operation,
        values: Exchange,
        what: String,
        longest: Duration,
    ) -> Pending {
        let (reply, pending) = Pending::new();
        // if the thread has gone, it is ending this process, and `pending` waits for that
        let _ = self.thread.send(Message::Start(Box::new(Job {
            conversation,
            operation,
            values,
            reply,
            what,
            longest,
        })));
        pending
    }

    /// Ends MPI, as all ranks do. That is not waited for long: a launcher that is itself about to
    /// end, after Ctrl-C, does not answer.
    pub fn finish(self) {
        let (done, wait) = sync_channel(1);
        let _ = self.thread.send(Message::Finish(done));
        let _ = wait.recv_timeout(END);
    }

    /// Ends all ranks.
    pub fn abort(&self) {
        let _ = self.thread.send(Message::Abort);
    }
}

/// The thread: starts MPI, does what it is asked for, ends MPI.
fn run(
    waiting: Waiting,
    messages: &Receiver<Message>,
    place: &SyncSender<Result<Place, RanksError>>,
) {
    let Some((universe, _)) = mpi::initialize_with_threading(Threading::Funneled) else {
        let _ = place.send(Err(RanksError::Start("it runs already".to_owned())));
        return;
    };
    let mut post = Post::new(&universe, waiting);
    let _ = place.send(Ok(post.place.clone()));
    let done = post.serve(messages);
    drop(post);
    drop(universe);
    if let Some(done) = done {
        let _ = done.send(());
    }
}

/// What the thread works with.
struct Post {
    world: SimpleCommunicator,
    gradients: SimpleCommunicator,
    rest: SimpleCommunicator,
    place: Place,
    waiting: Waiting,
    under_way: Vec<UnderWay>,
}

struct UnderWay {
    collective: Collective,
    reply: SyncSender<Exchange>,
    what: String,
    since: Instant,
    longest: Duration,
}

impl Post {
    fn new(universe: &Universe, waiting: Waiting) -> Self {
        let world = universe.world();
        let local = world.split_shared(world.rank());
        let place = Place {
            rank: world.rank() as usize,
            count: world.size() as usize,
            local_rank: local.rank() as usize,
            local_count: local.size() as usize,
            host: processor_name().unwrap_or_default(),
        };
        let conversation = || {
            let communicator = world.duplicate();
            returns_errors(&communicator);
            communicator
        };
        Self {
            gradients: conversation(),
            rest: conversation(),
            world,
            place,
            waiting,
            under_way: Vec::new(),
        }
    }

    /// Does what messages ask for, until one asks for the end.
    fn serve(&mut self, messages: &Receiver<Message>) -> Option<SyncSender<()>> {
        let [shortest, longest] = SLEEPS;
        let mut sleep = IDLE;
        loop {
            match messages.recv_timeout(sleep) {
                Ok(Message::Start(job)) => {
                    self.start(*job);
                    sleep = shortest;
                }
                Ok(Message::Finish(done)) => return Some(done),
                Ok(Message::Abort) => self.abort(),
                Err(RecvTimeoutError::Timeout) => sleep = (2 * sleep).min(longest),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
            if self.look() {
                sleep = shortest;
            }
            if self.under_way.is_empty() {
                look_around(&self.rest);
                sleep = IDLE;
            }
        }
    }

    fn start(&mut self, job: Job) {
        let communicator = match job.conversation {
            Conversation::Gradients => &self.gradients,
            Conversation::Rest => &self.rest,
        };
        match Collective::start(communicator, job.operation, job.values) {
            Ok(collective) => self.under_way.push(UnderWay {
                collective,
                reply: job.reply,
                what: job.what,
                since: Instant::now(),
                longest: job.longest,
            }),
            Err(reason) => self.fail_in(job.what, reason),
        }
    }

    /// Hands out what has come to its end; whether anything has.
    fn look(&mut self) -> bool {
        let before = self.under_way.len();
        for mut one in std::mem::take(&mut self.under_way) {
            match one.collective.has_ended() {
                Ok(true) => {
                    let _ = one.reply.send(one.collective.into_values());
                }
                Ok(false) if one.since.elapsed() > one.longest => {
                    self.fail(&RanksError::Timeout {
                        rank: self.name(),
                        what: one.what,
                        longest: one.longest,
                    });
                }
                Ok(false) => self.under_way.push(one),
                Err(reason) => self.fail_in(one.what, reason),
            }
        }
        self.under_way.len() < before
    }

    fn name(&self) -> String {
        format!("rank {} ({})", self.place.rank, self.place.host)
    }

    fn fail_in(&self, what: String, reason: String) -> ! {
        self.fail(&RanksError::Mpi {
            rank: self.name(),
            what,
            reason,
        })
    }

    fn fail(&self, error: &RanksError) -> ! {
        (self.waiting.tell)(error);
        self.abort()
    }

    /// Ends all ranks; this one in any case, even if MPI does not return.
    fn abort(&self) -> ! {
        thread::spawn(|| {
            thread::sleep(END);
            process::exit(1);
        });
        self.world.abort(1)
    }
}
