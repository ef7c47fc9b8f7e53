public import DifferentialPrivacy
public import Federation

/// The rows of the privacy ledger. The rules are `PrivacyLedger`'s; the storage keeps the rows, appends only, and refuses what would
/// move an entry back, so that not even a second process can return budget that was spent.
public protocol LedgerStorage: Sendable {
    /// Every entry in its latest state, in order of sequence.
    func ledgerEntries() async throws -> [LedgerEntry]
    /// Makes a reservation durable. Throws `StorageError.conflict` unless its sequence follows the last one.
    func appendReservation(_ entry: LedgerEntry, at time: WallTime) async throws
    /// `reserved` → `cancelled`; repeating it changes nothing. Throws `StorageError.conflict` when the entry was sent.
    func cancelReservation(_ sequence: Int, at time: WallTime) async throws
}
