internal import CommandSupport
internal import EdgeStore
internal import FederationIdentity
internal import Foundation

/// The places in a node's directory.
struct NodeDirectory: Sendable {
    let path: String

    var identity: IdentityDirectory { IdentityDirectory(path: path + "/identity") }
    var configurationFile: String { path + "/edge-node.yaml" }
    var portsFile: String { path + "/ports.json" }

    /// Opens the events, ledger and models, creating them when there are none yet.
    func storage() throws -> SQLiteNodeStorage { try SQLiteNodeStorage(directory: path) }

    /// As ``storage()``, for commands that make no sense before there is anything.
    func existingStorage() throws -> SQLiteNodeStorage {
        guard FileManager.default.fileExists(atPath: path + "/node.sqlite") else {
            throw CommandFailure(.configuration, "\(path) holds no node yet; run `edge-node import` or `edge-node join` with this --directory first.")
        }
        return try storage()
    }

    /// Takes the right to attend rounds from this directory; released when the process ends, however it ends.
    func lockForRunning() throws {
        let file = path + "/run.lock"
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CommandFailure(.cannotCreate, "Cannot open \(file): \(String(cString: strerror(errno))).") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw CommandFailure(.unavailable, "Another `edge-node run` uses \(path); stop it first.")
        }
    }
}
