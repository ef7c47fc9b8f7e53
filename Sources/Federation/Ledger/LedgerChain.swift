public import DifferentialPrivacy

/// How far a node's ledger has come: the number of its lines and the hash of the last one, which stands for all before it.
public struct LedgerHead: Sendable, Hashable {
    /// Lines; ≥ 0. Every change of an entry's state is a line, so this never falls.
    public var count: Int
    /// Hash of the last line; ``LedgerChain/origin`` when there is none.
    public var hash: Digest
    public init(count: Int, hash: Digest) {
        self.count = count
        self.hash = hash
    }
    /// Of a ledger without lines.
    public static let empty = LedgerHead(count: 0, hash: LedgerChain.origin)
}

/// One line of a ledger as it was written: an entry in a state, and when.
public struct LedgerLine: Sendable, Hashable {
    /// From 1 without gaps.
    public var index: Int
    /// The entry with the state that this line gave it.
    public var entry: LedgerEntry
    /// When the line was written.
    public var time: WallTime
    /// SHA-256 over the previous line's hash and this line; see ``LedgerChain``.
    public var hash: Digest

    public init(index: Int, entry: LedgerEntry, time: WallTime, hash: Digest) {
        self.index = index
        self.entry = entry
        self.time = time
        self.hash = hash
    }
    public var head: LedgerHead { LedgerHead(count: index, hash: hash) }
}

/// The chain of a ledger's lines: whoever has seen a head can tell later whether lines were taken away, changed or replaced.
///
/// `hash(i) = SHA-256(hash(i − 1) ‖ line i)`, `hash(0) = SHA-256("tributary.ledger.v1")`, a line in the one binary encoding of
/// the federation: index, entry, state, plan, round, mechanism, time.
public enum LedgerChain {
    /// The hash before the first line.
    public static let origin = Digest(of: Array("tributary.ledger.v1".utf8))

    /// The line that gives the entry its present state, after what `head` stands for.
    public static func line(_ entry: LedgerEntry, at time: WallTime, after head: LedgerHead) -> LedgerLine {
        LedgerLine(index: head.count + 1, entry: entry, time: time, hash: hash(of: entry, index: head.count + 1, at: time, after: head.hash))
    }

    /// Checks every line and returns the head.
    /// - Throws: `PrivacyError` `inconsistentLedger` naming the first line that was removed or changed.
    @discardableResult
    public static func verify(_ lines: [LedgerLine]) throws -> LedgerHead {
        var head = LedgerHead.empty
        for line in lines {
            guard line.index == head.count + 1, line.hash == hash(of: line.entry, index: line.index, at: line.time, after: head.hash) else {
                throw PrivacyError(
                    .inconsistentLedger,
                    "line \(head.count + 1) of the privacy ledger was changed or removed after it was written; restore the node's directory from a complete copy, do not edit it")
            }
            head = line.head
        }
        return head
    }

    /// Checks that a head that was seen earlier, by the node itself or by a peer, belongs to this chain.
    /// - Parameters:
    ///   - seen: what was remembered.
    ///   - witness: who remembers it, for the message: "the coordinator".
    /// - Throws: `PrivacyError` `inconsistentLedger` when the ledger is shorter than what was seen or has another line in its place.
    public static func verify(_ seen: LedgerHead, isPartOf lines: [LedgerLine], accordingTo witness: String) throws {
        guard seen.count > 0 else { return }
        let remedy = """
            an older or another copy of the node's directory is in use, and what it does not know was spent on the same users. \
            Put the newest copy back. If it is lost, this node's users must not be trained on under this name and budget again: \
            what they were charged is no longer known
            """
        guard seen.count <= lines.count else {
            throw PrivacyError(.inconsistentLedger, "the privacy ledger has \(lines.count) lines and \(witness) has seen \(seen.count): \(remedy)")
        }
        guard lines[seen.count - 1].hash == seen.hash else {
            throw PrivacyError(.inconsistentLedger, "line \(seen.count) of the privacy ledger is not the one that \(witness) has seen: \(remedy)")
        }
    }

    private static func hash(of entry: LedgerEntry, index: Int, at time: WallTime, after previous: Digest) -> Digest {
        var writer = ByteWriter()
        writer.append(previous)
        writer.append(count: index)
        writer.append(count: entry.sequence)
        writer.append(entry.state.rawValue)
        writer.append(entry.plan)
        writer.append(count: entry.round)
        for value in [entry.event.noiseMultiplier, entry.event.samplingRate, entry.event.gridStandardDeviation] { writer.append(value) }
        writer.append(count: entry.event.count)
        writer.append(count: entry.event.dimension)
        writer.append(time.milliseconds)
        return Digest(of: writer.bytes)
    }
}
