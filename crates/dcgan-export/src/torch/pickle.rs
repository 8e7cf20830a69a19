//! The pickle of a state dict: the few instructions of protocol 2 that `torch.save` uses for one, all of
//! which `torch.load(weights_only=True)` allows.

/// The type of a tensor's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    Float,
    Long,
}

impl Storage {
    /// Its class in PyTorch.
    fn class(self) -> &'static str {
        match self {
            Self::Float => "FloatStorage",
            Self::Long => "LongStorage",
        }
    }
}

/// A tensor as the pickle describes it. Its values are in the record `data/KEY`.
pub struct Described<'a> {
    pub name: &'a str,
    pub key: &'a str,
    pub storage: Storage,
    pub shape: &'a [usize],
}

/// An `OrderedDict` of these tensors.
pub fn state_dict<'a>(tensors: impl IntoIterator<Item = Described<'a>>) -> Vec<u8> {
    let mut pickle = Pickle(Vec::new());
    pickle.0.extend([PROTO, 2]);
    pickle.empty_ordered_dict();
    pickle.push(MARK);
    for tensor in tensors {
        pickle.text(tensor.name);
        pickle.tensor(&tensor);
    }
    pickle.push(SETITEMS);
    pickle.push(STOP);
    pickle.0
}

// the instructions, named as in Python's `pickletools`
const PROTO: u8 = 0x80;
const STOP: u8 = b'.';
const MARK: u8 = b'(';
const GLOBAL: u8 = b'c';
const REDUCE: u8 = b'R';
const BINUNICODE: u8 = b'X';
const BININT: u8 = b'J';
const LONG1: u8 = 0x8a;
const NEWFALSE: u8 = 0x89;
const EMPTY_TUPLE: u8 = b')';
const TUPLE: u8 = b't';
const BINPERSID: u8 = b'Q';
const SETITEMS: u8 = b'u';

struct Pickle(Vec<u8>);

impl Pickle {
    fn push(&mut self, instruction: u8) {
        self.0.push(instruction);
    }

    fn global(&mut self, module: &str, name: &str) {
        self.push(GLOBAL);
        for line in [module, name] {
            self.0.extend(line.as_bytes());
            self.push(b'\n');
        }
    }

    fn empty_ordered_dict(&mut self) {
        self.global("collections", "OrderedDict");
        self.push(EMPTY_TUPLE);
        self.push(REDUCE);
    }

    fn text(&mut self, text: &str) {
        self.push(BINUNICODE);
        self.0.extend((text.len() as u32).to_le_bytes());
        self.0.extend(text.as_bytes());
    }

    fn integer(&mut self, value: usize) {
        match i32::try_from(value) {
            Ok(value) => {
                self.push(BININT);
                self.0.extend(value.to_le_bytes());
            }
            Err(_) => {
                self.0.extend([LONG1, 9]); // one more byte keeps it positive
                self.0.extend((value as u64).to_le_bytes());
                self.push(0);
            }
        }
    }

    fn integers(&mut self, values: impl IntoIterator<Item = usize>) {
        self.push(MARK);
        values.into_iter().for_each(|value| self.integer(value));
        self.push(TUPLE);
    }

    /// `torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)`
    fn tensor(&mut self, tensor: &Described) {
        let length = tensor.shape.iter().product();
        let strides = (1..=tensor.shape.len()).map(|axis| tensor.shape[axis..].iter().product());
        self.global("torch._utils", "_rebuild_tensor_v2");
        self.push(MARK);
        {
            self.push(MARK);
            self.text("storage");
            self.global("torch", tensor.storage.class());
            self.text(tensor.key);
            self.text("cpu");
            self.integer(length);
            self.push(TUPLE);
        }
        self.push(BINPERSID);
        self.integer(0);
        self.integers(tensor.shape.iter().copied());
        self.integers(strides);
        self.push(NEWFALSE);
        self.empty_ordered_dict();
        self.push(TUPLE);
        self.push(REDUCE);
    }
}
