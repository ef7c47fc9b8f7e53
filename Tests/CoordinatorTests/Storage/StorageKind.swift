import CoordinatorCore
import CoordinatorStore
import Federation
import Foundation
import Simulator
import Testing
import TestSupport

/// The storages that keep the same contract.
enum StorageKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sqlite = "SQLite"
    case memory = "in memory"
    var testDescription: String { rawValue }

    /// An empty storage, and a way to open it again as a restarted process would.
    func withStorage(_ body: (any CoordinatorStorage, () throws -> any CoordinatorStorage) async throws -> Void) async throws {
        switch self {
        case .memory:
            let storage = InMemoryCoordinatorStorage()
            try await body(storage) { storage }
        case .sqlite:
            try await withTemporaryDirectory { directory in
                func open() throws -> any CoordinatorStorage {
                    try SQLiteCoordinatorStorage(
                        databaseFile: directory.appending(path: "coordinator.sqlite").plainPath, blobDirectory: directory.appending(path: "blobs").plainPath)
                }
                try await body(open(), open)
            }
        }
    }
}
