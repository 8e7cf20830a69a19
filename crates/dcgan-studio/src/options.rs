//! Where the studio listens, and what it may show.

use std::net::IpAddr;
use std::path::PathBuf;

use thiserror::Error;

/// The settings of a studio.
#[derive(Debug, Clone)]
pub struct StudioOptions {
    /// The folder with the runs. It need not exist yet.
    pub runs: PathBuf,
    /// Folders whose pictures may be trained on.
    pub data: Vec<PathBuf>,
    /// The address to listen on.
    pub host: IpAddr,
    /// The port; 0 for any that is free.
    pub port: u16,
    /// What a client must know, unless it is on this machine.
    pub token: Option<String>,
    /// Threads that draw and look; a training has its own.
    pub threads: usize,
}

/// Why a studio cannot be opened with these settings.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OptionsError {
    /// Other machines could use it without a token.
    #[error(
        "without a token, the studio listens on this machine only, and {0} is an address for others"
    )]
    NoToken(IpAddr),
    /// The token is too easy to guess.
    #[error("a token has at least {} characters", StudioOptions::SHORTEST_TOKEN)]
    ShortToken,
    /// The token cannot be sent in a header.
    #[error("a token has letters, digits, - and _ only")]
    OddToken,
    /// There is no such folder.
    #[error("{} is no folder", .0.display())]
    NoFolder(PathBuf),
}

impl StudioOptions {
    /// The length of the shortest token.
    pub const SHORTEST_TOKEN: usize = 12;

    /// Checks what can be checked before the port is opened.
    ///
    /// # Errors
    /// If the settings are not safe, or name what does not exist.
    pub fn check(&self) -> Result<(), OptionsError> {
        match &self.token {
            None if !self.host.is_loopback() => return Err(OptionsError::NoToken(self.host)),
            Some(token) if token.len() < Self::SHORTEST_TOKEN => {
                return Err(OptionsError::ShortToken);
            }
            Some(token)
                if !token
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) =>
            {
                return Err(OptionsError::OddToken);
            }
            _ => {}
        }
        if self.runs.exists() && !self.runs.is_dir() {
            return Err(OptionsError::NoFolder(self.runs.clone()));
        }
        match self.data.iter().find(|folder| !folder.is_dir()) {
            Some(folder) => Err(OptionsError::NoFolder(folder.clone())),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(host: &str, token: Option<&str>) -> StudioOptions {
        StudioOptions {
            runs: PathBuf::from("no/such/runs"),
            data: Vec::new(),
            host: host.parse().unwrap(),
            port: 0,
            token: token.map(str::to_owned),
            threads: 1,
        }
    }

    #[test]
    fn other_machines_need_a_token_that_is_hard_to_guess() {
        assert_eq!(options("127.0.0.1", None).check(), Ok(()));
        assert_eq!(options("::1", None).check(), Ok(()));
        let host = "0.0.0.0";
        let refused = OptionsError::NoToken(host.parse().unwrap());
        assert_eq!(options(host, None).check(), Err(refused));
        let short = options(host, Some("short"));
        assert_eq!(short.check(), Err(OptionsError::ShortToken));
        let odd = options(host, Some("a token with spaces"));
        assert_eq!(odd.check(), Err(OptionsError::OddToken));
        assert_eq!(options(host, Some("long-enough-token")).check(), Ok(()));
    }

    #[test]
    fn folders_of_pictures_must_exist() {
        let mut missing = options("127.0.0.1", None);
        missing.data.push(PathBuf::from("no/such/photos"));
        let refused = OptionsError::NoFolder(PathBuf::from("no/such/photos"));
        assert_eq!(missing.check(), Err(refused));
    }
}
