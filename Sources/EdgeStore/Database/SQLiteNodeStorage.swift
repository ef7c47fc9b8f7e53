public import EdgeRuntime
internal import DurableFiles
internal import Foundation
internal import GRDB

/// A node's storage in one directory: `node.sqlite` (WAL, every commit synced), files named by digest in `blobs` and `outbox`,
/// and the key of the user hashes in `user-key`. Everything is readable by its owner only.
///
/// Several processes may use the directory at once; SQLite orders their writes.
public struct SQLiteNodeStorage: NodeStorage {
    let database: DatabasePool
    let directory: NodeFiles
    let hashing: UserHashing
    let blobs: NodeFiles
    let outbox: NodeFiles

    /// Opens the directory's storage, creating what is missing.
    /// - Parameter maximumPages: a limit on the database's size in pages of 4 KiB; `nil` is none.
    /// - Throws: ``StorageError``.
    public init(directory path: String, maximumPages: Int? = nil) throws {
        let directory = try NodeFiles(creating: path)
        self.directory = directory
        hashing = try UserHashing(keyFile: "user-key", in: directory)
        blobs = try NodeFiles(creating: directory.path(of: "blobs"))
        outbox = try NodeFiles(creating: directory.path(of: "outbox"))
        let file = directory.path(of: "node.sqlite")
        database = try translatingErrors {
            let created = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard created >= 0 else { throw fileError("open", file) }
            close(created)
            let pool = try DatabasePool(path: file, configuration: Self.configuration(maximumPages: maximumPages))
            try NodeSchema.migrator.migrate(pool)
            return pool
        }
    }

    private static func configuration(maximumPages: Int?) -> Configuration {
        var configuration = Configuration()
        configuration.label = "node"
        configuration.busyMode = .timeout(15)
        configuration.maximumReaderCount = 3
        configuration.prepareDatabase { database in
            // FULL: a commit is on the disk when it returns. secure_delete: erased rows are overwritten, not merely unlinked.
            try database.execute(sql: "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;")
            if let maximumPages { try database.execute(sql: "PRAGMA max_page_count = \(maximumPages)") }
        }
        return configuration
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await translatingErrors { try await database.read(body) }
    }

    /// One transaction: everything in it is durable when this returns, or nothing is.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await translatingErrors { try await database.write(body) }
    }
}
