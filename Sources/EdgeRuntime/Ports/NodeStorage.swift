public import Federation
public import Interactions

/// What a node keeps: its users' events, the plan it takes part in, the privacy ledger, updates in flight, models and reports.
///
/// Two implementations share one contract suite: SQLite and files (`EdgeStore`), and memory (`Simulator`). A function that
/// changes something returns after the change is durable, and changes everything or nothing. All throw `StorageError`.
public protocol NodeStorage: EventStorage, BlobStorage, LedgerStorage, UpdateStorage, PlanStorage, ReportStorage, NewItemStorage, AggregationStorage {}

/// The events of this node's users.
///
/// User ids come in as the application knows them and rest only as keyed hashes; no function gives them back. Users are
/// ordered by first appearance, which is the row order everything trained from them sees.
public protocol EventStorage: Sendable {
    /// Appends events in the given order. A posted event that equals a stored one in user, item and a given time is not stored twice.
    func record(_ events: [NodeEvent]) async throws -> RecordedEvents

    /// Appends the events of a file, once: a second import under the same name of content is refused with `StorageError.alreadyImported`.
    /// Repeated events are kept, since cleaning the file is the importer's declared business.
    func importEvents(_ events: [NodeEvent], from source: ImportSource) async throws -> RecordedEvents

    /// Erases a person: the events, the user's row, and the bytes in free pages and the journal. `nil` when there is no such user.
    func forget(user: String) async throws -> ForgottenUser?

    /// The user's item ids in time order, the earliest first; `nil` when there is no such user.
    func history(of user: String) async throws -> [String]?

    /// Counts, and a number that changes whenever events do.
    func eventStatistics() async throws -> EventStatistics

    /// The events of items that the catalog lists, per user in time order (ties in order of arrival), users in order of first
    /// appearance. Users all of whose events are unknown keep their row, empty.
    func interactions(with catalog: Catalog) async throws -> NodeInteractions
}

/// Files named by the SHA-256 of their content: catalogs and model versions.
public protocol BlobStorage: Sendable {
    func blobProgress(_ digest: Digest) async throws -> BlobProgress
    /// Appends to the unfinished file. `offset` must be the number of bytes held.
    func appendToBlob(_ digest: Digest, at offset: Int, _ bytes: [UInt8]) async throws
    /// Makes the finished file durable if its bytes have the digest; otherwise deletes them and throws `StorageError.corrupted`.
    func completeBlob(_ digest: Digest) async throws
    /// The bytes of a complete file, their digest checked; `nil` when there is none.
    func blob(_ digest: Digest) async throws -> [UInt8]?
    /// Deletes every file, finished or not, that is not named.
    func retainBlobs(_ digests: Set<Digest>) async throws
}

/// Progress of a download that survives a restart.
public enum BlobProgress: Sendable, Hashable {
    /// So many bytes are held; 0 when the file is unknown.
    case partial(Int)
    case complete
}

/// What the application beside the data tells: a user did something with an item.
public struct NodeEvent: Sendable, Hashable {
    /// As the application knows the user; never stored as such.
    public var user: String
    /// The public id of the catalog.
    public var item: String
    /// Milliseconds since 1970-01-01T00:00:00Z; events without a time come before those with one, in order of arrival.
    public var time: Int64?
    public init(user: String, item: String, time: Int64? = nil) {
        self.user = user
        self.item = item
        self.time = time
    }
}

/// Names the content of an import, so that the same file is not counted twice.
public struct ImportSource: Sendable, Hashable {
    /// For people.
    public var fileName: String
    /// Over the file's bytes and the options that shaped the events.
    public var digest: Digest
    public init(fileName: String, digest: Digest) {
        self.fileName = fileName
        self.digest = digest
    }
}

public struct RecordedEvents: Sendable, Hashable {
    public var events: Int
    public var newUsers: Int
    /// Events left out because an equal one was stored.
    public var repeated: Int
    public init(events: Int, newUsers: Int, repeated: Int) {
        self.events = events
        self.newUsers = newUsers
        self.repeated = repeated
    }
}

public struct ForgottenUser: Sendable, Hashable {
    public var events: Int
    public init(events: Int) { self.events = events }
}

public struct EventStatistics: Sendable, Hashable {
    public var users: Int
    public var items: Int
    public var events: Int
    /// Changes whenever an event is added or erased, also by another process.
    public var version: Int
    public init(users: Int, items: Int, events: Int, version: Int) {
        self.users = users
        self.items = items
        self.events = events
        self.version = version
    }
}

/// A node's events as item indices of one catalog.
public struct NodeInteractions: Sendable {
    public var sequences: UserSequences
    /// Events, and distinct items, that the catalog does not list: kept, counted, not trained.
    public var unknownEvents: Int
    public var unknownItems: Int
    /// `EventStatistics.version` these were read at.
    public var version: Int
    public init(sequences: UserSequences, unknownEvents: Int, unknownItems: Int, version: Int) {
        self.sequences = sequences
        self.unknownEvents = unknownEvents
        self.unknownItems = unknownItems
        self.version = version
    }
}
