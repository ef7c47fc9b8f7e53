public import DifferentialPrivacy
public import Federation

/// The lines of the privacy ledger. The rules are `PrivacyLedger`'s and the chain is `LedgerChain`'s; the storage keeps the lines,
/// appends only, and refuses what would move an entry back, so that not even a second process can return budget that was spent.
///
/// Beside the database the storage keeps a receipt: the newest head, written after every line. A database that was put back to an older
/// state no longer agrees with it.
public protocol LedgerStorage: Sendable {
    /// Every entry in its latest state, in order of sequence.
    func ledgerEntries() async throws -> [LedgerEntry]
    /// Every line as it was written, in order.
    func ledgerLines() async throws -> [LedgerLine]
    /// Of the last line.
    func ledgerHead() async throws -> LedgerHead
    /// The newest head as it was noted beside the database; `nil` before the first line.
    func ledgerReceipt() async throws -> LedgerHead?
    /// Makes a reservation durable, and with it who takes part. Throws `StorageError.conflict` unless its sequence follows the last one.
    func appendReservation(_ entry: LedgerEntry, participants: Participants, at time: WallTime) async throws
    /// `reserved` → `cancelled`; repeating it changes nothing. Throws `StorageError.conflict` when the entry was sent.
    func cancelReservation(_ sequence: Int, at time: WallTime) async throws
    /// How many of the users that are still here first took part in which entry, in order of entry.
    func userClasses() async throws -> [UserClass]
}

extension LedgerStorage {
    /// A reservation for everybody the node holds.
    public func appendReservation(_ entry: LedgerEntry, at time: WallTime) async throws {
        try await appendReservation(entry, participants: .everybody, at: time)
    }
}

/// Users whose data a ledger entry is about.
public enum Participants: Sendable, Hashable {
    case everybody
    /// Rows of `interactions(with:)` as read at this version of the events. If users were erased since, everybody is taken to be meant.
    case rows([Int], version: Int)
}

/// Users that have taken part in the same entries of the ledger, as far as they are charged: in all since the first one.
public struct UserClass: Sendable, Hashable {
    /// Sequence of the first entry they took part in.
    public var firstEntry: Int
    public var users: Int
    public init(firstEntry: Int, users: Int) {
        self.firstEntry = firstEntry
        self.users = users
    }
}
