public import CoordinatorCore
internal import DurableFiles
internal import Federation
internal import Foundation
internal import GRDB

/// The coordinator's memory: one SQLite file (WAL, every commit synced) and a directory of files named by digest.
///
/// The server and the commands open it side by side; SQLite orders their writes, and each call is one transaction.
public struct SQLiteCoordinatorStorage: CoordinatorStorage, NodeRegistry {
    let database: DatabasePool
    let blobs: DurableDirectory
    let uploads: DurableDirectory

    /// Opens the storage, creating what is missing.
    /// - Parameters:
    ///   - databaseFile: path of the SQLite file.
    ///   - blobDirectory: path of the directory of models, catalogs and updates.
    ///   - maximumPages: a limit on the database's size in pages of 4 KiB; `nil` is none.
    /// - Throws: ``FederationError``.
    public init(databaseFile: String, blobDirectory: String, maximumPages: Int? = nil) throws {
        (blobs, uploads) = try translatingErrors {
            let blobs = try DurableDirectory(creating: blobDirectory)
            return (blobs, try DurableDirectory(creating: blobs.path(of: "uploads")))
        }
        database = try translatingErrors {
            let descriptor = open(databaseFile, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw fileError("open", databaseFile) }
            close(descriptor)
            let pool = try DatabasePool(path: databaseFile, configuration: Self.configuration(maximumPages: maximumPages))
            try CoordinatorSchema.migrator.migrate(pool)
            return pool
        }
    }

    private static func configuration(maximumPages: Int?) -> Configuration {
        var configuration = Configuration()
        configuration.label = "coordinator"
        configuration.busyMode = .timeout(15)
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { database in
            // FULL: a commit is on the disk when it returns, which is what "durable before anyone is told" rests on.
            try database.execute(sql: "PRAGMA synchronous = FULL")
            if let maximumPages { try database.execute(sql: "PRAGMA max_page_count = \(maximumPages)") }
        }
        return configuration
    }

    public func beginIncarnation() async throws -> Int {
        try await write { database in
            try database.execute(sql: "INSERT INTO incarnations DEFAULT VALUES")
            return Int(database.lastInsertedRowID)
        }
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await translatingErrors { try await database.read(body) }
    }

    /// One transaction: everything in it is durable when this returns, or nothing is.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await translatingErrors { try await database.write(body) }
    }
}
