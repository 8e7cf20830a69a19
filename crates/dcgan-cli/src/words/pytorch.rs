//! PyTorch files that cannot be imported.

use dcgan::pytorch::ImportError;

pub fn hint(error: &ImportError) -> Option<String> {
    let hint = match error {
        ImportError::NotPytorch { .. } => {
            "give a file that torch.save(model.state_dict(), \"netG.pth\") wrote"
        }
        ImportError::ForbiddenCall { .. } => {
            "save only the weights, with torch.save(model.state_dict(), \"netG.pth\")"
        }
        ImportError::Corrupt { .. } => "take an intact copy",
        ImportError::ChooseNetwork { .. } => "choose one with --key",
        ImportError::OtherPreset { found, .. } => {
            return Some(format!("omit --preset, or give {found}"));
        }
        _ => return None,
    };
    Some(hint.to_owned())
}
