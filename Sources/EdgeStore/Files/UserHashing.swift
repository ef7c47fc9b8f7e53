internal import Crypto
internal import EdgeRuntime
internal import Foundation

/// Turns user ids into keyed hashes: HMAC-SHA-256 under a key that never leaves the node, so that two nodes' stores, or a
/// stolen store without its key file, cannot be matched with anybody's ids.
struct UserHashing: Sendable {
    private let key: SymmetricKey

    /// Reads the key file, or makes one (32 bytes of system entropy, readable by its owner only).
    init(keyFile name: String, in directory: NodeFiles) throws {
        if let bytes = try directory.read(name) {
            guard bytes.count == 32 else {
                throw StorageError(.corrupted, "The key file \(directory.path(of: name)) has \(bytes.count) bytes where 32 were expected; restore it from a copy, since events cannot be assigned to users without it.")
            }
            key = SymmetricKey(data: bytes)
        } else {
            key = SymmetricKey(size: .bits256)
            try directory.write(key.withUnsafeBytes { Array($0) }, to: name)
        }
    }

    /// 32 bytes that stand for the user everywhere at rest.
    func hash(_ user: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(user.utf8), using: key))
    }
}
