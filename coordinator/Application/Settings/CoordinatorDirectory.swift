import CommandSupport
import Foundation

/// The places in a coordinator's directory.
struct CoordinatorDirectory: Sendable {
    var root: String
    var settingsFile: String { root + "/coordinator.yaml" }
    var databaseFile: String { root + "/coordinator.sqlite" }
    /// Model versions, catalogs and updates, each named by its digest.
    var blobs: String { root + "/blobs" }
    /// Certificate authority and server certificate.
    var identity: String { root + "/identity" }
    /// The catalog that new plans use, in its canonical encoding.
    var catalogFile: String { root + "/catalog.csv" }
    /// Bound ports of the running server, for scripts.
    var portsFile: String { root + "/ports.json" }

    /// - Throws: ``CommandFailure`` when `coordinator init` did not run here.
    func requireInitialised() throws {
        guard FileManager.default.fileExists(atPath: settingsFile) else {
            throw CommandFailure(.configuration, "\(root) is not a coordinator's directory (no coordinator.yaml): run `coordinator init --directory \(root) --name NAME` first")
        }
    }

    /// Replaces a file as a whole or not at all.
    static func replace(_ path: String, with bytes: [UInt8]) throws {
        do { try Data(bytes).write(to: URL(filePath: path), options: .atomic) } catch {
            throw CommandFailure(.ioError, "cannot write \(path): \(error.localizedDescription). Check the free space and the permissions.")
        }
    }

    static func read(_ path: String) throws -> [UInt8] {
        do { return Array(try Data(contentsOf: URL(filePath: path))) } catch {
            throw CommandFailure(.noInput, "cannot read \(path): \(error.localizedDescription). Check the name and the permissions.")
        }
    }
}
