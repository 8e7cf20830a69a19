//! The thread that draws. Requests wait in a line of limited length; those for the same weights that wait at the
//! same time are drawn in one forward pass.

mod models;
mod sheet;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

use image::DynamicImage;
use tokio::sync::oneshot;

pub use self::models::Model;
use self::models::Models;
pub use self::sheet::{encode, gif, sheet};
use crate::failure::Failure;
use crate::latent::Latent;
use crate::program::Words;

/// The most requests that wait.
const MOST_WAITING: usize = 64;

/// The most pictures of one forward pass.
const MOST_TOGETHER: usize = 64;

/// Up to this many pictures are drawn one by one, which takes less time than a whole batch.
const FEW: usize = 8;

/// Which weights.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Weights {
    /// The directory of the run.
    pub run: PathBuf,
    /// The step of a checkpoint; `None` for the newest weights.
    pub checkpoint: Option<u64>,
}

/// Pictures, and where they come from.
#[derive(Debug)]
pub struct Drawn {
    /// In the order of the latent vectors.
    pub pictures: Vec<DynamicImage>,
    /// The training step of the weights.
    pub step: u64,
}

/// How exactly pictures are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exactness {
    /// As soon as possible; rounding may differ from that of the program by one level.
    Fast,
    /// As `dcgan sample` draws them, to the bit.
    AsSampled,
}

/// What is to be drawn.
struct Request {
    weights: Weights,
    latents: Vec<Latent>,
    exactness: Exactness,
    answer: oneshot::Sender<Result<Drawn, Failure>>,
}

type Task = Box<dyn FnOnce(&mut Models) + Send>;

enum Message {
    Draw(Request),
    Do(Task),
}

/// Draws for all requests.
pub struct Painter {
    queue: SyncSender<Message>,
}

impl Painter {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn start(words: Words) -> std::io::Result<Self> {
        let (queue, receiver) = sync_channel(MOST_WAITING);
        thread::Builder::new()
            .name("painter".to_owned())
            .spawn(move || paint(&receiver, Models::new(words)))?;
        Ok(Self { queue })
    }

    /// Draws latent vectors.
    ///
    /// # Errors
    /// If too many wait, there are no such weights, or a latent vector cannot be understood.
    pub async fn draw(
        &self,
        weights: Weights,
        latents: Vec<Latent>,
        exactness: Exactness,
    ) -> Result<Drawn, Failure> {
        let (answer, drawn) = oneshot::channel();
        self.send(Message::Draw(Request {
            weights,
            latents,
            exactness,
            answer,
        }))?;
        drawn.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Does something with a model.
    ///
    /// # Errors
    /// If too many wait, there are no such weights, or `work` fails.
    pub async fn with<T: Send + 'static>(
        &self,
        weights: Weights,
        work: impl FnOnce(&mut Model) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let (answer, done) = oneshot::channel();
        let task = move |models: &mut Models| {
            let result = models.get(&weights).and_then(work);
            let _ = answer.send(result); // the client may have gone
        };
        self.send(Message::Do(Box::new(task)))?;
        done.await.unwrap_or_else(|_| Err(gone()))
    }

    fn send(&self, message: Message) -> Result<(), Failure> {
        self.queue.try_send(message).map_err(|error| match error {
            TrySendError::Full(_) => Failure::Busy,
            TrySendError::Disconnected(_) => gone(),
        })
    }
}

fn gone() -> Failure {
    Failure::Internal("the thread that draws has ended: start the studio again".to_owned())
}

fn paint(receiver: &Receiver<Message>, mut models: Models) {
    let mut waiting = VecDeque::new();
    loop {
        if waiting.is_empty() {
            match receiver.recv() {
                Ok(message) => waiting.push_back(message),
                Err(_) => return, // the studio has ended
            }
        }
        let room = MOST_WAITING.saturating_sub(waiting.len());
        waiting.extend(receiver.try_iter().take(room));
        match waiting.pop_front() {
            Some(Message::Do(task)) => task(&mut models),
            Some(Message::Draw(first)) => {
                let together = take_same(&mut waiting, first);
                draw(&mut models, together);
            }
            None => {}
        }
    }
}

/// A request, and those behind it that can be drawn in the same forward pass.
fn take_same(waiting: &mut VecDeque<Message>, first: Request) -> Vec<Request> {
    let mut count = first.latents.len();
    let mut together = vec![first];
    let mut others = VecDeque::new();
    for message in waiting.drain(..) {
        match message {
            Message::Draw(request)
                if request.weights == together[0].weights
                    && request.exactness == together[0].exactness
                    && count + request.latents.len() <= MOST_TOGETHER =>
            {
                count += request.latents.len();
                together.push(request);
            }
            other => others.push_back(other),
        }
    }
    *waiting = others;
    together
}

fn draw(models: &mut Models, requests: Vec<Request>) {
    let open = |request: &Request| !request.answer.is_closed(); // the client may have gone
    let requests: Vec<Request> = requests.into_iter().filter(open).collect();
    let Some(first) = requests.first() else {
        return;
    };
    let exactness = first.exactness;
    let model = match models.get(&first.weights) {
        Ok(model) => model,
        Err(failure) => {
            for request in requests {
                let _ = request.answer.send(Err(failure.clone()));
            }
            return;
        }
    };
    let mut vectors = Vec::new();
    let mut accepted = Vec::new();
    for request in requests {
        match model.resolve(&request.latents) {
            Ok(resolved) => {
                accepted.push((resolved.len(), request.answer));
                vectors.extend(resolved);
            }
            Err(failure) => {
                let _ = request.answer.send(Err(failure));
            }
        }
    }
    let is_few = vectors.len() <= FEW && exactness == Exactness::Fast;
    let mut pictures = model.draw(&vectors, is_few).into_iter();
    for (count, answer) in accepted {
        let drawn = Drawn {
            pictures: pictures.by_ref().take(count).collect(),
            step: model.step(),
        };
        let _ = answer.send(Ok(drawn));
    }
}
