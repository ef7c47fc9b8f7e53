import CoordinatorCore
import CoordinatorStore
import Federation

/// The storage of a coordinator's directory and what an operator does with it.
struct CoordinatorStores {
    let storage: SQLiteCoordinatorStorage
    let administration: CoordinatorAdministration

    /// - Throws: ``CommandFailure`` when `coordinator init` did not run there, ``FederationError`` when the storage cannot be opened.
    init(_ directory: CoordinatorDirectory) throws {
        try directory.requireInitialised()
        try self.init(opening: directory)
    }

    /// Opens or creates the storage.
    init(opening directory: CoordinatorDirectory) throws {
        storage = try SQLiteCoordinatorStorage(databaseFile: directory.databaseFile, blobDirectory: directory.blobs)
        administration = CoordinatorAdministration(storage: storage, clock: CoordinatorComposition.current.clock)
    }
}
