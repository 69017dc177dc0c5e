//! Signatures of the checksums of a pack, in the format of OpenSSH.

use ssh_key::{Algorithm, HashAlg, LineEnding, PrivateKey, PublicKey, SshSig};

use crate::error::{self, ErrorCode};
use crate::run::bounded_read;
use crate::run::pack::secret;

/// Namespace of the signature, which keeps it from being valid for any other purpose.
const NAMESPACE: &str = "mucalc";

/// A key for signing.
pub struct Signer(PrivateKey);

impl Signer {
    /// Reads a private key that `ssh-keygen -t ed25519` created.
    ///
    /// # Errors
    /// If it cannot be read, is not such a key, or has a passphrase.
    pub fn read(path: &str) -> anyhow::Result<Self> {
        let fail = |why: String| error::file(ErrorCode::Key, why, path);
        let text = secret::text(path)?;
        let key = PrivateKey::from_openssh(&text);
        let key = key.map_err(|_| {
            fail("not an OpenSSH private key; create one with `ssh-keygen -t ed25519`".to_owned())
        })?;
        if key.algorithm() != Algorithm::Ed25519 {
            return Err(fail(
                "is a key of another kind than ed25519; `ssh-keygen -t ed25519` makes one".to_owned(),
            ));
        }
        if key.is_encrypted() {
            let why = "has a passphrase; make the pack without --sign-with, unpack SHA256SUMS, sign it with `ssh-keygen -Y \
                       sign -n mucalc -f KEY SHA256SUMS`, and hand the signature on beside the pack (`mucalc verify --signature`)";
            return Err(fail(why.to_owned()));
        }
        Ok(Self(key))
    }

    /// Returns the signature of a text.
    ///
    /// # Errors
    /// If the key cannot sign, which would be a defect of the program.
    pub fn sign(&self, text: &str) -> Result<String, ssh_key::Error> {
        self.0.sign(NAMESPACE, HashAlg::Sha512, text.as_bytes())?.to_pem(LineEnding::LF)
    }
}

/// Checks that a signature is valid for a text. Returns the fingerprint of the key, and whether it is the wanted key, if one is given.
///
/// # Errors
/// If the signature is not valid. The error is a message.
pub fn check(
    text: &str,
    signature: &str,
    wanted: Option<&PublicKey>,
) -> Result<(String, Option<bool>), String> {
    // OpenSSH refuses text before or after a signature, but the library ignores it.
    let is_bare = signature.starts_with("-----BEGIN SSH SIGNATURE-----")
        && signature.trim_end().ends_with("-----END SSH SIGNATURE-----")
        && signature.matches("-----").count() == 4;
    let signature =
        Some(signature).filter(|_| is_bare).and_then(|signature| SshSig::from_pem(signature).ok());
    let signature = signature.ok_or_else(|| "it is no signature of OpenSSH".to_owned())?;
    let key = PublicKey::from(signature.public_key().clone());
    if key.algorithm() != Algorithm::Ed25519 {
        let kind = key.algorithm().to_string();
        return Err(format!(
            "keys of the kind {kind} are not known here; `ssh-keygen -Y verify` can check it"
        ));
    }
    key.verify(NAMESPACE, text.as_bytes(), &signature)
        .map_err(|_| "it is not a signature of these digests".to_owned())?;
    let fingerprint = key.fingerprint(HashAlg::Sha256).to_string();
    Ok((fingerprint, wanted.map(|wanted| wanted.key_data() == key.key_data())))
}

/// Returns whether a signature is in the form that mucalc writes: nothing else, in lines of one length.
pub fn is_as_written(signature: &[u8]) -> bool {
    let text = String::from_utf8_lossy(signature);
    SshSig::from_pem(&*text)
        .and_then(|read| read.to_pem(LineEnding::LF))
        .is_ok_and(|written| written.as_bytes() == signature)
}

/// Reads a public key.
///
/// # Errors
/// If it cannot be read, or is not a public key of OpenSSH.
pub fn public_key(path: &str) -> anyhow::Result<PublicKey> {
    let fail = |why: String| error::file(ErrorCode::Key, why, path);
    let text = bounded_read::text(path).map_err(|error| fail(format!("cannot be read: {}", error.kind())))?;
    PublicKey::from_openssh(&text).map_err(|_| fail("is no public key of OpenSSH".to_owned()))
}
